#pragma once

#include <cstdint>

namespace scena::metrics {

class HashedWord;

/// A number for what is left of a lower-case word without its endings: "manage", "managed" and
/// "manages" share one. Light on purpose: it only has to agree with itself.
std::uint32_t stem_hash(const HashedWord& lower) noexcept;

}  // namespace scena::metrics

#pragma once

#include <cstdint>
#include <string_view>

namespace scena::metrics {

/// A number for what is left of a lower-case word without its endings: "manage", "managed" and
/// "manages" share one. Light on purpose: it only has to agree with itself.
std::uint32_t stem_hash(std::string_view lower) noexcept;

}  // namespace scena::metrics

#pragma once

#include <cstdint>

namespace scena::metrics {

/// Bits of Hostile for the hash of a lower-case word.
std::uint8_t hostility(std::uint32_t word) noexcept;

}  // namespace scena::metrics

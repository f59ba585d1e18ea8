#pragma once

#include <cstdint>

#include "metrics/measures/theme_bits.hpp"

namespace scena::metrics {

/// What a word is about beside itself, one bit for each theme of talk: "salary" and "wage",
/// "pill" and "medication". None for most words. By the word's stem.
ThemeBits concepts_of(std::uint32_t stem) noexcept;

/// Makes the table of the words, once for the process; without it the first question does.
/// @throws std::bad_alloc
void make_concepts();

}  // namespace scena::metrics

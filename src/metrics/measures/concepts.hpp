#pragma once

#include <cstdint>

namespace scena::metrics {

/// What a word is about beside itself, one bit for each of 64 themes of talk: "salary" and "wage",
/// "pill" and "medication". 0 for most words. By the word's stem.
std::uint64_t concepts_of(std::uint32_t stem) noexcept;

/// Makes the table of the words, once for the process; without it the first question does.
/// @throws std::bad_alloc
void make_concepts();

}  // namespace scena::metrics

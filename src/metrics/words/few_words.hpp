#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace scena::metrics {

/// A few words by their hashes, found by one bit of their hashes before they are compared.
template <std::size_t N>
struct FewWords {
  std::array<std::uint32_t, N> words;
  std::uint64_t bits = 0;

  template <class... Words>
  constexpr explicit FewWords(Words... each) noexcept : words{each...} {
    for (const std::uint32_t word : words) bits |= std::uint64_t{1} << (word & 63);
  }
  constexpr bool has(std::uint32_t word) const noexcept {
    if ((bits >> (word & 63) & 1) == 0) return false;
    return std::find(words.begin(), words.end(), word) != words.end();
  }
};

}  // namespace scena::metrics

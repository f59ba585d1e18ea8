#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// How many words stand between single blanks.
consteval std::size_t count_words(std::string_view list) {
  return 1 + static_cast<std::size_t>(std::count(list.begin(), list.end(), ' '));
}

/// The hashes of lower-case words between single blanks, sorted by the compiler. Nearly every word
/// that is asked for is in none of the lists: one bit of eight for each of a list's says so.
template <std::size_t N>
class WordList {
 public:
  consteval explicit WordList(std::string_view list) {
    std::size_t count = 0;
    while (!list.empty()) {
      const auto end = std::min(list.find(' '), list.size());
      hashes_[count++] = hash_word(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
    }
    std::sort(hashes_.begin(), hashes_.end());
    for (const std::uint32_t hash : hashes_)
      bits_[hash / 64 % kWords] |= std::uint64_t{1} << hash % 64;
  }

  constexpr bool has(std::uint32_t word) const noexcept {
    if ((bits_[word / 64 % kWords] >> word % 64 & 1) == 0) return false;
    return std::binary_search(hashes_.begin(), hashes_.end(), word);
  }

 private:
  static constexpr std::size_t kWords = std::bit_ceil((N + 7) / 8);

  std::array<std::uint32_t, N> hashes_{};
  std::array<std::uint64_t, kWords> bits_{};
};

}  // namespace scena::metrics

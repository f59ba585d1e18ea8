#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// How many words stand between single blanks.
consteval std::size_t count_words(std::string_view list) {
  return 1 + static_cast<std::size_t>(std::count(list.begin(), list.end(), ' '));
}

/// The hashes of lower-case words between single blanks, sorted by the compiler.
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
  }

  constexpr bool has(std::uint32_t word) const noexcept {
    return std::binary_search(hashes_.begin(), hashes_.end(), word);
  }

 private:
  std::array<std::uint32_t, N> hashes_{};
};

}  // namespace scena::metrics

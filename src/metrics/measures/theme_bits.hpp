#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace scena::metrics {

/// Themes, one bit for each.
struct ThemeBits {
  static constexpr std::size_t kMost = 128;

  std::array<std::uint64_t, kMost / 64> words{};

  void add(std::size_t theme) noexcept { words[theme / 64] |= std::uint64_t{1} << theme % 64; }
  int count() const noexcept { return std::popcount(words[0]) + std::popcount(words[1]); }
  bool none() const noexcept { return (words[0] | words[1]) == 0; }

  ThemeBits& operator|=(const ThemeBits& other) noexcept {
    words[0] |= other.words[0];
    words[1] |= other.words[1];
    return *this;
  }
  friend ThemeBits operator&(ThemeBits a, const ThemeBits& b) noexcept {
    a.words[0] &= b.words[0];
    a.words[1] &= b.words[1];
    return a;
  }
};

}  // namespace scena::metrics

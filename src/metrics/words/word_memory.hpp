#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/words/word.hpp"

namespace scena::metrics {

/// Words that were made lately, by their bytes. A word is the same whether it was remembered or
/// made anew, so nothing else depends on what is in here. One thread at a time.
class WordMemory {
 public:
  static constexpr std::size_t kWords = 1024;   ///< About 0.2 MB in all.
  static constexpr std::size_t kMaxBytes = 23;  ///< Of a word; longer ones are not remembered.

  /// The word of these bytes, whose hash is given; nullptr when it is not remembered.
  const Word* find(std::uint32_t hash, std::string_view text) noexcept {
    Pair& pair = pair_of(hash);
    for (std::uint8_t i = 0; i < 2; ++i) {
      if (!pair.words[i].holds(text)) continue;
      pair.latest = i;
      return &pair.words[i].word;
    }
    return nullptr;
  }

  /// Room for a word of at most kMaxBytes, for the caller to fill in; an older one loses it.
  Word& renew(std::uint32_t hash, std::string_view text) noexcept {
    Pair& pair = pair_of(hash);
    pair.latest ^= 1;
    return pair.words[pair.latest].renew(text);
  }

 private:
  struct Remembered {
    std::array<char, kMaxBytes> text;
    std::uint8_t size = 0;  // 0: free
    Word word;

    bool holds(std::string_view wanted) const noexcept {
      return std::string_view(text.data(), size) == wanted;
    }
    Word& renew(std::string_view bytes) noexcept {
      size = static_cast<std::uint8_t>(bytes.copy(text.data(), kMaxBytes));
      return word;
    }
  };
  // Words of one place have room for two: with one, two usual words may drive each other out all
  // the time.
  struct Pair {
    std::array<Remembered, 2> words;
    std::uint8_t latest = 0;
  };

  Pair& pair_of(std::uint32_t hash) noexcept { return pairs_[(hash ^ hash >> 16) % pairs_.size()]; }

  std::array<Pair, kWords / 2> pairs_;
};

}  // namespace scena::metrics

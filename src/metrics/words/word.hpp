#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "metrics/knowledge.hpp"
#include "metrics/tally.hpp"
#include "metrics/words/hashed_word.hpp"
#include "metrics/words/token.hpp"

namespace scena::metrics {

/// What a word adds to a message by itself, whatever stands around it: its own features and those
/// of its letters.
struct WordSums {
  LinearModel::Sums sentiment;
  LinearModel::Sums toxicity;
  LetterBits letters{};
};

/// A word as tokens, of which a contraction has two. Where they stand and what stands before them
/// is for the reader to say.
struct Word {
  std::array<Token, 2> tokens;
  std::size_t token_count = 0;
  WordSums sums;
};

/// A word as a text has it.
struct RawWord {
  static constexpr std::size_t kMaxBytes = 48;  ///< Longer ones are known by their first bytes.

  std::string_view text;
  HashedWord lower;
  int letters = 0;
  int capitals = 0;
  bool starts_capital = false;
  bool other_script = false;
  bool accented = false;
  bool apostrophe = false;

  /// Adds a character to `lower`.
  void push(char32_t c) noexcept;
};

void make_word(const RawWord& raw, const Knowledge& knowledge, Word& word) noexcept;

/// A character, or a few, that count as a word: an emoji, an ideograph.
struct Sign {
  std::string_view text;
  char32_t code = 0;
  std::uint16_t flag = 0;  ///< Of TokenFlag.
  int polarity = 0;
};
void make_word(const Sign& sign, const Knowledge& knowledge, Word& word) noexcept;

}  // namespace scena::metrics

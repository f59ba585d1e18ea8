#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// Words, separated by blanks, that share classes.
struct ClassWords {
  std::uint32_t classes;
  std::string_view words;
};

/// Words that share a value: a polarity, or a degree in percent.
struct ValuedWords {
  int value;
  std::string_view words;
};

/// Phrases, separated by ';'; "a|b" inside a phrase is a choice of words.
struct PhraseWords {
  PhraseKind kind;
  int strength;
  std::string_view phrases;
};

std::span<const ClassWords> class_words();
std::span<const ValuedWords> degree_words();
std::span<const ValuedWords> polarity_words();
std::span<const PhraseWords> phrase_words();
/// Stands between sets of opposites and sets whose members only rarely exclude each other.
inline constexpr std::string_view kWeakSets = "-";
/// Each entry is one set; members are separated by '|', words of one member by blanks.
std::span<const std::string_view> exclusive_sets();
/// "went:go", separated by blanks.
std::string_view irregular_stems();
/// From zero upwards, separated by blanks.
std::string_view number_words();

}  // namespace scena::metrics

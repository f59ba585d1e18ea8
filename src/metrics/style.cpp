#include <algorithm>
#include <cmath>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

bool is_vowel(char c) noexcept {
  constexpr std::string_view kVowels = "aeiouyAEIOUY";
  return kVowels.find(c) != std::string_view::npos;
}

// Groups of vowels; a last "e" is mute.
std::uint32_t syllables(std::string_view word) noexcept {
  std::uint32_t count = 0;
  bool before = false;
  for (const char c : word) {
    const bool vowel = is_vowel(c);
    if (vowel && !before) ++count;
    before = vowel;
  }
  if (count > 1 && word.back() == 'e' && !word.ends_with("le")) --count;
  return std::max(1u, count);
}

}  // namespace

void read_style(const Sentence& sentence, std::string_view text, const LinearModel* familiarity,
                StyleTally& tally) {
  ++tally.sentences;
  tally.exclamations += static_cast<std::uint32_t>(std::min(sentence.exclamations, 3));
  if (sentence.question) ++tally.questions;
  std::uint32_t end = 0;
  for (const Token& token : sentence.tokens) {
    if (token.has(kCapitals)) ++tally.capitals;
    if (token.has(kAfterComma | kAfterBreak)) ++tally.breaks;
    if (token.info.is(kFunction)) ++tally.function_words;
    if (token.has(kEmoji) || token.begin < end) continue;
    end = token.end;
    if (token.has(kDigits)) continue;
    const std::string_view word = text.substr(token.begin, token.end - token.begin);
    ++tally.words;
    tally.letters += token.length;
    tally.syllables += syllables(word);
    if (token.length >= 7) ++tally.long_words;
    // Names say nothing of the language's level.
    const bool name = token.has(kCapitalised) && &token != &sentence.tokens.front();
    if (familiarity != nullptr && !name) familiarity->add(token.word, tally.familiar);
  }
}

std::array<double, 10> sophistication_numbers(const Tally& tally) noexcept {
  const StyleTally& s = tally.style;
  const double words = std::max(1u, s.words);
  const double sentences = std::max(1u, s.sentences);
  const double known = std::max(1u, s.familiar.features);
  return {s.letters / words,
          s.syllables / words,
          s.long_words / words,
          std::sqrt(words / sentences),
          s.function_words / words,
          s.breaks / sentences,
          s.familiar.heads[0] / known / 100,
          s.familiar.heads[1] / known / 100,
          std::sqrt(words),
          std::sqrt(std::max(0, s.familiar.heads[1]) / 100.0)};
}

}  // namespace scena::metrics

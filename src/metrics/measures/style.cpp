#include <algorithm>
#include <array>
#include <cmath>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

// How common a word is, 0 to 120: twelve a factor of e. Below kRare it was hardly ever seen.
constexpr int kCommonest = 120;
constexpr int kRare = 16;

// What one sentence shows of its writer's level.
struct SentenceLevel {
  std::array<int, 3> rarest{kCommonest, kCommonest, kCommonest};  // familiarity, lowest first
  int words = 0;
  int syllables = 0;
  int long_words = 0;  // of three syllables or more
  int longest = 0;
  int rare = 0;
  int strange = 0;          // sum of what the words lack in familiarity
  int strange_squared = 0;  // the same, squared
  bool digits = false;

  void add(int familiarity, int letters, int count) noexcept {
    ++words;
    syllables += count;
    if (count >= 3) ++long_words;
    longest = std::max(longest, letters);
    if (familiarity < kRare) ++rare;
    strange += std::max(0, 72 - familiarity);
    const int lacking = std::max(0, 84 - familiarity);
    strange_squared += lacking * lacking;
    for (int& place : rarest) {
      if (familiarity < place) std::swap(familiarity, place);
    }
  }

  // In the order of the weights of "sophistication".
  std::array<double, kLevelNumbers> numbers() const noexcept {
    const double known = std::min(words, 3);
    const int low = rarest[0] + (words > 1 ? rarest[1] : 0) + (words > 2 ? rarest[2] : 0);
    return {low / known / 12,
            longest / 10.0,
            digits ? 1.0 : 0.0,
            std::sqrt(long_words),
            std::sqrt(rare),
            std::sqrt(strange_squared) / 12,
            rare / static_cast<double>(words),
            std::sqrt(words),
            std::sqrt(strange / 12.0),
            syllables / static_cast<double>(words)};
  }
};

// Rare and long words are what a high level shows in.
void note_hard_word(const Token& token, Strongest<4>& evidence) noexcept {
  const bool rare = token.familiarity < kRare;
  if (!rare && token.syllables < 4) return;
  const int weight = kCommonest - token.familiarity + 10 * token.syllables + token.length;
  evidence.add({token.begin, token.end}, weight, rare ? "rare_word" : "long_word");
}

}  // namespace

void read_style(const Sentence& sentence, StyleTally& tally) noexcept {
  tally.exclamations += static_cast<std::uint32_t>(std::min(sentence.exclamations, 3));
  if (sentence.question) ++tally.questions;
  tally.quarters += quarters_of(sentence);
  SentenceLevel level;
  std::uint32_t end = 0;
  for (const Token& token : sentence.tokens) {
    if (token.has(kCapitals)) ++tally.capitals;
    if (token.has(kDigits)) level.digits = true;
    // Names say nothing of the language's level, and a contraction counts once.
    const bool name = token.has(kCapitalised) && &token != &sentence.tokens.front();
    if (token.has(kEmoji | kDigits) || name || token.begin < end) continue;
    end = token.end;
    level.add(token.familiarity, token.length, token.syllables);
    note_hard_word(token, tally.evidence);
  }
  if (level.words == 0) return;
  tally.words += static_cast<std::uint32_t>(level.words);
  const auto numbers = level.numbers();
  for (std::size_t i = 0; i < kLevelNumbers; ++i)
    tally.level[i] += static_cast<std::int64_t>(numbers[i] * 1000 + 0.5) * level.words;  // none < 0
}

std::array<double, kLevelNumbers> sophistication_numbers(const Tally& tally) noexcept {
  std::array<double, kLevelNumbers> numbers{};
  const double words = std::max(1u, tally.style.words);
  for (std::size_t i = 0; i < kLevelNumbers; ++i)
    numbers[i] = static_cast<double>(tally.style.level[i]) / words / 1000;
  return numbers;
}

}  // namespace scena::metrics

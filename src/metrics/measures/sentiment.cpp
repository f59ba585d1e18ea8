#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

struct SentenceShape {
  std::size_t contrast = 0;    // index of the last "but"; 0: none
  std::size_t weak_begin = 0;  // [weak_begin, weak_end): behind "although"
  std::size_t weak_end = 0;
  bool all_capitals = false;
  bool supposed = false;
};

SentenceShape shape_of(const Sentence& sentence) noexcept {
  SentenceShape shape;
  std::size_t capitals = 0;
  const auto& tokens = sentence.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].has(kCapitals)) ++capitals;
    if (i > 0 && tokens[i].info.is(kContrast)) shape.contrast = i;
    if (tokens[i].info.is(kSuppose)) shape.supposed = true;
    if (!tokens[i].info.is(kConcession)) continue;
    shape.weak_begin = i;
    shape.weak_end = i + 1;
    while (shape.weak_end < tokens.size() && (i > 0 || !tokens[shape.weak_end].has(kAfterComma)))
      ++shape.weak_end;
  }
  shape.all_capitals = capitals * 2 > tokens.size();
  return shape;
}

enum class Negation { none, negated, heightened };

// Looks back over at most three words that carry meaning, not over commas or a "but".
Negation negation_before(const std::vector<Token>& tokens, std::size_t at) noexcept {
  int carried = 0;
  bool be = false;
  for (std::size_t i = at; i > 0 && at - i < 8; --i) {
    if (tokens[i].has(kAfterBreak | kAfterComma)) return Negation::none;
    const Token& before = tokens[i - 1];
    if (before.info.is(kContrast | kConcession)) return Negation::none;
    // "and I ..." starts a claim of its own.
    if (before.info.is(kConjunction) && tokens[i].info.is(kFirst | kSecond | kThird))
      return Negation::none;
    be |= before.word == "be"_word || before.word == "been"_word;
    if (before.info.is(kNegator)) {
      const Token& next = tokens[i];
      if (next.word == "only"_word || next.word == "just"_word) return Negation::none;
      // "no" denies the noun it stands before, not a claim three words on.
      if (before.word == "no"_word && carried > 1) return Negation::none;
      return be && tokens[at].info.is(kComparative) ? Negation::heightened : Negation::negated;
    }
    const bool passes = before.info.is(kFunction | kOpinion) || before.info.degree != 0;
    if (!passes && ++carried > 2) return Negation::none;
  }
  return Negation::none;
}

int degree_before(const std::vector<Token>& tokens, std::size_t at) noexcept {
  int degree = 0;
  for (std::size_t back = 1; back <= 2 && back <= at; ++back) {
    if (tokens[at - back + 1].has(kAfterBreak | kAfterComma)) break;
    degree += tokens[at - back].info.degree;
  }
  return std::clamp(degree, -60, 80);
}

// "I like it" praises, "looks like it" does not.
bool is_liking(const std::vector<Token>& tokens, std::size_t at) noexcept {
  if (at == 0) return false;
  const Token& before = tokens[at - 1];
  return before.info.is(kFirst | kSecond | kThird | kNegator) || before.info.degree > 0 ||
         before.word == "to"_word || before.word == "would"_word || before.word == "do"_word ||
         before.word == "did"_word;
}

struct WeighedWord {
  std::int32_t value = 0;
  Span span;
  const char* reason = "";
};

WeighedWord weigh(const std::vector<Token>& tokens, std::size_t at,
                  const SentenceShape& shape) noexcept {
  const Token& token = tokens[at];
  WeighedWord word{token.info.polarity * 100,
                   {token.begin, token.end},
                   token.info.polarity > 0 ? "positive" : "negative"};
  if (token.has(kEmoji)) {
    word.reason = "emoji";
    return word;
  }
  if (const int degree = degree_before(tokens, at)) {
    word.value = word.value * (100 + degree) / 100;
    word.reason = degree > 0 ? "intensified" : "softened";
  }
  if (token.has(kCapitals) && !shape.all_capitals) {
    word.value = word.value * 5 / 4;
    word.reason = "emphasis";
  }
  const Negation negation = negation_before(tokens, at);
  if (negation == Negation::heightened) {
    word.value = word.value * 3 / 2;
    word.reason = "heightened";
  } else if (negation == Negation::negated) {
    word.value = word.value > 0 ? -word.value * 3 / 5 : -word.value / 2;
    word.reason = "negated";
    std::size_t from = at;
    while (from > 0 && !tokens[from].info.is(kNegator)) --from;
    word.span.begin = tokens[from].begin;
  }
  return word;
}

std::int32_t placed(std::int32_t value, std::size_t at, const SentenceShape& shape) noexcept {
  if (shape.contrast != 0) value = at < shape.contrast ? value / 2 : value * 3 / 2;
  if (at >= shape.weak_begin && at < shape.weak_end) value /= 2;
  return value;
}

void add(const WeighedWord& word, SentimentTally& tally, std::int64_t& sum) noexcept {
  sum += word.value;
  ++tally.hits;
  (word.value > 0 ? tally.positive : tally.negative) += std::abs(word.value);
  tally.evidence.add(word.span, std::abs(word.value), word.reason);
}

}  // namespace

void read_sentiment(const Sentence& sentence, std::span<const PhraseHit> hits,
                    SentimentTally& tally) noexcept {
  // `hits` are in the order of the sentence and do not overlap.
  const auto& tokens = sentence.tokens;
  const SentenceShape shape = shape_of(sentence);
  const std::uint32_t hits_before = tally.hits;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!hits.empty() && hits.front().begin == i) {
      const Phrase& phrase = *hits.front().phrase;
      hits = hits.subspan(1);
      const Span span{tokens[i].begin, tokens[i + phrase.length - 1u].end};
      if (phrase.kind == PhraseKind::praise || phrase.kind == PhraseKind::blame) {
        const int sign = phrase.kind == PhraseKind::praise ? 100 : -100;
        add({placed(phrase.strength * sign, i, shape), span, "phrase"}, tally, sum);
      }
      i += phrase.length - 1u;
      continue;
    }
    if (tokens[i].info.polarity == 0) continue;
    if (tokens[i].word == "like"_word && !is_liking(tokens, i)) continue;
    WeighedWord word = weigh(tokens, i, shape);
    word.value = placed(word.value, i, shape);
    if (word.value != 0) add(word, tally, sum);
  }
  if (tally.hits == hits_before) return;
  if (sentence.question || shape.supposed) sum = sum * 3 / 5;
  sum = sum * (100 + 8 * std::min(sentence.exclamations, 3)) / 100;
  tally.sum += sum;
  ++tally.sentences;
}

std::array<double, 9> sentiment_numbers(const Tally& tally) noexcept {
  const SentimentTally& s = tally.sentiment;
  const double words = std::max(1u, tally.language.words + tally.language.emoji);
  const auto positive = static_cast<double>(s.positive) / 10000;
  const auto negative = static_cast<double>(s.negative) / 10000;
  const auto sum = static_cast<double>(s.sum) / 100;
  const double x = sum / std::sqrt(static_cast<double>(std::max(1u, s.sentences)));
  const double sign = s.sum > 0 ? 1 : s.sum < 0 ? -1 : 0;
  return {x / std::sqrt(x * x + 9375),
          sum / 100 / std::sqrt(words),
          positive / (1 + positive),
          negative / (1 + negative),
          std::min(3u, tally.style.exclamations) * sign / 3,
          tally.style.capitals * sign / words,
          std::min(2u, tally.style.questions) / 2.0,
          s.hits == 0 ? 1.0 : 0.0,
          1 / std::sqrt(words)};
}

}  // namespace scena::metrics

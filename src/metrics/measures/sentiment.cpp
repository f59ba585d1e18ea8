#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "metrics/measures/reversal.hpp"
#include "metrics/reading.hpp"
#include "metrics/words/few_words.hpp"

namespace scena::metrics {
namespace {

struct SentenceShape {
  std::uint32_t classes = 0;   // of all its words
  std::size_t contrast = 0;    // index of the last "but"; 0: none
  std::size_t weak_begin = 0;  // [weak_begin, weak_end): behind "although"
  std::size_t weak_end = 0;
  bool all_capitals = false;
  bool turned = false;  // something in it reverses what stands beside
  bool supposed = false;
};

SentenceShape shape_of(const Sentence& sentence) noexcept {
  SentenceShape shape;
  std::size_t capitals = 0;
  const auto& tokens = sentence.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].has(kCapitals)) ++capitals;
    shape.classes |= tokens[i].info.classes;
    // "anything but", "nothing but" contrast nothing.
    if (i > 0 && tokens[i].info.is(kContrast) && tokens[i - 1].word != "anything"_word &&
        tokens[i - 1].word != "nothing"_word)
      shape.contrast = i;
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

enum class Negation { none, negated, heightened, twice };

// "never", "nobody", "nothing": they deny all that could be said.
bool denies_all(const Token& token) noexcept {
  return token.word == "nobody"_word || token.word == "nothing"_word ||
         token.word == "never"_word || token.word == "none"_word;
}

// "nothing I don't like", "never fails to impress".
bool denied_again(const std::vector<Token>& tokens, std::size_t at) noexcept {
  for (std::size_t i = at; i > 0 && at - i < 4; --i) {
    if (tokens[i].has(kAfterBreak | kAfterComma)) return false;
    if (denies_all(tokens[i - 1])) return true;
  }
  return false;
}

// Words that deny what stands close behind them: "far from", "anything but", "fails to", "yet to".
bool denies_next(const std::vector<Token>& tokens, std::size_t at) noexcept {
  if (at == 0) return false;
  const std::uint32_t word = tokens[at].word, before = tokens[at - 1].word;
  if (word == "from"_word) return before == "far"_word;
  if (word == "but"_word) return before == "anything"_word;
  return word == "to"_word &&
         (before == "yet"_word || before == "fails"_word || before == "fail"_word ||
          before == "failed"_word || before == "failing"_word);
}

// Who does not regret it, or is not disappointed, praises.
constexpr FewWords<9> kDoubts("disappointed"_word, "disappoint"_word, "disappoints"_word,
                              "regret"_word, "regretted"_word, "regrets"_word, "complain"_word,
                              "complaints"_word, "fault"_word);

// "Couldn't be happier", "it doesn't get any better", "I've never had a better one", "nobody does
// it better"; not "it did not get better", "never better than average".
bool heightens(const std::vector<Token>& tokens, std::size_t negator, std::size_t at) noexcept {
  constexpr FewWords<10> kMet("had"_word, "seen"_word, "met"_word, "felt"_word, "tasted"_word,
                              "eaten"_word, "read"_word, "used"_word, "owned"_word, "heard"_word);
  constexpr FewWords<4> kCan("do"_word, "does"_word, "can"_word, "could"_word);
  const std::uint32_t word = tokens[negator].word;
  if (word == "nobody"_word || word == "nothing"_word) return true;
  const bool can = word == "cannot"_word || (negator > 0 && kCan.has(tokens[negator - 1].word));
  for (std::size_t i = negator + 1; i < at; ++i) {
    const std::uint32_t between = tokens[i].word;
    if (between == "be"_word || between == "been"_word) return true;
    if (can && between == "get"_word) return true;
    if (word == "never"_word && kMet.has(between)) return true;
  }
  return false;
}

Negation negation_by(const std::vector<Token>& tokens, std::size_t negator,
                     std::size_t at) noexcept {
  if (denied_again(tokens, negator)) return Negation::twice;
  // "Couldn't be more helpful"; not "there haven't been any more problems".
  const bool more = at > 1 && tokens[at - 1].word == "more"_word && tokens[at].info.polarity > 0 &&
                    (tokens[at - 2].word == "be"_word || tokens[at - 2].word == "been"_word);
  if (!more && !tokens[at].info.is(kComparative)) return Negation::negated;
  return heightens(tokens, negator, at) ? Negation::heightened : Negation::negated;
}

// Looks back over at most three words that carry meaning, not over commas or a "but".
Negation negation_before(const std::vector<Token>& tokens, std::size_t at) noexcept {
  int carried = 0;
  for (std::size_t i = at; i > 0 && at - i < 8; --i) {
    if (tokens[i].has(kAfterBreak | kAfterComma)) return Negation::none;
    const Token& before = tokens[i - 1];
    if (carried <= 1 && denies_next(tokens, i - 1)) return negation_by(tokens, i - 2, at);
    if (before.info.is(kContrast | kConcession)) return Negation::none;
    // "and I ..." starts a claim of its own.
    if (before.info.is(kConjunction) && tokens[i].info.is(kFirst | kSecond | kThird))
      return Negation::none;
    if (before.info.is(kNegator)) {
      const Token& next = tokens[i];
      if (next.word == "only"_word || next.word == "just"_word) return Negation::none;
      // "no" denies the noun it stands before, not a claim three words on.
      if (before.word == "no"_word && carried > 1) return Negation::none;
      return negation_by(tokens, i - 1, at);
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
  std::int32_t decided = 0;  // what the rules are sure of, whatever the words say by themselves
};

// Trouble that is gone is praise, and praise that is gone is blame.
WeighedWord reversed(const Token& token, Reversal reversal) noexcept {
  constexpr std::int32_t kLeast = 3500;
  const std::int32_t strength = std::max(kLeast, std::abs(token.info.polarity) * 70);
  WeighedWord word{0, {token.begin, token.end}, "reversed", strength};
  if (reversal == Reversal::good_news) word.value = strength;
  if (reversal == Reversal::bad_news) word.value = -strength;
  return word;
}

void negate(const std::vector<Token>& tokens, std::size_t at, WeighedWord& word) noexcept {
  const Negation negation = negation_before(tokens, at);
  if (negation == Negation::none) return;
  if (negation == Negation::heightened) {
    word.value = word.value * 3 / 2;
    word.reason = "heightened";
    word.decided = std::abs(word.value);
    return;
  }
  word.reason = "negated";
  std::size_t from = at;
  while (from > 0 && !tokens[from].info.is(kNegator) && !denies_next(tokens, from)) --from;
  word.span.begin = tokens[from].begin;
  const bool sure =
      denies_next(tokens, from) || (at - from <= 2 && denies_all(tokens[from]) && word.value < 0);
  if (word.value < 0 && kDoubts.has(tokens[at].word)) {
    word.value = -word.value * 4 / 5;
    word.decided = word.value;
    return;
  }
  if (negation == Negation::negated)
    word.value = word.value > 0 ? -word.value * 3 / 5 : -word.value / 2;
  if (sure || negation == Negation::twice) word.decided = std::abs(word.value);
}

WeighedWord weigh(const Sentence& sentence, std::size_t at, const SentenceShape& shape) noexcept {
  const auto& tokens = sentence.tokens;
  const Token& token = tokens[at];
  WeighedWord word{token.info.polarity * 100,
                   {token.begin, token.end},
                   token.info.polarity > 0 ? "positive" : "negative"};
  if (token.has(kEmoji)) {
    word.reason = "emoji";
    return word;
  }
  const Reversal reversal = reversal_of(sentence, at, shape.classes);
  if (reversal == Reversal::remains) {
    word.value = std::min(word.value, -3500);
    word.decided = -word.value;
    return word;
  }
  if (reversal != Reversal::none) return reversed(token, reversal);
  if (const int degree = degree_before(tokens, at)) {
    word.value = word.value * (100 + degree) / 100;
    word.reason = degree > 0 ? "intensified" : "softened";
  }
  if (token.has(kCapitals) && !shape.all_capitals) {
    word.value = word.value * 5 / 4;
    word.reason = "emphasis";
  }
  negate(tokens, at, word);
  return word;
}

std::int32_t placed(std::int32_t value, std::size_t at, const SentenceShape& shape) noexcept {
  if (shape.contrast != 0) value = at < shape.contrast ? value / 2 : value * 3 / 2;
  if (at >= shape.weak_begin && at < shape.weak_end) value /= 2;
  return value;
}

// "fails to impress", not "failed to appear".
bool praises_behind(const std::vector<Token>& tokens, std::size_t from) noexcept {
  for (std::size_t i = from; i < std::min(tokens.size(), from + 4); ++i) {
    if (tokens[i].info.polarity > 0) return true;
  }
  return false;
}

// Whether some word of trouble or praise is reversed by its sentence.
bool turns_anything(const Sentence& sentence, std::uint32_t classes) noexcept {
  if ((classes & (kReverses | kFalls)) == 0) return false;
  for (std::size_t i = 0; i < sentence.tokens.size(); ++i) {
    const WordInfo& info = sentence.tokens[i].info;
    if (info.is(kFalls | kReverses) || (info.polarity == 0 && !info.is(kTrouble))) continue;
    if (reversal_of(sentence, i, classes) != Reversal::none) return true;
  }
  return false;
}

void add(const WeighedWord& word, SentimentTally& tally, std::int64_t& sum) noexcept {
  sum += word.value;
  tally.decided += word.decided;
  if (word.value == 0) {
    tally.silenced += word.decided;
    return;
  }
  ++tally.hits;
  (word.value > 0 ? tally.positive : tally.negative) += std::abs(word.value);
  tally.evidence.add(word.span, std::abs(word.value), word.reason);
}

}  // namespace

void read_sentiment(const Sentence& sentence, std::span<const PhraseHit> hits,
                    SentimentTally& tally) noexcept {
  // `hits` are in the order of the sentence and do not overlap.
  const auto& tokens = sentence.tokens;
  SentenceShape shape = shape_of(sentence);
  shape.turned = turns_anything(sentence, shape.classes);
  const std::uint32_t hits_before = tally.hits;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!hits.empty() && hits.front().begin == i) {
      const Phrase& phrase = *hits.front().phrase;
      hits = hits.subspan(1);
      const Span span{tokens[i].begin, tokens[i + phrase.length - 1u].end};
      if (phrase.kind == PhraseKind::praise || phrase.kind == PhraseKind::blame) {
        const int sign = phrase.kind == PhraseKind::praise ? 100 : -100;
        std::int32_t value = placed(phrase.strength * sign, i, shape);
        // "never lets me down"
        if (i > 0 && tokens[i - 1].info.is(kNegator)) value = -value * 4 / 5;
        // "used to work fine"
        else if (value > 0 && is_unmet(sentence, i))
          value = -value * 4 / 5;
        add({value, span, "phrase", std::abs(value)}, tally, sum);
      }
      i += phrase.length - 1u;
      continue;
    }
    if (tokens[i].info.polarity == 0 && !tokens[i].info.is(kTrouble)) continue;
    if (tokens[i].word == "like"_word && !is_liking(tokens, i)) continue;
    // The verb that reverses has no say of its own: "avoided", "dropped", "fails to".
    if (shape.turned && tokens[i].info.is(kReverses | kFalls)) continue;
    if (i + 1 < tokens.size() && denies_next(tokens, i + 1) && praises_behind(tokens, i + 2))
      continue;
    WeighedWord word = weigh(sentence, i, shape);
    word.value = placed(word.value, i, shape);
    if (word.value != 0 || word.decided != 0) add(word, tally, sum);
  }
  if (tally.hits == hits_before) return;
  if (sentence.question || shape.supposed) sum = sum * 3 / 5;
  sum = sum * (100 + 8 * std::min(sentence.exclamations, 3)) / 100;
  tally.sum += sum;
  tally.quarters += quarters_of(sentence);
}

std::uint32_t quarters_of(const Sentence& sentence) noexcept {
  return static_cast<std::uint32_t>(std::min<std::size_t>(4, sentence.tokens.size()));
}

double sentences_of(std::uint32_t quarters) noexcept {
  return std::max(1.0, quarters / 4.0);
}

double spread_of(std::uint32_t quarters) noexcept {
  return (2 + sentences_of(quarters)) / 3;
}

double rules_of_sentiment(const SentimentTally& tally) noexcept {
  const double root = std::sqrt(sentences_of(tally.quarters) * spread_of(tally.quarters));
  const double x = static_cast<double>(tally.sum) / 100 / root;
  return x / std::sqrt(x * x + 9375);
}

double sureness_of(const SentimentTally& tally) noexcept {
  const auto all = static_cast<double>(tally.positive + tally.negative + tally.silenced);
  return all == 0 ? 0 : std::min(1.0, static_cast<double>(tally.decided) / all);
}

std::array<double, 9> sentiment_numbers(const Tally& tally) noexcept {
  const SentimentTally& s = tally.sentiment;
  // Sums are divided so that they grow by 73 % at most, however often a text says the same.
  const double spread = spread_of(tally.style.quarters);
  const double root = std::sqrt(sentences_of(tally.style.quarters) * spread);
  const double words = std::max(1u, tally.language.words + tally.language.emoji);
  const auto positive = static_cast<double>(s.positive) / 10000 / root;
  const auto negative = static_cast<double>(s.negative) / 10000 / root;
  const auto sum = static_cast<double>(s.sum) / 100;
  const double sign = s.sum > 0 ? 1 : s.sum < 0 ? -1 : 0;
  return {rules_of_sentiment(s),
          sum / 100 / std::sqrt(words * spread),
          positive / (1 + positive),
          negative / (1 + negative),
          std::min(3.0, tally.style.exclamations / root) * sign / 3,
          tally.style.capitals * sign / words,
          std::min(2.0, tally.style.questions / root) / 2,
          s.hits == 0 ? 1.0 : 0.0,
          std::sqrt(root / words)};
}

}  // namespace scena::metrics

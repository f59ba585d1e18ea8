#include <algorithm>
#include <bit>
#include <cmath>

#include "metrics/scores.hpp"

namespace scena::metrics {
namespace {

// What it adds to ask for the kind of answer that was asked for (a time, a cause), and what stays
// where the kind is another one.
constexpr double kSameKind = 0.45, kOtherKind = 0.6;
// What a question has at least that shares a word or a theme, and what it has that shares nothing.
constexpr double kSameMatter = 0.65, kSharesNothing = 0.09;

double rounded_share(double value) noexcept {
  return std::round(std::clamp(value, 0.0, 1.0) * 1000) / 1000;
}

// Light words ("know", "get") are in `asked` alone and count less.
double shared_stems(const CoverageTally& tally, const Topic& topic) noexcept {
  const bool asks = topic.asked_count > 0;
  const auto& stems = topic.asked;
  if (!asks)
    return topic.turn_count == 0 ? 0 : std::popcount(tally.turn) / double(topic.turn_count);
  double all = 0, shared = 0;
  const auto turn_end = topic.turn.begin() + topic.turn_count;
  for (std::size_t i = 0; i < topic.asked_count; ++i) {
    const bool heavy = std::find(topic.turn.begin(), turn_end, stems[i]) != turn_end;
    const double weight = heavy ? 1.0 : 0.4;
    all += weight;
    if (tally.asked >> i & 1) shared += weight;
  }
  return shared / all;
}

// The share of the question's letters that the text has, beyond what a long text has by chance.
double shared_letters(const LetterBits& question, const LetterBits& text) noexcept {
  int asked = 0, shared = 0, filled = 0;
  for (std::size_t i = 0; i < question.size(); ++i) {
    asked += std::popcount(question[i]);
    shared += std::popcount(question[i] & text[i]);
    filled += std::popcount(text[i]);
  }
  if (asked == 0) return 0;
  const double chance = filled / 256.0;
  const double rate = static_cast<double>(shared) / asked;
  return chance >= 1 ? 0 : std::max(0.0, (rate - chance) / (1 - chance));
}

// A question: the same kind of answer speaks for the same question, other topics against it.
double coverage_by_question(const CoverageTally& c, const Topic& topic, double overlap) noexcept {
  const std::uint16_t wanted = topic.asks & ~(kYesNo | kOpen);
  const std::uint16_t asks = c.asks & kAnswers & ~(kYesNo | kOpen);
  const double own = c.topic_words == 0 ? 1 : c.shared_words / double(c.topic_words);
  const double value = overlap * (0.75 + 0.25 * own);
  const bool other_kind = wanted != 0 && asks != 0 && (asks & wanted) == 0;
  if (other_kind) return value * kOtherKind;
  // Whoever asks about the same matter mostly means the same.
  const double least = overlap > 0.1 ? kSameMatter : kSharesNothing;
  return least + (1 - least) * ((asks & wanted) != 0 ? value + kSameKind : value);
}

// An answer: first whether it is one, then whether it speaks of what was asked.
double coverage_by_answer(const Tally& tally, const Topic& topic, double overlap,
                          double directness) noexcept {
  const EvasionTally& e = tally.evasion;
  const CoverageTally& c = tally.coverage;
  if (topic.asks == 0) return overlap;
  const bool given = (e.offers & topic.asks & ~kOpen) != 0;
  const bool brief = e.words <= 6;
  // "What did you do?" - "The weather is fine."
  const bool foreign =
      c.shared_words == 0 && c.concepts.none() && !c.own && !e.bare && !e.third_person;
  double value = 0;
  if (given) {
    // Of a short reply the kind is all, and "because" is one in any; a long one may have a number
    // or a name by chance.
    const bool sure = brief || !foreign || (topic.asks & kWhy) != 0;
    value = (0.5 + 0.3 * directness) * (sure ? 1 : 0.6) + 0.2 * overlap;
  } else {
    // An echo of the question without what it asks for is no answer.
    const bool told = (topic.asks & kWhy) != 0 && e.event;
    const bool free = (topic.asks & (kYesNo | kOpen)) != 0;
    value = (told || free ? 0.6 : 0.3) * directness + 0.25 * overlap;
    if (e.bare && free) value += 0.15;
    if (foreign && e.words > 2) value *= e.words > 12 ? 0.3 : 0.5;
  }
  return directness < 1.0 / 3 ? value * (0.3 + directness) : value;
}

}  // namespace

MetricScore score_coverage(const Tally& tally, const ScoreContext& context, double evasiveness) {
  MetricScore score{"coverage", 0, 0, "", {}};
  const CoverageTally& c = tally.coverage;
  const double words = 0.6 * shared_stems(c, context.topic) +
                       0.4 * shared_letters(context.topic.letters, tally.letters);
  const int themes = context.topic.concepts.count();
  const int named = std::min(c.concepts.count(), std::min(themes, 2));
  const double related = themes == 0 ? 0 : named / double(std::min(themes, 2));
  const double overlap = std::max(words, 0.35 * words + 0.65 * related);
  const double value = c.asks != 0
                           ? coverage_by_question(c, context.topic, overlap)
                           : coverage_by_answer(tally, context.topic, overlap, 1 - evasiveness);
  score.value = rounded_share(value);
  score.confidence = rounded_share(0.35 + 0.1 * std::min<int>(context.topic.turn_count, 4));
  score.label = value * 3 < 1 ? "open" : value * 3 < 2 ? "partly" : "covered";
  add_evidence(c.evidence, context, score);
  return score;
}

std::optional<MetricScore> score_industry(const Tally& tally, const ScoreContext& context) {
  std::array<std::uint32_t, kIndustryCount> points{};
  const auto add = [&points](const IndustryPoints& more) {
    for (std::size_t i = 0; i < kIndustryCount; ++i) points[i] += more[i];
  };
  for (const KeptMessage& message : context.history.messages()) add(message.industry);
  add(tally.industry.points);
  const auto first = std::max_element(points.begin(), points.end());
  const auto index = static_cast<std::size_t>(first - points.begin());
  std::uint32_t second = 0;
  for (std::size_t i = 0; i < kIndustryCount; ++i) {
    if (i != index) second = std::max(second, points[i]);
  }
  // One hint alone, or two industries level, is no profile.
  if (*first < 2 || *first == second) return std::nullopt;
  MetricScore score{"industry", 0, 0, std::string(kIndustryNames[index]), {}};
  const double lead = (*first - second) / double(*first);
  score.confidence = rounded_share(lead * (*first / (*first + 3.0)));
  score.value = score.confidence;
  add_evidence(tally.industry.evidence[index], context, score);
  return score;
}

}  // namespace scena::metrics

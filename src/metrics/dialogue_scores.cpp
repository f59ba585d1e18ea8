#include <algorithm>
#include <bit>
#include <cmath>

#include "metrics/scores.hpp"

namespace scena::metrics {
namespace {

// What it adds to offer, or to ask for, the kind of answer that was asked for (a time, a cause),
// and what stays where the kind is another one.
constexpr double kSameKind = 0.35, kOtherKind = 0.6;

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

}  // namespace

MetricScore score_coverage(const Tally& tally, const ScoreContext& context) {
  MetricScore score{"coverage", 0, 0, "", {}};
  const CoverageTally& c = tally.coverage;
  double value = 0.6 * shared_stems(c, context.topic) +
                 0.4 * shared_letters(context.topic.letters, tally.letters);
  const std::uint16_t wanted = context.topic.asks & ~(kYesNo | kOpen);
  if (c.asks != 0) {
    // It asks: the same kind of answer speaks for the same question, other topics against it.
    const double own = c.topic_words == 0 ? 1 : c.shared_words / double(c.topic_words);
    value *= 0.75 + 0.25 * own;
    if (wanted != 0 && (c.asks & ~(kYesNo | kOpen)) != 0)
      value = (c.asks & wanted) != 0 ? value + kSameKind : value * kOtherKind;
  } else {
    if ((tally.evasion.offers & context.topic.asks & ~kOpen) != 0) {
      value += kSameKind;
    } else if (wanted != 0) {
      value *= kOtherKind;
    }
    value *= 1 - 0.6 * std::min(1.0, tally.evasion.strongest / 1000.0);
  }
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

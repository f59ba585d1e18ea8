#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <scena/ext/analyzer.hpp>
#include <string>

#include "metrics/history.hpp"
#include "metrics/reading.hpp"
#include "metrics/tally.hpp"

namespace scena::metrics {

/// What the scores of a message need besides its tally.
struct ScoreContext {
  const Knowledge& knowledge;
  const History& history;
  const Topic& topic;
  const std::string& message;  ///< Id of the message that is scored.
  std::uint32_t speaker = 0;
  std::int64_t latency_ms = 0;  ///< 0: not known.
};

/// Within 0 and 1, to three decimals.
inline double rounded_share(double value) noexcept {
  return std::round(std::clamp(value, 0.0, 1.0) * 1000) / 1000;
}

/// Names the words that made a score.
template <std::size_t N>
void add_evidence(const Strongest<N>& from, const ScoreContext& context, MetricScore& score) {
  score.evidence.reserve(score.evidence.size() + from.count);
  for (std::size_t i = 0; i < from.count; ++i) {
    const auto& item = from.items[i];
    score.evidence.push_back({context.message, item.span.begin, item.span.end, item.reason});
  }
}

/// 0 (answers) to 1 (withholds what was asked), before rounding.
double evasiveness_of(const Tally& tally, const ScoreContext& context) noexcept;

// The formulas: each turns sums into one score; docs/reference/metrics.md explains them.
MetricScore score_sentiment(const Tally& tally, const ScoreContext& context);
/// `value` as evasiveness_of() gave it; so in the next.
MetricScore score_evasiveness(const Tally& tally, const ScoreContext& context, double value);
MetricScore score_coverage(const Tally& tally, const ScoreContext& context, double evasiveness);
MetricScore score_contradiction(const Tally& tally, const ScoreContext& context);
MetricScore score_toxicity(const Tally& tally, const ScoreContext& context);
MetricScore score_sophistication(const Tally& tally, const ScoreContext& context);
/// nullopt when neither the message nor those before it point to one industry.
std::optional<MetricScore> score_industry(const Tally& tally, const ScoreContext& context);
MetricScore score_engagement(const Tally& tally, const ScoreContext& context);

}  // namespace scena::metrics

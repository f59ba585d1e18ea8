#include <algorithm>
#include <array>

#include "metrics/scores.hpp"

namespace scena::metrics {

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

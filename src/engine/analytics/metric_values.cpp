#include "engine/analytics/metric_values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace scena::engine {

void MetricValues::add(const std::vector<Message>& messages, const std::string& speaker) {
  for (const Message& message : messages) {
    if (!speaker.empty() && message.speaker != speaker) continue;
    for (const MetricScore& score : message.metrics) values_[score.metric].push_back(score.value);
  }
}

std::map<std::string, Distribution> MetricValues::distributions() const {
  std::map<std::string, Distribution> found;
  for (const auto& [metric, unsorted] : values_) {
    std::vector<double> values = unsorted;
    std::sort(values.begin(), values.end());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    found[metric] = {values.size(), sum / static_cast<double>(values.size()),
                     quantile_of(values, 0.1), quantile_of(values, 0.5), quantile_of(values, 0.9)};
  }
  return found;
}

double quantile_of(const std::vector<double>& values, double share) noexcept {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
}

}  // namespace scena::engine

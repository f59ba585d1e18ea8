#pragma once

#include <map>
#include <scena/analytics.hpp>
#include <string>
#include <vector>

namespace scena::engine {

/// Scores of messages, by metric, on their way to distributions. Plain values.
class MetricValues {
 public:
  /// `speaker` empty: everybody's messages.
  void add(const std::vector<Message>& messages, const std::string& speaker);
  std::map<std::string, Distribution> distributions() const;

 private:
  std::map<std::string, std::vector<double>> values_;
};

/// Linear between the two nearest; `values` sorted and not empty, `share` 0 to 1.
double quantile_of(const std::vector<double>& values, double share) noexcept;

}  // namespace scena::engine

#pragma once

#include <array>
#include <map>
#include <scena/ext/analyzer.hpp>
#include <scena/preset.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// A metric that a model can judge.
struct JudgedMetric {
  std::string_view name;
  double low;
  double high;
  std::array<std::string_view, 4> labels;  ///< Its classes; the rest is empty.
  std::string_view meaning;  ///< What the values mean, where nobody says it otherwise.
  bool needs_question;       ///< Is about the message before.
  bool needs_history;        ///< Is about earlier messages of the same speaker.
};

/// The metric of that name; null for one that is not judged.
const JudgedMetric* find_judged_metric(std::string_view name) noexcept;
/// "sentiment, evasiveness, ...", for errors.
std::string judged_metric_names();

/// What the values of each metric mean: the built-in words, the configuration's over them, the
/// preset's over those.
class JudgeRubrics {
 public:
  JudgeRubrics(const JudgeConfig& config, const Preset& preset);
  /// The words for a metric that is judged.
  std::string_view of(const JudgedMetric& metric) const;

 private:
  std::map<std::string, std::string, std::less<>> own_;
};

/// Metrics of `scores` that are to be judged: chosen, and with less confidence than enough. None
/// where no judge is configured.
std::vector<std::string> unsure_metrics(const JudgeConfig& config,
                                        const std::vector<MetricScore>& scores);

}  // namespace scena

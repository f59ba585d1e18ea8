#include "domain/judge/judge_rubric.hpp"

#include <algorithm>

namespace scena {
namespace {

constexpr JudgedMetric kJudged[] = {
    {"sentiment",
     -1,
     1,
     {"negative", "neutral", "positive", "mixed"},
     "How the message feels about what it speaks of. -1: entirely negative. 0: no feeling, or as "
     "much praise as blame. 1: entirely positive.",
     false,
     false},
    {"evasiveness",
     0,
     1,
     {"clear", "ambivalent", "non-reply"},
     "How far the message withholds what the question asks. 0: it gives what was asked. 1: it "
     "gives nothing of it. Below 0.33 it is clear, below 0.67 ambivalent, else a non-reply.",
     true,
     false},
    {"toxicity",
     0,
     1,
     {"none", "toxic"},
     "Insult, threat or hate that the message itself utters; quoting or reporting it is none. 0: "
     "none. 1: severe. From 0.5 on it is toxic.",
     false,
     false},
    {"sophistication",
     0,
     1,
     {"plain", "standard", "elaborate"},
     "The level of the language, as the levels A1 to C2 of the European framework. 0: A1. 1: C2. "
     "Below 0.33 it is plain, below 0.67 standard, else elaborate.",
     false,
     false},
    {"contradiction",
     0,
     1,
     {"none", "possible", "contradiction"},
     "Whether the message cannot be true together with what the same speaker said earlier. 0: it "
     "can. 1: it cannot. From 0.4 on it is possible, from 0.5 on a contradiction.",
     false,
     true},
};

}  // namespace

const JudgedMetric* find_judged_metric(std::string_view name) noexcept {
  for (const JudgedMetric& metric : kJudged) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

std::string judged_metric_names() {
  std::string names;
  for (const JudgedMetric& metric : kJudged) {
    if (!names.empty()) names += ", ";
    names += metric.name;
  }
  return names;
}

JudgeRubrics::JudgeRubrics(const JudgeConfig& config, const Preset& preset) {
  for (const auto& [metric, words] : config.rubric) own_[metric] = words;
  for (const JudgeRubric& rubric : preset.judge) own_[rubric.metric] = rubric.text;
}

std::string_view JudgeRubrics::of(const JudgedMetric& metric) const {
  const auto own = own_.find(metric.name);
  return own == own_.end() ? metric.meaning : std::string_view(own->second);
}

std::vector<std::string> unsure_metrics(const JudgeConfig& config,
                                        const std::vector<MetricScore>& scores) {
  std::vector<std::string> unsure;
  if (config.provider.empty()) return unsure;
  for (const MetricScore& score : scores) {
    if (score.confidence >= config.below_confidence) continue;
    if (std::find(config.metrics.begin(), config.metrics.end(), score.metric) !=
        config.metrics.end())
      unsure.push_back(score.metric);
  }
  return unsure;
}

}  // namespace scena

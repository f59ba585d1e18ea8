#include "domain/metric_rule.hpp"

#include <algorithm>
#include <array>

#include "base/suggest.hpp"

namespace scena {
namespace {

struct Classes {
  std::string_view metric;
  std::array<std::string_view, 12> names;  // the rest is empty
};
constexpr Classes kClasses[] = {
    {"sentiment", {"negative", "neutral", "positive", "mixed"}},
    {"evasiveness", {"clear", "ambivalent", "non-reply"}},
    {"contradiction", {"none", "possible", "contradiction"}},
    {"engagement", {"low", "medium", "high"}},
    {"toxicity", {"none", "toxic"}},
    {"sophistication", {"plain", "standard", "elaborate"}},
    {"coverage", {"open", "partly", "covered"}},
    {"industry",
     {"technology", "healthcare", "finance", "retail", "manufacturing", "education", "legal",
      "real-estate", "hospitality", "logistics", "energy", "agriculture"}},
};

}  // namespace

MetricRule::MetricRule(const EndCondition& condition)
    : metric_(condition.metric),
      speaker_(condition.speaker),
      label_(condition.label),
      above_(condition.above),
      below_(condition.below) {}

MetricRule::MetricRule(const SpeakerRule& rule)
    : metric_(rule.metric),
      speaker_(rule.speaker),
      label_(rule.label),
      above_(rule.above),
      below_(rule.below) {}

std::optional<bool> MetricRule::holds(std::string_view speaker,
                                      std::span<const MetricScore> scores) const {
  if (!speaker_.empty() && speaker != speaker_) return std::nullopt;
  const auto score = std::find_if(scores.begin(), scores.end(),
                                  [&](const MetricScore& one) { return one.metric == metric_; });
  if (score == scores.end()) return std::nullopt;
  if (!label_.empty()) return score->label == label_;
  return (above_ && score->value > *above_) || (below_ && score->value < *below_);
}

std::span<const std::string_view> metric_classes(std::string_view metric) noexcept {
  for (const Classes& classes : kClasses) {
    if (classes.metric != metric) continue;
    const auto end = std::find(classes.names.begin(), classes.names.end(), std::string_view());
    return {classes.names.data(), static_cast<std::size_t>(end - classes.names.begin())};
  }
  return {};
}

std::string_view misspelt_metric(std::string_view name) {
  constexpr std::size_t kSlips = 2;
  const bool letters =
      std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!letters || !metric_classes(name).empty()) return {};  // "sentiment2" is meant as it stands
  for (const Classes& classes : kClasses) {
    if (edit_distance(name, classes.metric) <= kSlips) return classes.metric;
  }
  return {};
}

}  // namespace scena

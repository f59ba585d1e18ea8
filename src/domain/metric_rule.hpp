#pragma once

#include <optional>
#include <scena/ext/analyzer.hpp>
#include <scena/preset.hpp>
#include <span>
#include <string_view>

namespace scena {

/// What a rule of a preset asks of a metric: the one judge of end conditions and of turn policies.
/// Looks at its rule, which must outlive it.
class MetricRule {
 public:
  explicit MetricRule(const EndCondition& condition);
  explicit MetricRule(const SpeakerRule& rule);

  /// Whether a message of `speaker` with these scores is what the rule asks for: of the class
  /// `label`, else over `above` or under `below`. Nothing where it is not measured: somebody
  /// else's message, or one without such a score.
  std::optional<bool> holds(std::string_view speaker, std::span<const MetricScore> scores) const;

 private:
  std::string_view metric_;
  std::string_view speaker_;
  std::string_view label_;
  std::optional<double> above_;
  std::optional<double> below_;
};

/// The classes of a built-in metric; empty for any other name.
std::span<const std::string_view> metric_classes(std::string_view metric) noexcept;

/// The built-in metric that `name`, which is none, was probably meant to be; empty when none is
/// near. A host's own metrics have other names.
std::string_view misspelt_metric(std::string_view name);

}  // namespace scena

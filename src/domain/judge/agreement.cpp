#include "domain/judge/agreement.hpp"

#include <algorithm>
#include <cmath>

namespace scena {
namespace {

constexpr std::size_t kMostLabels = 16;  // those of one metric are few; a foreign log may have any
constexpr double kNothing = 1e-12;

void count_label(std::map<std::string, std::uint64_t>& counts, const std::string& label) {
  if (counts.contains(label) || counts.size() < kMostLabels) ++counts[label];
}

}  // namespace

void AgreementTally::Metric::add(const MetricScore& score, const JudgedScore& opinion) {
  ++messages;
  differences += std::abs(score.value - opinion.value);
  const double n = static_cast<double>(messages);
  const double from_measured = score.value - mean_measured;
  const double from_judged = opinion.value - mean_judged;
  mean_measured += from_measured / n;
  mean_judged += from_judged / n;
  squares_measured += from_measured * (score.value - mean_measured);
  squares_judged += from_judged * (opinion.value - mean_judged);
  products += from_measured * (opinion.value - mean_judged);
  if (score.label.empty() || opinion.label.empty()) return;
  ++labelled;
  if (score.label == opinion.label) ++same;
  count_label(measured, score.label);
  count_label(judged, opinion.label);
}

MetricAgreement AgreementTally::Metric::result(const std::string& name) const {
  MetricAgreement agreement;
  agreement.metric = name;
  agreement.messages = messages;
  agreement.difference = differences / static_cast<double>(messages);
  if (messages >= 3 && squares_measured > kNothing && squares_judged > kNothing) {
    agreement.correlation =
        std::clamp(products / std::sqrt(squares_measured * squares_judged), -1.0, 1.0);
  }
  agreement.labelled = labelled;
  if (labelled == 0) return agreement;
  const double n = static_cast<double>(labelled);
  agreement.same_label = static_cast<double>(same) / n;
  double by_chance = 0;
  for (const auto& [label, count] : measured) {
    const auto other = judged.find(label);
    if (other != judged.end())
      by_chance += (static_cast<double>(count) / n) * (static_cast<double>(other->second) / n);
  }
  if (by_chance < 1 - kNothing)
    agreement.kappa = (*agreement.same_label - by_chance) / (1 - by_chance);
  return agreement;
}

void AgreementTally::add(const Message& message) {
  for (const JudgedScore& opinion : message.judged) {
    for (const MetricScore& score : message.metrics) {
      if (score.metric == opinion.metric) metrics_[score.metric].add(score, opinion);
    }
  }
}

std::vector<MetricAgreement> AgreementTally::result() const {
  std::vector<MetricAgreement> all;
  for (const auto& [name, metric] : metrics_) all.push_back(metric.result(name));
  return all;
}

}  // namespace scena

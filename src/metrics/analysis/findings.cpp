#include <algorithm>
#include <unordered_map>

#include "metrics/analysis/said.hpp"

namespace scena::metrics {
namespace {

constexpr double kEvasive = 0.5;
// Only what is sure is shown to a reader: below it every second pair is a false one.
constexpr double kContradicts = 0.9;
constexpr std::size_t kMostEvasions = 5;
constexpr std::size_t kMostContradictions = 10;

struct Found {
  std::size_t place = 0;
  double value = 0;
};

// The strongest first, earlier ones first among equals.
std::vector<Found> strongest_by(const std::vector<SaidMessage>& line, std::string_view metric,
                                double at_least) {
  std::vector<Found> found;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const MetricScore* score = line[i].score(metric);
    if (score != nullptr && score->value >= at_least) found.push_back({i, score->value});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.value > b.value; });
  return found;
}

// The message that this one answers: the last of somebody else before it.
const SaidMessage* answered_by(const std::vector<SaidMessage>& line, std::size_t place) {
  for (std::size_t i = place; i-- > 0;) {
    if (line[i].message->speaker != line[place].message->speaker) return &line[i];
  }
  return nullptr;
}

void add_evasion(const std::vector<SaidMessage>& line, std::size_t place, Analysis& analysis) {
  const SaidMessage& said = line[place];
  const MetricScore& score = *said.score("evasiveness");
  AnalysisEvasion evasion;
  const SaidMessage* before = answered_by(line, place);
  if (before != nullptr && before->asks) evasion.question = quote_of(*before, before->question);
  std::string_view words = said.text;
  if (!score.evidence.empty()) {
    const Evidence& evidence = score.evidence.front();
    evasion.reason = evidence.reason;
    if (evidence.message == said.message->id)
      words = sentences_around(said.text, evidence.begin, evidence.end);
  }
  evasion.answer = quote_of(said, words);
  evasion.value = score.value;
  analysis.evasions.push_back(std::move(evasion));
}

void add_contradiction(const std::vector<SaidMessage>& line,
                       const std::unordered_map<std::string_view, std::size_t>& places,
                       std::size_t place, Analysis& analysis) {
  const SaidMessage& later = line[place];
  const MetricScore& score = *later.score("contradiction");
  if (score.evidence.size() < 2) return;
  const Evidence& there = score.evidence[0];
  const Evidence& here = score.evidence[1];
  const auto found = places.find(there.message);
  if (found == places.end() || here.message != later.message->id) return;
  const SaidMessage& earlier = line[found->second];
  const std::string& reason = there.reason.empty() ? here.reason : there.reason;
  if (reason == "differs") return;  // nothing that could be named
  const auto first = piece_of(earlier.text, there.begin, there.end);
  const auto second = piece_of(later.text, here.begin, here.end);
  if (first.empty() || second.empty()) return;
  analysis.contradictions.push_back(
      {quote_of(earlier, first), quote_of(later, second), score.value, reason, {}});
}

}  // namespace

void add_findings(const std::vector<SaidMessage>& line, Analysis& analysis) {
  for (const Found& found : strongest_by(line, "evasiveness", kEvasive)) {
    if (analysis.evasions.size() == kMostEvasions) break;
    add_evasion(line, found.place, analysis);
  }
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < line.size(); ++i) places.emplace(line[i].message->id, i);
  for (const Found& found : strongest_by(line, "contradiction", kContradicts)) {
    if (analysis.contradictions.size() == kMostContradictions) break;
    add_contradiction(line, places, found.place, analysis);
  }
}

}  // namespace scena::metrics

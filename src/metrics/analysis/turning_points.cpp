#include <algorithm>
#include <cmath>

#include "base/json_writer.hpp"
#include "metrics/analysis/said.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kWindow = 3;   // messages of one speaker on each side
constexpr std::size_t kAtLeast = 2;  // fewer are no trend
constexpr double kChange = 0.3;      // of the mean: below it is noise
constexpr std::size_t kMostTurns = 5;
constexpr std::size_t kApart = 2;  // messages of one speaker between two of its turns

// One metric of one speaker, in the order of the messages.
struct Series {
  std::vector<std::size_t> places;  // in the line
  std::vector<double> values;
};

struct Change {
  std::size_t place = 0;  // in the line
  std::size_t at = 0;     // in the series
  double before = 0;
  double after = 0;
  const char* kind = "";
  const std::string* speaker = nullptr;

  double size() const { return std::abs(after - before); }
};

double mean_of(const std::vector<double>& values, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += values[i];
  return round_score(sum / static_cast<double>(end - begin));
}

void find_changes(const Series& series, const std::string& speaker, const char* rises,
                  const char* falls, std::vector<Change>& out) {
  const std::size_t count = series.values.size();
  for (std::size_t at = kAtLeast; at + kAtLeast <= count; ++at) {
    const double before = mean_of(series.values, at > kWindow ? at - kWindow : 0, at);
    const double after = mean_of(series.values, at, std::min(at + kWindow, count));
    if (std::abs(after - before) < kChange) continue;
    out.push_back({series.places[at], at, before, after, after > before ? rises : falls, &speaker});
  }
}

Series series_of(const std::vector<SaidMessage>& line, const std::string& speaker,
                 std::string_view metric) {
  Series series;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i].message->speaker != speaker) continue;
    const MetricScore* score = line[i].score(metric);
    if (score == nullptr) continue;
    series.places.push_back(i);
    series.values.push_back(score->value);
  }
  return series;
}

// Of changes that overlap the largest one stays: it is where the trend turned.
std::vector<Change> largest(std::vector<Change> changes) {
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return a.size() != b.size() ? a.size() > b.size() : a.place < b.place;
  });
  std::vector<Change> kept;
  for (const Change& change : changes) {
    if (kept.size() == kMostTurns) break;
    const bool near = std::any_of(kept.begin(), kept.end(), [&](const Change& other) {
      const std::size_t gap = std::max(change.at, other.at) - std::min(change.at, other.at);
      // Equal words of the two names' kinds mean the same metric: "sentiment_...".
      return *change.speaker == *other.speaker && change.kind[0] == other.kind[0] && gap <= kApart;
    });
    if (!near) kept.push_back(change);
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const Change& a, const Change& b) { return a.place < b.place; });
  return kept;
}

}  // namespace

void add_turning_points(const std::vector<SaidMessage>& line, Analysis& analysis) {
  std::vector<Change> changes;
  for (const AnalysisSpeaker& speaker : analysis.speakers) {
    find_changes(series_of(line, speaker.id, "sentiment"), speaker.id, "sentiment_rises",
                 "sentiment_falls", changes);
    find_changes(series_of(line, speaker.id, "evasiveness"), speaker.id, "evasiveness_rises",
                 "evasiveness_falls", changes);
  }
  for (const Change& change : largest(std::move(changes))) {
    const SaidMessage& said = line[change.place];
    analysis.turning_points.push_back(
        {change.kind, quote_of(said, said.text), change.before, change.after, {}});
  }
}

}  // namespace scena::metrics

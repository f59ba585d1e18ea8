#include <algorithm>
#include <map>

#include "metrics/analysis/said.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kCurvePoints = 200;
constexpr std::size_t kDetectionMessages = 5;
constexpr double kLeastConfidence = 0.4;  // below it a label says nothing of a speaker

// The mean of one metric over messages; absent while none has it.
class Mean {
 public:
  void add(const MetricScore* score) {
    if (score == nullptr) return;
    sum_ += score->value;
    ++count_;
  }
  std::optional<double> value() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / static_cast<double>(count_);
  }

 private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

// What the messages of one speaker say most often of a class, and how sure they are of it.
class ClassVotes {
 public:
  void add(const MetricScore* score, const std::string& message) {
    if (score == nullptr || score->label.empty()) return;
    Votes& votes = by_label_[score->label];
    votes.confidence += score->confidence;
    ++votes.count;
    if (votes.messages.size() < kDetectionMessages) votes.messages.push_back(message);
  }

  void append(const char* what, std::vector<AnalysisDetection>& out) const {
    const auto most = std::max_element(
        by_label_.begin(), by_label_.end(),
        [](const auto& a, const auto& b) { return a.second.confidence < b.second.confidence; });
    if (most == by_label_.end()) return;
    const Votes& votes = most->second;
    const double confidence = votes.confidence / votes.count;
    if (confidence < kLeastConfidence) return;
    out.push_back({what, most->first, confidence, votes.messages});
  }

 private:
  struct Votes {
    double confidence = 0;
    int count = 0;
    std::vector<std::string> messages;
  };
  std::map<std::string, Votes> by_label_;
};

AnalysisSpeaker figures_of(const Participant& participant, const std::vector<SaidMessage>& line,
                           std::uint64_t all_words) {
  AnalysisSpeaker speaker;
  speaker.id = participant.id;
  speaker.name = participant.name;
  Mean sentiment, engagement, evasiveness;
  ClassVotes industry, sophistication;
  for (const SaidMessage& said : line) {
    if (said.message->speaker != participant.id) continue;
    ++speaker.messages;
    speaker.words += said.words;
    if (said.asks) ++speaker.questions;
    sentiment.add(said.score("sentiment"));
    engagement.add(said.score("engagement"));
    evasiveness.add(said.score("evasiveness"));
    // The score is the session's: only a message with a word of it says that of who wrote it.
    if (const MetricScore* const of = said.score("industry"); of && !of->evidence.empty())
      industry.add(of, said.message->id);
    sophistication.add(said.score("sophistication"), said.message->id);
  }
  if (all_words > 0)
    speaker.talk_share = static_cast<double>(speaker.words) / static_cast<double>(all_words);
  speaker.sentiment = sentiment.value();
  speaker.engagement = engagement.value();
  speaker.evasiveness = evasiveness.value();
  industry.append("industry", speaker.detections);
  sophistication.append("sophistication", speaker.detections);
  return speaker;
}

void add_curve(const std::vector<SaidMessage>& line, Analysis& analysis) {
  std::vector<const SaidMessage*> measured;
  for (const SaidMessage& said : line) {
    if (said.score("sentiment")) measured.push_back(&said);
  }
  const std::size_t step =
      std::max<std::size_t>(1, (measured.size() + kCurvePoints - 1) / kCurvePoints);
  for (std::size_t begin = 0; begin < measured.size(); begin += step) {
    const std::size_t end = std::min(begin + step, measured.size());
    Mean mean;
    for (std::size_t i = begin; i < end; ++i) mean.add(measured[i]->score("sentiment"));
    const Message& last = *measured[end - 1]->message;
    analysis.sentiment.push_back({last.id, last.speaker, *mean.value()});
  }
}

}  // namespace

void add_figures(const AnalysisSource& source, const std::vector<SaidMessage>& line,
                 Analysis& analysis) {
  for (const SaidMessage& said : line) analysis.words += said.words;
  for (const Participant& participant : source.info.participants)
    analysis.speakers.push_back(figures_of(participant, line, analysis.words));
  add_curve(line, analysis);
}

}  // namespace scena::metrics

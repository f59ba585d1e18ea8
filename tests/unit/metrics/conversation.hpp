#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/builtin.hpp"

namespace scena::test {

/// Talks to one session of the built-in analyzer; ids are m1, m2, ...
class Conversation {
 public:
  explicit Conversation(const std::vector<std::string>& names = {})
      : analyzer_(metrics::make_builtin_analyzer(names).value_or_throw()),
        session_(analyzer_->open_session()) {}

  std::unique_ptr<Measurement> begin(std::string_view speaker, Duration latency = {}) {
    MessageInfo info;
    info.id = "m" + std::to_string(++count_);
    info.speaker = speaker;
    info.latency = latency;
    return session_->begin(info);
  }

  /// Measures a message, keeps it, and gives its scores.
  std::vector<MetricScore> say(std::string_view speaker, std::string_view text,
                               Duration latency = {}) {
    auto measurement = begin(speaker, latency);
    measurement->add(text);
    std::vector<MetricScore> scores;
    measurement->scores(scores);
    session_->keep(std::move(measurement));
    return scores;
  }

  AnalyzerSession& session() { return *session_; }

 private:
  std::unique_ptr<Analyzer> analyzer_;
  std::unique_ptr<AnalyzerSession> session_;
  int count_ = 0;
};

inline std::optional<MetricScore> find_score(const std::vector<MetricScore>& scores,
                                             std::string_view metric) {
  for (const auto& score : scores) {
    if (score.metric == metric) return score;
  }
  return std::nullopt;
}

}  // namespace scena::test

#include "engine/turn/session_meter.hpp"

namespace scena::engine {

SessionMeter::SessionMeter(const std::vector<std::shared_ptr<Analyzer>>& analyzers) {
  sessions_.reserve(analyzers.size());
  for (const auto& analyzer : analyzers) sessions_.push_back(analyzer->open_session());
}

void SessionMeter::Reading::add(std::string_view text) {
  for (auto& part : parts_) part->add(text);
}

std::vector<MetricScore> SessionMeter::Reading::scores() {
  std::vector<MetricScore> scores;
  for (auto& part : parts_) part->scores(scores);
  return scores;
}

SessionMeter::Reading SessionMeter::begin(const MessageInfo& message) {
  Reading reading;
  reading.parts_.reserve(sessions_.size());
  for (auto& session : sessions_) reading.parts_.push_back(session->begin(message));
  return reading;
}

void SessionMeter::keep(Reading reading) {
  for (std::size_t i = 0; i < reading.parts_.size(); ++i)
    sessions_[i]->keep(std::move(reading.parts_[i]));
}

void SessionMeter::forget_from(std::string_view message) {
  for (auto& session : sessions_) session->forget_from(message);
}

std::vector<MetricScore> SessionMeter::replay(const Message& message, Duration latency) {
  Reading reading = begin({message.id, message.speaker, message.from_human, message.time, latency});
  reading.add(message.text());
  auto scores = reading.scores();
  keep(std::move(reading));
  return scores;
}

}  // namespace scena::engine

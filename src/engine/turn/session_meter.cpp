#include "engine/turn/session_meter.hpp"

#include <cmath>
#include <iterator>
#include <new>

#include "base/json_writer.hpp"
#include "domain/score_json.hpp"

namespace scena::engine {
namespace {

// Whatever a host's analyzer throws stays with it; what memory throws is the engine's to handle.
template <class Part, class Call>
void guarded(const Logger& log, std::unique_ptr<Part>& part, Call&& call) {
  if (!part) return;
  try {
    call(*part);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    part.reset();
    log.error("an analyzer threw an exception; the session is measured without it", {});
  }
}

bool is_sound(const MetricScore& score) {
  return std::isfinite(score.value) && std::abs(score.value) <= kLargestScore &&
         std::isfinite(score.confidence) && std::abs(score.confidence) <= kLargestScore &&
         !score.metric.empty();
}

}  // namespace

SessionMeter::SessionMeter(const std::vector<std::shared_ptr<Analyzer>>& analyzers,
                           const Logger& log)
    : log_(log) {
  sessions_.reserve(analyzers.size());
  for (const auto& analyzer : analyzers) {
    auto& session = sessions_.emplace_back();
    try {
      session = analyzer->open_session();
    } catch (const std::bad_alloc&) {
      throw;
    } catch (...) {
      log_.error("an analyzer threw an exception; the session is measured without it", {});
    }
  }
}

void SessionMeter::Reading::add(std::string_view text) {
  for (auto& part : parts_) guarded(*log_, part, [&](Measurement& one) { one.add(text); });
}

std::vector<MetricScore> SessionMeter::Reading::scores() {
  std::vector<MetricScore> scores;
  for (auto& part : parts_) {
    std::vector<MetricScore> own;
    guarded(*log_, part, [&](Measurement& one) { one.scores(own); });
    if (!part) continue;
    std::erase_if(own, [](const MetricScore& score) { return !is_sound(score); });
    for (auto& score : own) repair_texts(score);
    if (scores.empty()) {
      scores = std::move(own);
    } else {
      std::move(own.begin(), own.end(), std::back_inserter(scores));
    }
  }
  return scores;
}

SessionMeter::Reading SessionMeter::begin(const MessageInfo& message) {
  Reading reading;
  reading.log_ = &log_;
  reading.parts_.resize(sessions_.size());
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    guarded(log_, sessions_[i],
            [&](AnalyzerSession& session) { reading.parts_[i] = session.begin(message); });
  }
  return reading;
}

void SessionMeter::keep(Reading reading) {
  for (std::size_t i = 0; i < reading.parts_.size(); ++i) {
    if (!reading.parts_[i]) {
      sessions_[i].reset();  // what could not be measured to its end has no history to go on with
      continue;
    }
    guarded(log_, sessions_[i],
            [&](AnalyzerSession& session) { session.keep(std::move(reading.parts_[i])); });
  }
}

void SessionMeter::forget_from(std::string_view message) {
  for (auto& one : sessions_)
    guarded(log_, one, [&](AnalyzerSession& session) { session.forget_from(message); });
}

std::vector<MetricScore> SessionMeter::replay(const Message& message, Duration latency) {
  Reading reading = begin({message.id, message.speaker, message.from_human, message.time, latency});
  reading.add(message.text());
  auto scores = reading.scores();
  keep(std::move(reading));
  return scores;
}

}  // namespace scena::engine

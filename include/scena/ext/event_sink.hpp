#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <scena/event.hpp>
#include <scena/ext/job_handler.hpp>
#include <stop_token>
#include <string>
#include <vector>

namespace scena {

/// Which events a sink gets, and how hard the engine tries.
struct EventSinkOptions {
  /// Types of durable events, e.g. "turn.finished", or "message.*" for all that begin so. Empty:
  /// every durable event.
  std::vector<std::string> events;
  std::string tenant;    ///< Only this one's events; empty: of all tenants.
  int max_attempts = 8;  ///< Deliveries of one event before it is a dead letter.
  std::size_t max_waiting =
      10'000;  ///< Events of a tenant that wait; over it the oldest is dropped.
  std::chrono::milliseconds time_limit{15'000};  ///< Of one delivery.
  std::size_t parallel = 4;                      ///< Sessions that are delivered at once.
};

/// Gets the events of sessions from the store: each at least once, those of one session in order,
/// the next one when the one before it was taken, dead or dropped. What is committed is delivered,
/// also after a crash. See Dependencies::event_sinks.
///
/// Threading: as JobHandler.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// What it wants. Read once, when the engine opens.
  virtual EventSinkOptions options() const { return {}; }
  /// Delivers one event, whoever may see it (`event.audience`). `job.attempts` tells how often this
  /// was tried; `job.id` is the same each time. Answer as a job handler does.
  virtual void deliver(const Event& event, const Job& job, std::shared_ptr<JobAnswer> answer,
                       std::stop_token stop) = 0;
};

}  // namespace scena

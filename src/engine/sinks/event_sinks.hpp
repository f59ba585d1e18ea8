#pragma once

#include <memory>
#include <scena/ext/event_sink.hpp>
#include <scena/ext/storage.hpp>
#include <string>
#include <vector>

#include "domain/session_model.hpp"
#include "engine/jobs/job_runner.hpp"

namespace scena::engine {

/// Who gets the events of sessions. Each event that a sink wants becomes a job in the commit of the
/// event itself, so that both are there or neither; its key is the stream, which keeps the order.
/// The job holds where the event stands, not what it says.
///
/// Threading: add() while the engine opens; then any thread.
class EventSinks {
 public:
  using Store = std::function<std::shared_ptr<Storage>()>;
  explicit EventSinks(Store store) : store_(std::move(store)) {}

  /// invalid_argument for a bad name or options.
  Result<void> add(const std::string& name, std::shared_ptr<EventSink> sink, JobRunner& runner);
  /// Puts the deliveries of these events into their batch.
  void add_jobs(const std::string& tenant, const std::vector<ParsedEvent>& events,
                const JobRunner& runner, Batch& batch) const;
  /// The kinds of its jobs, one a sink; the key of each job is the event's stream.
  std::vector<std::string> kinds() const;

 private:
  class Delivery;
  struct Entry {
    std::string kind;
    EventSinkOptions options;
  };
  Store store_;
  std::vector<Entry> sinks_;
};

}  // namespace scena::engine

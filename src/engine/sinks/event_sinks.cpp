#include "engine/sinks/event_sinks.hpp"

#include "base/config_tool.hpp"
#include "base/event_pattern.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena::engine {
namespace {

std::string place_of(const Event& event) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().member("stream", event.stream).member("seq", event.seq).end_object();
  return text;
}

Result<void> check_sink_options(const std::string& name, const EventSinkOptions& options) {
  const auto fault = [&name](const char* what) {
    return Error(ErrorCode::invalid_argument, "event sink \"" + name + "\": " + what);
  };
  for (const auto& pattern : options.events) {
    if (!is_event_pattern(pattern))
      return fault("events: each must be an event type, or its beginning and \"*\"");
  }
  if (options.max_attempts < 1) return fault("max_attempts must be above zero");
  if (options.max_waiting <= options.parallel)
    return fault("max_waiting must be above parallel, so that the oldest can give way");
  return {};
}

}  // namespace

// Reads the event that a job names, and hands it to the sink.
class EventSinks::Delivery final : public JobHandler {
 public:
  Delivery(std::shared_ptr<EventSink> sink, const EventSinkOptions& options, Store store)
      : sink_(std::move(sink)),
        handling_{options.time_limit, options.parallel},
        store_(std::move(store)) {}

  JobHandling handling() const override { return handling_; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const auto place = parse_json(job.payload);
    if (!place || !place->is_object()) return answer->give_up("the job names no event");
    const std::string stream = place->value("stream", "");
    const auto seq = place->value("seq", std::uint64_t{0});
    if (stream.empty() || seq == 0) return answer->give_up("the job names no event");
    auto events = store_()->read_events(job.tenant, stream, seq - 1, 1);
    if (!events) return answer->fail(events.error().what());
    if (events->empty() || events->front().seq != seq)
      return answer->succeed("the event is not kept any more");
    sink_->deliver(events->front(), job, std::move(answer), std::move(stop));
  }

 private:
  std::shared_ptr<EventSink> sink_;
  JobHandling handling_;
  Store store_;
};

Result<void> EventSinks::add(const std::string& name, std::shared_ptr<EventSink> sink,
                             JobRunner& runner) {
  if (!is_tool_name(name) || !sink) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "event sinks: each has a name of 1 to 64 letters, digits, \"_\" and \"-\", "
                        "and is not null");
  }
  EventSinkOptions options;
  try {
    options = sink->options();
  } catch (...) {
    return Error(ErrorCode::invalid_argument,
                 "event sink \"" + name + "\": options() threw an exception");
  }
  if (auto good = check_sink_options(name, options); !good) return good;
  std::string kind = std::string(kOwnKinds) + "sink." + name;
  auto added = runner.add(kind, std::make_shared<Delivery>(std::move(sink), options, store_));
  if (!added) return added;
  sinks_.push_back({std::move(kind), std::move(options)});
  return {};
}

void EventSinks::add_jobs(const std::string& tenant, const std::vector<ParsedEvent>& events,
                          const JobRunner& runner, Batch& batch) const {
  for (const auto& sink : sinks_) {
    if (!sink.options.tenant.empty() && sink.options.tenant != tenant) continue;
    for (const auto& parsed : events) {
      const Event& event = parsed.event;
      if (!wants_event(sink.options.events, event.type)) continue;
      auto job = runner.make(tenant, sink.kind,
                             sink.kind + "/" + event.stream + "/" + std::to_string(event.seq),
                             place_of(event));
      job.key = event.stream;
      // Deleting the session takes its deliveries, with what a sink answered; its own outlives it.
      if (event.type != "session.deleted") job.stream = event.stream;
      job.max_attempts = sink.options.max_attempts;
      job.max_open = sink.options.max_waiting;
      job.drop_oldest = true;
      batch.jobs.push_back(std::move(job));
    }
  }
}

std::vector<std::string> EventSinks::kinds() const {
  std::vector<std::string> kinds;
  for (const auto& sink : sinks_) kinds.push_back(sink.kind);
  return kinds;
}

}  // namespace scena::engine

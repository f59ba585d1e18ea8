#include "shell/run_end.hpp"

#include "shell/json_value.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {

void EventNotes::add(const Event& event) {
  if (event.type == "delta") {
    auto& times = times_[event.turn];
    if (!times.first) times.first = event.time;
  } else if (event.type.starts_with("analysis.")) {
    analysis_open_ = event.type == "analysis.queued";
  } else if (event.type == "session.completed") {
    end_reason_ = JsonValue(event.data)["reason"].text();
  } else if (event.type == "turn.started") {
    times_[JsonValue(event.data)["turn"].text()].started = event.time;
  } else if (event.type == "turn.finished") {
    const JsonValue data(event.data);
    times_[data["turn"].text()].ended = event.time;
    // A reply that was cut tells so by its exit as one that failed does; a cancel was asked for.
    const JsonValue error = data["error"];
    const std::string outcome = data["outcome"].text();
    if ((outcome != "failed" && outcome != "truncated") || !error.exists()) return;
    failure_ = error["code"].text() + ": " + error["message"].text();
    exit_ = exit_of_reply(error["code"].text());
  }
}

void EventNotes::fail(const Error& error) {
  std::string failure = std::string(to_string(error.code())) + ": " + error.what();
  if (failure == failure_) return;  // the reply's own, of which its event told
  failure_ = std::move(failure);
  exit_ = exit_of(error.code());
}

std::string summary_of(const SessionInfo& info, std::chrono::microseconds took) {
  std::string line = plural(info.messages, "message") + ", " + plural(info.turns, "turn") + ", " +
                     usage_text(info.usage);
  line += ", $" + info.cost.to_string() + ", " + duration_text(took) + ", " + to_string(info.state);
  return line + ", session " + info.id;
}

}  // namespace scena::shell

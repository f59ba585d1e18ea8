#include "engine/projection/import_check.hpp"

#include <fmt/format.h>

namespace scena::engine {
namespace {

constexpr WallTime kFirstTime{};
constexpr WallTime kLastTime{std::chrono::hours{24 * 365 * 1'000}};

Error misfit(const Event& event, std::string_view what) {
  return {ErrorCode::invalid_argument,
          fmt::format("import: event {} ({}) {}; the document is damaged or was changed", event.seq,
                      event.type, what)};
}

bool speaks_of_message(std::string_view type) {
  return type == "metrics.stored" || type == "metrics.judged" || type == "turn.finished";
}

}  // namespace

Result<void> ImportCheck::follows(const Event& event) {
  // A fork is exported with the streams that it shares before its own, each numbered from 1.
  const bool begins = event.seq == 1 && (last_seq_ == 0 || event.type == "session.forked");
  const bool goes_on = event.seq == last_seq_ + 1 && event.stream == stream_;
  if (!begins && !goes_on) {
    return misfit(event, last_seq_ == 0
                             ? "is not the first of its stream"
                             : fmt::format("does not follow number {}", last_seq_).c_str());
  }
  if (event.time < kFirstTime || event.time > kLastTime)
    return misfit(event, "has no possible time");
  stream_ = event.stream;
  last_seq_ = event.seq;
  return {};
}

Result<void> ImportCheck::fits(const ParsedEvent& parsed, const SessionModel& before) {
  const Event& event = parsed.event;
  const std::string& type = event.type;
  if (type == "session.created" && before.last_seq() != 0)
    return misfit(event, "comes a second time");
  const bool talks = type == "message.stored" || type.starts_with("turn.");
  if (before.state() == SessionState::completed && (talks || type == "session.completed"))
    return misfit(event, "comes after the session's end");
  if (type == "message.stored") {
    if (!messages_.insert(member_text(parsed.data.at("message"), "id")).second)
      return misfit(event, "stores a message twice");
  }
  if (type == "analysis.stored" && !analyses_.insert(member_text(parsed.data, "job")).second)
    return misfit(event, "stores an analysis twice");
  if (speaks_of_message(type)) {
    const std::string message = member_text(parsed.data, "message");
    const bool needs_one = type != "turn.finished" || !message.empty();
    if (needs_one && !messages_.contains(message))
      return misfit(event, "is about a message that is not there");
  }
  return fits_turn(parsed, before);
}

Result<void> ImportCheck::fits_turn(const ParsedEvent& parsed, const SessionModel& before) const {
  const std::string& type = parsed.event.type;
  const auto& open = before.open_turn();
  if (type == "turn.started" && open) return misfit(parsed.event, "begins a turn inside another");
  if (type == "turn.finished" && (!open || open->id != member_text(parsed.data, "turn")))
    return misfit(parsed.event, "ends a turn that is not open");
  return {};
}

}  // namespace scena::engine

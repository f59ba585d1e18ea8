#pragma once

#include <map>
#include <optional>
#include <scena/event.hpp>
#include <scena/session.hpp>
#include <string>

#include "shell/exit_code.hpp"

namespace scena::shell {

/// When one reply started, showed its first text and ended, on the wall clock of its events.
struct ReplyTimes {
  WallTime started{};
  std::optional<WallTime> first;  ///< Unknown for sessions read from a store: deltas are not kept.
  std::optional<WallTime> ended;
};

/// What is remembered of a session's events for its report and for the exit code.
class EventNotes {
 public:
  void add(const Event& event);
  /// What ended a run. One that no event has told of is the store's: a reply that it refused.
  void fail(const Error& error);

  /// By turn id.
  const std::map<std::string, ReplyTimes>& times() const noexcept { return times_; }
  /// The last failed or unstored reply's error, as "code: message"; empty while none failed.
  const std::string& failure() const noexcept { return failure_; }
  Exit exit() const noexcept { return exit_; }
  /// Of the session's end, e.g. "phrase"; empty before it.
  const std::string& end_reason() const noexcept { return end_reason_; }
  /// An analysis was queued and has not come yet.
  bool analysis_is_open() const noexcept { return analysis_open_; }

 private:
  std::map<std::string, ReplyTimes> times_;
  std::string failure_;
  std::string end_reason_;
  Exit exit_ = Exit::ok;
  bool analysis_open_ = false;
};

/// The one line a run ends with.
std::string summary_of(const SessionInfo& info, std::chrono::microseconds took);

}  // namespace scena::shell

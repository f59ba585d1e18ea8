#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <scena/session.hpp>
#include <string>
#include <vector>

namespace scena::test {

/// What went wrong in a run, first things first.
class Findings {
 public:
  void add(std::string what) {
    ++count_;
    if (first_.empty()) first_ = std::move(what);
  }
  std::uint64_t count() const noexcept { return count_; }
  const std::string& first() const noexcept { return first_; }

 private:
  std::uint64_t count_ = 0;
  std::string first_;
};

/// One viewer of one session across lagging, leaving and engines, and the promises made to it:
/// every durable event once and in order, text without hole or double, one end for each turn.
class Watcher {
 public:
  struct Habit {
    std::size_t max_events = 0;  ///< 0: the engine's limit.
    bool batches = false;
    bool slow = false;   ///< Reads seldom, and a few events at a time.
    bool keeps = false;  ///< Remembers what it saw, to compare it with the log.
  };

  Watcher(Habit habit, Findings& findings) : habit_(habit), findings_(findings) {}

  void open(Session& session);
  void leave();  ///< The cursor stays.
  bool is_open() const noexcept { return events_.has_value(); }
  /// Takes what waits, at most `most` events; reopens after `lagged`. Returns whether it took any.
  bool read(Session& session, std::size_t most, const std::function<void(const Event&)>& seen);
  const Habit& habit() const noexcept { return habit_; }
  std::uint64_t seq() const noexcept { return seq_; }
  std::uint64_t lags() const noexcept { return lags_; }
  /// The durable events it was given, in order, as JSON; kept where the habit says so.
  const std::vector<std::string>& seen() const noexcept { return seen_; }

 private:
  void take(const Event& event);
  void take_delta(const Event& event);
  void start_turn(const Event& event);
  void finish_turn(const Event& event);

  Habit habit_;
  Findings& findings_;
  std::optional<Events> events_;
  std::string cursor_;
  std::uint64_t seq_ = 0;
  std::uint64_t lags_ = 0;
  std::vector<std::string> seen_;
  std::string turn_, kind_;
  std::optional<std::uint64_t> text_start_;
  std::string text_;
  bool away_ = false;                          // opened again since the turn started
  std::map<std::string, std::string> stored_;  // text by message id
};

}  // namespace scena::test

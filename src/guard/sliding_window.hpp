#pragma once

#include <chrono>
#include <cstdint>
#include <scena/ext/clock.hpp>
#include <vector>

namespace scena::guard {

/// How many calls any span of that length may hold.
struct WindowLimit {
  std::uint32_t calls = 100;  ///< 0: none is admitted.
  Duration span = std::chrono::seconds(60);
  bool operator==(const WindowLimit&) const = default;
};

/// Admits at most `limit.calls` calls in any span of `limit.span`, exactly: a call is admitted when
/// fewer than that many admitted ones lie less than one span before it. Refused calls do not count.
///
/// The limit comes with each question, so that it may change between two calls. Keeps the times of
/// the calls in the span, so at most as many as the highest limit. Times must not go back.
class SlidingWindow {
 public:
  /// Whether a call at `now` is admitted; records nothing.
  bool admits(const WindowLimit& limit, TimePoint now);
  /// Records a call that was admitted.
  void record(TimePoint now) { calls_.push_back(now); }

  /// Calls that would still be admitted at `now`.
  std::uint32_t remaining(const WindowLimit& limit, TimePoint now);
  /// How long until a call is admitted; zero when one is now.
  Duration wait(const WindowLimit& limit, TimePoint now);
  /// How long until the whole limit is free again.
  Duration reset(const WindowLimit& limit, TimePoint now);
  /// True when no call counts any more.
  bool is_empty(Duration span, TimePoint now) const noexcept {
    return calls_.empty() || calls_.back() + span <= now;
  }

 private:
  void forget(Duration span, TimePoint now);

  std::vector<TimePoint> calls_;  // oldest first; what is before first_ counts no more
  std::size_t first_ = 0;
};

}  // namespace scena::guard

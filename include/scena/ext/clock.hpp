#pragma once

#include <chrono>

namespace scena {

/// Monotonic engine time: timeouts, retries, windows and timers are measured in it.
using TimePoint = std::chrono::steady_clock::time_point;
/// A span of engine time.
using Duration = std::chrono::steady_clock::duration;

/// Wall time in UTC, in microseconds: what events carry and what tokens are judged by.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Where the engine reads time. A host may supply its own; tests and rollouts use VirtualClock.
///
/// Threading: every function may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Never goes back, whatever the wall clock does.
  virtual TimePoint now() const noexcept = 0;
  /// May jump in both directions; nothing is timed by it.
  virtual WallTime wall() const noexcept = 0;
  /// True when time moves only by advance_to(): then the engine must run with `threads = 0`.
  virtual bool is_virtual() const noexcept { return false; }
  /// Moves a virtual clock forward; other clocks ignore it. Earlier times are ignored.
  virtual void advance_to(TimePoint) noexcept {}
};

}  // namespace scena

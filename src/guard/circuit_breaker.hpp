#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <scena/ext/clock.hpp>

namespace scena::guard {

struct BreakerLimits {
  int failures_to_open = 3;  ///< In a row. 0: the breaker never opens.
  Duration open_for = std::chrono::seconds(20);
  bool operator==(const BreakerLimits&) const = default;
};

enum class BreakerState { closed, open, half_open };
const char* to_string(BreakerState state) noexcept;

/// Whether a service that failed lately is asked again.
///
/// Closed: every call passes; so many failures in a row open it. Open: no call passes until
/// `open_for` has gone by. Half open: one trial call passes; its success closes the breaker, its
/// failure opens it again, and when it says nothing about the service another trial may go.
/// What comes in late from calls of an earlier state is ignored.
class CircuitBreaker {
 public:
  /// The right to make one call; handed back with its result, once.
  struct Pass {
    std::uint64_t period = 0;
    bool trial = false;  ///< The one call of the half-open state.
  };
  /// Calls since the breaker was made, late ones included.
  struct Counts {
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
    std::uint64_t refused = 0;   ///< No pass was given.
    std::uint64_t rejected = 0;  ///< The service was there and did not take the key.
    bool operator==(const Counts&) const = default;
  };

  explicit CircuitBreaker(BreakerLimits limits = {}) noexcept : limits_(limits) {}

  /// A pass when a call may go out at `now`; the call's result must be recorded.
  std::optional<Pass> allow(TimePoint now) noexcept;
  void record_success(Pass pass) noexcept;
  void record_failure(Pass pass, TimePoint now) noexcept;
  /// The service did not take the caller's key: that says nothing of its health, and is to be seen.
  void record_rejection(Pass pass) noexcept;
  /// The call ended without saying anything about the service: cancelled, refused for its content.
  void record_nothing(Pass pass) noexcept;

  BreakerState state(TimePoint now) const noexcept;
  /// When open: until a trial may go.
  Duration wait(TimePoint now) const noexcept;
  std::uint64_t times_opened() const noexcept { return times_opened_; }
  const Counts& counts() const noexcept { return counts_; }

 private:
  void open(TimePoint now) noexcept;
  bool passes(TimePoint now) noexcept;

  BreakerLimits limits_;
  BreakerState state_ = BreakerState::closed;
  TimePoint open_until_{};
  std::uint64_t period_ = 0;  // counts changes of state: older passes say nothing any more
  int failures_ = 0;
  bool trial_ = false;
  std::uint64_t times_opened_ = 0;
  Counts counts_;
};

}  // namespace scena::guard

#include "guard/circuit_breaker.hpp"

#include <utility>

namespace scena::guard {

const char* to_string(BreakerState state) noexcept {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "closed";
}

std::optional<CircuitBreaker::Pass> CircuitBreaker::allow(TimePoint now) noexcept {
  if (passes(now)) return Pass{period_, state_ == BreakerState::half_open};
  ++counts_.refused;
  return std::nullopt;
}

bool CircuitBreaker::passes(TimePoint now) noexcept {
  if (state_ == BreakerState::closed) return true;
  if (state_ == BreakerState::open) {
    if (now < open_until_) return false;
    state_ = BreakerState::half_open;
    ++period_;
    trial_ = false;
  }
  return !std::exchange(trial_, true);
}

void CircuitBreaker::record_success(Pass pass) noexcept {
  ++counts_.answered;
  if (pass.period != period_) return;
  failures_ = 0;
  if (state_ != BreakerState::half_open) return;
  state_ = BreakerState::closed;
  ++period_;
}

void CircuitBreaker::record_failure(Pass pass, TimePoint now) noexcept {
  ++counts_.failed;
  if (pass.period != period_ || limits_.failures_to_open <= 0) return;
  if (state_ == BreakerState::half_open || ++failures_ >= limits_.failures_to_open) open(now);
}

void CircuitBreaker::record_rejection(Pass pass) noexcept {
  ++counts_.rejected;
  record_nothing(pass);
}

void CircuitBreaker::record_nothing(Pass pass) noexcept {
  if (pass.period == period_ && state_ == BreakerState::half_open) trial_ = false;
}

void CircuitBreaker::open(TimePoint now) noexcept {
  state_ = BreakerState::open;
  open_until_ = now + limits_.open_for;
  failures_ = 0;
  ++period_;
  ++times_opened_;
}

BreakerState CircuitBreaker::state(TimePoint now) const noexcept {
  return state_ == BreakerState::open && now >= open_until_ ? BreakerState::half_open : state_;
}

Duration CircuitBreaker::wait(TimePoint now) const noexcept {
  return state_ == BreakerState::open && now < open_until_ ? open_until_ - now : Duration::zero();
}

}  // namespace scena::guard

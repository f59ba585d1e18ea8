#include "base/clock.hpp"

namespace scena {

TimePoint SystemClock::now() const noexcept {
  return std::chrono::steady_clock::now();
}

WallTime SystemClock::wall() const noexcept {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

WallTime VirtualClock::wall() const noexcept {
  const auto passed =
      std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch());
  return wall_start_ + passed + std::chrono::microseconds(jump_.load(std::memory_order_relaxed));
}

void VirtualClock::advance_to(TimePoint when) noexcept {
  const auto target = when.time_since_epoch().count();
  if (target > now_.load(std::memory_order_relaxed)) now_.store(target, std::memory_order_relaxed);
}

void VirtualClock::jump_wall(std::chrono::microseconds step) noexcept {
  jump_.fetch_add(step.count(), std::memory_order_relaxed);
}

}  // namespace scena

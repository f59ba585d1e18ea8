#pragma once

#include <atomic>
#include <scena/ext/clock.hpp>

namespace scena {

/// A time that lies further off than this has no end: the clocks' last moments are not far behind.
constexpr std::chrono::hours kForEver{24 * 365 * 100};

/// `span` after `at`, or the end of time where that lies behind it. `at` is none of the clock's far
/// past.
template <class Of, class Tick, class Rep, class Period>
constexpr std::chrono::time_point<Of, Tick> after(
    std::chrono::time_point<Of, Tick> at, std::chrono::duration<Rep, Period> span) noexcept {
  using Span = std::chrono::duration<Rep, Period>;
  constexpr auto kEnd = std::chrono::time_point<Of, Tick>::max();
  const bool fits = span <= std::chrono::floor<Span>(kEnd - at);
  return fits ? at + span : kEnd;
}

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  TimePoint now() const noexcept override;
  WallTime wall() const noexcept override;
};

/// Time that moves only when told. Starts at monotonic zero and a given wall time.
class VirtualClock final : public Clock {
 public:
  /// 2026-01-01T00:00:00Z, so that runs repeat on any day.
  static constexpr WallTime kDefaultStart{std::chrono::microseconds{1'767'225'600'000'000}};

  explicit VirtualClock(WallTime start = kDefaultStart) noexcept : wall_start_(start) {}

  TimePoint now() const noexcept override {
    return TimePoint(Duration(now_.load(std::memory_order_relaxed)));
  }
  WallTime wall() const noexcept override;
  bool is_virtual() const noexcept override { return true; }
  void advance_to(TimePoint when) noexcept override;
  void advance(Duration step) noexcept { advance_to(after(now(), step)); }
  /// The wall clock alone jumps; timers do not notice.
  void jump_wall(std::chrono::microseconds step) noexcept;

 private:
  std::atomic<Duration::rep> now_{0};
  std::atomic<std::int64_t> jump_{0};
  WallTime wall_start_;
};

}  // namespace scena

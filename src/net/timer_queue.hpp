#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <scena/ext/clock.hpp>
#include <vector>

#include "base/unique_function.hpp"

namespace scena::net {

using TimerId = std::uint64_t;  ///< 0 names no timer.

/// Whether virtual time goes to a timer by itself.
enum class TimerKind : std::uint8_t {
  awaited,   ///< Something under way waits for it: a delay, a limit, a try again.
  standing,  ///< Nobody waits for it: it runs when time comes there for another reason.
};

/// Tasks in order of their time; equal times in order of their making. Knows no clock.
///
/// A binary heap whose cancelled entries stay until they come up or outnumber the live ones, so
/// that cancelling costs O(1) and never allocates. One thread.
class TimerQueue {
 public:
  TimerId add(TimePoint when, Task task, TimerKind kind = TimerKind::awaited);
  /// False when the timer was taken or cancelled before. Destroys the task; never allocates.
  bool cancel(TimerId timer) noexcept;

  /// The earliest time, or nothing.
  std::optional<TimePoint> next() const noexcept;
  /// The earliest time that somebody waits for, or nothing. Linear while a standing one is earlier.
  std::optional<TimePoint> next_awaited() const noexcept;
  /// Takes the earliest task that is due at `now` and was made before `mark`; empty when there is
  /// none. A timer made after the mark waits for a later round, even when it is the earliest.
  Task take_due(TimePoint now, std::uint64_t mark) noexcept;
  /// Names the present: timers made from here on are not taken with this mark.
  std::uint64_t mark() const noexcept { return made_; }

  std::size_t size() const noexcept { return live_; }
  bool empty() const noexcept { return live_ == 0; }

 private:
  struct Entry {
    TimePoint when;
    std::uint64_t order;
    std::uint32_t slot;
    TimerKind kind;
  };
  struct Slot {
    Task task;
    std::uint64_t order = kFree;
    std::uint32_t generation = 0;
    std::uint32_t next_free = kNone;
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  static bool later(const Entry& a, const Entry& b) noexcept;
  bool is_live(const Entry& entry) const noexcept {
    return slots_[entry.slot].order == entry.order;
  }
  std::uint32_t acquire();
  Task release(std::uint32_t slot) noexcept;
  void pop() noexcept;
  void drop_cancelled() noexcept;

  std::vector<Entry> heap_;  // its front is always live
  std::vector<Slot> slots_;
  std::uint64_t made_ = 0;
  std::size_t live_ = 0;
  std::uint32_t free_ = kNone;
};

}  // namespace scena::net

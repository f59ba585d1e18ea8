#include "net/timer_queue.hpp"

#include <algorithm>
#include <utility>

namespace scena::net {

bool TimerQueue::later(const Entry& a, const Entry& b) noexcept {
  return a.when != b.when ? a.when > b.when : a.order > b.order;
}

TimerId TimerQueue::add(TimePoint when, Task task, TimerKind kind) {
  // Room first: a failed allocation leaves the queue as it was.
  if (heap_.size() == heap_.capacity()) heap_.reserve(heap_.size() * 2 + 16);
  const std::uint32_t index = acquire();
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  slot.order = made_++;
  heap_.push_back({when, slot.order, index, kind});
  std::push_heap(heap_.begin(), heap_.end(), later);
  ++live_;
  return (TimerId{slot.generation} << 32) | (index + 1);
}

bool TimerQueue::cancel(TimerId timer) noexcept {
  const auto number = static_cast<std::uint32_t>(timer);
  if (number == 0 || number > slots_.size()) return false;
  const Slot& slot = slots_[number - 1];
  if (slot.order == kFree || slot.generation != static_cast<std::uint32_t>(timer >> 32))
    return false;
  // The task is destroyed at the end of this function: its destructor may come back here.
  const Task doomed = release(number - 1);
  drop_cancelled();
  return true;
}

std::optional<TimePoint> TimerQueue::next() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

std::optional<TimePoint> TimerQueue::next_awaited() const noexcept {
  if (heap_.empty() || heap_.front().kind == TimerKind::awaited) return next();
  std::optional<TimePoint> earliest;
  for (const Entry& entry : heap_) {
    if (entry.kind == TimerKind::awaited && is_live(entry) && (!earliest || entry.when < *earliest))
      earliest = entry.when;
  }
  return earliest;
}

Task TimerQueue::take_due(TimePoint now, std::uint64_t mark) noexcept {
  if (heap_.empty() || heap_.front().when > now || heap_.front().order >= mark) return {};
  Task task = release(heap_.front().slot);
  drop_cancelled();
  return task;
}

std::uint32_t TimerQueue::acquire() {
  if (free_ != kNone) return std::exchange(free_, slots_[free_].next_free);
  slots_.emplace_back();
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

Task TimerQueue::release(std::uint32_t index) noexcept {
  Slot& slot = slots_[index];
  slot.order = kFree;
  ++slot.generation;
  slot.next_free = std::exchange(free_, index);
  --live_;
  return std::move(slot.task);
}

void TimerQueue::pop() noexcept {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
}

void TimerQueue::drop_cancelled() noexcept {
  constexpr std::size_t kTolerated = 64;
  if (heap_.size() > 2 * live_ + kTolerated) {
    std::erase_if(heap_, [this](const Entry& entry) { return !is_live(entry); });
    std::make_heap(heap_.begin(), heap_.end(), later);
  }
  while (!heap_.empty() && !is_live(heap_.front())) pop();
}

}  // namespace scena::net

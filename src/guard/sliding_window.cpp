#include "guard/sliding_window.hpp"

#include <algorithm>

namespace scena::guard {

void SlidingWindow::forget(Duration span, TimePoint now) {
  while (first_ < calls_.size() && calls_[first_] + span <= now) ++first_;
  if (first_ * 2 < calls_.size()) return;
  calls_.erase(calls_.begin(), calls_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

bool SlidingWindow::admits(const WindowLimit& limit, TimePoint now) {
  return remaining(limit, now) > 0;
}

std::uint32_t SlidingWindow::remaining(const WindowLimit& limit, TimePoint now) {
  forget(limit.span, now);
  const std::size_t used = calls_.size() - first_;
  return used >= limit.calls ? 0 : limit.calls - static_cast<std::uint32_t>(used);
}

Duration SlidingWindow::wait(const WindowLimit& limit, TimePoint now) {
  if (remaining(limit, now) > 0) return Duration::zero();
  if (limit.calls == 0) return limit.span;
  // The call whose end makes room: as many as the limit are younger.
  return calls_[calls_.size() - limit.calls] + limit.span - now;
}

Duration SlidingWindow::reset(const WindowLimit& limit, TimePoint now) {
  forget(limit.span, now);
  return calls_.size() == first_ ? Duration::zero() : calls_.back() + limit.span - now;
}

}  // namespace scena::guard

#include "guard/concurrency_limit.hpp"

#include <algorithm>

namespace scena::guard {

ConcurrencyLimit::Entry ConcurrencyLimit::enter(Id id) {
  if (limits_.running == 0 || running_ < limits_.running) {
    ++running_;
    return Entry::runs;
  }
  if (line_.size() >= limits_.waiting) return Entry::refused;
  line_.push_back(id);
  return Entry::waits;
}

std::optional<ConcurrencyLimit::Id> ConcurrencyLimit::leave() {
  if (line_.empty()) {
    if (running_ > 0) --running_;
    return std::nullopt;
  }
  const Id next = line_.front();
  line_.pop_front();
  return next;
}

bool ConcurrencyLimit::give_up(Id id) {
  const auto found = std::find(line_.begin(), line_.end(), id);
  if (found == line_.end()) return false;
  line_.erase(found);
  return true;
}

}  // namespace scena::guard

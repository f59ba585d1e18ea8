#include "guard/rate_limiter.hpp"

namespace scena::guard {
namespace {

constexpr std::array<const char*, 3> kClasses = {"api", "ai", "create"};
constexpr std::array<const char*, 3> kSubjects = {"user", "address", "key"};

// Lengths in front: no two different calls share a name, whatever their parts hold.
std::string window_name(const RateCall& call, RateSubject subject, std::string_view who) {
  std::string name = to_string(call.kind);
  name += '/';
  name += to_string(subject);
  name += '/';
  name += std::to_string(call.tenant.size());
  name += '/';
  name += call.tenant;
  name += '/';
  name += who;
  return name;
}

}  // namespace

const char* to_string(RateClass kind) noexcept {
  return kClasses[static_cast<std::size_t>(kind)];
}

const char* to_string(RateSubject subject) noexcept {
  return kSubjects[static_cast<std::size_t>(subject)];
}

RateLimiter::Entry& RateLimiter::entry(std::string name, TimePoint now) {
  if (const auto found = windows_.find(name); found != windows_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  if (windows_.size() >= max_windows_) {
    const Entry& oldest = entries_.back();
    if (!oldest.window.is_empty(oldest.span, now)) ++forgotten_;
    windows_.erase(oldest.name);
    entries_.pop_back();
  }
  entries_.push_front({std::move(name), {}, {}});
  windows_.emplace(entries_.front().name, entries_.begin());
  return entries_.front();
}

RateDecision RateLimiter::take(const RateCall& call, const RateLimits& limits, TimePoint now) {
  const std::array<std::string_view, 3> names = {call.user, call.address, call.key};
  std::array<Entry*, 3> counted{};
  RateDecision decision;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& limit = limits.by_subject[i];
    if (!limit || names[i].empty()) continue;
    Entry& held = entry(window_name(call, static_cast<RateSubject>(i), names[i]), now);
    held.span = std::max(held.span, limit->span);
    counted[i] = &held;
    const std::uint32_t room = held.window.remaining(*limit, now);
    const bool tightest = decision.limit == 0 || room < decision.remaining;
    const Duration wait = held.window.wait(*limit, now);
    if (!tightest && wait <= decision.retry_after) continue;
    decision = {.admitted = decision.admitted && room > 0,
                .subject = static_cast<RateSubject>(i),
                .limit = limit->calls,
                .remaining = room,
                .retry_after = wait,
                .reset = held.window.reset(*limit, now)};
  }
  if (!decision.admitted) return decision;
  for (Entry* held : counted) {
    if (held) held->window.record(now);
  }
  if (decision.limit != 0) {
    --decision.remaining;
    decision.reset = limits.by_subject[static_cast<std::size_t>(decision.subject)]->span;
  }
  return decision;
}

}  // namespace scena::guard

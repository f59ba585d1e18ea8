#include "engine/access/rate_gate.hpp"

#include <string>

namespace scena::engine {
namespace {

Error too_many(const guard::RateDecision& decision, guard::RateClass kind) {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(decision.retry_after);
  std::string text = "too many calls of the class \"";
  text += to_string(kind);
  text += "\" by this ";
  text += to_string(decision.subject);
  text += ": the limit is " + std::to_string(decision.limit) + " (policy.rates); wait " +
          std::to_string((wait.count() + 999) / 1'000) + " s";
  Error error(ErrorCode::rate_limited, std::move(text));
  error.with_retry_after(wait);
  return error;
}

}  // namespace

guard::RateClass rate_class(SessionCommand command) noexcept {
  switch (command) {
    case SessionCommand::create:
    case SessionCommand::fork:
      return guard::RateClass::create;
    case SessionCommand::send:
    case SessionCommand::speak:
    case SessionCommand::edit:
    case SessionCommand::regenerate:
    case SessionCommand::continue_reply:
    case SessionCommand::aside:
    case SessionCommand::analyze:
    case SessionCommand::next_question:
      return guard::RateClass::ai;
    default:
      return guard::RateClass::api;
  }
}

guard::RateLimits rate_limits(const std::vector<RateRule>& rules, const Principal& who,
                              guard::RateClass kind) {
  guard::RateLimits limits;
  for (const RateRule& rule : rules) {
    if (static_cast<int>(rule.kind) != static_cast<int>(kind)) continue;
    if (!rule.tier.empty() && rule.tier != who.tier) continue;
    if (rule.guest && *rule.guest != who.is_guest()) continue;
    auto& limit = limits.by_subject[static_cast<std::size_t>(rule.of)];
    if (!limit) limit = guard::WindowLimit{rule.calls, rule.span};
  }
  return limits;
}

Result<void> RateGate::admit(const std::vector<RateRule>& rules, const Principal& who,
                             guard::RateClass kind, TimePoint now) {
  if (who.is_host()) return {};
  const guard::RateLimits limits = rate_limits(rules, who, kind);
  const guard::RateCall call{.kind = kind,
                             .tenant = who.tenant,
                             .user = who.subject,
                             .address = who.address,
                             .key = who.key};
  std::lock_guard lock(mutex_);
  const guard::RateDecision decision = limiter_.take(call, limits, now);
  if (decision.admitted) return {};
  return too_many(decision, kind);
}

}  // namespace scena::engine

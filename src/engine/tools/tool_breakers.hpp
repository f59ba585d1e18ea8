#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <scena/policy.hpp>
#include <string>
#include <string_view>

#include "guard/circuit_breaker.hpp"

namespace scena::engine {

/// The circuit breakers of an engine's tools, one each. One whose limits changed begins anew.
///
/// Threading: any thread.
class ToolBreakers {
 public:
  using Pass = guard::CircuitBreaker::Pass;
  enum class Result { good, bad, unknown };

  /// The right to call the tool at `now`; its result must be recorded.
  std::optional<Pass> allow(const Policy& policy, std::string_view tool, TimePoint now) {
    const guard::BreakerLimits limits = limits_of(policy, tool);
    std::lock_guard lock(mutex_);
    auto held = breakers_.find(tool);
    if (held == breakers_.end() || held->second.limits != limits) {
      held =
          breakers_.insert_or_assign(std::string(tool), Held{limits, guard::CircuitBreaker(limits)})
              .first;
    }
    return held->second.breaker.allow(now);
  }

  void record(std::string_view tool, Pass pass, Result result, TimePoint now) noexcept {
    std::lock_guard lock(mutex_);
    const auto held = breakers_.find(tool);
    if (held == breakers_.end()) return;
    guard::CircuitBreaker& breaker = held->second.breaker;
    if (result == Result::good) return breaker.record_success(pass);
    if (result == Result::bad) return breaker.record_failure(pass, now);
    breaker.record_nothing(pass);
  }

 private:
  struct Held {
    guard::BreakerLimits limits;
    guard::CircuitBreaker breaker;
  };

  static guard::BreakerLimits limits_of(const Policy& policy, std::string_view tool) {
    ToolPolicy limits;
    for (const ToolPolicy& one : policy.tools) {
      if (one.tool == tool) return {one.failures_to_open, one.open_for};
      if (one.tool.empty()) limits = one;
    }
    return {limits.failures_to_open, limits.open_for};
  }

  std::mutex mutex_;
  std::map<std::string, Held, std::less<>> breakers_;  // of names that the engine has: few
};

}  // namespace scena::engine

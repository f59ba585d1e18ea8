#pragma once

#include <mutex>
#include <scena/policy.hpp>
#include <scena/principal.hpp>

#include "domain/session_state.hpp"
#include "guard/rate_limiter.hpp"

namespace scena::engine {

/// The class of calls that a command belongs to.
guard::RateClass rate_class(SessionCommand command) noexcept;

/// The limits that the rules set for somebody: of each subject the first rule that matches.
guard::RateLimits rate_limits(const std::vector<RateRule>& rules, const Principal& who,
                              guard::RateClass kind);

/// Asked before a command of a principal is carried out. The host is not limited.
///
/// Threading: any thread.
class RateGate {
 public:
  /// @return rate_limited with the time to wait.
  Result<void> admit(const std::vector<RateRule>& rules, const Principal& who,
                     guard::RateClass kind, TimePoint now);

 private:
  std::mutex mutex_;
  guard::RateLimiter limiter_;
};

}  // namespace scena::engine

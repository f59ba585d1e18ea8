#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/policy.hpp>

#include "base/id.hpp"
#include "base/log.hpp"

namespace scena::net {
class Loop;
}

namespace scena::llm {

/// One failed attempt, as the policy judges it.
struct FailedAttempt {
  const Error& error;
  int retries_done = 0;
  bool delivered = false;               ///< Something reached the sink that it cannot take back.
  std::chrono::milliseconds elapsed{};  ///< Since the first attempt began.
  std::chrono::milliseconds total{};    ///< Time for all attempts; zero: no limit.
  double random = 0;                    ///< Uniform in [0, 1).
  std::optional<bool> asked;            ///< ReplyEnd::try_again.
  bool models_fault = false;            ///< See is_models_fault().
};

struct RetryDecision {
  bool retry = false;
  std::chrono::milliseconds delay{};
};

/// Whether a failed reply is tried again, and when. Values only: no clock, no randomness of its
/// own.
///
/// Retried are: connection failures, 408, 409, 429 (not exhausted quotas), 5xx, 504 and overload,
/// while nothing was delivered. Not retried: our own timeouts, refusals of the request or the key,
/// protocol violations. The provider's own word on that goes first. Its Retry-After is kept when it
/// fits the total time; otherwise the failure is final at once and carries it.
class RetryPolicy {
 public:
  explicit RetryPolicy(RetryLimits limits = {}) noexcept : limits_(limits) {}
  RetryDecision decide(const FailedAttempt& attempt) const noexcept;

  /// True when the same request may succeed later.
  static bool is_retryable(const Error& error) noexcept;

 private:
  RetryLimits limits_;
};

/// A Provider that tries `inner` again by RetryPolicy. The sink sees one reply: what an attempt
/// reported before it failed without any delta is dropped. The total time covers all attempts.
///
/// Threading: all calls on the thread of `loop`, which outlives this object. Cancelling during the
/// wait ends it within one loop turn.
class RetryProvider final : public Provider {
 public:
  /// `seed` makes the jitter repeatable.
  RetryProvider(std::shared_ptr<Provider> inner, net::Loop& loop, RetryLimits limits,
                std::uint64_t seed, Logger log = {});

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  class Run;

  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  RetryPolicy policy_;
  std::shared_ptr<Random> random_;
  Logger log_;
};

}  // namespace scena::llm

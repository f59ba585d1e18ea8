#pragma once

#include <chrono>
#include <memory>
#include <scena/ext/provider.hpp>

#include "base/id.hpp"
#include "base/log.hpp"

namespace scena::net {
class Loop;
}

namespace scena::llm {

struct RetryLimits {
  int max_retries = 2;
  std::chrono::milliseconds first_delay{500};  ///< Doubled for each further retry.
  std::chrono::milliseconds longest_delay{8'000};
  /// A longer wait asked for by the provider is not waited but handed on.
  std::chrono::milliseconds longest_server_delay{120'000};
  bool operator==(const RetryLimits&) const = default;
};

/// One failed attempt, as the policy judges it.
struct FailedAttempt {
  const Error& error;
  int retries_done = 0;
  bool delivered = false;               ///< Something reached the sink that it cannot take back.
  std::chrono::milliseconds elapsed{};  ///< Since the first attempt began.
  std::chrono::milliseconds total{};    ///< Time for all attempts; zero: no limit.
  double random = 0;                    ///< Uniform in [0, 1).
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
/// protocol violations. The provider's Retry-After is kept when it fits the total time; otherwise
/// the failure is final at once and carries it.
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
  void start(ReplyRequest request, std::shared_ptr<ReplySink> sink, std::stop_token stop) override;
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

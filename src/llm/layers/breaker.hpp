#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <scena/ext/provider.hpp>

#include "guard/circuit_breaker.hpp"
#include "net/loop.hpp"

namespace scena::llm {

/// The breaker of one service, shared by the layers of every loop.
class SharedBreaker {
 public:
  explicit SharedBreaker(guard::BreakerLimits limits) : limits_(limits), breaker_(limits) {}

  const guard::BreakerLimits& limits() const noexcept { return limits_; }
  template <class Use>
  auto with(Use&& use) {
    std::lock_guard lock(mutex_);
    return use(breaker_);
  }
  /// A call ended well.
  void note_answer() {
    std::lock_guard lock(mutex_);
    answered_ = true;
    failing_since_.reset();
  }
  /// A call failed, or its key was not taken.
  void note_error(ErrorCode code, TimePoint now) {
    std::lock_guard lock(mutex_);
    last_error_ = code;
    if (!failing_since_) failing_since_ = now;
  }
  /// The first of the failures that nothing good came after.
  std::optional<TimePoint> failing_since() {
    std::lock_guard lock(mutex_);
    return failing_since_;
  }
  bool answered() {
    std::lock_guard lock(mutex_);
    return answered_;
  }
  std::optional<ErrorCode> last_error() {
    std::lock_guard lock(mutex_);
    return last_error_;
  }

 private:
  const guard::BreakerLimits limits_;
  std::mutex mutex_;
  guard::CircuitBreaker breaker_;
  std::optional<ErrorCode> last_error_;
  std::optional<TimePoint> failing_since_;
  bool answered_ = false;
};

/// A Provider that asks `inner` only while its breaker lets it: otherwise a call fails at once with
/// circuit_open and the time to wait. Judged by the end of the reply, not by its beginning, so that
/// a service that breaks off in mid-stream is found out, too.
class BreakerProvider final : public Provider {
 public:
  BreakerProvider(std::shared_ptr<Provider> inner, net::Loop& loop,
                  std::shared_ptr<SharedBreaker> breaker)
      : inner_(std::move(inner)), loop_(loop), breaker_(std::move(breaker)) {}

  std::string_view name() const noexcept override { return inner_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return inner_->request_body(request);
  }

 private:
  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  std::shared_ptr<SharedBreaker> breaker_;
};

}  // namespace scena::llm

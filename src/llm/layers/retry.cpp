#include "llm/layers/retry.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"
#include "net/loop.hpp"
#include "net/stop_on_loop.hpp"

namespace scena::llm {

using std::chrono::milliseconds;

bool RetryPolicy::is_retryable(const Error& error) noexcept {
  switch (error.code()) {
    case ErrorCode::network:
    case ErrorCode::unavailable:
    case ErrorCode::rate_limited:
    case ErrorCode::overloaded:
    case ErrorCode::provider_error:
      return true;
    // The provider's own time-out may be tried again; ours is the limit that the caller has set.
    case ErrorCode::timeout:
      return error.provider_status() != 0;
    default:
      return false;
  }
}

RetryDecision RetryPolicy::decide(const FailedAttempt& attempt) const noexcept {
  // What a model wrote wrong it may write right once more; a service that is down is another thing.
  const int most = limits_.max_retries.value_or(2);
  const int retries = attempt.models_fault ? std::min(most, 1) : most;
  if (attempt.delivered || attempt.retries_done >= retries ||
      !attempt.asked.value_or(attempt.models_fault || is_retryable(attempt.error)))
    return {};
  milliseconds delay;
  if (const auto asked = attempt.error.retry_after()) {
    if (*asked > limits_.longest_server_delay) return {};
    delay = *asked;
  } else {
    const auto doubled = limits_.first_delay * (1LL << std::min(attempt.retries_done, 20));
    const auto capped = std::min<milliseconds>(doubled, limits_.longest_delay);
    delay = milliseconds(static_cast<std::int64_t>(static_cast<double>(capped.count()) *
                                                   (1 - 0.25 * attempt.random)));
  }
  const bool fits =
      attempt.total <= milliseconds::zero() || attempt.elapsed + delay < attempt.total;
  return fits ? RetryDecision{true, delay} : RetryDecision{};
}

// One reply with all its attempts; the sink of each of them.
class RetryProvider::Run final : public HoldingSink, public std::enable_shared_from_this<Run> {
 public:
  Run(const RetryProvider& owner, std::shared_ptr<const ReplyRequest> request,
      std::shared_ptr<ReplySink> sink, std::stop_token stop)
      : HoldingSink(std::move(sink)),
        inner_(owner.inner_),
        loop_(owner.loop_),
        policy_(owner.policy_),
        random_(owner.random_),
        log_(owner.log_),
        request_(std::move(request)),
        total_(request_->timeouts.total),
        trial_(request_->context.trial),
        stop_(std::move(stop)),
        began_(loop_.now()) {}

  void attempt() {
    timer_ = 0;
    auto request = request_;
    if (retries_ > 0) {
      auto again = std::make_shared<ReplyRequest>(*request_);
      again->context.attempt += static_cast<std::uint32_t>(retries_);
      request = std::move(again);
    }
    inner_->start(less_time(std::move(request), elapsed()), shared_from_this(), stop_);
  }

  void on_done(const ReplyEnd& end) override {
    if (end.outcome == Outcome::failed && end.error && !trial_ && !stop_.stop_requested()) {
      const RetryDecision decision = policy_.decide({.error = *end.error,
                                                     .retries_done = retries_,
                                                     .delivered = delivered(),
                                                     .elapsed = elapsed(),
                                                     .total = total_,
                                                     .random = random_->unit(),
                                                     .asked = end.try_again,
                                                     .models_fault = is_models_fault(end)});
      if (decision.retry) {
        log_.warn("a reply failed before anything of it came; trying again",
                  {{"session", request_->context.session},
                   {"trace", request_->context.trace_id},
                   {"provider", inner_->name()},
                   {"error", to_string(end.error->code())},
                   {"status", end.error->provider_status()},
                   {"delay_ms", decision.delay.count()}});
        return wait(decision.delay);
      }
    }
    end_with(end);
  }

 private:
  milliseconds elapsed() const {
    return std::chrono::duration_cast<milliseconds>(loop_.now() - began_);
  }

  void on_open() override {
    request_ = nullptr;  // nothing will be asked again, and a prompt is large
  }

  void wait(milliseconds delay) {
    ++retries_;
    drop_held(*request_, inner_->name(), request_->model);
    timer_ = loop_.after(delay, [self = shared_from_this()] {
      self->wake_.forget();
      self->attempt();
    });
    wake_.watch(stop_, weak_from_this(), loop_);
  }

  void cancel_wait() {
    if (timer_ == 0 || !loop_.cancel(timer_)) return;
    timer_ = 0;
    end_with({.outcome = Outcome::cancelled,
              .error = Error::fixed(ErrorCode::cancelled, "cancelled before a retry"),
              .unasked = true});
  }

  void end_with(const ReplyEnd& end) {
    wake_.forget();
    finish(end);
  }

  std::shared_ptr<Provider> inner_;
  net::Loop& loop_;
  RetryPolicy policy_;
  std::shared_ptr<Random> random_;
  Logger log_;
  std::shared_ptr<const ReplyRequest> request_;
  const milliseconds total_;
  const bool trial_;
  std::stop_token stop_;
  TimePoint began_;
  net::StopOnLoop<Run, &Run::cancel_wait> wake_;
  net::TimerId timer_ = 0;
  int retries_ = 0;
};

RetryProvider::RetryProvider(std::shared_ptr<Provider> inner, net::Loop& loop, RetryLimits limits,
                             std::uint64_t seed, Logger log)
    : inner_(std::move(inner)),
      loop_(loop),
      policy_(limits),
      random_(std::make_shared<Random>(seed)),
      log_(std::move(log)) {}

void RetryProvider::start(std::shared_ptr<const ReplyRequest> request,
                          std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  std::make_shared<Run>(*this, std::move(request), std::move(sink), std::move(stop))->attempt();
}

}  // namespace scena::llm

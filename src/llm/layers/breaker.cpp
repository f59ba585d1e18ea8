#include "llm/layers/breaker.hpp"

#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"
#include "llm/layers/held_call.hpp"

namespace scena::llm {
namespace {

class JudgingSink final : public ForwardingSink {
 public:
  JudgingSink(std::shared_ptr<ReplySink> sink, net::Loop& loop,
              std::shared_ptr<SharedBreaker> breaker, guard::CircuitBreaker::Pass pass)
      : ForwardingSink(std::move(sink)), loop_(loop), breaker_(std::move(breaker)), pass_(pass) {}

  // A reply that was given up without an end says nothing; its trial must not stay open.
  ~JudgingSink() override {
    if (!judged_) judge({.outcome = Outcome::cancelled});
  }

  void on_done(const ReplyEnd& end) override {
    judge(end);
    take_sink()->on_done(end);
  }

 private:
  void judge(const ReplyEnd& end) {
    judged_ = true;
    const Health health = health_of(end);
    const bool rejected = is_rejection(end);
    if (health == Health::good) breaker_->note_answer();
    if (end.error && (rejected || health == Health::bad))
      breaker_->note_error(end.error->code(), loop_.now());
    breaker_->with([&](guard::CircuitBreaker& breaker) {
      if (health == Health::good) return breaker.record_success(pass_);
      if (health == Health::bad) return breaker.record_failure(pass_, loop_.now());
      if (rejected) return breaker.record_rejection(pass_);
      breaker.record_nothing(pass_);
    });
  }

  static bool is_rejection(const ReplyEnd& end) noexcept {
    return end.outcome == Outcome::failed && end.error &&
           (end.error->code() == ErrorCode::unauthenticated ||
            end.error->code() == ErrorCode::permission_denied);
  }

  net::Loop& loop_;
  std::shared_ptr<SharedBreaker> breaker_;
  guard::CircuitBreaker::Pass pass_;
  bool judged_ = false;
};

}  // namespace

void BreakerProvider::start(std::shared_ptr<const ReplyRequest> request,
                            std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  Duration wait{};
  const auto pass = breaker_->with([&](guard::CircuitBreaker& breaker) {
    wait = breaker.wait(loop_.now());
    return breaker.allow(loop_.now());
  });
  if (!pass) {
    Error open = Error::fixed(ErrorCode::circuit_open,
                              "the service failed too often lately and is not asked for a while");
    open.with_retry_after(std::chrono::ceil<std::chrono::milliseconds>(wait));
    return end_later(loop_, std::move(sink), {.outcome = Outcome::failed, .error = open});
  }
  auto judging = std::make_shared<JudgingSink>(std::move(sink), loop_, breaker_, *pass);
  if (pass->trial) {
    auto once = std::make_shared<ReplyRequest>(*request);
    once->context.trial = true;
    request = std::move(once);
  }
  inner_->start(std::move(request), std::move(judging), std::move(stop));
}

}  // namespace scena::llm

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
    if (!judged_) judge(Health::unknown);
  }

  void on_done(const ReplyEnd& end) override {
    judge(health_of(end));
    take_sink()->on_done(end);
  }

 private:
  void judge(Health health) {
    judged_ = true;
    breaker_->with([&](guard::CircuitBreaker& breaker) {
      if (health == Health::good) return breaker.record_success(pass_);
      if (health == Health::bad) return breaker.record_failure(pass_, loop_.now());
      breaker.record_nothing(pass_);
    });
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
  inner_->start(std::move(request), std::move(judging), std::move(stop));
}

}  // namespace scena::llm

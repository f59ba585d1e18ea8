#include "llm/layers/fallback.hpp"

#include <algorithm>

#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"

namespace scena::llm {

class FallbackProvider::Run final : public HoldingSink, public std::enable_shared_from_this<Run> {
 public:
  Run(const FallbackProvider& owner, std::shared_ptr<const ReplyRequest> request,
      std::shared_ptr<ReplySink> sink, std::stop_token stop)
      : HoldingSink(std::move(sink)),
        targets_(owner.targets_),
        loop_(owner.loop_),
        log_(owner.log_),
        request_(std::move(request)),
        stop_(std::move(stop)),
        began_(loop_.now()) {}

  void attempt() {
    const FallbackTarget& target = (*targets_)[at_];
    auto request = request_;
    if (at_ > 0) {
      auto other = std::make_shared<ReplyRequest>(*request_);
      other->model = target.model;
      other->body = nullptr;
      request = std::move(other);
    }
    target.provider->start(less_time(std::move(request), loop_.now() - began_), shared_from_this(),
                           stop_);
  }

  void on_start(const ReplyStart& start) override {
    if (at_ == 0) return HoldingSink::on_start(start);
    ReplyStart marked = start;
    marked.fallback_for = failed_;
    if (marked.asked_model.empty()) marked.asked_model = asked();
    HoldingSink::on_start(marked);
  }

  void on_other_use(const OtherUse& use) override {
    HoldingSink::on_other_use(at_ == 0 ? use : named(use, asked()));
  }
  void on_done(const ReplyEnd& end) override {
    const bool may_move = end.outcome == Outcome::failed && end.error &&
                          allows_fallback(*end.error) && !delivered() &&
                          at_ + 1 < targets_->size() && !stop_.stop_requested();
    if (may_move) {
      if (at_ == 0) failed_ = (*targets_)[0].provider->name();
      log_.warn("a service failed before its first content; another one is asked",
                {{"session", request_->context.session},
                 {"trace", request_->context.trace_id},
                 {"provider", (*targets_)[at_].provider->name()},
                 {"next", (*targets_)[at_ + 1].provider->name()},
                 {"error", to_string(end.error->code())}});
      drop_held(*request_, (*targets_)[at_].provider->name(), asked());
      ++at_;
      return attempt();
    }
    finish(end);
  }

 private:
  // The model by which the books know what this attempt asks for; empty: the request's.
  const std::string& asked() const noexcept {
    if (at_ == 0) return request_->model;
    const FallbackTarget& target = (*targets_)[at_];
    return target.model.empty() ? target.service : target.model;
  }
  void on_open() override {
    request_ = nullptr;  // nothing will be asked again, and a prompt is large
    // A target that told nothing of itself before its first piece is named all the same.
    if (at_ > 0 && !held_start()) {
      held_start() = ReplyStart{};
      held_start()->provider = (*targets_)[at_].provider->name();
      held_start()->model = held_start()->asked_model = asked();
      held_start()->fallback_for = failed_;
    }
  }

  Targets targets_;
  net::Loop& loop_;
  Logger log_;
  std::shared_ptr<const ReplyRequest> request_;
  std::stop_token stop_;
  TimePoint began_;
  std::string failed_;
  std::size_t at_ = 0;
};

FallbackProvider::FallbackProvider(std::vector<FallbackTarget> targets, net::Loop& loop, Logger log)
    : targets_(std::make_shared<const std::vector<FallbackTarget>>(std::move(targets))),
      loop_(loop),
      log_(std::move(log)) {}

void FallbackProvider::start(std::shared_ptr<const ReplyRequest> request,
                             std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  std::make_shared<Run>(*this, std::move(request), std::move(sink), std::move(stop))->attempt();
}

}  // namespace scena::llm

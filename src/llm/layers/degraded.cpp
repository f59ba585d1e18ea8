#include "llm/layers/degraded.hpp"

#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"

namespace scena::llm {
namespace {

class StandInSink final : public HoldingSink {
 public:
  StandInSink(std::shared_ptr<ReplySink> sink, std::shared_ptr<const std::string> answer,
              std::string_view provider, std::stop_token stop)
      : HoldingSink(std::move(sink)),
        answer_(std::move(answer)),
        provider_(provider),
        stop_(std::move(stop)) {}

  void on_done(const ReplyEnd& end) override {
    const bool down = end.outcome == Outcome::failed && end.error && is_outage(*end.error) &&
                      !delivered() && !stop_.stop_requested();
    if (down) return stand_in();
    finish(end);
  }

 private:
  void stand_in() {
    // The text costs nothing; what failed may have cost something.
    note_use(provider_, {});
    UsageUpdate used = told_usage();
    used.input_tokens = used.input_tokens.value_or(0);
    used.output_tokens = used.output_tokens.value_or(0);
    const auto sink = take_sink();
    ReplyStart start;
    start.provider = provider_;
    start.degraded = true;
    sink->on_start(start);
    for (const OtherUse& use : other_uses()) sink->on_other_use(use);
    sink->on_usage(used);
    sink->on_text(*answer_);
    sink->on_flush();
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }

  std::shared_ptr<const std::string> answer_;
  std::string provider_;
  std::stop_token stop_;
};

}  // namespace

void DegradedProvider::start(std::shared_ptr<const ReplyRequest> request,
                             std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  auto standing = std::make_shared<StandInSink>(std::move(sink), answer_, inner_->name(), stop);
  inner_->start(std::move(request), std::move(standing), std::move(stop));
}

}  // namespace scena::llm

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <scena/ext/provider.hpp>
#include <string>
#include <utility>
#include <vector>

namespace scena::test {

/// Judges and analyses as told: answers in order, the last one again and again. Without any it
/// fails with `failure`. With `holds` it keeps the sink of the last request in `held`.
class AnsweringModel final : public Provider {
 public:
  std::string_view name() const noexcept override { return "judge"; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    requests.push_back(*request);
    if (asked) asked();
    if (holds) {
      held = std::move(sink);
      return;
    }
    answer(*sink);
  }
  void answer(ReplySink& sink) {
    if (answers.empty()) {
      return sink.on_done({.outcome = Outcome::failed, .error = Error(failure, "as told")});
    }
    sink.on_start({"judge", "judge-1", ""});
    sink.on_usage({.input_tokens = 1'000, .output_tokens = 100});
    sink.on_text(answers.front());
    if (answers.size() > 1) answers.pop_front();
    sink.on_done({.outcome = Outcome::complete, .reason = reason});
  }
  void answer_held() {
    const auto sink = std::exchange(held, nullptr);
    answer(*sink);
  }

  std::deque<std::string> answers;
  std::vector<ReplyRequest> requests;
  ErrorCode failure = ErrorCode::unavailable;
  FinishReason reason = FinishReason::stop;
  bool holds = false;
  std::shared_ptr<ReplySink> held;
  std::function<void()> asked;
};

}  // namespace scena::test

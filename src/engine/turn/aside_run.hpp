#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "base/unique_function.hpp"
#include "domain/reply_limit.hpp"
#include "domain/reply_tokens.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

/// A side question's answer.
struct AsideEnd {
  std::string text;
  ReplyStart start;   ///< Provider and model are set in any case.
  std::string asked;  ///< The model that was asked for.
  Usage usage;
  std::vector<OtherUse> others;               ///< What of it other requests used.
  FinishReason reason = FinishReason::other;  ///< Meaningful without an error.
  std::optional<Error> error;
};

/// The money of a call beside the turns.
struct AsideBudget {
  /// Told who answers: what the plan pays for is counted by that one's price.
  std::function<void(TurnPlan& plan, const ReplyStart& start)> answers;
  /// Asked when more output tokens came than the plan pays for: sets more aside, or says false.
  std::function<bool(TurnPlan& plan, const ReplyStart& start, std::int64_t came)> extend;
};

/// Collects the reply to a side question, or to a request of an analysis; nobody sees it while it
/// streams.
///
/// Threading: the session's strand.
class AsideRun final : public ReplySink, public std::enable_shared_from_this<AsideRun> {
 public:
  using Done = UniqueFunction<void(AsideEnd)>;
  /// by_schema: an answer that does not follow the request's schema is an error.
  enum class Answer { by_schema, any };

  AsideRun(TurnPlan plan, AsideBudget budget, Done done, Answer answer = Answer::by_schema)
      : plan_(std::move(plan)),
        budget_(std::move(budget)),
        done_(std::move(done)),
        answer_(answer) {}

  /// `provider` is kept to the end of the reply.
  void start(std::shared_ptr<Provider> provider) {
    provider_ = std::move(provider);
    provider_->start(std::make_shared<const ReplyRequest>(plan_.request), shared_from_this(),
                     stop_.get_token());
  }
  void cancel() noexcept { stop_.request_stop(); }
  bool ended() const noexcept { return ended_; }

  void on_start(const ReplyStart& start) override;
  void on_text(std::string_view delta) override;
  void on_reasoning(std::string_view delta) override {
    accept([delta](ReplyTokens& came) { came.reasoning(delta); });
  }
  void on_refusal(std::string_view delta) override {
    accept([delta](ReplyTokens& came) { came.text(delta); });
  }
  void on_tool_start(std::size_t, std::string_view, std::string_view name) override {
    accept([name](ReplyTokens& came) { came.tool_start(name); });
  }
  void on_tool_args(std::size_t, std::string_view delta) override {
    accept([delta](ReplyTokens& came) { came.tool_args(delta); });
  }
  void on_tool_end(std::size_t, const ToolCall& call) override {
    accept([&call](ReplyTokens& came) { came.tool_end(call); });
  }
  void on_usage(const UsageUpdate& usage) override {
    usage_.merge(usage);
    came_.reported(usage);
  }
  void on_other_use(const OtherUse& use) override { end_.others.push_back(use); }
  void on_done(const ReplyEnd& end) override;

 private:
  template <class Count>
  bool accept(Count count);
  void follow_schema(FinishReason reason);

  TurnPlan plan_;
  AsideBudget budget_;
  std::shared_ptr<Provider> provider_;
  Done done_;
  Answer answer_;
  std::stop_source stop_;
  UsageUpdate usage_;
  ReplyTokens came_;
  AsideEnd end_;
  bool ended_ = false;
};

// False: the answer has ended, or no budget or limit has room for this piece.
template <class Count>
bool AsideRun::accept(Count count) {
  if (ended_ || end_.error) return false;
  const ReplyTokens before = came_;
  count(came_);
  const auto& left = plan_.output_tokens_left;
  if (!left || came_.total() <= *left || budget_.extend(plan_, end_.start, came_.total())) {
    if (came_.total() <= plan_.answer_tokens) return true;
    end_.error = reply_has_too_many_tokens();
    stop_.request_stop();
    return false;
  }
  came_ = before;
  end_.error = Error::fixed(ErrorCode::budget_exhausted,
                            "the answer was cut where the budget ends; raise it to hear more");
  stop_.request_stop();
  return false;
}

}  // namespace scena::engine

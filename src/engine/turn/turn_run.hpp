#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "bus/delta_batch.hpp"
#include "domain/reply_limit.hpp"
#include "domain/reply_tokens.hpp"
#include "engine/money/bill.hpp"
#include "engine/tools/turn_tools.hpp"
#include "engine/turn/output_filter.hpp"
#include "engine/turn/session_meter.hpp"
#include "engine/turn/turn_plan.hpp"
#include "engine/turn/turn_state.hpp"
#include "net/loop.hpp"

namespace scena::engine {

class SessionActor;

/// A reply that has ended, as it will be stored.
struct TurnEnd {
  std::shared_ptr<TurnPlan> plan;
  std::string text;  ///< Base text included.
  Outcome outcome = Outcome::complete;
  FinishReason reason = FinishReason::stop;
  std::optional<Error> error;
  ReplyStart start;
  Bill bill;                               ///< Of all rounds.
  std::vector<TurnTools::Finished> tools;  ///< Calls whose end is not in the log yet.
  std::optional<SessionMeter::Reading> reading;
  std::vector<MetricScore> scores;
  std::shared_ptr<TurnState> state;
  std::optional<std::vector<guard::BudgetAlert>> alerts;  ///< Once the budgets know the cost.
};

/// A reply in the making: takes what the provider sends, counts, measures, filters, and hands it to
/// the session batch by batch. Per delta: one append and one bound check.
///
/// Threading: the session's strand.
class TurnRun final : public ReplySink, public std::enable_shared_from_this<TurnRun> {
 public:
  TurnRun(std::shared_ptr<SessionActor> actor, std::shared_ptr<TurnPlan> plan,
          std::shared_ptr<TurnState> state);

  /// `provider` is kept to the end of the reply.
  void start(std::shared_ptr<Provider> provider, SessionMeter* meter, Duration latency);
  /// On the strand. What a filter still thinks about is dropped.
  void cancel() noexcept;
  const std::stop_source& stop_source() const noexcept { return stop_; }
  /// The engine closes: ends as interrupted, whatever the provider still says.
  void interrupt();

  const std::string& turn() const noexcept { return plan_->turn; }
  const std::string& speaker() const noexcept { return plan_->speaker; }
  const std::string& cause() const noexcept { return plan_->cause; }
  /// The running text as far as viewers have it, base text included: what a late one gets merged.
  std::string_view delivered_text() const noexcept {
    return std::string_view(text_).substr(0, delivered_);
  }
  /// Of the deltas; made at the first call.
  const std::shared_ptr<const DeltaEnvelope>& envelope();

  void on_start(const ReplyStart& start) override;
  void on_text(std::string_view delta) override;
  void on_reasoning(std::string_view delta) override;
  void on_refusal(std::string_view delta) override;
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override;
  void on_tool_args(std::size_t index, std::string_view delta) override;
  void on_tool_end(std::size_t index, const ToolCall& call) override;
  void on_state(std::string_view json) override;
  void on_usage(const UsageUpdate& usage) override {
    usage_.merge(usage);
    came_.reported(usage);
  }
  void on_other_use(const OtherUse& use) override { others_.push_back(use); }
  void on_flush() override;
  void on_done(const ReplyEnd& end) override;

 private:
  std::shared_ptr<const ReplyRequest> take_request();
  /// What the request that has ended used, and what that costs.
  void add_round(Bill& bill, const ReplyEnd& end) const;
  std::shared_ptr<ReplySink> guarded_sink();
  void sink_dropped(std::uint32_t round) noexcept;
  void stop_asked() noexcept;
  void append(std::string_view delta);
  void deliver_batch();
  void measure_live();
  void begin_reading();
  std::size_t whole_words() noexcept;
  const std::vector<MetricScore>& score(std::size_t end);
  void open_filter();
  void wait_for_filter();
  void reply_ended(const ReplyEnd& end);
  template <class Count>
  bool accept(Count count);
  bool extend_budget();
  /// The reply ends here; false.
  bool pass_limit(Error error);
  void end(ReplyEnd end);

  // turn_run_tools.cpp: between two rounds
  bool passes_schema(ReplyEnd& end);
  void keep_json(std::string_view json);
  void begin_repair(const std::string& reason);
  void repair_stored(const Result<void>& result);
  void restore_answer();
  std::string take_round_text();
  void open_tools();
  bool wants_tools(const ReplyEnd& end) const noexcept;
  void begin_tools();
  void settle_round();
  template <class Step>
  void guard_memory(Step step);
  void tools_requested(const Result<void>& result);
  void store_tools();
  void tools_stored(const Result<void>& result);
  void next_round();
  void arm_total();
  void disarm_total() noexcept;
  bool is_late() const noexcept;
  bool end_if_stopped();
  std::vector<TurnTools::Finished> unfinished_tools(Outcome outcome);
  void end_between_rounds(Outcome outcome, const Error& error);

  std::shared_ptr<SessionActor> actor_;
  std::shared_ptr<TurnPlan> plan_;  // until the turn has ended: what it holds of budgets goes then
  std::shared_ptr<TurnState> state_;
  std::shared_ptr<Provider> provider_;
  const bool filters_;
  const bool uses_tools_;  // the request offers some
  bool holds_;             // nobody sees the text: it must follow a schema, and is not judged yet
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> handle_stop_;
  SessionMeter* meter_ = nullptr;
  Duration latency_{};
  std::shared_ptr<OutputFilter> filter_;
  std::unique_ptr<TurnTools> tools_;       // where the request offers any
  const std::chrono::milliseconds total_;  // of all rounds; zero: no limit
  TimePoint began_{};

  std::string text_;
  std::size_t delivered_ = 0;        // bytes of text_ that viewers have
  std::vector<std::uint32_t> cuts_;  // ends of the deltas since then, from delivered_
  ReplyStart start_;
  UsageUpdate usage_;
  ReplyTokens came_;                      // of this round, as the service sent it
  std::vector<OtherUse> others_;          // of this round, too
  Bill bill_;                             // of the rounds before it
  std::size_t round_start_;               // in text_: where this round's text begins
  std::atomic<std::uint32_t> round_ = 1;  // also read where a host drops its sink
  bool between_rounds_ = false;           // tools are asked for, run or stored
  bool storing_ = false;                  // a commit of theirs is under way
  bool closing_ = false;                  // the engine ends
  bool repaired_ = false;                 // an answer against the schema was asked for again:
  std::string first_answer_;              // this one
  bool break_ = false;                    // the next text begins a paragraph
  std::shared_ptr<const DeltaEnvelope> envelope_;
  std::optional<SessionMeter::Reading> reading_;
  std::size_t measured_ = 0;         // bytes of text_ that the reading has
  std::size_t searched_ = 0;         // bytes of text_ in which last_word_ was looked for
  std::size_t last_word_ = 0;        // where it begins
  std::vector<MetricScore> scores_;  // of that text, once scored_
  bool scored_ = false;
  TimePoint next_live_metrics_{};
  std::size_t live_bytes_ = 0;  // room for the next live scores
  std::optional<ReplyEnd> held_end_;
  net::TimerId filter_timer_ = 0;
  net::TimerId total_timer_ = 0;  // while tools are asked for
  bool over_budget_ = false;
  std::optional<Error> over_limit_;  // the limit that the reply passed
  bool refused_ = false;
  std::atomic<bool> ended_ = false;  // also read where a host drops its sink
};

// What the service sends is counted as it comes, before a filter sees it: it is billed either way.
// False: nothing more is taken, or the budget ends before this piece.
template <class Count>
bool TurnRun::accept(Count count) {
  if (ended_ || over_limit_ || over_budget_) return false;
  if (!plan_->output_tokens_left) {
    count(came_);
  } else {
    const ReplyTokens before = came_;
    count(came_);
    if (came_.total() > *plan_->output_tokens_left && !extend_budget()) {
      came_ = before;
      over_budget_ = true;
      stop_.request_stop();
      return false;
    }
  }
  if (came_.total() > plan_->answer_tokens) return pass_limit(reply_has_too_many_tokens());
  return true;
}

}  // namespace scena::engine

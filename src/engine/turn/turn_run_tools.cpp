#include <algorithm>

#include "base/clock.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "domain/json_answer.hpp"
#include "domain/tool_prompt.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_run.hpp"
#include "engine/turn/usage_estimate.hpp"

// Tools: a reply that asks for some ends a round; the calls are stored, made, their results stored,
// and the next round begins with them. And a reply that does not follow its schema: it may be asked
// for again, in one more round.

namespace scena::engine {

void TurnRun::open_tools() {
  if (!uses_tools_) return;
  const Core& core = actor_->core();
  const Limits& limits = core.config().limits;
  ToolContext context{actor_->host().loop(),
                      actor_->host().gate(),
                      actor_->core().tool_cache(),
                      actor_->core().tool_breakers(),
                      core.services(),
                      core.dependencies().tool_approval,
                      core.log()};
  tools_ = std::make_unique<TurnTools>(
      std::move(context), actor_->host().tools(),
      TurnTools::Limits{limits.tool_rounds, limits.tool_calls_per_round}, actor_->owner());
}

void TurnRun::on_tool_start(std::size_t index, std::string_view id, std::string_view name) {
  if (!accept([name](ReplyTokens& came) { came.tool_start(name); })) return;
  if (!actor_->is_watched()) return;
  std::string data;
  JsonWriter(data)
      .begin_object()
      .member("turn", plan_->turn)
      .member("index", static_cast<std::uint64_t>(index))
      .member("call", id)
      .member("name", name)
      .end_object();
  actor_->publish_live("tool.delta", plan_->speaker, std::move(data), {Audience::Kind::hosts, {}});
}

void TurnRun::on_tool_args(std::size_t index, std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.tool_args(delta); })) return;
  if (!actor_->is_watched()) return;
  std::string data;
  JsonWriter(data)
      .begin_object()
      .member("turn", plan_->turn)
      .member("index", static_cast<std::uint64_t>(index))
      .member("arguments", delta)
      .end_object();
  actor_->publish_live("tool.delta", plan_->speaker, std::move(data), {Audience::Kind::hosts, {}});
}

void TurnRun::on_tool_end(std::size_t, const ToolCall& call) {
  if (accept([&call](ReplyTokens& came) { came.tool_end(call); }) && tools_) tools_->add(call);
}

void TurnRun::on_state(std::string_view json) {
  if (!ended_ && tools_) tools_->keep_state(json);
}

// Calls of a reply that is not whole, or that broke off at the token limit, are not made. Services
// say "stop" beside calls, too.
bool TurnRun::wants_tools(const ReplyEnd& end) const noexcept {
  if (!tools_ || !tools_->asked() || over_limit_ || over_budget_ || refused_) return false;
  if (end.outcome != Outcome::complete) return false;
  return end.reason == FinishReason::tool_calls || end.reason == FinishReason::stop ||
         end.reason == FinishReason::other;
}

void TurnRun::begin_tools() {
  const auto keep = shared_from_this();
  guard_memory([this] {
    if (filter_timer_ != 0) actor_->host().loop().cancel(std::exchange(filter_timer_, 0));
    deliver_batch();
    measure_live();
    between_rounds_ = true;
    ++round_;
    held_end_.reset();
    arm_total();
    const std::string text = take_round_text();
    settle_round();
    if (tools_->exhausted()) {
      return end_between_rounds(
          Outcome::truncated,
          Error::fixed(ErrorCode::limit_reached,
                       "the model asked for tools more often than \"limits.tool_rounds\" allows"));
    }
    storing_ = true;
    actor_->store_tool_requests(tools_->begin_round(text),
                                [self = shared_from_this()](const Result<void>& result) {
                                  self->storing_ = false;
                                  self->guard_memory([&] { self->tools_requested(result); });
                                });
  });
}

// What was said before tools are called is a part of the reply, unless that must be a JSON value.
std::string TurnRun::take_round_text() {
  std::string text = text_.substr(round_start_);
  if (holds_) {
    text_.resize(round_start_);
    cuts_.clear();
  }
  return text;
}

void TurnRun::add_round(Bill& bill, const ReplyEnd& end) const {
  Usage usage = settle_usage(usage_, came_, plan_->prompt_tokens, end);
  usage.cached = start_.cached;
  actor_->learn_tokens(*plan_, start_, usage_);
  bill.add(start_, plan_->asked_model, usage, others_, actor_->core().pricing());
}

// The books of the round that has ended.
void TurnRun::settle_round() {
  add_round(bill_, {.outcome = Outcome::complete});
  usage_ = {};
  others_.clear();
  came_ = {};
  round_start_ = text_.size();
}

// Memory that fails between two rounds ends the turn: no provider is there to report it.
template <class Step>
void TurnRun::guard_memory(Step step) {
  if (ended_) return;
  try {
    step();
  } catch (const std::bad_alloc&) {
    storing_ = false;
    end_between_rounds(
        Outcome::failed,
        Error::fixed(ErrorCode::out_of_memory, "not enough memory for another request of a reply"));
  }
}

void TurnRun::tools_requested(const Result<void>& result) {
  if (!result) return end_between_rounds(Outcome::failed, result.error());
  tools_->confirm_round();
  if (end_if_stopped()) return;
  tools_->run(*plan_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->guard_memory([&] { self->store_tools(); });
  });
}

// What has ended by now goes into the log; with the last result the next round does, too.
void TurnRun::store_tools() {
  if (storing_) return;
  auto finished = tools_->take_finished();
  if (finished.empty()) return;
  const bool whole = tools_->round_done();
  if (whole) tools_->add_round(*plan_);
  storing_ = true;
  actor_->store_tool_results(std::move(finished), whole ? plan_.get() : nullptr, bill_.cost(),
                             [self = shared_from_this()](const Result<void>& result) {
                               self->storing_ = false;
                               self->guard_memory([&] { self->tools_stored(result); });
                             });
}

void TurnRun::tools_stored(const Result<void>& result) {
  if (end_if_stopped()) return;
  if (!result) {
    const bool refused = result.error().code() == ErrorCode::budget_exhausted;
    return end_between_rounds(refused ? Outcome::truncated : Outcome::failed, result.error());
  }
  if (!tools_->round_done()) return store_tools();
  next_round();
}

// --- a reply under a schema ----------------------------------------------------------------------

// False: it was asked for again. What is not whole, was cut here, or is a refusal, is not judged.
bool TurnRun::passes_schema(ReplyEnd& end) {
  if (!holds_ || end.outcome != Outcome::complete || over_limit_ || over_budget_ || refused_ ||
      !is_answer(end.reason))
    return true;
  const auto good =
      json_answer(plan_->request.json_schema, std::string_view(text_).substr(round_start_));
  if (good) {
    keep_json(*good);
    return true;
  }
  // One that the token limit cut would come again.
  const bool sensible = end.reason == FinishReason::stop || end.reason == FinishReason::other;
  if (plan_->may_repair && !repaired_ && sensible && !stop_.stop_requested()) {
    begin_repair(good.error().what());
    return false;
  }
  end.outcome = Outcome::failed;
  end.error = good.error();
  return true;
}

// Of the round's text, which nobody has seen yet.
void TurnRun::keep_json(std::string_view json) {
  if (json.size() == text_.size() - round_start_) return;
  text_.replace(round_start_, std::string::npos, std::string(json));
  cuts_.assign(1, static_cast<std::uint32_t>(text_.size() - delivered_));
}

void TurnRun::begin_repair(const std::string& reason) {
  const auto keep = shared_from_this();
  guard_memory([&] {
    if (filter_timer_ != 0) actor_->host().loop().cancel(std::exchange(filter_timer_, 0));
    between_rounds_ = true;
    repaired_ = true;
    ++round_;
    held_end_.reset();
    std::string answer = take_round_text();
    settle_round();
    plan_->repairs = Repair{answer, reason};
    add_repair(*plan_, *plan_->repairs);
    first_answer_ = std::move(answer);
    if (tools_) tools_->keep_state({});
    storing_ = true;
    actor_->store_tool_results({}, plan_.get(), bill_.cost(),
                               [self = shared_from_this()](const Result<void>& result) {
                                 self->storing_ = false;
                                 self->guard_memory([&] { self->repair_stored(result); });
                               });
  });
}

void TurnRun::repair_stored(const Result<void>& result) {
  if (end_if_stopped()) return;
  if (!result) return end_between_rounds(Outcome::failed, result.error());
  next_round();
}

// A repair of which nothing came: the answer that was to be repaired is all there is.
void TurnRun::restore_answer() {
  if (first_answer_.empty() || text_.size() != round_start_) return;
  text_ += first_answer_;
  first_answer_.clear();
  round_start_ = text_.size();
  cuts_.push_back(static_cast<std::uint32_t>(text_.size() - delivered_));
}

// --- the next round ------------------------------------------------------------------------------

void TurnRun::next_round() {
  auto provider = actor_->host().provider(plan_->provider);
  if (!provider) return end_between_rounds(Outcome::failed, provider.error());
  if (total_.count() > 0) {
    using std::chrono::milliseconds;
    const auto spent =
        std::chrono::duration_cast<milliseconds>(actor_->host().loop().now() - began_);
    plan_->request.timeouts.total = std::max(total_ - spent, milliseconds(1));
  }
  disarm_total();
  between_rounds_ = false;
  break_ = text_.size() > plan_->base_text.size() && text_.back() != '\n';
  if (filters_) open_filter();
  provider_ = std::move(*provider);
  const auto keep = provider_;
  keep->start(take_request(), guarded_sink(), stop_.get_token());
}

// Approvals and tools take of the reply's own time: nobody else watches it while they are open.
void TurnRun::arm_total() {
  if (total_.count() <= 0) return;
  disarm_total();
  total_timer_ = actor_->host().loop().at(after(began_, total_), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->total_timer_ = 0;
    self->guard_memory([&] { self->end_if_stopped(); });
  });
}

void TurnRun::disarm_total() noexcept {
  if (total_timer_ != 0) actor_->host().loop().cancel(std::exchange(total_timer_, 0));
}

bool TurnRun::is_late() const noexcept {
  return total_.count() > 0 && actor_->host().loop().now() >= after(began_, total_);
}

// Asked to stop, or out of time, while nothing of a provider streams. What is being stored is
// waited for.
bool TurnRun::end_if_stopped() {
  if (!between_rounds_ || ended_ || storing_) return false;
  if (!stop_.stop_requested()) {
    if (!is_late()) return false;
    end_between_rounds(Outcome::failed, Error::fixed(ErrorCode::timeout,
                                                     "the reply passed the total time limit "
                                                     "before its next request"));
    return true;
  }
  const auto closed = Error::fixed(ErrorCode::closed, "the engine was closed");
  const auto cancelled = Error::fixed(ErrorCode::cancelled, "cancelled");
  end_between_rounds(closing_ ? Outcome::interrupted : Outcome::cancelled,
                     closing_ ? closed : cancelled);
  return true;
}

// Calls that the log still waits for end with the turn.
std::vector<TurnTools::Finished> TurnRun::unfinished_tools(Outcome outcome) {
  if (!tools_) return {};
  return tools_->take_rest(outcome == Outcome::interrupted);
}

void TurnRun::end_between_rounds(Outcome outcome, const Error& error) {
  const bool for_tools = first_answer_.empty();
  end({.outcome = outcome,
       .reason = for_tools ? FinishReason::tool_calls : FinishReason::other,
       .error = error,
       .unasked = true});
}

}  // namespace scena::engine

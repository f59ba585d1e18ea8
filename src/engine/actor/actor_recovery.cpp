#include <algorithm>
#include <utility>

#include "engine/actor/session_actor.hpp"
#include "engine/analysis/analysis_plan.hpp"
#include "engine/core.hpp"
#include "engine/judge/judge_plan.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {

// A crash, or the engine's end, left a turn or a side question open: the turn ends as interrupted,
// and what was reserved is booked as an estimate, since nobody can know what the service billed.
void SessionActor::recover() {
  forget_old_commands();
  touch_waiting(1);
  Task task = [self = shared_from_this()] {
    // Nobody lets go of the session before its timer is armed.
    const EndOfWork ends(*self);
    self->arm_session_timer();
    self->end_lost_analysis();
    self->end_lost_judgements();
    self->pump();
  };
  try {
    host_.loop().post(std::move(task));
  } catch (...) {
    touch_waiting(-1);
    throw;
  }
}

// True when the log holds something open that nothing here works on any more.
bool SessionActor::is_left_open() const {
  if (model_.open_turn() && !run_) return true;
  return model_.facts().open_asides.size() >
         asides_.size() + (has_open_analysis_call() ? 1 : 0) + open_judge_calls();
}

void SessionActor::end_left_open() {
  const auto& turn = model_.open_turn();
  CommitDraft end = draft(turn ? turn->cause : "engine");
  Usage unknown;
  unknown.estimated = true;
  for (const auto& aside : model_.facts().open_asides) {
    const auto is_it = [&](const auto& under_way) { return under_way->id == aside.id; };
    if (std::any_of(asides_.begin(), asides_.end(), is_it) || is_analysis_call(aside.id) ||
        is_judge_call(aside.id))
      continue;
    const Purpose purpose = aside.purpose == kAnalysisPurpose ? Purpose::analysis
                            : aside.purpose == kJudgePurpose  ? Purpose::judge
                                                              : Purpose::aside;
    add_settlement(end, {to_string(purpose), aside.id, {}, {}, unknown, aside.reserved},
                   settle_budgets(nullptr, aside.reserved, purpose));
  }
  std::string reply;
  if (turn && !run_) {
    if (!model_.open_rounds().empty()) {
      reply = add_cut_reply(end, *turn, unknown);
      meter_.reset();
    }
    if (turn->reserved.pico_usd != 0) {
      add_settlement(end, {"turn", turn->id, turn->provider, turn->model, unknown, turn->reserved},
                     settle_budgets(nullptr, turn->reserved));
    }
    const std::string message = reply.empty() ? "" : R"(,"message":")" + reply + '"';
    end.add("turn.finished", turn->speaker,
            R"({"turn":")" + turn->id + R"(","outcome":"interrupted","finish_reason":"other")" +
                message + "}");
  }
  commit(std::move(end), [self = shared_from_this()](Result<void> result) {
    if (result) return self->arm_session_timer();
    // Nothing new is begun on an open end: it is tried again before the next command.
    self->open_end_failed_ = true;
    self->refuse_next(result.error());
  });
}

// The first command that waits hears why nothing can be done now.
void SessionActor::refuse_next(const Error& error) {
  if (queue_.empty()) return;
  QueuedCommand command = std::move(queue_.front());
  queue_.pop_front();
  refuse(command, error);
  touch_waiting(-1);
}

// The engine closes: what streams is kept as interrupted, what waits is refused.
void SessionActor::shut_down() {
  const auto closed = Error::fixed(ErrorCode::closed, "the engine was closed");
  for (auto& aside : asides_) {
    if (aside->run) aside->run->cancel();
    if (std::exchange(aside->at_filter, false)) aside_ended(aside, {.error = closed});
  }
  stop_analysis();
  stop_judging();
  if (session_timer_ != 0) host_.loop().cancel(session_timer_);
  session_timer_ = 0;
  if (run_ && !busy_) run_->interrupt();
  for (auto& command : queue_) refuse(command, closed);
  touch_waiting(-static_cast<int>(queue_.size()));
  queue_.clear();
  drop_input_check(closed);
  if (auto_run_) fail_run(closed);
}

void SessionActor::let_go() noexcept {
  const auto run = std::exchange(run_, nullptr);
  drop_analysis();
  drop_judgements();
  const auto asides = std::exchange(asides_, {});
  for (const auto& aside : asides) {
    if (aside->timer != 0) host_.loop().cancel(std::exchange(aside->timer, 0));
    aside->run.reset();  // it holds its aside in turn
  }
  const auto tasks = std::exchange(after_commit_, {});
  const auto commands = std::exchange(queue_, {});
  const auto check = std::exchange(input_check_, nullptr);
  const auto end = std::exchange(unstored_end_, nullptr);
  const auto auto_run = std::exchange(auto_run_, nullptr);
  gone_ = Error::fixed(ErrorCode::closed, "the engine was closed");
  viewers_.close_all();  // now: they have seen how what ran came to its end
}

}  // namespace scena::engine

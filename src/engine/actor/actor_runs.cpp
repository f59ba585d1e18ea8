#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "domain/end_condition.hpp"
#include "domain/score_json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {

namespace {

bool ends_by_metric(const Preset& preset) {
  return std::any_of(
      preset.end_conditions.begin(), preset.end_conditions.end(),
      [](const EndCondition& one) { return one.kind == EndCondition::Kind::metric; });
}

}  // namespace

std::string SessionActor::reason_data(std::string_view reason) {
  std::string data;
  JsonWriter(data).begin_object().member("reason", reason).end_object();
  return data;
}

// Whether the session is over now; `reply` is a message that is about to be stored, or null.
std::optional<std::string> SessionActor::end_reason(const Message* reply) const {
  SessionProgress progress;
  auto line = model_.line();
  if (reply) {
    if (!reply->replaces.empty()) line.erase(reply->replaces);
    line.push_back(reply);
  }
  progress.ai_replies = line.counts().complete_replies;
  const TimePoint now = host_.loop().now();
  progress.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - active_since_.value_or(now));
  progress.line = line;
  progress.variables = &preset_->values();
  return session_end(preset_->preset(), progress);
}

// A reply that ends its session does so in its own commit: nobody sees one without the other. It
// gets its scores where a condition looks at them. Null: no reply comes onto the line.
std::optional<std::string> SessionActor::end_after(const TurnEnd& end, Message* reply) {
  if (model_.state() != SessionState::active || end.outcome != Outcome::complete || !need_preset())
    return std::nullopt;
  if (reply && ends_by_metric(preset_->preset())) {
    reply->metrics = end.scores;
    for (auto& score : reply->metrics) settle_score(score);  // as the log has them
  }
  return end_reason(reply);
}

void SessionActor::complete_because(const std::string& reason) {
  CommitDraft next = draft(auto_run_ ? auto_run_->command.command.id : "engine");
  add_completed(next, "engine", reason_data(reason));
  commit(std::move(next), [self = shared_from_this(), reason](Result<void> result) {
    // A run that went on would try again and again.
    if (!result) return self->end_run("failed", result.error());
    self->end_run(reason);
    self->arm_session_timer();
  });
}

void SessionActor::arm_session_timer() {
  if (session_timer_ != 0) host_.loop().cancel(session_timer_);
  session_timer_ = 0;
  if (gone_) return;
  // Neither a pause nor the time in which no engine had the session counts.
  if (model_.state() != SessionState::active) active_since_.reset();
  if (model_.state() != SessionState::active || !need_preset()) return;
  if (!active_since_) active_since_ = host_.loop().now() - model_.facts().ran;
  const auto limit = session_end_time(preset_->preset());
  if (!limit) return;
  session_timer_ = host_.loop().at(*active_since_ + limit->after,
                                   [weak = weak_from_this(), reason = limit->reason] {
                                     const auto self = weak.lock();
                                     if (!self) return;
                                     self->session_timer_ = 0;
                                     QueuedCommand command;
                                     command.command = {.kind = SessionCommand::complete,
                                                        .id = "engine",
                                                        .who = Principal::host(self->tenant_),
                                                        .value = reason_data(reason)};
                                     (void)self->enqueue(std::move(command));
                                   });
}

// Written where the session ends by time alone, for the engine that has it next.
std::optional<std::int64_t> SessionActor::ran_ms() const {
  if (!active_since_ || !preset_ || !session_end_time(preset_->preset())) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(host_.loop().now() - *active_since_)
      .count();
}

std::string SessionActor::pause_data() const {
  const auto ran = ran_ms();
  return ran ? fmt::format(R"({{"ran_ms":{}}})", *ran) : "{}";
}

void SessionActor::do_run(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  if (model_.state() == SessionState::pending) {
    QueuedCommand start;
    start.command = {
        .kind = SessionCommand::start, .id = command.command.id, .who = command.command.who};
    auto_run_ = std::make_unique<AutoRun>(AutoRun{std::move(command), {}});
    touch_waiting(1);
    start.reply = [self = shared_from_this()](Result<CommandResult> result) {
      if (!result) self->fail_run(result.error());
    };
    return do_start(start);
  }
  auto_run_ = std::make_unique<AutoRun>(AutoRun{std::move(command), {}});
  touch_waiting(1);
}

void SessionActor::step_run() {
  if (model_.state() != SessionState::active) return end_run(to_string(model_.state()));
  const std::uint32_t limit = auto_run_->command.command.max_turns;
  if (limit != 0 && auto_run_->result.turns >= limit) return end_run("max_turns");
  if (auto ready = need_preset(); !ready) return fail_run(ready.error());
  if (const auto reason = end_reason(nullptr)) return complete_because(*reason);
  Command next = auto_run_->command.command;
  next.repeatable = false;
  const auto speaker = reply_speaker(next);
  if (!speaker) return end_run("human");
  QueuedCommand turn;
  turn.command = std::move(next);
  turn.reply = [self = shared_from_this()](Result<CommandResult> result) {
    if (!result && self->auto_run_) self->fail_run(result.error());
  };
  const auto line = model_.line();
  start_turn(draft(turn.command.id), {"prompt", *speaker, {}, {}, {}, line, {}, {}, 0}, turn);
}

void SessionActor::end_run(std::string reason, std::optional<Error> error) {
  if (!auto_run_) return;
  const EndOfWork ends(*this);
  const std::shared_ptr<AutoRun> ended = std::move(auto_run_);
  ended->result.reason = std::move(reason);
  ended->result.error = std::move(error);
  if (ended->command.command.repeatable) return store_run_result(ended);
  answer_run(*ended);
}

void SessionActor::answer_run(AutoRun& run) const {
  if (!run.command.reply) return;
  CommandResult answer;
  answer.info = model_.info();
  answer.run = run.result;
  run.command.reply(std::move(answer));
}

void SessionActor::fail_run(const Error& error) {
  if (!auto_run_) return;
  const EndOfWork ends(*this);
  const auto ended = std::move(auto_run_);
  if (ended->command.reply) ended->command.reply(error);
}

}  // namespace scena::engine

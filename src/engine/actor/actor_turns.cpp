#include <algorithm>

#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "domain/judge/judge_rubric.hpp"
#include "domain/message_json.hpp"
#include "domain/score_json.hpp"
#include "domain/turn_policy.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/session_meter.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {

std::vector<std::string> ids_from(const Line& line, std::string_view from) {
  std::vector<std::string> ids;
  bool found = false;
  for (const Message* message : line) {
    found = found || message->id == from;
    if (found) ids.push_back(message->id);
  }
  return ids;
}

}  // namespace

// --- measuring -----------------------------------------------------------------------------------

SessionMeter& SessionActor::meter() {
  if (!meter_) {
    auto meter = std::make_unique<SessionMeter>(core_.analyzers(), core_.log());
    const Message* before = nullptr;
    for (const Message* message : model_.line()) {
      // A reply begins with the message of its turn.
      const bool answers = before && !message->turn.empty() && before->turn == message->turn;
      const Duration latency = before && !answers && message->time > before->time
                                   ? Duration(message->time - before->time)
                                   : Duration{};
      meter->replay(*message, latency);
      before = message;
    }
    meter_ = std::move(meter);
  }
  return *meter_;
}

// The message becomes the meter's history; its scores are what the log will have.
std::vector<MetricScore> SessionActor::measure(const CommitDraft& draft, Message& message) {
  message.time = draft.time();
  if (core_.analyzers().empty()) return {};
  auto scores = meter().replay(message, model_.latency(draft.time()));
  for (auto& score : scores) settle_score(score);
  return scores;
}

void SessionActor::add_message(CommitDraft& draft, Message& message,
                               std::vector<MetricScore> scores) {
  draft.add_message(message);
  if (scores.empty()) return;
  // This turn's prompt tells of them already, and who speaks next may depend on them.
  if (preset_ && (!preset_->preset().adapt.empty() || !preset_->preset().turn_policy.when.empty()))
    message.metrics = scores;
  const auto unsure = unsure_metrics(core_.config().judge, scores);
  draft.add_scores(message.id, std::move(scores));
  if (!unsure.empty()) queue_judgement(draft, message.id, message.text(), unsure);
}

// Also where nothing was measured since the session was opened: a meter made later would read the
// line as it is stored, with what is about to be replaced.
void SessionActor::forget_from(std::string_view message) {
  if (!core_.analyzers().empty()) meter().forget_from(message);
}

// --- what starts a turn
// ----------------------------------------------------------------------------

void SessionActor::do_send(QueuedCommand& command) {
  filter_input(command, &SessionActor::send_filtered);
}
void SessionActor::do_edit(QueuedCommand& command) {
  filter_input(command, &SessionActor::edit_filtered);
}

void SessionActor::send_filtered(QueuedCommand& command) {
  auto message = human_message(command.command);
  if (!message) return refuse(command, message.error());
  if (auto able = check_speaker(command.command); !able) return refuse(command, able.error());
  CommitDraft draft = this->draft(command.command.id);
  std::vector<Message> fresh;
  if (model_.state() == SessionState::pending) {
    if (auto added = add_start(draft, fresh); !added) return refuse(command, added.error());
  }
  message->id = model_.next_message_id(static_cast<std::uint32_t>(fresh.size()));
  auto scores = measure(draft, *message);
  const auto speaker = command.command.reply
                           ? reply_speaker(command.command, fresh, message->speaker, scores)
                           : std::nullopt;
  // Without a reply it belongs to no turn, and leaves the line and the history by itself.
  if (speaker) message->turn = model_.next_turn_id();
  fresh.reserve(fresh.size() + 1);  // the line points at them
  auto line = model_.line();
  for (const auto& one : fresh) line.push_back(&one);
  add_message(draft, *message, std::move(scores));
  note_escape(draft, *message, line);
  line.push_back(&fresh.emplace_back(std::move(*message)));
  if (!speaker) return store_only(std::move(draft), fresh.back().id, command);
  start_turn(std::move(draft),
             {"reply",
              *speaker,
              {},
              {},
              {},
              std::move(line),
              fresh.back().id,
              fresh.back().audience,
              static_cast<std::uint32_t>(fresh.size())},
             command);
}

void SessionActor::edit_filtered(QueuedCommand& command) {
  const Message* old = model_.find(command.command.message);
  if (!old || old->superseded || !old->from_human) {
    return refuse(command,
                  Error::fixed(ErrorCode::not_found,
                               "message: only a human's message on the chosen line can be edited"));
  }
  Command as_old = command.command;
  if (as_old.participant.empty()) as_old.participant = old->speaker;
  auto message = human_message(as_old);
  if (!message) return refuse(command, message.error());
  if (auto able = check_speaker(command.command); !able) return refuse(command, able.error());
  message->id = model_.next_message_id();
  message->replaces = old->id;
  message->audience = old->audience;
  CommitDraft draft = this->draft(command.command.id);
  auto line = model_.line();
  draft.add("message.superseded", message->speaker, supersede(ids_from(line, old->id), "edit"));
  forget_from(old->id);
  auto scores = measure(draft, *message);
  const auto speaker = reply_speaker(command.command, {}, message->speaker, scores);
  if (speaker) message->turn = model_.next_turn_id();
  add_message(draft, *message, std::move(scores));
  line.cut_from(old->id);
  note_escape(draft, *message, line);
  line.push_back(&*message);
  if (!speaker) return store_only(std::move(draft), message->id, command);
  start_turn(std::move(draft),
             {"reply", *speaker, {}, {}, {}, line, message->id, message->audience, 1}, command);
}

void SessionActor::do_speak(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  if (auto able = check_speaker(command.command); !able) return refuse(command, able.error());
  CommitDraft draft = this->draft(command.command.id);
  std::vector<Message> fresh;
  if (model_.state() == SessionState::pending) {
    if (auto added = add_start(draft, fresh); !added) return refuse(command, added.error());
  }
  auto speaker = reply_speaker(command.command, fresh);
  if (!speaker)
    return refuse(command, Error::fixed(ErrorCode::wrong_state,
                                        "nobody but a human is to speak now; name `character`"));
  auto line = model_.line();
  for (const auto& one : fresh) line.push_back(&one);
  start_turn(
      std::move(draft),
      {"prompt", *speaker, {}, {}, {}, line, {}, {}, static_cast<std::uint32_t>(fresh.size())},
      command);
}

void SessionActor::do_regenerate(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  const Message* last = model_.last_on_line();
  if (last && last->from_human && !last->turn.empty()) return answer_again(command, *last);
  if (!last || last->from_human || last->turn.empty()) {
    return refuse(command, Error::fixed(ErrorCode::wrong_state,
                                        "regenerate: the last message is not a reply"));
  }
  auto line = model_.line();
  line.cut_from(last->id);
  forget_from(last->id);
  start_turn(draft(command.command.id),
             {"regenerate", last->speaker, last->id, {last->id}, {}, line, {}, last->audience, 0},
             command);
}

// The message's own reply failed before anything of it came: nothing is replaced.
void SessionActor::answer_again(QueuedCommand& command, const Message& unanswered) {
  const auto speaker = reply_speaker(command.command, {}, unanswered.speaker, unanswered.metrics);
  if (!speaker) {
    return refuse(command, Error::fixed(ErrorCode::wrong_state,
                                        "regenerate: nobody but a human is to speak now"));
  }
  start_turn(draft(command.command.id),
             {"reply", *speaker, {}, {}, {}, model_.line(), {}, unanswered.audience, 0}, command);
}

void SessionActor::do_continue(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  const Message* last = model_.last_on_line();
  if (!last || last->from_human || last->turn.empty()) {
    return refuse(
        command, Error::fixed(ErrorCode::wrong_state, "continue: the last message is not a reply"));
  }
  const auto line = model_.line();
  forget_from(last->id);
  start_turn(
      draft(command.command.id),
      {"continue", last->speaker, last->id, {last->id}, last->text(), line, {}, last->audience, 0},
      command);
}

// Who is named to answer must be a character that is there.
Result<void> SessionActor::check_speaker(const Command& command) const {
  if (command.character.empty()) return {};
  const Participant* named = model_.participant(command.character);
  if (named && named->present && preset_->preset().find_character(command.character)) return {};
  return Error(ErrorCode::not_found, "character: no character \"" + command.character +
                                         "\" is present; use the id of one that is");
}

// Who answers: the one named, else the turn policy; nobody when a human is next. The last message
// is the line's, or of `fresh` ones, or one of `after` that was measured and is not stored yet.
std::optional<std::string> SessionActor::reply_speaker(const Command& command,
                                                       const std::vector<Message>& fresh,
                                                       const std::string& after,
                                                       std::span<const MetricScore> scores) const {
  if (!command.character.empty()) return command.character;
  std::vector<TurnParticipant> present;
  for (const auto& participant : model_.info().participants) {
    if (participant.present) present.push_back({participant.id, participant.is_human});
  }
  const LineCounts& spoke = model_.line_counts();
  std::vector<std::string_view> speakers;
  speakers.reserve(spoke.speakers.size() + fresh.size() + 1);
  for (const auto& one : spoke.speakers) speakers.push_back(one.id);
  for (const auto& message : fresh) speakers.push_back(message.speaker);
  if (!after.empty()) {
    speakers.push_back(after);
  } else if (const Message* last = fresh.empty() ? model_.last_on_line() : &fresh.back()) {
    scores = last->metrics;
  }
  auto next = next_speaker(preset_->preset().turn_policy, present, speakers, scores);
  if (!next) return std::nullopt;
  const Participant* participant = model_.participant(*next);
  if (participant && participant->is_human) return std::nullopt;
  return next;
}

// --- the turn
// --------------------------------------------------------------------------------------

Result<std::shared_ptr<TurnPlan>> SessionActor::make_plan(const TurnRequest& request,
                                                          const Command& command) {
  const auto made = std::make_shared<TurnPlan>(core_.config().limits);
  TurnPlan& plan = *made;
  plan.kind = request.kind;
  plan.cause = command.id;
  plan.turn = model_.next_turn_id();
  plan.replaces = request.replaces;
  plan.supersedes = request.supersedes;
  plan.base_text = request.base_text;
  plan.audience = request.audience;
  plan.message_id = model_.next_message_id(request.messages_before);
  const auto attempt =
      request.replaces.empty()
          ? 0u
          : static_cast<std::uint32_t>(model_.alternatives(request.replaces).size());
  const PlanInput input{
      .config = core_.config(),
      .preset = *preset_,
      .facts = model_.facts(),
      .line = request.line,
      .speaker = request.speaker,
      .call_model = command.model,
      .task = request.kind == "continue" ? PromptTask::continuation : PromptTask::reply,
      .json_schema = command.json_schema,
      .attempt = attempt,
      .deadline = command.deadline,
      .tools = &host_.tools(),
      .send_seed = core_.config().seed.has_value(),
      .count = [this](const Message& message) { return model_.prompt_tokens(message); }};
  if (auto composed = compose_plan(input, plan); !composed) return composed.error();
  plan.request.context.tenant = tenant_;
  plan.request.context.tier = command.who.tier;
  plan.may_repair = command.repair;
  if (auto affordable = reserve(plan); !affordable) return affordable.error();
  auto provider = host_.provider(plan.provider);
  if (!provider) return provider.error();
  auto body = (*provider)->request_body(plan.request);
  if (!body) return body.error();
  plan.sha256 = sha256_hex(*body);
  plan.request.body = std::make_shared<const std::string>(std::move(*body));
  return made;
}

void SessionActor::start_turn(CommitDraft draft, const TurnRequest& request,
                              QueuedCommand& command) {
  auto made = make_plan(request, command.command);
  if (!made) {
    meter_.reset();  // it may have seen a message that is not going to be stored
    return refuse(command, made.error());
  }
  auto plan = std::move(*made);
  draft.add("turn.started", plan->speaker, turn_started_data(*plan, request.message),
            {Audience::Kind::all, {}}, open_turn(*plan));
  if (!plan->request.json_schema.empty()) {
    std::string data;
    JsonWriter(data)
        .begin_object()
        .member("turn", plan->turn)
        .member("json_schema", plan->request.json_schema)
        .end_object();
    draft.add("turn.schema", plan->speaker, std::move(data), {Audience::Kind::hosts, {}},
              NoChange{});
  }
  if (plan->reserved.pico_usd != 0) {
    std::string data;
    JsonWriter(data)
        .begin_object()
        .member("turn", plan->turn)
        .member("amount", plan->reserved.to_string())
        .end_object();
    draft.add("budget.reserved", "engine", std::move(data), {Audience::Kind::hosts, {}},
              NoChange{});
  }
  remember(draft, command, "\"turn\":\"" + plan->turn + "\"");
  const bool starting = model_.state() == SessionState::pending;
  const Duration latency = request.message.empty() ? model_.latency(draft.time()) : Duration{};
  starting_ = true;
  cancel_starting_ = false;
  commit(std::move(draft), [self = shared_from_this(), plan, starting, latency,
                            command = std::move(command)](Result<void> result) mutable {
    self->starting_ = false;
    if (!result) {
      self->meter_.reset();
      return refuse(command, result.error());
    }
    if (starting) self->arm_session_timer();
    if (command.turn) command.turn->accept(plan->turn);
    try {
      self->launch(std::move(plan), command.turn, latency);
    } catch (const std::bad_alloc&) {
      self->abandon_turn(command.turn);
    }
    self->reply_info(command, result);
  });
}

void SessionActor::launch(std::shared_ptr<TurnPlan> plan, std::shared_ptr<TurnState> state,
                          Duration latency) {
  touch_waiting(1);
  auto provider = host_.provider(plan->provider);
  run_ = std::make_shared<TurnRun>(shared_from_this(), std::move(plan), std::move(state));
  set_running(run_->stop_source());
  if (std::exchange(cancel_starting_, false)) run_->cancel();
  SessionMeter* meter = core_.analyzers().empty() ? nullptr : &this->meter();
  if (!provider) {
    return run_->on_done({.outcome = Outcome::failed, .error = provider.error()});
  }
  // A copy: the reply may end, and the actor forget it, inside start().
  const auto run = run_;
  run->start(*provider, meter, latency);
}

// The turn stands in the log and cannot begin: it ends there, too.
void SessionActor::abandon_turn(const std::shared_ptr<TurnState>& state) {
  const EndOfWork ends(*this);
  const auto lost = std::exchange(run_, nullptr);
  if (lost) lost->cancel();
  if (state)
    state->refuse(
        Error::fixed(ErrorCode::out_of_memory, "not enough memory to begin the reply; send again"));
}

void SessionActor::store_only(CommitDraft draft, std::string message, QueuedCommand& command) {
  remember(draft, command, "\"message\":\"" + message + "\"");
  const bool starting = model_.state() == SessionState::pending;
  commit(std::move(draft), [self = shared_from_this(), starting, message = std::move(message),
                            command = std::move(command)](Result<void> result) mutable {
    if (!result) {
      self->meter_.reset();
      return refuse(command, result.error());
    }
    if (starting) self->arm_session_timer();
    if (command.turn) {
      command.turn->accept({});
      TurnResult stored;
      stored.message = std::move(message);
      command.turn->finish(std::move(stored));
    }
    self->reply_info(command, result);
  });
}

void SessionActor::turn_ended(TurnEnd end) {
  const EndOfWork ends(*this);
  run_.reset();
  set_running(std::stop_source(std::nostopstate));
  const auto state = end.state;
  try {
    log_end(end);
    finish_when_free(std::move(end));
  } catch (const std::bad_alloc&) {
    if (state)
      state->refuse(Error::fixed(ErrorCode::out_of_memory,
                                 "not enough memory to store the reply; ask again"));
    pump();  // the turn is left open, and is ended there
  }
}

void SessionActor::finish_when_free(TurnEnd end) {
  if (!busy_) return finish_turn(std::move(end));
  // Another command's commit is under way: the numbers of ours follow it.
  auto held = std::make_shared<TurnEnd>(std::move(end));
  when_free([self = shared_from_this(), held] { self->finish_turn(std::move(*held)); });
}

void SessionActor::log_end(const TurnEnd& end) const {
  const Logger& log = core_.log();
  const auto level =
      end.error && end.outcome != Outcome::cancelled ? LogLevel::warn : LogLevel::debug;
  if (!log.enabled(level)) return;
  log.log(level, "turn ended",
          {{"session", id_},
           {"turn", end.plan->turn},
           {"trace", end.plan->request.context.trace_id},
           {"outcome", to_string(end.outcome)},
           {"provider", end.start.provider},
           {"model", end.start.model},
           {"provider_request", end.start.request_id},
           {"error", end.error ? to_string(end.error->code()) : ""},
           {"reason", end.error ? end.error->what() : ""}});
}

Message SessionActor::reply_of(const TurnEnd& end) const {
  Message reply;
  reply.id = model_.next_message_id();
  reply.turn = end.plan->turn;
  reply.speaker = end.plan->speaker;
  reply.parts.push_back({MessagePart::Kind::text, end.text, {}, {}, 0});
  reply.audience = end.plan->audience;
  reply.replaces = end.plan->replaces;
  reply.outcome = end.outcome;
  reply.finish_reason = end.reason;
  reply.provider = end.start.provider;
  reply.model = end.start.model;
  reply.usage = end.bill.usage();
  reply.cost = end.bill.cost();
  return reply;
}

// A reply takes the place of the one before it, but for one that has nothing to say: that is stored
// for what it has cost, beside the reply that stays.
void SessionActor::add_reply(CommitDraft& draft, const TurnEnd& end, Message reply, bool wrote) {
  const bool replaces = !end.plan->supersedes.empty();
  if (replaces && wrote) {
    draft.add("message.superseded", end.plan->speaker,
              supersede(end.plan->supersedes, end.plan->kind));
  }
  const std::string id = reply.id;
  draft.add_message(std::move(reply));
  if (replaces && !wrote)
    draft.add("message.superseded", end.plan->speaker, supersede({id}, end.plan->kind));
  if (end.scores.empty()) return;
  draft.add_scores(id, end.scores);
  if (end.outcome == Outcome::complete)
    queue_judgement(draft, id, end.text, unsure_metrics(core_.config().judge, end.scores));
}

void SessionActor::finish_turn(TurnEnd end) {
  CommitDraft draft = this->draft(end.plan->cause);
  add_cut_tools(draft, end);
  const bool wrote = end.text.size() > end.plan->base_text.size() || !model_.open_rounds().empty();
  Message reply = reply_of(end);
  const std::string message = wrote || end.bill.usage() != Usage{} ? reply.id : std::string();
  const bool on_line = wrote || (!message.empty() && end.plan->supersedes.empty());
  const auto over = end_after(end, on_line ? &reply : nullptr);
  if (!message.empty()) add_reply(draft, end, std::move(reply), wrote);
  if (!end.alerts) end.alerts = settle_budgets(end.plan->hold, end.bill.cost());
  add_settlement(draft,
                 {"turn", end.plan->turn, end.start.provider, end.start.model, end.bill.usage(),
                  end.bill.cost(), end.bill.others(end.start.provider, end.start.model),
                  asked_model(end.start, end.plan->asked_model)},
                 *end.alerts);
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("turn", end.plan->turn).member("outcome", to_string(end.outcome));
  writer.member("finish_reason", to_string(end.reason));
  if (end.start.cached) writer.member("cached", true);
  if (end.start.degraded) writer.member("degraded", true);
  if (!end.start.route.empty()) writer.member("route", end.start.route);
  if (!end.start.fallback_for.empty()) writer.member("fallback_for", end.start.fallback_for);
  if (!message.empty()) writer.member("message", message);
  const auto ran = ran_ms();
  if (ran) writer.member("ran_ms", *ran);
  if (end.error) write_error(writer, *end.error);
  writer.end_object();
  draft.add("turn.finished", end.plan->speaker, std::move(data), {},
            EndedTurn{end.plan->turn, ran});
  if (over) add_completed(draft, "engine", reason_data(*over));
  auto held = std::make_shared<TurnEnd>(std::move(end));
  commit(std::move(draft), [self = shared_from_this(), held, message](Result<void> result) {
    self->turn_stored(std::move(*held), message, result);
  });
}

void SessionActor::turn_stored(TurnEnd end, const std::string& message,
                               const Result<void>& result) {
  if (!result) {
    // Nothing is lost: the reply is kept and stored before anything else happens here.
    core_.log().error(
        "a reply could not be stored and is kept",
        {{"session", id_}, {"turn", end.plan->turn}, {"error", to_string(result.error().code())}});
    if (end.state) end.state->refuse(result.error());
    refuse_next(result.error());
    if (auto_run_) end_run("failed", result.error());
    unstored_end_ = std::make_unique<TurnEnd>(std::move(end));
    return;
  }
  end.plan->extra.reset();  // the session's cost has it now
  const Message* const stored = message.empty() ? nullptr : model_.find(message);
  if (meter_ && end.reading && stored && !stored->superseded) {
    meter_->keep(std::move(*end.reading));
  } else if (!end.plan->replaces.empty()) {
    meter_.reset();  // the reply that was to be replaced stays on the line
  }
  TurnResult answer{end.plan->turn,      end.outcome,      end.reason,      message,
                    std::move(end.text), end.bill.usage(), end.bill.cost(), end.error};
  answer.cached = end.start.cached;
  answer.degraded = end.start.degraded;
  answer.route = std::move(end.start.route);
  answer.fallback_for = std::move(end.start.fallback_for);
  if (end.state) end.state->finish(std::move(answer));
  if (auto_run_) {
    ++auto_run_->result.turns;
    // A half reply is not what the others would answer to.
    if (end.outcome == Outcome::failed || end.outcome == Outcome::truncated)
      return end_run("failed", std::move(end.error));
    if (end.outcome == Outcome::cancelled) return end_run("cancelled");
  }
  if (model_.state() == SessionState::completed) {
    end_run(model_.info().end_reason);
    arm_session_timer();
  }
}

}  // namespace scena::engine

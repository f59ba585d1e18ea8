#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/projection/session_loader.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/session_meter.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {

std::string actor_of(const Command& command) {
  if (!command.participant.empty()) return command.participant;
  return command.who.is_host() ? "host" : command.who.subject;
}

std::string participant_data(const Participant& participant) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().key("participant").begin_object().member("id", participant.id);
  writer.member("name", participant.name).member("is_human", participant.is_human);
  if (!participant.subject.empty()) writer.member("subject", participant.subject);
  writer.end_object().end_object();
  return data;
}

std::string superseded_data(const std::vector<std::string>& ids,
                            const std::vector<std::string>& restored, std::string_view reason) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().key("ids").begin_array();
  for (const auto& id : ids) writer.value(id);
  writer.end_array().key("restored").begin_array();
  for (const auto& id : restored) writer.value(id);
  writer.end_array().member("reason", reason).end_object();
  return data;
}

}  // namespace

void SessionActor::do_create(QueuedCommand& command) {
  CommitDraft creation(tenant_, id_, 0, core_.clock().wall(), command.command.id);
  creation.add("session.created", "host", command.command.value);
  if (core_.presets().needs_storing(tenant_, snapshot_->sha256)) {
    creation.add_blob({tenant_, snapshot_->sha256, "application/json", snapshot_->json});
  }
  remember(creation, command.command, "{\"session\":\"" + id_ + "\"}");
  commit(std::move(creation), [self = shared_from_this(),
                               command = std::move(command)](Result<void> result) mutable {
    if (!result) {
      const bool taken = result.error().code() == ErrorCode::conflict;
      self->gone_ = taken ? Error::fixed(ErrorCode::already_exists,
                                         "session: the id is taken; leave `id` empty for a new one")
                          : result.error();
      return refuse(command, *self->gone_);
    }
    self->core_.presets().was_stored(self->tenant_, self->snapshot_->sha256);
    self->reply_info(command, result);
  });
}

// The session becomes active: openings are said and pinned. `fresh` gets them, for the prompt that
// is composed before they are committed.
Result<void> SessionActor::add_start(CommitDraft& draft, std::vector<Message>& fresh) {
  if (auto ready = need_preset(); !ready) return ready;
  draft.add("session.started", "host", "{}");
  for (const Opening& opening : scene_openings(preset_->preset())) {
    Message message;
    message.id = model_.next_message_id(static_cast<std::uint32_t>(fresh.size()));
    message.speaker = opening.speaker;
    const Participant* speaker = model_.participant(opening.speaker);
    message.from_human = speaker && speaker->is_human;
    message.parts.push_back({MessagePart::Kind::text, opening.text, {}, {}, 0});
    message.pinned = true;
    add_message(draft, message);
    fresh.push_back(std::move(message));
  }
  return {};
}

void SessionActor::do_start(QueuedCommand& command) {
  CommitDraft start = draft(command.command.id);
  std::vector<Message> fresh;
  if (auto added = add_start(start, fresh); !added) return refuse(command, added.error());
  remember(start, command.command, "{}");
  commit(std::move(start),
         [self = shared_from_this(), command = std::move(command)](Result<void> result) mutable {
           if (result) {
             self->arm_session_timer();
           } else {
             self->meter_.reset();
           }
           self->reply_info(command, result);
         });
}

void SessionActor::do_state_change(QueuedCommand& command, SessionCommand kind, std::string data) {
  const auto change = transition(model_.state(), kind);
  if (!change) return refuse(command, change.error());
  CommitDraft next = draft(command.command.id);
  next.add(change->event, actor_of(command.command), std::move(data));
  remember(next, command.command, "{}");
  commit(std::move(next), [self = shared_from_this(), kind,
                           command = std::move(command)](Result<void> result) mutable {
    if (result) self->state_changed(kind);
    self->reply_info(command, result);
  });
}

void SessionActor::state_changed(SessionCommand kind) {
  if (kind == SessionCommand::remove) {
    gone_ = Error::fixed(ErrorCode::not_found, "the session was deleted");
    viewers_.close_all();
  }
  if (kind != SessionCommand::resume && auto_run_) {
    end_run(kind == SessionCommand::pause ? "paused" : "completed");
  }
  arm_session_timer();
}

void SessionActor::do_join(QueuedCommand& command) {
  const Participant& joining = command.command.joining;
  if (joining.id.empty() || joining.id.size() > 128) {
    return refuse(command, Error::fixed(ErrorCode::invalid_argument,
                                        "participant.id: 1 to 128 bytes are needed"));
  }
  const Participant* known = model_.participant(joining.id);
  if (known && known->present) {
    return refuse(command, Error::fixed(ErrorCode::already_exists,
                                        "participant: somebody of that id is in the session"));
  }
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  if (!joining.is_human && !preset_->preset().find_character(joining.id)) {
    return refuse(
        command,
        Error::fixed(ErrorCode::not_found,
                     "participant: an AI must be a character of the preset; use one of its ids"));
  }
  CommitDraft next = draft(command.command.id);
  next.add("participant.joined", actor_of(command.command), participant_data(joining));
  commit_simple(std::move(next), command);
}

void SessionActor::do_leave(QueuedCommand& command) {
  const Participant* leaving = model_.participant(command.command.participant);
  if (!leaving || !leaving->present) {
    return refuse(command, Error::fixed(ErrorCode::not_found,
                                        "participant: nobody of that id is in the session"));
  }
  CommitDraft next = draft(command.command.id);
  std::string data;
  JsonWriter(data).begin_object().member("participant", leaving->id).end_object();
  next.add("participant.left", actor_of(command.command), std::move(data));
  commit_simple(std::move(next), command);
}

void SessionActor::do_set_variable(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  const auto faults =
      check_variables(preset_->preset(), {{command.command.name, command.command.value}});
  if (!faults.empty()) {
    return refuse(
        command,
        Error(ErrorCode::invalid_argument, faults[0].message).with_pointer(faults[0].pointer));
  }
  CommitDraft next = draft(command.command.id);
  std::string data;
  JsonWriter(data)
      .begin_object()
      .member("name", command.command.name)
      .member("value", command.command.value)
      .end_object();
  next.add("variable.changed", actor_of(command.command), std::move(data));
  remember(next, command.command, "{}");
  commit(std::move(next),
         [self = shared_from_this(), command = std::move(command)](Result<void> result) mutable {
           if (result) self->preset_.reset();  // rendered anew with the new value when next needed
           self->reply_info(command, result);
         });
}

void SessionActor::do_emit(QueuedCommand& command) {
  auto data = parse_json(command.command.value,
                         {.max_bytes = core_.config().limits.message_bytes, .careful = true});
  if (!data || !data->is_object()) {
    return refuse(command,
                  Error::fixed(ErrorCode::invalid_argument,
                               "data: a JSON object within limits.message_bytes is needed"));
  }
  CommitDraft next = draft(command.command.id);
  next.add("app." + command.command.name, actor_of(command.command), command.command.value,
           command.command.audience);
  commit_simple(std::move(next), command);
}

// --- the line: choose and undo -------------------------------------------------------------------

void SessionActor::do_choose(QueuedCommand& command) {
  const Message* wanted = model_.find(command.command.message);
  const Message* last = model_.last_on_line();
  if (!wanted || !last) {
    return refuse(command,
                  Error::fixed(ErrorCode::not_found, "message: the session has none of that id"));
  }
  const auto others = model_.alternatives(last->id);
  const bool is_alternative = std::find(others.begin(), others.end(), wanted) != others.end();
  if (!is_alternative || wanted == last) {
    return refuse(
        command, Error::fixed(ErrorCode::invalid_argument,
                              "message: only another alternative of the last reply can be chosen"));
  }
  CommitDraft next = draft(command.command.id);
  next.add("message.superseded", actor_of(command.command),
           superseded_data({last->id}, {wanted->id}, "choose"));
  commit_line_change(std::move(next), last->id, command);
}

void SessionActor::do_undo(QueuedCommand& command) {
  const Message* last = model_.last_on_line();
  if (!last || last->turn.empty()) {
    return refuse(command,
                  Error::fixed(ErrorCode::wrong_state, "undo: there is no turn to take back"));
  }
  std::vector<std::string> ids;
  for (const Message* message : model_.line()) {
    if (message->turn == last->turn) ids.push_back(message->id);
  }
  const std::string first = ids.front();
  CommitDraft next = draft(command.command.id);
  next.add("message.superseded", actor_of(command.command), superseded_data(ids, {}, "undo"));
  commit_line_change(std::move(next), first, command);
}

void SessionActor::commit_line_change(CommitDraft next, const std::string& from,
                                      QueuedCommand& command) {
  remember(next, command.command, "{}");
  commit(std::move(next), [self = shared_from_this(), from,
                           command = std::move(command)](Result<void> result) mutable {
    if (result) self->forget_from(from);
    self->reply_info(command, result);
  });
}

std::string SessionActor::supersede(const std::vector<std::string>& ids, std::string_view reason) {
  return superseded_data(ids, {}, reason);
}

// --- fork ----------------------------------------------------------------------------------------

void SessionActor::do_fork(QueuedCommand& command) {
  std::uint64_t at = model_.last_seq();
  if (!command.command.message.empty()) {
    const Message* message = model_.find(command.command.message);
    if (!message)
      return refuse(command,
                    Error::fixed(ErrorCode::not_found, "message: the session has none of that id"));
    auto end = end_of_message(*message);
    if (!end) return refuse(command, end.error());
    at = *end;
  }
  const auto birth = core_.next_birth();
  CommitDraft fork(tenant_, birth.id, 0, core_.clock().wall(), command.command.id);
  std::string data;
  JsonWriter writer(data);
  writer.begin_object()
      .member("parent", id_)
      .member("at", at)
      .member("seed", std::to_string(birth.seed))
      .end_object();
  fork.add("session.forked", actor_of(command.command), std::move(data));
  remember(fork, command.command, "{\"session\":\"" + birth.id + "\"}");

  auto events = fork.take_events();
  auto prefix = load_model(*core_.storage(), tenant_, id_, at);
  if (!events || !prefix) return refuse(command, events ? prefix.error() : events.error());
  auto facts = prefix->preview(*events);
  if (!facts) return refuse(command, facts.error());
  Batch batch = fork.take_batch(*events, *facts);
  auto held = std::make_shared<QueuedCommand>();
  StorageQueue::Done done = [self = shared_from_this(), held, id = birth.id](Result<void> result) {
    self->busy_ = false;
    if (!result) {
      refuse(*held, result.error());
    } else if (held->reply) {
      CommandResult answer;
      answer.session = id;
      held->reply(std::move(answer));
    }
    self->touch_waiting(-1);
    self->pump();
    self->core_.notify();
  };
  *held = std::move(command);
  busy_ = true;
  touch_waiting(1);
  auto submitted = host_.storage().submit(std::move(batch), std::move(done));
  if (submitted) return;
  busy_ = false;
  touch_waiting(-1);
  refuse(*held, submitted.error());
}

// A fork at a message takes its scores along: they follow it in the log, before the next message.
Result<std::uint64_t> SessionActor::end_of_message(const Message& message) {
  if (message.seq == 0 || message.seq > model_.last_seq()) return model_.last_seq();
  std::uint64_t end = message.seq;
  auto events = core_.storage()->read_events(tenant_, session_stream(id_), message.seq, 8);
  if (!events) return events.error();
  for (const auto& event : *events) {
    const bool belongs = event.type == "metrics.stored" || event.type == "budget.settled" ||
                         event.type == "turn.finished" || event.type == "message.superseded";
    if (!belongs || event.seq > model_.last_seq()) break;
    end = event.seq;
  }
  return end;
}

// --- side questions
// --------------------------------------------------------------------------------

void SessionActor::do_aside(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  TurnPlan plan;
  plan.kind = "aside";
  plan.turn = "aside";
  plan.cause = command.command.id;
  const auto line = model_.line();
  const PlanInput input{.config = core_.config(),
                        .preset = *preset_,
                        .facts = model_.facts(),
                        .line = line,
                        .speaker = command.command.character,
                        .call_model = command.command.model,
                        .task = PromptTask::aside,
                        .question = command.command.text,
                        .json_schema = command.command.value,
                        .purpose = Purpose::aside,
                        .send_seed = core_.config().seed.has_value()};
  if (auto composed = compose_plan(input, plan); !composed)
    return refuse(command, composed.error());
  auto provider = host_.provider(plan.provider);
  if (!provider) return refuse(command, provider.error());
  auto run = std::make_shared<AsideRun>(
      std::move(plan), [self = shared_from_this(), command = std::move(command)](
                           AsideEnd end) mutable { self->aside_ended(std::move(end), command); });
  asides_.push_back(run);
  touch_waiting(1);
  try {
    run->start(**provider);
  } catch (...) {
    // Nothing was asked. The command goes with the run, and its caller hears of it.
    std::erase(asides_, run);
    touch_waiting(-1);
  }
}

void SessionActor::aside_ended(AsideEnd end, QueuedCommand& command) {
  std::erase_if(asides_, [&](const auto& aside) { return aside->ended(); });
  // The books are a commit like any other: it waits for its turn in the queue.
  auto task = [self = shared_from_this(), end = std::move(end),
               command = std::move(command)]() mutable {
    self->settle_aside(std::move(end), command);
  };
  after_commit(std::move(task));
}

void SessionActor::settle_aside(AsideEnd end, QueuedCommand& command) {
  const Money cost = core_.price(end.model, end.usage);
  CommitDraft books = draft(command.command.id);
  books.add("budget.settled", "engine", settled_data("aside", {}, end.usage, cost),
            {Audience::Kind::hosts, {}});
  commit(std::move(books), [self = shared_from_this(), end = std::move(end), cost,
                            command = std::move(command)](Result<void> result) mutable {
    self->touch_waiting(-1);
    if (!result) return refuse(command, result.error());
    if (end.error) return refuse(command, *end.error);
    CommandResult answer;
    answer.info = self->model_.info();
    answer.aside = {std::move(end.text), end.usage, cost};
    if (command.reply) command.reply(std::move(answer));
  });
}

std::string SessionActor::settled_data(std::string_view purpose, std::string_view turn,
                                       const Usage& usage, Money cost) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("purpose", purpose);
  if (!turn.empty()) writer.member("turn", turn);
  writer.key("usage");
  write_usage(writer, usage);
  writer.member("cost", cost.to_string()).member("estimated", usage.estimated).end_object();
  return data;
}

}  // namespace scena::engine

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "domain/message_json.hpp"
#include "engine/actor/first_result.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/session_meter.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {

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

std::string SessionActor::actor_of(const Command& command) {
  if (!command.participant.empty()) return command.participant;
  return command.who.is_host() ? "host" : command.who.subject;
}

void SessionActor::do_create(QueuedCommand& command) {
  CommitDraft creation(tenant_, id_, 0, core_.clock().wall(), command.command.id);
  creation.add("session.created", "host", command.command.value);
  // Each time: an erasure may take the text away until this very commit.
  creation.add_blob({tenant_, snapshot_->sha256, "application/json", snapshot_->json});
  if (command.command.repeatable) {
    creation.remember(first_result({tenant_, "command", command_key({}, command.command)},
                                   "{\"kind\":\"create\",\"session\":\"" + id_ + "\"}",
                                   creation.time(), id_));
  }
  commit(std::move(creation), [self = shared_from_this(),
                               command = std::move(command)](Result<void> result) mutable {
    if (!result) {
      const bool taken = result.error().code() == ErrorCode::conflict;
      self->gone_ = taken ? Error::fixed(ErrorCode::already_exists,
                                         "session: the id is taken; leave `id` empty for a new one")
                          : result.error();
      self->core_.forget(*self);
      return refuse(command, *self->gone_);
    }
    {
      const std::lock_guard lock(self->model_mutex_);
      self->expected_.reset();
    }
    self->core_.creation_ended(self->id_);
    if (command.command.repeatable) self->core_.forget_old_creations(self->tenant_, self->host_);
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
    auto scores = measure(draft, message);
    add_message(draft, message, std::move(scores));
    fresh.push_back(std::move(message));
  }
  return {};
}

void SessionActor::do_start(QueuedCommand& command) {
  CommitDraft start = draft(command.command.id);
  std::vector<Message> fresh;
  if (auto added = add_start(start, fresh); !added) return refuse(command, added.error());
  remember(start, command);
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
  if (kind == SessionCommand::complete) {
    add_completed(next, actor_of(command.command), std::move(data));
  } else {
    next.add(change->event, actor_of(command.command), std::move(data));
  }
  remember(next, command);
  commit(std::move(next), [self = shared_from_this(), kind,
                           command = std::move(command)](Result<void> result) mutable {
    if (result) self->state_changed(kind);
    self->reply_info(command, result);
  });
}

void SessionActor::do_remove(QueuedCommand& command) {
  const std::uint64_t end = command.command.end_seq;
  const auto& ended = model_.facts().ended;
  if (end != 0 && (run_ || !ended || ended->seq != end))
    return refuse(command, Error::fixed(ErrorCode::conflict, "the session runs again"));
  do_state_change(command, SessionCommand::remove, "{}");
}

void SessionActor::state_changed(SessionCommand kind) {
  if (kind == SessionCommand::remove) {
    gone_ = Error::fixed(ErrorCode::not_found, "the session was deleted");
    stop_analysis();
    stop_judging();
    viewers_.close_all();
  }
  if (kind != SessionCommand::resume && auto_run_) {
    end_run(kind == SessionCommand::pause ? "paused" : "completed");
  }
  arm_session_timer();
}

void SessionActor::do_join(QueuedCommand& command) {
  const Participant& joining = command.command.joining;
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
    return refuse(command,
                  Error(ErrorCode::invalid_argument, faults[0].pointer + ": " + faults[0].message)
                      .with_pointer(faults[0].pointer));
  }
  const Variable* variable = preset_->preset().find_variable(command.command.name);
  if (variable->required && trim(command.command.value).empty()) {
    const std::string pointer = json_pointer("/variables", command.command.name);
    return refuse(command, Error(ErrorCode::invalid_argument,
                                 pointer + ": is required; the session cannot go on without it")
                               .with_pointer(pointer));
  }
  CommitDraft next = draft(command.command.id);
  std::string data;
  JsonWriter(data)
      .begin_object()
      .member("name", command.command.name)
      .member("value", command.command.value)
      .end_object();
  next.add("variable.changed", actor_of(command.command), std::move(data));
  remember(next, command);
  commit(std::move(next),
         [self = shared_from_this(), command = std::move(command)](Result<void> result) mutable {
           if (result) self->preset_.reset();  // rendered anew with the new value when next needed
           self->reply_info(command, result);
         });
}

void SessionActor::do_update(QueuedCommand& command) {
  CommitDraft next = draft(command.command.id);
  next.add("session.updated", actor_of(command.command), command.command.value);
  commit_simple(std::move(next), command);
}

// The data keeps its members and their order; an event stays one line.
void SessionActor::do_annotate(QueuedCommand& command) {
  const auto data = parse_json_ordered(command.command.value, {.careful = true});
  if (!data) return refuse(command, data.error());
  CommitDraft next = draft(command.command.id);
  next.add("app." + command.command.name, actor_of(command.command), dump_json(*data),
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
  commit_line_change(std::move(next), command);
}

void SessionActor::do_undo(QueuedCommand& command) {
  const Message* last = model_.last_on_line();
  if (!last || (last->place.empty() && last->pinned)) {
    return refuse(command,
                  Error::fixed(ErrorCode::wrong_state, "undo: there is no turn to take back"));
  }
  std::vector<std::string> ids;
  for (const Message* message : model_.line()) {
    if (message == last || (!last->place.empty() && message->place == last->place))
      ids.push_back(message->id);
  }
  CommitDraft next = draft(command.command.id);
  next.add("message.superseded", actor_of(command.command), superseded_data(ids, {}, "undo"));
  commit_line_change(std::move(next), command);
}

void SessionActor::commit_line_change(CommitDraft next, QueuedCommand& command) {
  remember(next, command);
  commit(std::move(next),
         [self = shared_from_this(), command = std::move(command)](Result<void> result) mutable {
           if (result) self->meter_.reset();  // measures follow the line, made again when needed
           self->reply_info(command, result);
         });
}

std::string SessionActor::supersede(const std::vector<std::string>& ids, std::string_view reason) {
  return superseded_data(ids, {}, reason);
}

}  // namespace scena::engine

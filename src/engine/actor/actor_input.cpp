#include <algorithm>
#include <atomic>

#include "base/text.hpp"
#include "engine/access/command_check.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_state.hpp"

// What a person says on its way in: who speaks, the preset's own limit, the host's filter.

namespace scena::engine {

Result<void> SessionActor::check_human_text(std::string_view text) const {
  std::size_t limit = core_.config().limits.message_bytes;
  const std::size_t own = preset_ ? preset_->preset().limits.message_bytes : 0;
  if (own != 0) limit = std::min(limit, own);
  return check_text("text", text, limit);
}

// Whom a principal may speak for. Nobody but the host puts words into a character's mouth.
Result<void> SessionActor::may_speak_as(const Principal& who,
                                        const Participant& participant) const {
  if (who.is_host()) return {};
  const bool own = participant.subject.empty() ? participant.id == who.participant
                                               : participant.subject == who.subject;
  if (participant.is_human && own) return {};
  return Error::fixed(ErrorCode::permission_denied,
                      "participant: another user, or a character, speaks for this one");
}

Result<void> SessionActor::check_audience(const Audience& audience) const {
  if (audience.kind != Audience::Kind::named) return {};
  for (const auto& name : audience.names) {
    if (!name.starts_with("role:") && !model_.participant(name)) {
      return Error(ErrorCode::not_found,
                   "audience: nobody of the id \"" + name +
                       "\" is in the session; use participants' ids or \"role:<name>\"");
    }
  }
  return {};
}

Result<std::string> SessionActor::human_speaker(const Command& command) const {
  std::string speaker =
      !command.participant.empty() ? command.participant : command.who.participant;
  if (speaker.empty()) {
    for (const auto& participant : model_.info().participants) {
      const bool mine = command.who.subject.empty() || participant.subject == command.who.subject;
      if (!participant.is_human || !participant.present || !mine) continue;
      if (!speaker.empty())
        return Error::fixed(ErrorCode::invalid_argument,
                            "participant: several humans are present; name who speaks");
      speaker = participant.id;
    }
  }
  const Participant* found = model_.participant(speaker);
  if (!found || !found->present) {
    return Error::fixed(ErrorCode::not_found,
                        "participant: nobody of that id is present; join the session first");
  }
  if (auto allowed = may_speak_as(command.who, *found); !allowed) return allowed.error();
  return speaker;
}

Result<Message> SessionActor::human_message(const Command& command) const {
  auto speaker = human_speaker(command);
  if (!speaker) return speaker.error();
  if (auto known = check_audience(command.audience); !known) return known.error();
  const Participant& found = *model_.participant(*speaker);
  Message message;
  message.speaker = *speaker;
  message.from_human = found.is_human;
  message.subject = found.subject;
  message.parts.push_back({MessagePart::Kind::text, command.text, {}, {}, 0});
  message.audience = command.audience;
  auto& names = message.audience.names;
  if (message.audience.kind == Audience::Kind::named &&
      std::find(names.begin(), names.end(), *speaker) == names.end()) {
    names.push_back(*speaker);
  }
  return message;
}

// Who is on record as the source of a text that goes to the filter.
Result<std::string> SessionActor::filter_speaker(const Command& command) const {
  if (command.kind == SessionCommand::aside) return command.character;
  if (command.kind == SessionCommand::edit && command.participant.empty()) {
    const Message* old = model_.find(command.message);
    return old ? old->speaker : std::string();
  }
  return human_speaker(command);
}

// The host's filter sees the text first; until it answers, the session takes no other command.
void SessionActor::filter_input(QueuedCommand& command,
                                void (SessionActor::*next)(QueuedCommand&)) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  const bool is_message = command.command.kind != SessionCommand::aside;
  if (auto good = is_message ? check_human_text(command.command.text) : Result<void>(); !good)
    return refuse(command, good.error());
  if (!core_.dependencies().filter) return (this->*next)(command);
  const auto speaker = filter_speaker(command.command);
  if (!speaker) return refuse(command, speaker.error());
  auto check = std::make_shared<InputCheck>();
  const auto turn = command.turn;
  check->command = std::move(command);
  check->next = next;
  input_check_ = check;
  busy_ = true;
  touch_waiting(1);
  if (turn) {
    // A turn that is cancelled while the filter thinks does not wait for it.
    check->stopped.emplace(turn->stop_token(), [gate = host_.gate(), weak = weak_from_this(),
                                                held = std::weak_ptr(check)] {
      gate->post([weak, held] {
        const auto self = weak.lock();
        if (self && held.lock() && self->input_check_ == held.lock())
          self->drop_input_check(Error::fixed(ErrorCode::cancelled, "cancelled before it began"));
      });
    });
  }
  ask_filter(true, {id_, *speaker, true}, check->command.command.text,
             [self = shared_from_this(), check](const FilterVerdict& verdict) {
               if (self->input_check_ == check) self->input_judged(verdict);
             });
}

void SessionActor::input_judged(const FilterVerdict& verdict) {
  const auto check = std::exchange(input_check_, nullptr);
  const EndOfWork ends(*this);
  QueuedCommand& command = check->command;
  check->stopped.reset();
  busy_ = false;
  if (verdict.action == FilterVerdict::Action::block) {
    refuse(command, Error(ErrorCode::content_filtered, "the host's filter blocked the message (" +
                                                           sound_text(verdict.reason) + ")"));
  } else {
    if (verdict.action == FilterVerdict::Action::rewrite)
      command.command.text = sound_text(verdict.text);
    const bool is_message = command.command.kind != SessionCommand::aside;
    if (auto good = is_message ? check_human_text(command.command.text) : Result<void>(); !good) {
      refuse(command, good.error());
    } else {
      try {
        (this->*check->next)(command);
      } catch (const std::bad_alloc&) {
        refuse(command, Error::fixed(ErrorCode::out_of_memory,
                                     "not enough memory; the session is as before"));
      }
    }
  }
  pump();
}

// Nobody waits for the filter's answer any more.
void SessionActor::drop_input_check(const Error& why) {
  const auto check = std::exchange(input_check_, nullptr);
  if (!check) return;
  const EndOfWork ends(*this);
  check->stopped.reset();
  busy_ = false;
  refuse(check->command, why);
  pump();
}

// Asks the host's filter about one whole text. It may answer from any thread, once; when it throws
// or lets the longest reply time pass, nothing goes through.
void SessionActor::ask_filter(bool input, const FilterContext& context, std::string_view text,
                              FilterAnswer then) {
  struct Question {
    std::atomic<bool> answered{false};
    FilterAnswer then;
    net::TimerId timer = 0;
  };
  auto question = std::make_shared<Question>();
  question->then = std::move(then);
  const auto conclude = [self = shared_from_this(), question](const FilterVerdict& verdict) {
    if (question->timer != 0) self->host_.loop().cancel(question->timer);
    question->timer = 0;
    auto call = std::move(question->then);
    if (call) call(verdict);
  };
  auto answer = [gate = host_.gate(), question, conclude](FilterVerdict verdict) {
    if (question->answered.exchange(true)) return;
    gate->post([conclude, verdict = std::move(verdict)] { conclude(verdict); });
  };
  if (const auto limit = core_.config().timeouts.total; limit.count() > 0) {
    question->timer = host_.loop().after(limit, [question, conclude, this] {
      question->timer = 0;
      if (question->answered.exchange(true)) return;
      core_.log().error("the host's filter did not answer in time", {{"session", id_}});
      conclude({FilterVerdict::Action::block, {}, "filter_timeout"});
    });
  }
  try {
    const auto& filter = core_.dependencies().filter;
    input ? filter->check_input(context, text, answer)
          : filter->check_output(context, text, answer);
  } catch (...) {
    core_.log().error("the host's filter threw an exception", {{"session", id_}});
    answer({FilterVerdict::Action::block, {}, "filter_failed"});
  }
}

}  // namespace scena::engine

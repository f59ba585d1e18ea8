#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <scena/session.hpp>
#include <string>
#include <string_view>

#include "base/unique_function.hpp"
#include "domain/session_state.hpp"

namespace scena::engine {

class TurnState;

/// A change that somebody asks of a session, as a value: it can be queued, forwarded, recorded and
/// simulated. Which members count depends on the kind.
struct Command {
  SessionCommand kind = SessionCommand::send;
  std::string id;           ///< The host's, or one made here.
  bool repeatable = false;  ///< The host gave the id: the same id again gets the first result.
  Principal who;
  std::string participant;  ///< Who speaks, joins or leaves.
  std::string character;    ///< Who answers or is asked.
  std::string text;
  std::string message;  ///< Id of the message meant.
  std::string model;
  std::string name;         ///< Of a variable or an event.
  std::string value;        ///< Text form, or JSON for events.
  std::string json_schema;  ///< What the answer must follow.
  bool repair = false;      ///< One that does not is asked for once more.
  Audience audience;
  bool reply = true;
  std::uint32_t max_turns = 0;
  /// Deletes only a session that ended with this event and does not run again; 0: any.
  std::uint64_t end_seq = 0;
  std::chrono::milliseconds deadline{0};
  Participant joining;

  std::string to_json() const;
  static Result<Command> from_json(std::string_view json);
  bool operator==(const Command&) const = default;
};

/// What a command led to; which members count depends on its kind.
struct CommandResult {
  SessionInfo info;
  std::string turn;
  std::string session;  ///< Of a fork.
  AsideResult aside;
  NextQuestion question;
  RunResult run;
};

using CommandReply = UniqueFunction<void(Result<CommandResult>)>;

/// A command on its way, with whoever waits for it.
struct QueuedCommand {
  Command command;
  CommandReply reply;               ///< Called once, on the session's strand; may be empty.
  std::shared_ptr<TurnState> turn;  ///< For commands that start a turn.
};

}  // namespace scena::engine

#pragma once

#include <optional>
#include <scena/error.hpp>
#include <scena/result.hpp>
#include <scena/session_state.hpp>
#include <string_view>
#include <vector>

namespace scena {

/// What can be asked of a session. Reading is not a command.
enum class SessionCommand {
  create,
  start,
  send,   ///< A message of a human, or one put into an AI's mouth.
  speak,  ///< Let a character say something without a new message before it.
  pause,
  resume,  ///< From paused or error.
  complete,
  fail,
  cancel,  ///< The running turn.
  regenerate,
  edit,
  undo,
  continue_reply,  ///< "continue": let a cut reply go on.
  aside,
  fork,
  join,
  leave,
  set_variable,
  update,    ///< Title and labels.
  choose,    ///< Another alternative of the last reply.
  annotate,  ///< An event of the host's own, app.<name>.
  analyze,
  next_question,
  escape,  ///< Somebody skipped something.
  remove,  ///< "delete"
};

inline constexpr std::size_t kSessionStateCount = 5;
inline constexpr std::size_t kSessionCommandCount = 25;

const char* to_string(SessionCommand command) noexcept;
std::optional<SessionCommand> parse_session_command(std::string_view name) noexcept;

/// What an allowed command does.
struct Transition {
  std::optional<SessionState> next;  ///< Empty: the session is gone.
  std::string_view event;  ///< The event it leads to first; for `annotate` the prefix "app.".
  bool operator==(const Transition&) const = default;
};

/// The one table of session states. `state` is empty when there is no such session: then only
/// `create` is allowed. A refusal names state, command and what is allowed (wrong_state; not_found
/// without a session; already_exists for `create` with one) and changes nothing.
Result<Transition> transition(std::optional<SessionState> state, SessionCommand command);

bool is_allowed(std::optional<SessionState> state, SessionCommand command) noexcept;
std::vector<SessionCommand> allowed_commands(std::optional<SessionState> state);

}  // namespace scena

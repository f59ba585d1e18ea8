#include "domain/session_state.hpp"

#include <fmt/format.h>

#include <array>

namespace scena {
namespace {

using S = SessionState;
using C = SessionCommand;

constexpr std::array<const char*, kSessionStateCount> kStates = {"pending", "active", "paused",
                                                                 "completed", "error"};
constexpr std::array<const char*, kSessionCommandCount> kCommands = {
    "create",  "start",         "send",       "speak",        "pause",  "resume",   "complete",
    "fail",    "cancel",        "regenerate", "edit",         "undo",   "continue", "aside",
    "fork",    "join",          "leave",      "set_variable", "update", "choose",   "annotate",
    "analyze", "next_question", "escape",     "delete"};

// What a state becomes: itself, another, or nothing.
enum class Next { same, pending, active, paused, completed, error, gone };

struct Row {
  C command;
  std::array<bool, kSessionStateCount> allowed;  // pending, active, paused, completed, error
  Next next;
  const char* event;
};

// clang-format off
constexpr bool o = false, x = true;
constexpr std::array<Row, kSessionCommandCount> kTable = {{
    //                    pending active paused completed error
    {C::create,         {{o, o, o, o, o}}, Next::pending, "session.created"},  // where none is
    {C::start,          {{x, o, o, o, o}}, Next::active, "session.started"},
    {C::send,           {{o, x, o, o, o}}, Next::same, "message.stored"},
    {C::speak,          {{o, x, o, o, o}}, Next::same, "turn.started"},
    {C::pause,          {{o, x, o, o, o}}, Next::paused, "session.paused"},
    {C::resume,         {{o, o, x, o, x}}, Next::active, "session.resumed"},
    {C::complete,       {{o, x, x, o, o}}, Next::completed, "session.completed"},
    {C::fail,           {{x, x, x, o, o}}, Next::error, "session.failed"},
    {C::cancel,         {{o, x, x, o, o}}, Next::same, "turn.finished"},  // may outlast a pause
    {C::regenerate,     {{o, x, o, o, o}}, Next::same, "message.superseded"},
    {C::edit,           {{o, x, o, o, o}}, Next::same, "message.superseded"},
    {C::undo,           {{o, x, x, o, o}}, Next::same, "message.superseded"},
    {C::continue_reply, {{o, x, o, o, o}}, Next::same, "turn.started"},
    {C::aside,          {{o, x, x, x, o}}, Next::same, "budget.reserved"},
    {C::fork,           {{x, x, x, x, x}}, Next::same, "session.forked"},
    {C::join,           {{x, x, x, o, o}}, Next::same, "participant.joined"},
    {C::leave,          {{x, x, x, o, o}}, Next::same, "participant.left"},
    {C::set_variable,   {{x, x, x, o, o}}, Next::same, "variable.changed"},
    {C::update,         {{x, x, x, x, x}}, Next::same, "session.updated"},
    {C::choose,         {{o, x, x, o, o}}, Next::same, "message.superseded"},
    {C::annotate,       {{x, x, x, x, x}}, Next::same, "app."},
    {C::analyze,        {{o, o, o, x, o}}, Next::same, "analysis.queued"},
    {C::next_question,  {{o, x, x, o, o}}, Next::same, "question.chosen"},
    {C::escape,         {{x, x, x, o, o}}, Next::same, "escape.used"},
    {C::remove,         {{x, x, x, x, x}}, Next::gone, "session.deleted"},
}};
// clang-format on

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].command != static_cast<C>(i)) return false;
  }
  return true;
}
static_assert(rows_stand_in_order(), "kTable is read by the command's number");

constexpr const Row& row_of(C command) {
  return kTable[static_cast<std::size_t>(command)];
}

std::optional<S> next_state(Next next, std::optional<S> state) {
  switch (next) {
    case Next::same:
      return state;
    case Next::pending:
      return S::pending;
    case Next::active:
      return S::active;
    case Next::paused:
      return S::paused;
    case Next::completed:
      return S::completed;
    case Next::error:
      return S::error;
    case Next::gone:
      break;
  }
  return std::nullopt;
}

Error refusal(std::optional<S> state, C command) {
  if (!state) {
    return Error(ErrorCode::not_found,
                 fmt::format("there is no such session: \"{}\" needs one; \"create\" makes it",
                             to_string(command)));
  }
  std::string allowed;
  for (const C other : allowed_commands(state)) {
    if (!allowed.empty()) allowed += ", ";
    allowed += to_string(other);
  }
  const auto code = command == C::create ? ErrorCode::already_exists : ErrorCode::wrong_state;
  return Error(code, fmt::format("the session is {}: \"{}\" is not possible now; possible are: {}",
                                 to_string(*state), to_string(command), allowed));
}

}  // namespace

const char* to_string(SessionState state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}
const char* to_string(SessionCommand command) noexcept {
  return kCommands[static_cast<std::size_t>(command)];
}

std::optional<SessionState> parse_session_state(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (name == kStates[i]) return static_cast<S>(i);
  }
  return std::nullopt;
}

std::optional<SessionCommand> parse_session_command(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kCommands.size(); ++i) {
    if (name == kCommands[i]) return static_cast<C>(i);
  }
  return std::nullopt;
}

bool is_allowed(std::optional<SessionState> state, SessionCommand command) noexcept {
  if (!state) return command == C::create;
  return row_of(command).allowed[static_cast<std::size_t>(*state)];
}

std::vector<SessionCommand> allowed_commands(std::optional<SessionState> state) {
  std::vector<SessionCommand> allowed;
  for (const auto& row : kTable) {
    if (is_allowed(state, row.command)) allowed.push_back(row.command);
  }
  return allowed;
}

Result<Transition> transition(std::optional<SessionState> state, SessionCommand command) {
  if (!is_allowed(state, command)) return refusal(state, command);
  const Row& row = row_of(command);
  return Transition{next_state(row.next, state), row.event};
}

}  // namespace scena

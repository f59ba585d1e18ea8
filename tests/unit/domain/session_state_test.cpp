#include "domain/session_state.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

using namespace scena;

namespace {

constexpr SessionState kStates[] = {SessionState::pending, SessionState::active,
                                    SessionState::paused, SessionState::completed,
                                    SessionState::error};

// Written by hand from the documented states: "<state> <command>" -> "<next state> <event>". What
// is not here is refused.
const std::map<std::string, std::string> kAllowed = {
    {"pending start", "active session.started"},
    {"pending fail", "error session.failed"},
    {"pending fork", "pending session.forked"},
    {"pending join", "pending participant.joined"},
    {"pending leave", "pending participant.left"},
    {"pending set_variable", "pending variable.changed"},
    {"pending update", "pending session.updated"},
    {"pending annotate", "pending app."},
    {"pending escape", "pending escape.used"},
    {"pending delete", "gone session.deleted"},

    {"active send", "active message.stored"},
    {"active speak", "active turn.started"},
    {"active pause", "paused session.paused"},
    {"active complete", "completed session.completed"},
    {"active fail", "error session.failed"},
    {"active cancel", "active turn.finished"},
    {"active regenerate", "active message.superseded"},
    {"active edit", "active message.superseded"},
    {"active undo", "active message.superseded"},
    {"active continue", "active turn.started"},
    {"active aside", "active budget.reserved"},
    {"active fork", "active session.forked"},
    {"active join", "active participant.joined"},
    {"active leave", "active participant.left"},
    {"active set_variable", "active variable.changed"},
    {"active update", "active session.updated"},
    {"active choose", "active message.superseded"},
    {"active annotate", "active app."},
    {"active next_question", "active question.chosen"},
    {"active escape", "active escape.used"},
    {"active delete", "gone session.deleted"},

    {"paused resume", "active session.resumed"},
    {"paused complete", "completed session.completed"},
    {"paused fail", "error session.failed"},
    {"paused cancel", "paused turn.finished"},
    {"paused undo", "paused message.superseded"},
    {"paused aside", "paused budget.reserved"},
    {"paused fork", "paused session.forked"},
    {"paused join", "paused participant.joined"},
    {"paused leave", "paused participant.left"},
    {"paused set_variable", "paused variable.changed"},
    {"paused update", "paused session.updated"},
    {"paused choose", "paused message.superseded"},
    {"paused annotate", "paused app."},
    {"paused next_question", "paused question.chosen"},
    {"paused escape", "paused escape.used"},
    {"paused delete", "gone session.deleted"},

    {"completed aside", "completed budget.reserved"},
    {"completed fork", "completed session.forked"},
    {"completed update", "completed session.updated"},
    {"completed annotate", "completed app."},
    {"completed analyze", "completed analysis.queued"},
    {"completed delete", "gone session.deleted"},

    {"error resume", "active session.resumed"},
    {"error fork", "error session.forked"},
    {"error update", "error session.updated"},
    {"error annotate", "error app."},
    {"error delete", "gone session.deleted"},
};

}  // namespace

TEST_CASE(
    "every pair of state and command gives the documented transition or one refusal that names "
    "both") {
  std::size_t allowed = 0;
  for (const auto state : kStates) {
    for (std::size_t i = 0; i < kSessionCommandCount; ++i) {
      const auto command = static_cast<SessionCommand>(i);
      const std::string pair = std::string(to_string(state)) + " " + to_string(command);
      CAPTURE(pair);
      const auto result = transition(state, command);
      const auto expected = kAllowed.find(pair);
      CHECK(is_allowed(state, command) == (expected != kAllowed.end()));
      if (expected != kAllowed.end()) {
        REQUIRE(result);
        CHECK((result->next ? to_string(*result->next) : "gone") + std::string(" ") +
                  std::string(result->event) ==
              expected->second);
        ++allowed;
        continue;
      }
      REQUIRE_FALSE(result);
      const std::string text = result.error().what();
      CHECK(result.error().code() == (command == SessionCommand::create ? ErrorCode::already_exists
                                                                        : ErrorCode::wrong_state));
      CHECK(text.find(std::string("session is ") + to_string(state)) != std::string::npos);
      CHECK(text.find("\"" + std::string(to_string(command)) + "\"") != std::string::npos);
      for (const auto other : allowed_commands(state))
        CHECK(text.find(to_string(other)) != std::string::npos);
    }
  }
  CHECK(allowed == kAllowed.size());
}

TEST_CASE("without a session only create is possible") {
  for (std::size_t i = 0; i < kSessionCommandCount; ++i) {
    const auto command = static_cast<SessionCommand>(i);
    const auto result = transition(std::nullopt, command);
    if (command == SessionCommand::create) {
      REQUIRE(result);
      CHECK(result->next == SessionState::pending);
      CHECK(result->event == "session.created");
    } else {
      REQUIRE_FALSE(result);
      CHECK(result.error().code() == ErrorCode::not_found);
    }
  }
}

TEST_CASE("names of states and commands are read back, and nothing else is") {
  std::set<std::string> names;
  for (const auto state : kStates) CHECK(parse_session_state(to_string(state)) == state);
  for (std::size_t i = 0; i < kSessionCommandCount; ++i) {
    const auto command = static_cast<SessionCommand>(i);
    CHECK(parse_session_command(to_string(command)) == command);
    names.insert(to_string(command));
  }
  CHECK(names.size() == kSessionCommandCount);
  CHECK_FALSE(parse_session_state("ACTIVE"));
  CHECK_FALSE(parse_session_command(""));
}

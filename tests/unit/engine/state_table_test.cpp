#include <doctest/doctest.h>

#include <functional>
#include <map>

#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

using Act = std::function<void(Session&)>;

// Every command that changes a session, as a host gives it.
const std::map<std::string, Act> kCommands = {
    {"start", [](Session& session) { session.start().get(); }},
    {"send", [](Session& session) { session.send_wait("Hello."); }},
    {"speak", [](Session& session) { session.prompt({.character = "host"}).wait(); }},
    {"run", [](Session& session) { session.run({.max_turns = 1}).get(); }},
    {"pause", [](Session& session) { session.pause().get(); }},
    {"resume", [](Session& session) { session.resume().get(); }},
    {"complete", [](Session& session) { session.complete().get(); }},
    {"fail", [](Session& session) { session.fail().get(); }},
    {"regenerate", [](Session& session) { session.regenerate().wait(); }},
    {"edit", [](Session& session) { session.edit("m1", "Hi.").wait(); }},
    {"undo", [](Session& session) { session.undo().get(); }},
    {"continue", [](Session& session) { session.continue_reply().wait(); }},
    {"aside", [](Session& session) { session.ask_aside("host", "Well?").get(); }},
    {"fork", [](Session& session) { session.fork().get(); }},
    {"join",
     [](Session& session) {
       session.join({.id = "anna", .name = "Anna", .is_human = true}).get();
     }},
    {"leave", [](Session& session) { session.leave("guest").get(); }},
    {"set_variable", [](Session& session) { session.set_variable("mood", "calm").get(); }},
    {"update", [](Session& session) { session.update({.title = "Another"}).get(); }},
    {"choose", [](Session& session) { session.choose("m2").get(); }},
    {"annotate", [](Session& session) { session.annotate("note", "{}").get(); }},
    {"analyze", [](Session& session) { session.analyze().get(); }},
    {"next_question", [](Session& session) { session.next_question().get(); }},
    {"escape", [](Session& session) { session.flag_escape().get(); }},
    {"delete", [](Session& session) { session.remove().get(); }},
};

// Written by hand from the documented states: the state after, and the first event.
const std::map<std::string, std::string> kAllowed = {
    {"pending start", "active session.started"},
    {"pending send", "active session.started"},  // a first message starts it
    {"pending speak", "active session.started"},
    {"pending run", "active session.started"},
    {"pending fail", "error session.failed"},
    {"pending fork", "pending -"},  // its event stands in the new session's stream
    {"pending join", "pending participant.joined"},
    {"pending leave", "pending participant.left"},
    {"pending set_variable", "pending variable.changed"},
    {"pending update", "pending session.updated"},
    {"pending annotate", "pending app.note"},
    {"pending escape", "pending escape.used"},
    {"pending delete", "gone session.deleted"},

    {"active send", "active message.stored"},
    {"active speak", "active turn.started"},
    {"active run", "active -"},  // the human's turn
    {"active pause", "paused session.paused"},
    {"active complete", "completed session.completed"},
    {"active fail", "error session.failed"},
    {"active regenerate", "active turn.started"},
    {"active edit", "active message.superseded"},
    {"active undo", "active message.superseded"},
    {"active continue", "active turn.started"},
    {"active aside", "active budget.reserved"},
    {"active fork", "active -"},
    {"active join", "active participant.joined"},
    {"active leave", "active participant.left"},
    {"active set_variable", "active variable.changed"},
    {"active update", "active session.updated"},
    {"active choose", "active message.superseded"},
    {"active annotate", "active app.note"},
    {"active next_question", "active question.chosen"},
    {"active escape", "active escape.used"},
    {"active delete", "gone session.deleted"},

    {"paused resume", "active session.resumed"},
    {"paused complete", "completed session.completed"},
    {"paused fail", "error session.failed"},
    {"paused next_question", "paused question.chosen"},
    {"paused escape", "paused escape.used"},
    {"paused undo", "paused message.superseded"},
    {"paused aside", "paused budget.reserved"},
    {"paused fork", "paused -"},
    {"paused join", "paused participant.joined"},
    {"paused leave", "paused participant.left"},
    {"paused set_variable", "paused variable.changed"},
    {"paused update", "paused session.updated"},
    {"paused choose", "paused message.superseded"},
    {"paused annotate", "paused app.note"},
    {"paused delete", "gone session.deleted"},

    {"completed aside", "completed budget.reserved"},
    {"completed fork", "completed -"},
    {"completed update", "completed session.updated"},
    {"completed annotate", "completed app.note"},
    {"completed analyze", "completed analysis.queued"},
    {"completed delete", "gone session.deleted"},

    {"error resume", "active session.resumed"},
    {"error fork", "error -"},
    {"error update", "error session.updated"},
    {"error annotate", "error app.note"},
    {"error delete", "gone session.deleted"},
};

Preset stage() {
  Preset preset = conformance::two_in_a_room();
  preset.variables = {{.name = "mood"}};
  return preset;
}

// A session in that state, with two alternatives of one reply where it has ever been active.
Session in_state(Engine& engine, const std::string& state) {
  Session session = engine.create_session(stage());
  engine.run_until_idle();
  if (state == "pending") return session;
  session.send_wait("Hello?");
  session.regenerate().wait();
  if (state == "paused") session.pause().get();
  if (state == "completed") session.complete().get();
  engine.run_until_idle();  // its analysis included
  if (state == "error") session.fail().get();
  return session;
}

// The first event of a session after `seq`, without the session's own handle: also when it is gone.
std::string first_event_after(Engine& engine, Events& events, std::uint64_t seq) {
  for (const auto& event : drain(engine, events)) {
    if (event.is_durable() && event.seq == seq + 1) return event.type;
  }
  return "-";
}

}  // namespace

TEST_CASE(
    "every state and command gives the documented next state and event, or one error that changes "
    "nothing") {
  std::size_t allowed = 0;
  for (const std::string state : {"pending", "active", "paused", "completed", "error"}) {
    for (const auto& [name, act] : kCommands) {
      const std::string pair = state + " " + name;
      CAPTURE(pair);
      Engine engine = Engine::open(scripted(R"(["One.","Two.","Three."])"));
      Session session = in_state(engine, state);
      REQUIRE(to_string(session.state()) == state);
      const std::string before = session.state_json();
      const std::uint64_t seq = session.info().last_seq;
      Events events = session.events({.after = std::to_string(seq)});
      std::optional<Error> error;
      try {
        act(session);
      } catch (const Error& thrown) {
        error = thrown;
      }
      engine.run_until_idle();
      const auto expected = kAllowed.find(pair);
      if (expected == kAllowed.end()) {
        REQUIRE(error);
        CHECK(error->code() == ErrorCode::wrong_state);
        CHECK(std::string(error->what()).find("session is " + state) != std::string::npos);
        CHECK(session.state_json() == before);
        CHECK(first_event_after(engine, events, seq) == "-");
        continue;
      }
      if (error) FAIL_CHECK(error->what());
      std::string now = "gone";
      if (code_of([&] { now = to_string(session.state()); }) == ErrorCode::not_found) now = "gone";
      const std::string event = first_event_after(engine, events, seq);
      CHECK(now + " " + event == expected->second);
      ++allowed;
    }
  }
  CHECK(allowed == kAllowed.size());
}

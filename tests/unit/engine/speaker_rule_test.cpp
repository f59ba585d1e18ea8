#include <doctest/doctest.h>

#include "conformance/stage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

constexpr const char* kNasty = "You are all stupid worthless idiots, I will kill you.";

Character ai(std::string id) {
  Character character;
  character.id = std::move(id);
  character.name = character.id;
  return character;
}

// By its order the cook answers first, then the host.
Preset three_at_a_table() {
  Preset preset = conformance::two_in_a_room();
  preset.characters.insert(preset.characters.begin(), ai("cook"));
  preset.characters.push_back(ai("guard"));
  preset.turn_policy.when = {
      {.metric = "toxicity", .speaker = "guest", .label = "toxic", .next = "guard"}};
  return preset;
}

std::string last_speaker(const Session& session) {
  return session.messages().back().speaker;
}

}  // namespace

TEST_CASE("a message's final score decides who answers it, and else the order does") {
  Engine engine = Engine::open(scripted(R"(["I see.","Go on.","Really?","Fine."])"));
  Session session = engine.create_session(three_at_a_table());
  session.send_wait("What a lovely evening.");
  CHECK(last_speaker(session) == "cook");
  session.send_wait(kNasty);
  CHECK(last_speaker(session) == "guard");
  session.send_wait("Sorry, that was not kind of me.");
  CHECK(last_speaker(session) == "host");
  SendOptions named;
  named.character = "cook";
  session.send_wait(kNasty, named);
  CHECK(last_speaker(session) == "cook");
}

TEST_CASE("an edited message is answered by who its new text asks for") {
  Engine engine = Engine::open(scripted(R"(["I see.","Go on.","Really?","Fine."])"));
  Session session = engine.create_session(three_at_a_table());
  session.send_wait(kNasty);
  const std::string message = session.messages().front().id;
  REQUIRE(last_speaker(session) == "guard");
  session.edit(message, "What a lovely evening.").wait();
  CHECK(last_speaker(session) != "guard");
  session.edit(session.messages().front().id, kNasty).wait();
  CHECK(last_speaker(session) == "guard");
}

TEST_CASE("a reply's score decides who speaks on, and a human who is next ends a run") {
  Preset preset = three_at_a_table();
  preset.turn_policy.when = {
      {.metric = "sentiment", .speaker = "cook", .label = "negative", .next = "guard"},
      {.metric = "sentiment", .speaker = "guard", .above = -1, .next = "guest"}};
  Engine engine = Engine::open(scripted(R"(["This is awful, horrible and disgusting."])"));
  Session session = engine.create_session(preset);
  session.send_wait("What is for dinner?");
  CHECK(last_speaker(session) == "cook");
  const RunResult run = session.run().get();
  CHECK(run.reason == "human");
  CHECK(run.turns == 1);
  CHECK(last_speaker(session) == "guard");
}

TEST_CASE("with policy host a rule lets a character answer, and without one nobody does") {
  Preset preset = three_at_a_table();
  preset.turn_policy.kind = TurnPolicy::Kind::host;
  Engine engine = Engine::open(scripted(R"(["I see.","Go on."])"));
  Session session = engine.create_session(preset);
  session.send_wait("What a lovely evening.");
  CHECK(last_speaker(session) == "guest");
  session.send_wait(kNasty);
  CHECK(last_speaker(session) == "guard");
}

TEST_CASE("a fork and another engine give the same next speaker from the stored log") {
  TempFolder folder;
  Config config = scripted(R"(["I see.","Go on.","Really?","Fine."])");
  config.storage = "sqlite:" + folder.file("talk.db");
  Preset preset = three_at_a_table();
  preset.turn_policy.when.push_back({.metric = "toxicity", .speaker = "guard", .next = "cook"});
  preset.turn_policy.when.back().below = 0.5;
  std::string id;
  {
    Engine engine = Engine::open(config);
    Session session = engine.create_session(preset);
    session.send_wait("What a lovely evening.");
    session.send_wait(kNasty);
    CHECK(last_speaker(session) == "guard");
    Session fork = session.fork().get();
    fork.prompt().wait();
    CHECK(last_speaker(fork) == "cook");
    id = session.id();
  }
  Engine engine = Engine::open(config);
  Session session = engine.session(id);
  session.prompt().wait();
  CHECK(last_speaker(session) == "cook");
}

TEST_CASE("a class ends a session with the reply or message that has it") {
  Preset preset = conformance::two_in_a_room();
  EndCondition end;
  end.kind = EndCondition::Kind::metric;
  end.metric = "toxicity";
  end.label = "toxic";
  end.speaker = "host";
  preset.end_conditions = {end};
  Engine engine = Engine::open(
      scripted(R"(["Good morning.","You are all stupid worthless idiots, I will kill you."])"));
  Session session = engine.create_session(preset);
  session.send_wait(kNasty);
  CHECK(session.state() == SessionState::active);
  session.send_wait("Sorry.");
  CHECK(session.state() == SessionState::completed);
  CHECK(session.info().end_reason == "metric");
}

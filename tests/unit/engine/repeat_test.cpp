#include <doctest/doctest.h>

#include "base/clock.hpp"
#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/registry.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Session repeat_stage(Engine& engine, const SessionOptions& options = {}) {
  return engine.create_session(conformance::two_in_a_room(), options);
}

Preset ending_after(std::uint32_t turns) {
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::turns, .count = turns}};
  return preset;
}

}  // namespace

TEST_CASE("a repeated command gets its first result also where that one changed the state") {
  Engine engine = Engine::open(scripted());
  Session session = repeat_stage(engine);
  const CommandOptions once{.command_id = "once"};
  const struct {
    const char* id;
    Pending<SessionInfo> (Session::*act)(const CommandOptions&);
    SessionState state;
  } kCommands[] = {
      {"c1", &Session::start, SessionState::active},
      {"c2", &Session::pause, SessionState::paused},
      {"c3", &Session::resume, SessionState::active},
      {"c4", &Session::fail, SessionState::error},
      {"c5", &Session::resume, SessionState::active},
      {"c6", &Session::complete, SessionState::completed},
  };
  for (const auto& command : kCommands) {
    CAPTURE(command.id);
    const auto first = (session.*command.act)({.command_id = command.id}).get();
    CHECK(first.state == command.state);
    const auto seq = session.info().last_seq;
    CHECK((session.*command.act)({.command_id = command.id}).get() == first);
    CHECK(session.info().last_seq == seq);
  }
  // Much later, too: the first result, not the session as it is now.
  CHECK(session.start({.command_id = "c1"}).get().state == SessionState::active);
  CHECK(session.state() == SessionState::completed);
}

TEST_CASE("the message that ended its session is answered again under its id") {
  Engine engine = Engine::open(scripted(R"(["Goodbye."])"));
  Session session = engine.create_session(ending_after(1));
  const auto first = session.send_wait("Bye.", {.command_id = "last"});
  REQUIRE(session.state() == SessionState::completed);
  const auto again = session.send_wait("Bye.", {.command_id = "last"});
  CHECK(again.turn == first.turn);
  CHECK(again.text == "Goodbye.");
  CHECK(again.outcome == Outcome::complete);
  CHECK(again.usage == first.usage);
  CHECK(session.messages().size() == 2);
  CHECK(code_of([&] { session.send_wait("Bye.", {.command_id = "other"}); }) ==
        ErrorCode::wrong_state);
}

TEST_CASE("a turn that failed is repeated as it failed, and the service is not asked again") {
  Engine engine = Engine::open(faulty("401,ok"));
  Session session = repeat_stage(engine);
  const auto first = session.send_wait("Hello.", {.command_id = "once"});
  REQUIRE(first.outcome == Outcome::failed);
  REQUIRE(first.error);
  const auto again = session.send_wait("Hello.", {.command_id = "once"});
  CHECK(again.outcome == Outcome::failed);
  CHECK(again.finish_reason == first.finish_reason);
  REQUIRE(again.error);
  CHECK(again.error->code() == first.error->code());
  CHECK(session.info().turns == 1);
}

TEST_CASE("a message without a reply is stored once under its id") {
  Engine engine = Engine::open(scripted());
  Session session = repeat_stage(engine);
  const auto first = session.send_wait("A note.", {.command_id = "note", .reply = false});
  const auto again = session.send_wait("A note.", {.command_id = "note", .reply = false});
  CHECK(first.message == "m1");
  CHECK(again.message == "m1");
  CHECK(session.messages().size() == 1);
}

TEST_CASE("a side question under one id is asked once, also when both are under way") {
  auto model = std::make_shared<HostModel>([](auto sink) { say(*sink, "Between us."); });
  Engine engine = Engine::open(hosted(), with_model(model));
  Session session = repeat_stage(engine);
  session.start().get();
  const CommandOptions once{.command_id = "aside"};
  const auto first = session.ask_aside("host", "Well?", {}, once);
  const auto second = session.ask_aside("host", "Well?", {}, once);
  CHECK(first.get().text == "Between us.");
  CHECK(second.get().text == "Between us.");
  const auto third = session.ask_aside("host", "Well?", {}, once).get();
  CHECK(third.text == "Between us.");
  CHECK(third.usage == first.get().usage);
  CHECK(model->calls == 1);
}

TEST_CASE("a fork and a run are repeated under their id with the first result") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three."])"));
  SessionOptions options;
  options.played_by["guest"] = "ai";
  Session session = repeat_stage(engine, options);
  const auto run = session.run({.max_turns = 2, .command_id = "run"}).get();
  CHECK(run.turns == 2);
  const auto again = session.run({.max_turns = 2, .command_id = "run"}).get();
  CHECK(again.turns == 2);
  CHECK(again.reason == run.reason);
  CHECK(session.info().turns == 2);
  const Session fork = session.fork({}, {.command_id = "fork"}).get();
  CHECK(session.fork({}, {.command_id = "fork"}).get().id() == fork.id());
  CHECK(engine.sessions().sessions.size() == 2);
}

TEST_CASE("a run that failed says why, and the same when it is repeated") {
  Engine engine = Engine::open(faulty("401"));
  Session session = repeat_stage(engine, {.played_by = {{"guest", "ai"}}});
  for (int i = 0; i < 2; ++i) {
    const RunResult run = session.run({.command_id = "run"}).get();
    CHECK(run.reason == "failed");
    REQUIRE(run.error);
    CHECK(run.error->code() == ErrorCode::unauthenticated);
    CHECK_FALSE(std::string(run.error->what()).empty());
  }
  CHECK(session.info().turns == 1);
}

TEST_CASE("a session is created once under one command id, also while the first is under way") {
  TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("a.db");
  std::string id;
  {
    Engine engine = Engine::open(config);
    const Session first = repeat_stage(engine, {.command_id = "new"});
    const Session second = repeat_stage(engine, {.command_id = "new"});
    id = first.id();
    CHECK(second.id() == id);
    engine.run_until_idle();
    CHECK(repeat_stage(engine, {.command_id = "new"}).id() == id);
    CHECK(repeat_stage(engine, {.command_id = "newer"}).id() != id);
    // Another user's ids are his own.
    Engine ben = engine.as({.subject = "ben"});
    CHECK(repeat_stage(ben, {.command_id = "new"}).id() != id);
    engine.run_until_idle();
  }
  Engine engine = Engine::open(config);
  CHECK(repeat_stage(engine, {.command_id = "new"}).id() == id);
  CHECK(engine.sessions().sessions.size() == 3);
}

TEST_CASE("an id that was given to a command of another kind is a conflict, and changes nothing") {
  Engine engine = Engine::open(scripted());
  Session session = repeat_stage(engine);
  session.start({.command_id = "x"}).get();
  const auto before = session.state_json();
  CHECK(code_of([&] { session.pause({.command_id = "x"}).get(); }) == ErrorCode::conflict);
  CHECK(code_of([&] { session.send_wait("Hi.", {.command_id = "x"}); }) == ErrorCode::conflict);
  CHECK(session.state_json() == before);
}

TEST_CASE("users of one session have command ids of their own") {
  Engine engine = Engine::open(scripted(R"(["One.","Two."])"));
  Session session = repeat_stage(engine, {.owner = "ann"});
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  Session as_ann = engine.as({.subject = "ann"}).session(session.id());
  Session as_ben = engine.as({.subject = "ben"}).session(session.id());
  CHECK(as_ann.send_wait("I am Ann.", {.command_id = "1"}).text == "One.");
  CHECK(as_ben.send_wait("I am Ben.", {.command_id = "1"}).text == "Two.");
  CHECK(as_ann.send_wait("I am Ann.", {.command_id = "1"}).text == "One.");
  CHECK(session.messages().size() == 4);
}

TEST_CASE("first results are kept for a day and forgotten after two") {
  auto clock = std::make_shared<VirtualClock>();
  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  Dependencies dependencies;
  dependencies.clock = clock;
  dependencies.storage = storage;
  std::string id;
  {
    Engine engine = Engine::open(scripted(), dependencies);
    Session session = repeat_stage(engine);
    id = session.id();
    for (int i = 0; i < 150; ++i)
      session.annotate("note", "{}", {.command_id = "n" + std::to_string(i)}).get();
    const auto seq = session.info().last_seq;
    clock->jump_wall(24h);
    session.annotate("note", "{}", {.command_id = "n7"}).get();
    CHECK(session.info().last_seq == seq);
    clock->jump_wall(48h);
    session.annotate("note", "{}", {.command_id = "n7"}).get();
    CHECK(session.info().last_seq == seq + 1);
  }
  clock->jump_wall(72h);
  Engine engine = Engine::open(scripted(), dependencies);
  Session session = engine.session(id);
  engine.run_until_idle();
  engine.poll();
  RecordQuery query;
  query.tenant = "default";
  query.kind = "command";
  CHECK(storage->list(query)->empty());
}

TEST_CASE("first results of creations are forgotten as others follow, those of two days are kept") {
  auto clock = std::make_shared<VirtualClock>();
  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  Dependencies dependencies;
  dependencies.clock = clock;
  dependencies.storage = storage;
  Engine engine = Engine::open(scripted(), dependencies);
  const auto create = [&](const std::string& command) {
    const std::string id = repeat_stage(engine, {.command_id = command}).id();
    engine.run_until_idle();
    return id;
  };
  const auto kept = [&] {
    RecordQuery query;
    query.tenant = "default";
    query.kind = "command";
    return storage->list(query)->size();
  };
  for (int i = 0; i < 40; ++i) create("old" + std::to_string(i));
  CHECK(kept() == 40);
  clock->jump_wall(72h);
  const std::string again = create("old7");  // its first result is none any more
  for (int i = 0; i < 4; ++i) create("new" + std::to_string(i));
  CHECK(kept() == 5);
  CHECK(create("old7") == again);
  CHECK(create("new2") == create("new2"));
}

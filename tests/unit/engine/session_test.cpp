#include <doctest/doctest.h>

#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

TEST_CASE(
    "one send yields turn.started, deltas and turn.finished, and the stored text equals the joined "
    "deltas") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  Events events = session.events();
  const TurnResult result = session.send_wait("Hello.");
  CHECK(result.outcome == Outcome::complete);
  CHECK(result.text == "Good morning.");
  const auto seen = drain(engine, events);
  CHECK(joined_text(seen) == "Good morning.");
  const auto types = durable_types(seen);
  REQUIRE(types.size() >= 6);
  CHECK(types.front() == "session.created");
  CHECK(std::count(types.begin(), types.end(), "turn.started") == 1);
  CHECK(types.back() == "turn.finished");
  CHECK(session.messages().back().text() == "Good morning.");
  for (std::size_t i = 0, seq = 0; i < seen.size(); ++i) {
    if (seen[i].is_durable()) CHECK(seen[i].seq == ++seq);
  }
}

TEST_CASE("a session that is not stored yet tells what it will be") {
  Engine engine = Engine::open(scripted());
  SessionOptions options;
  options.owner = "ann";
  options.labels["team"] = "red";
  options.played_by["candidate"] = "ai";
  Session session = engine.create_session("job-interview", options);
  const SessionInfo before = session.info();
  CHECK(before.last_seq == 0);
  CHECK(before.state == SessionState::pending);
  CHECK(before.id == session.id());
  CHECK(before.preset == "job-interview");
  CHECK(before.owner == "ann");
  CHECK(before.participants.size() == 2);

  engine.run_until_idle();
  SessionInfo after = session.info();
  CHECK(after.last_seq == 1);
  after.last_seq = 0;
  CHECK(after == before);
}

TEST_CASE("a paused session refuses messages and goes on after resume") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  session.pause().get();
  CHECK(session.state() == SessionState::paused);
  CHECK(code_of([&] { session.send_wait("Anyone there?"); }) == ErrorCode::wrong_state);
  session.resume().get();
  CHECK(session.send_wait("Now?").outcome == Outcome::complete);
}

TEST_CASE("a command repeated under its id returns the first result and runs once") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  SendOptions once;
  once.command_id = "once";
  const auto first = session.send_wait("Hello.", once);
  const auto second = session.send_wait("Hello.", once);
  CHECK(second.turn == first.turn);
  CHECK(second.text == first.text);
  CHECK(session.info().turns == 1);
}

TEST_CASE("a session rebuilt from its log equals the live one") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  session.send_wait("I never lie. I love numbers.");
  session.regenerate().wait();
  session.set_variable("position", "data engineer").get();
  const std::string live = session.state_json();
  const std::string exported = engine.export_session(session.id(), ExportFormat::json);
  Engine other = Engine::open(scripted());
  Session imported = other.import_session(exported);
  CHECK(imported.state_json() == live);
  CHECK(engine.rebuild(session.id()));
}

TEST_CASE("a fork shares the prefix and goes its own way") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  const auto first_reply = session.messages().back().id;
  session.send_wait("Second.");
  Session fork = session.fork(first_reply).get();
  CHECK(fork.id() != session.id());
  CHECK(fork.messages().back().id == first_reply);
  CHECK(fork.info().parent == session.id());
  fork.send_wait("Another way.");
  CHECK(session.messages().size() == fork.messages().size());
  CHECK(session.messages().back().text() != "");
  CHECK(fork.info().last_seq < session.info().last_seq);
}

TEST_CASE("usage of messages, session and ledger is one sum") {
  Config config = scripted();
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  Engine engine = Engine::open(config);
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  Turn cut = session.send("And now?");
  cut.wait_accepted();
  cut.cancel();
  CHECK(cut.wait().outcome == Outcome::cancelled);
  session.regenerate().wait();
  const auto aside = session.ask_aside(session.messages().back().speaker, "How do you feel?").get();
  Usage sum = aside.usage;
  Money cost = aside.cost;
  for (const auto& message : session.messages(true)) {
    sum += message.usage;
    cost += message.cost;
  }
  CHECK(sum.input_tokens == session.info().usage.input_tokens);
  CHECK(sum.output_tokens == session.info().usage.output_tokens);
  CHECK(cost == session.info().cost);
  CHECK(cost.pico_usd > 0);
  Money ledger;
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.type != "budget.settled") continue;
    const auto at = event.data.find("\"cost\":\"") + 8;
    ledger += *Money::parse(event.data.substr(at, event.data.find('"', at) - at));
  }
  CHECK(ledger == cost);
}

TEST_CASE("seeding presets twice adds nothing the second time") {
  Engine engine = Engine::open(scripted());
  CHECK(engine.seed_presets() == builtin_presets().size());
  CHECK(engine.seed_presets() == 0);
}

TEST_CASE("a session keeps the preset it was created from") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.start().get();
  Preset changed = engine.preset("job-interview");
  changed.scene = "Everything is different now.";
  engine.put_preset(changed);
  session.send_wait("Hello.");
  const auto explained = session.explain(session.messages().back().id);
  CHECK(explained.request.find("Everything is different") == std::string::npos);
}

TEST_CASE("explain composes the very request again") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  session.send_wait("I have ten years of experience.");
  const auto reply = session.messages().back();
  const auto explained = session.explain(reply.id);
  CHECK(explained.request.find("ten years of experience") != std::string::npos);
  CHECK_FALSE(explained.parts.empty());
  CHECK(code_of([&] { (void)session.explain("m99"); }) == ErrorCode::not_found);
}

TEST_CASE("somebody else's session answers as an absent one") {
  Engine engine = Engine::open(scripted());
  SessionOptions options;
  options.owner = "ann";
  Session session = engine.create_session("job-interview", options);
  session.send_wait("Hello.");
  Principal ben;
  ben.subject = "ben";
  Engine as_ben = engine.as(ben);
  CHECK(code_of([&] { as_ben.session(session.id()); }) == ErrorCode::not_found);
  Principal ann;
  ann.subject = "ann";
  CHECK(engine.as(ann).session(session.id()).state() == SessionState::active);
  CHECK(code_of([&] { engine.as(ann).put_preset(engine.preset("job-interview")); }) ==
        ErrorCode::permission_denied);
}

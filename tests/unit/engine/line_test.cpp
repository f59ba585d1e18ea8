#include <doctest/doctest.h>

#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/registry.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::string texts(const Session& session) {
  std::string all;
  for (const auto& message : session.messages()) all += (all.empty() ? "" : " | ") + message.text();
  return all;
}

Session line_stage(Engine& engine) {
  return engine.create_session(conformance::two_in_a_room());
}

}  // namespace

TEST_CASE("undo takes back a whole turn, also one whose reply was made anew or continued") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three.","Four."])"));
  Session session = line_stage(engine);
  session.send_wait("a");
  session.send_wait("b");
  session.regenerate().wait();
  session.regenerate().wait();
  CHECK(texts(session) == "a | One. | b | Four.");
  session.undo().get();
  CHECK(texts(session) == "a | One.");
  session.undo().get();
  CHECK(texts(session).empty());
  CHECK(session.messages(true).size() == 6);
  CHECK(code_of([&] { session.undo().get(); }) == ErrorCode::wrong_state);
}

TEST_CASE("a message that asked for no reply is taken back alone") {
  Engine engine = Engine::open(scripted(R"(["One."])"));
  Session session = line_stage(engine);
  session.send_wait("first", {.reply = false});
  session.send_wait("second", {.reply = false});
  session.send_wait("third");
  session.undo().get();
  CHECK(texts(session) == "first | second");
  session.undo().get();
  CHECK(texts(session) == "first");
}

TEST_CASE("undo never takes an opening") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.start().get();
  REQUIRE_FALSE(session.messages().empty());
  CHECK(code_of([&] { session.undo().get(); }) == ErrorCode::wrong_state);
}

TEST_CASE("editing an early message takes all behind it off the line, and the log keeps it") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three."])"));
  Session session = line_stage(engine);
  session.send_wait("a");
  session.send_wait("b");
  const auto turn = session.edit("m1", "A");
  CHECK(turn.wait().outcome == Outcome::complete);
  CHECK(texts(session) == "A | One.");  // its first reply on the line
  CHECK(session.messages(true).size() == 6);
  // The model was asked about the new line alone.
  const auto request = session.explain(session.messages().back().id).request;
  CHECK(request.find("Two.") == std::string::npos);
  CHECK(code_of([&] { session.edit("m2", "I am the host").wait(); }) == ErrorCode::not_found);
  CHECK(code_of([&] { session.edit("m1", "again").wait(); }) == ErrorCode::not_found);
}

TEST_CASE("the alternatives of a reply: each stays, one is chosen, and the next prompt holds it") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three.","Four."])"));
  Session session = line_stage(engine);
  session.send_wait("a");
  session.regenerate().wait();
  session.regenerate().wait();
  CHECK(session.alternatives("m2").size() == 3);
  session.choose("m3").get();
  CHECK(texts(session) == "a | Two.");
  session.send_wait("b");
  const auto request = session.explain(session.messages().back().id).request;
  CHECK(request.find("Two.") != std::string::npos);
  CHECK(request.find("Three.") == std::string::npos);
  // Only the last reply has a choice, and only among its own alternatives.
  CHECK(code_of([&] { session.choose("m2").get(); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.choose("m99").get(); }) == ErrorCode::not_found);
}

TEST_CASE("a regeneration that fails leaves the earlier reply in its place") {
  Engine engine = Engine::open(faulty("ok,401"));
  Session session = line_stage(engine);
  session.send_wait("a");
  const auto before = texts(session);
  CHECK(session.regenerate().wait().outcome == Outcome::failed);
  CHECK(texts(session) == before);
  CHECK(session.alternatives("m2").size() == 1);
}

TEST_CASE("metrics and cost follow the chosen line, and a reopened session measures the same") {
  const std::string replies =
      R"(["I have never been to Paris.","I love Paris, I was there last year.","Yes, it is great."])";
  const auto talk = [](Session& session) {
    session.send_wait("Have you been to Paris?");
    session.regenerate().wait();
    session.choose("m2").get();
  };
  const auto last = [](const Session& session) {
    const auto all = session.messages();
    return all.back().metrics;
  };
  Config config = scripted(replies);
  // One session goes on without a break, the other is opened anew in between.
  Engine whole = Engine::open(config);
  Session one = line_stage(whole);
  talk(one);
  one.send_wait("Are you sure that you have been there?");

  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  std::string id;
  {
    Dependencies dependencies;
    dependencies.storage = storage;
    Engine engine = Engine::open(config, dependencies);
    Session session = line_stage(engine);
    id = session.id();
    talk(session);
  }
  Dependencies dependencies;
  dependencies.storage = storage;
  Engine engine = Engine::open(config, dependencies);
  Session session = engine.session(id);
  session.send_wait("Are you sure that you have been there?");
  REQUIRE(session.messages().back().text() == one.messages().back().text());
  CHECK_FALSE(last(one).empty());
  CHECK(last(session) == last(one));
}

TEST_CASE("a reply that was made anew stays with its question when the history is cut") {
  Engine engine = Engine::open([] {
    Config config = scripted(R"(["One.","Two.","Three.","Four."])");
    config.limits.history_items = 2;
    return config;
  }());
  Session session = line_stage(engine);
  session.send_wait("question one");
  session.regenerate().wait();
  session.send_wait("question two");
  // One more would fit: but the first turn has two messages, so it goes as a whole.
  const auto parts = session.explain(session.messages().back().id).parts;
  for (const auto& part : parts) {
    if (part.id == "m1" || part.id == "m3") CHECK(part.included == false);
  }
}

TEST_CASE("the 51st item drops the oldest whole turn, and messages without replies are no turn") {
  Engine engine = Engine::open(scripted(R"(["Yes."])"));
  Session session = line_stage(engine);
  for (int i = 0; i < 60; ++i) session.send_wait("note " + std::to_string(i), {.reply = false});
  session.send_wait("and now?");
  const auto explained = session.explain(session.messages().back().id);
  std::size_t included = 0, dropped = 0;
  for (const auto& part : explained.parts) {
    if (part.source != "message") continue;
    part.included ? ++included : ++dropped;
  }
  CHECK(included == 50);
  CHECK(dropped == 11);
  CHECK(explained.request.find("note 10\"") == std::string::npos);
  CHECK(explained.request.find("note 11") != std::string::npos);
}

TEST_CASE("a message whose reply failed before anything came is answered by regenerate") {
  Config config = scripted();
  config.max_retries = 0;
  config.providers["down"] = {.url = "fault:503x1,ok"};
  config.provider = "down";
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  const auto failed = session.send_wait("Hello?");
  CHECK(failed.outcome == Outcome::failed);
  REQUIRE(session.messages().size() == 1);
  const auto again = session.regenerate().wait();
  CHECK(again.outcome == Outcome::complete);
  const auto messages = session.messages();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].text() == "Hello?");
  CHECK(messages[1].text() == again.text);
  CHECK(messages[1].replaces.empty());
  CHECK(session.regenerate().wait().outcome == Outcome::complete);
  CHECK(session.messages().size() == 2);
}

TEST_CASE("a reply of which nothing comes leaves the one that it was to replace") {
  Engine engine = Engine::open(faulty("okx1,stall_headx2,ok", R"(["One two three.","Four."])"));
  Session session = line_stage(engine);
  session.send_wait("a");
  const auto before = texts(session);
  for (const bool anew : {true, false}) {
    CAPTURE(anew);
    const auto late = anew ? session.regenerate().wait() : session.continue_reply().wait();
    CHECK(late.outcome == Outcome::failed);
    CHECK(texts(session) == before);
    CHECK(session.info().messages == 2);
  }
  // What it has cost stands beside the line, and the log makes the same session again.
  Money sum;
  for (const auto& message : session.messages(true)) sum += message.cost;
  CHECK(sum == session.info().cost);
  CHECK(session.messages(true).size() == 4);
  Engine other = Engine::open(scripted());
  const std::string log = engine.export_session(session.id(), ExportFormat::json);
  CHECK(other.import_session(log).info().messages == 2);
  const auto next = session.regenerate().wait();
  CHECK(next.outcome == Outcome::complete);
  CHECK(texts(session) == "a | " + next.text);
}

TEST_CASE("a continuation that adds nothing leaves the reply cut, and ends no session") {
  Engine engine = Engine::open(faulty("cut,empty,ok"));
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::turns, .count = 1}};
  Session session = engine.create_session(preset);
  session.send_wait("a");
  const auto before = texts(session);
  CHECK(session.continue_reply().wait().outcome == Outcome::complete);
  CHECK(texts(session) == before);
  CHECK(session.messages().back().outcome == Outcome::truncated);
  CHECK(session.info().state == SessionState::active);
  session.continue_reply().wait();
  CHECK(session.info().state == SessionState::completed);
}

TEST_CASE(
    "what is edited or made anew is measured without what it replaces, however the session was "
    "opened") {
  const auto scores_of = [](const Session& session) {
    std::string all;
    for (const auto& message : session.messages()) {
      for (const auto& score : message.metrics) {
        if (score.metric == "engagement") continue;  // counts how long ago the message before came
        all += message.text() + " " + score.metric + " " + std::to_string(score.value) + "\n";
      }
    }
    return all;
  };
  const auto change = [](Session& session, int how) {
    if (how == 0) session.edit("m1", "I love this wonderful thing.").wait();
    if (how == 1) session.regenerate().wait();
    if (how == 2) session.continue_reply().wait();
  };
  const std::string replies =
      R"(["I hate the red car.","I love the red car. And more.","So it is."])";
  for (int how = 0; how < 3; ++how) {
    CAPTURE(how);
    Engine engine = Engine::open(scripted(replies));
    Session session = line_stage(engine);
    session.send_wait("I hate this awful thing.");
    Engine other = Engine::open(scripted(replies));
    const std::string log = engine.export_session(session.id(), ExportFormat::json);
    Session imported = other.import_session(log);
    Session fork = session.fork().get();
    change(imported, how);
    change(fork, how);
    change(session, how);
    const std::string warm = scores_of(session);
    CHECK(warm.find("contradiction") == std::string::npos);
    CHECK(scores_of(imported) == warm);
    CHECK(scores_of(fork) == warm);
  }
}

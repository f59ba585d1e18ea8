#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <stdexcept>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/http_test_server.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// A store that outlives engines and can refuse everything, as after a crash or on a full disk.
class Disk final : public ForwardingStorage {
 public:
  Disk() : ForwardingStorage(std::move(*open_storage({.url = "memory:"}))) {}
  bool full = false;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    if (full)
      return {group.size(), Error::fixed(ErrorCode::storage_full, "the test's disk is full")};
    return ForwardingStorage::commit(group);
  }
};

Dependencies on(const std::shared_ptr<Disk>& disk) {
  Dependencies dependencies;
  dependencies.storage = disk;
  return dependencies;
}

// A session whose engine went away in the middle of a reply without a word.
std::string crash_in_mid_reply(const std::shared_ptr<Disk>& disk) {
  Engine engine = Engine::open(scripted(R"(["One two three four five six."])"), on(disk));
  Session session = engine.create_session(conformance::two_in_a_room());
  Events events = session.events();
  session.send("Hello.").wait_accepted();
  Event event;
  while (event.type != "delta") REQUIRE(events.next_wait(event));
  disk->full = true;  // nothing reaches the disk any more
  return session.id();
}

// "started"/"finished" of each turn in the log, in order.
std::string turns_of(Disk& disk, const std::string& id) {
  std::string all;
  const auto events = disk.read_events("default", "session:" + id, 0, 1'000);
  for (const auto& event : *events) {
    if (event.type != "turn.started" && event.type != "turn.finished") continue;
    const auto data = parse_json(event.data);
    all += data->value("turn", "") + (event.type == "turn.started" ? "(" : ")");
  }
  return all;
}

}  // namespace

TEST_CASE("what a crash left open ends once, also when the disk is still full at first") {
  auto disk = std::make_shared<Disk>();
  const std::string id = crash_in_mid_reply(disk);
  Engine engine = Engine::open(scripted(R"(["Whole."])"), on(disk));
  Session session = engine.session(id);
  engine.run_until_idle();
  // No new turn is begun on an open one.
  CHECK(code_of([&] { session.send_wait("Hello?"); }) == ErrorCode::storage_full);
  CHECK(code_of([&] { session.pause().get(); }) == ErrorCode::storage_full);
  CHECK(session.messages().size() == 1);
  disk->full = false;
  CHECK(session.send_wait("Hello?").text == "Whole.");
  CHECK(turns_of(*disk, id) == "t1(t1)t2(t2)");
  std::string outcomes;
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.type == "turn.finished") outcomes += event.data.substr(0, 44) + "\n";
  }
  CHECK(outcomes.find("\"t1\",\"outcome\":\"interrupted\"") != std::string::npos);
}

TEST_CASE("a run whose reply cannot be stored ends with the error of the store") {
  auto disk = std::make_shared<Disk>();
  Engine engine = Engine::open(scripted(R"(["One two three four five six."])"), on(disk));
  Session session =
      engine.create_session(conformance::two_in_a_room(), {.played_by = {{"guest", "ai"}}});
  Events events = session.events();
  const auto run = session.run();
  Event event;
  while (event.type != "delta") REQUIRE(events.next_wait(event));
  disk->full = true;
  const RunResult result = run.get();
  CHECK(result.reason == "failed");
  CHECK(result.turns == 0);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::storage_full);
  CHECK(result.error->what() == std::string("the test's disk is full"));
}

TEST_CASE("a run whose end cannot be stored ends with the error of the store") {
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::phrase, .phrase = "goodbye"}};
  auto disk = std::make_shared<Disk>();
  Engine engine = Engine::open(scripted(), on(disk));
  Session session = engine.create_session(preset);
  session.send_wait("Goodbye.", {.reply = false});
  disk->full = true;
  const RunResult result = session.run().get();
  CHECK(result.reason == "failed");
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::storage_full);
}

TEST_CASE("a session's time goes on where it stood when it is opened anew") {
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::time, .after = 10min}};
  auto disk = std::make_shared<Disk>();
  auto clock = std::make_shared<VirtualClock>();
  Dependencies dependencies = on(disk);
  dependencies.clock = clock;
  std::string id;
  {
    Engine engine = Engine::open(scripted(), dependencies);
    Session session = engine.create_session(preset);
    id = session.id();
    session.start().get();
    engine.advance(7min);
    session.send_wait("Hello.");
    CHECK(session.state() == SessionState::active);
  }
  Engine engine = Engine::open(scripted(), dependencies);
  Session session = engine.session(id);
  engine.advance(2min);
  CHECK(session.state() == SessionState::active);
  engine.advance(2min);
  engine.run_until_idle();
  CHECK(session.state() == SessionState::completed);
  CHECK(session.info().end_reason == "time");
}

TEST_CASE("the time of a paused session stands still") {
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::time, .after = 10min}};
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(preset);
  session.start().get();
  session.pause().get();
  engine.advance(11min);
  CHECK(session.state() == SessionState::paused);
  session.resume().get();
  engine.advance(9min);
  CHECK(session.state() == SessionState::active);
  engine.advance(2min);
  CHECK(session.state() == SessionState::completed);
}

TEST_CASE("fork and session start their own time") {
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::time, .after = 10min}};
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(preset);
  session.send_wait("Hello.");
  engine.advance(9min);
  Session fork = session.fork().get();
  engine.advance(2min);
  engine.run_until_idle();
  CHECK(session.state() == SessionState::completed);
  CHECK(fork.state() == SessionState::active);
}

TEST_CASE("cancel works at every step of a turn, from the call to the stored reply") {
  for (const bool by_session : {true, false}) {
    for (int polls = 0; polls < 6; ++polls) {
      CAPTURE(by_session);
      CAPTURE(polls);
      Engine engine = Engine::open(scripted(R"(["One two three four five six.","Fine."])"));
      Session session = engine.create_session(conformance::two_in_a_room());
      session.start().get();
      const Turn turn = session.send("Hello.");
      for (int i = 0; i < polls; ++i) engine.poll();
      REQUIRE_FALSE(turn.done());
      by_session ? session.cancel() : turn.cancel();
      for (int i = 0; i < 4; ++i) engine.poll();  // and no time passes
      REQUIRE(turn.done());
      Outcome outcome = Outcome::complete;
      const auto code = code_of([&] { outcome = turn.wait().outcome; });
      CHECK((code == ErrorCode::cancelled || outcome == Outcome::cancelled));
      CHECK(session.send_wait("Again?").outcome == Outcome::complete);
    }
  }
}

TEST_CASE("stop ends the reply within one poll, and what had come is stored") {
  Engine engine = Engine::open(scripted(R"(["One two three four five six seven eight."])"));
  Session session = engine.create_session(conformance::two_in_a_room());
  Events events = session.events();
  const Turn turn = session.send("Count.");
  std::string delivered;
  Event event;
  while (delivered.size() < 12) {
    REQUIRE(events.next_wait(event));
    if (event.type == "delta") delivered += event.text;
  }
  session.cancel();
  engine.poll();
  REQUIRE(turn.done());
  const auto result = turn.wait();
  CHECK(result.outcome == Outcome::cancelled);
  CHECK(result.text == delivered);
  CHECK(session.messages().back().text() == delivered);
  CHECK(session.messages().back().outcome == Outcome::cancelled);
  const auto rest = drain(engine, events);
  CHECK(joined_text(rest).empty());
  CHECK(std::count_if(rest.begin(), rest.end(),
                      [](const Event& one) { return one.type == "turn.finished"; }) == 1);
}

TEST_CASE("a run of characters is cancelled too, also between two of its turns") {
  for (int polls = 0; polls < 40; ++polls) {
    Engine engine = Engine::open(scripted(R"(["One two.","Three four.","Five six."])"));
    Session session =
        engine.create_session(conformance::two_in_a_room(), {.played_by = {{"guest", "ai"}}});
    const auto run = session.run({.max_turns = 6});
    for (int i = 0; i < polls; ++i) {
      engine.poll();
      if (const auto next = engine.next_deadline()) engine.advance(*next - engine.clock().now());
    }
    if (run.ready()) break;
    session.cancel();
    engine.run_until_idle();
    const auto result = run.get();
    CAPTURE(polls);
    CHECK((result.reason == "cancelled" || result.turns == 6));
  }
}

TEST_CASE("a callback of a viewer that throws is stopped there and told to the log") {
  struct Lines final : LogSink {
    void write(const LogRecord& record) noexcept override {
      text += std::string(record.message) + "\n";
    }
    std::string text;
  };
  auto lines = std::make_shared<Lines>();
  Dependencies dependencies;
  dependencies.log = lines;
  Engine engine = Engine::open(scripted(), dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  Events events = session.events();
  events.on_ready([] { throw std::runtime_error("a defect of the host"); });
  const Turn turn = session.send("Hello.");
  turn.then([](const Result<TurnResult>&) { throw std::runtime_error("another"); });
  CHECK(turn.wait().outcome == Outcome::complete);
  CHECK(lines->text.find("callback of the host threw") != std::string::npos);
}

TEST_CASE("an analyzer that throws, or gives no numbers, is left out and harms no turn") {
  struct Bad final : Analyzer {
    explicit Bad(int place) : where(place) {}
    std::string_view name() const noexcept override { return "bad"; }
    struct Reading final : Measurement {
      explicit Reading(int place) : where(place) {}
      void add(std::string_view) override {
        if (where == 2) throw std::runtime_error("add");
      }
      void scores(std::vector<MetricScore>& out) override {
        if (where == 3) throw std::runtime_error("scores");
        out.push_back({"bad", std::numeric_limits<double>::quiet_NaN(), 1, "", {}});
        out.push_back({"huge", 1e300, 1, "", {}});
        out.push_back({"good", 0.5, 1, "caf\xC3", {}});
      }
      int where;
    };
    struct Memory final : AnalyzerSession {
      explicit Memory(int place) : where(place) {}
      std::unique_ptr<Measurement> begin(const MessageInfo&) override {
        if (where == 1) throw std::runtime_error("begin");
        return std::make_unique<Reading>(where);
      }
      void keep(std::unique_ptr<Measurement>) override {
        if (where == 4) throw std::runtime_error("keep");
      }
      void forget_from(std::string_view) override {
        if (where == 5) throw std::runtime_error("forget");
      }
      int where;
    };
    std::unique_ptr<AnalyzerSession> open_session() const override {
      if (where == 0) throw std::runtime_error("open");
      return std::make_unique<Memory>(where);
    }
    int where;
  };
  for (int where = 0; where < 7; ++where) {
    CAPTURE(where);
    Dependencies dependencies;
    dependencies.analyzers.push_back(std::make_shared<Bad>(where));
    Engine engine = Engine::open(scripted(), dependencies);
    Session session = engine.create_session(conformance::two_in_a_room());
    CHECK(session.send_wait("Hello.").outcome == Outcome::complete);
    CHECK(session.regenerate().wait().outcome == Outcome::complete);
    CHECK(session.send_wait("Hello again.").outcome == Outcome::complete);
    std::set<std::string> names;
    const auto messages = session.messages();
    for (const auto& score : messages.back().metrics) names.insert(score.metric);
    CHECK(names.contains("sentiment"));
    CHECK_FALSE(names.contains("bad"));
    CHECK_FALSE(names.contains("huge"));
    if (where == 6) CHECK(names.contains("good"));
  }
}

TEST_CASE("cancel works at every step of a turn over HTTP, also before the service has answered") {
  HttpTestServer server([](TestPeer& peer) {
    if (peer.read_request().empty()) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    peer.wait_for_end();
  });
  for (const char* kind : {"openai:m", "anthropic:m"}) {
    for (int polls = 0; polls < 8; ++polls) {
      CAPTURE(polls);
      Config config;
      config.providers["model"] = {.url = kind, .base_url = server.url("/v1"), .api_key = "sk-x"};
      config.provider = "model";
      Engine engine = Engine::open(config);
      Session session = engine.create_session(conformance::two_in_a_room());
      session.start().get();
      const Turn turn = session.send("Hello.");
      for (int i = 0; i < polls; ++i) engine.poll();
      polls % 2 == 0 ? session.cancel() : turn.cancel();
      Outcome outcome = Outcome::complete;
      const auto code = code_of([&] { outcome = turn.wait(20s).outcome; });
      CHECK((code == ErrorCode::cancelled || outcome == Outcome::cancelled));
      CHECK(session.state() == SessionState::active);
    }
  }
}

TEST_CASE(
    "a session's time runs while it is active in an engine, not in a pause and not between "
    "engines") {
  auto disk = std::make_shared<Disk>();
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions.clear();
  preset.limits.session_time = 60s;
  std::string id;
  for (int restart = 0; restart < 3; ++restart) {
    CAPTURE(restart);
    auto clock = std::make_shared<VirtualClock>();
    clock->jump_wall(std::chrono::hours(restart));  // no engine ran meanwhile
    Dependencies dependencies = on(disk);
    dependencies.clock = clock;
    Engine engine = Engine::open(scripted(), std::move(dependencies));
    Session session = id.empty() ? engine.create_session(preset) : engine.session(id);
    id = session.id();
    if (restart == 0) session.start().get();
    engine.advance(15s);
    session.pause().get();
    engine.advance(1h);
    session.resume().get();
    REQUIRE(session.state() == SessionState::active);
    session.send_wait("Hello.");
    CHECK(session.state() == SessionState::active);
  }
  // 45 seconds and three short replies have passed.
  Engine engine = Engine::open(scripted(), on(disk));
  Session session = engine.session(id);
  engine.advance(5s);
  CHECK(session.state() == SessionState::active);
  engine.advance(15s);
  CHECK(session.state() == SessionState::completed);
  CHECK(session.info().end_reason == "session_time");
}

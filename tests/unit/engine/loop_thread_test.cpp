#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

// With threads = 0 one thread at a time runs the loop; what the others get.

namespace {

Config instant() {
  Config config = scripted(R"(["Good morning."])");
  config.clock = ClockKind::real;
  config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
  return config;
}

/// A model that stops inside its first call, on the thread that runs the loop, until it is let go.
struct StoppedModel {
  std::latch inside{1}, go{1};
  std::shared_ptr<HostModel> model = std::make_shared<HostModel>([this](auto sink) {
    if (!inside.try_wait()) {
      inside.count_down();
      go.wait();
    }
    say(*sink, "Good morning.");
  });
};

}  // namespace

TEST_CASE("several threads may wait at once on an engine without threads of its own") {
  constexpr int kThreads = 4, kRounds = 50;
  Engine engine = Engine::open(instant());
  std::latch start(kThreads);
  std::atomic<int> complete{0}, deltas{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      Session session = open_stage(engine);
      Events events = session.events();
      start.arrive_and_wait();
      for (int i = 0; i < kRounds; ++i) {
        complete += session.send_wait("Hello.").outcome == Outcome::complete;
        for (Event event; events.next_wait(event, 20s) && event.type != "turn.finished";)
          deltas += event.type == "delta";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(complete == kThreads * kRounds);
  CHECK(deltas >= kThreads * kRounds);
  CHECK_NOTHROW(engine.poll(1ms));
}

TEST_CASE("while another thread runs the loop a poll is refused and a wait takes its turn") {
  StoppedModel stopped;
  Engine engine = Engine::open(hosted(ClockKind::real), with_model(stopped.model));
  Session first = open_stage(engine), second = open_stage(engine);
  std::optional<Outcome> outcome;
  std::thread runner([&] { outcome = first.send_wait("Hello.").outcome; });
  stopped.inside.wait();

  try {
    engine.poll();
    CHECK(false);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::wrong_state);
    CHECK(std::string_view(error.what()).find("another thread") != std::string_view::npos);
  }
  CHECK(code_of([&] { (void)engine.next_deadline(); }) == ErrorCode::wrong_state);
  const Turn turn = second.send("Me too.");
  CHECK(code_of([&] { turn.wait(1ms); }) == ErrorCode::timeout);
  stopped.go.count_down();
  CHECK(turn.wait(20s).outcome == Outcome::complete);
  runner.join();
  CHECK(outcome == Outcome::complete);
  CHECK_NOTHROW(engine.poll());
}

TEST_CASE("advance is refused while another thread runs the loop, and run_until_idle waits") {
  StoppedModel stopped;
  Engine engine = Engine::open(hosted(), with_model(stopped.model));
  Session session = open_stage(engine);
  const Turn turn = session.send("Hello.");
  std::thread runner([&] { engine.run_until_idle(); });
  stopped.inside.wait();
  CHECK(code_of([&] { engine.advance(1s); }) == ErrorCode::wrong_state);
  std::thread behind([&] { engine.run_until_idle(); });
  stopped.go.count_down();
  behind.join();
  CHECK(turn.done());
  runner.join();
  CHECK_NOTHROW(engine.advance(1s));
}

TEST_CASE("closing an engine waits for the thread that runs its loop, whose call says so") {
  std::latch asked(1);
  std::shared_ptr<ReplySink> kept;
  auto model = std::make_shared<HostModel>([&](auto sink) {
    kept = std::move(sink);
    asked.count_down();
  });
  Engine engine = Engine::open(hosted(ClockKind::real), with_model(model));
  Session session = open_stage(engine);
  std::atomic<bool> ended{false};
  std::thread runner([&] {
    try {
      ended = session.send_wait("Hello.").outcome == Outcome::interrupted;
    } catch (const Error& error) {
      ended = error.code() == ErrorCode::closed;
    }
  });
  asked.wait();
  engine.close();
  CHECK(code_of([&] { engine.poll(); }) == ErrorCode::closed);
  runner.join();
  CHECK(ended);
}

TEST_CASE("who waits for events without a limit hears how another thread's close ended the turn") {
  for (const int threads : {0, 2}) {
    CAPTURE(threads);
    std::latch asked(1);
    std::shared_ptr<ReplySink> kept;
    auto model = std::make_shared<HostModel>([&](auto sink) {
      kept = std::move(sink);
      asked.count_down();
    });
    Config config = hosted(ClockKind::real);
    config.threads = threads;
    Engine engine = Engine::open(config, with_model(model));
    Session session = open_stage(engine);
    Events events = session.events();
    const Turn turn = session.send("Hello.");
    std::string last;
    bool ended = false;
    std::thread reader([&] {
      for (Event event; events.next_wait(event);) last = event.type;
      ended = events.ended();
    });
    asked.wait();
    engine.close();
    reader.join();
    CHECK(last == "turn.finished");
    CHECK(ended);
    CHECK(turn.wait().outcome == Outcome::interrupted);
  }
}

TEST_CASE("a wait carries on an end that was begun, and hears what it brings") {
  std::shared_ptr<ReplySink> kept;
  auto model = std::make_shared<HostModel>([&](auto sink) { kept = std::move(sink); });
  Engine engine = Engine::open(hosted(ClockKind::real), with_model(model));
  Session session = open_stage(engine);
  Events events = session.events();
  const Turn turn = session.send("Hello.");
  while (!kept) engine.poll(1ms);
  REQUIRE(engine.begin_close());
  CHECK(turn.wait().outcome == Outcome::interrupted);
  std::string last;
  for (Event event; events.next_wait(event);) last = event.type;
  CHECK(last == "turn.finished");
  CHECK(events.ended());
  CHECK(code_of([&] {
          for (;;) engine.poll(1ms);
        }) == ErrorCode::closed);
}

TEST_CASE("waiting for idleness ends after its time limit, and what is under way goes on") {
  for (const int threads : {0, 1}) {
    CAPTURE(threads);
    Config config = instant();
    config.threads = threads;
    config.providers["model"].options = R"({"replies":["Later."],"delay_ms":60000})";
    Engine engine = Engine::open(config);
    Turn turn = open_stage(engine).send("Hello.");
    CHECK(code_of([&] { engine.run_until_idle(5ms); }) == ErrorCode::timeout);
    CHECK_FALSE(turn.done());
    turn.cancel();
    CHECK(code_of([&] { engine.run_until_idle(20s); }) == ErrorCode::ok);
    CHECK(turn.done());
  }
}

TEST_CASE("an engine is not idle between a reply's end and the storing of it") {
  struct Looks final : LogSink {
    void write(const LogRecord& record) noexcept override {
      if (record.message != "turn ended") return;
      ++ends;
      idle += engine->stats().idle;
    }
    Engine* engine = nullptr;
    int ends = 0, idle = 0;
  };
  auto looks = std::make_shared<Looks>();
  Dependencies dependencies;
  dependencies.log = looks;
  Config config = scripted();
  config.log_level = LogLevel::debug;
  Engine engine = Engine::open(config, dependencies);
  looks->engine = &engine;
  Session session = open_stage(engine);
  for (int i = 0; i < 3; ++i) (void)session.send_wait("Hello.");
  CHECK(looks->ends == 3);
  CHECK(looks->idle == 0);
  engine.run_until_idle();
  CHECK(engine.stats().idle);
}

TEST_CASE("on the virtual clock the time limit of idleness is virtual") {
  Config config = scripted();
  config.providers["model"].options = R"({"replies":["Later."],"delay_ms":60000})";
  Engine engine = Engine::open(config);
  Turn turn = engine.create_session("job-interview").send("Hello.");
  const auto before = engine.clock().now();
  CHECK(code_of([&] { engine.run_until_idle(10s); }) == ErrorCode::timeout);
  CHECK(engine.clock().now() - before == 10s);
  CHECK_FALSE(turn.done());
  engine.run_until_idle(60s);
  CHECK(turn.done());
}

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "faults/fault_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

class ThrowingFilter final : public Filter {
 public:
  explicit ThrowingFilter(bool input) : input_(input) {}
  void check_input(const FilterContext&, std::string_view, Answer answer) override {
    if (input_) throw std::runtime_error("a defect of the host");
    answer({});
  }
  void check_output(const FilterContext&, std::string_view, Answer answer) override {
    if (!input_) throw std::runtime_error("a defect of the host");
    answer({});
  }

 private:
  bool input_;
};

/// Answers every request from a thread of its own; joins them at its end.
class ForeignModel final : public Provider {
 public:
  ~ForeignModel() override {
    for (auto& thread : threads_) thread.join();
  }
  std::string_view name() const noexcept override { return "foreign"; }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    threads_.emplace_back([sink] {
      sink->on_start({"foreign", "model", ""});
      for (const char* word : {"From", " another", " thread", "."}) {
        sink->on_text(word);
        sink->on_flush();
      }
      sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
    });
  }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("a host's provider that throws in start() fails its turn and nothing else") {
  auto model =
      std::make_shared<HostModel>([](auto) { throw std::runtime_error("a defect of the host"); });
  Engine engine = Engine::open(hosted(), with_model(model));
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  const auto result = turn.wait(600s);
  CHECK(result.outcome == Outcome::failed);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::provider_error);
  CHECK(session.state() == SessionState::active);
}

TEST_CASE("a host's provider that never answers ends at the total time limit") {
  std::vector<std::shared_ptr<ReplySink>> forgotten;
  auto model =
      std::make_shared<HostModel>([&](auto sink) { forgotten.push_back(std::move(sink)); });
  Config config = hosted();
  config.timeouts.total = 20s;
  Engine engine = Engine::open(config, with_model(model));
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  engine.advance(19s);
  CHECK_FALSE(turn.done());
  engine.advance(2s);
  REQUIRE(turn.done());
  const auto result = turn.wait();
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code() == ErrorCode::timeout);
}

TEST_CASE("a host's provider that stops in the middle of its text ends there at the limit") {
  std::vector<std::shared_ptr<ReplySink>> forgotten;
  auto model = std::make_shared<HostModel>([&](auto sink) {
    sink->on_start({"host", "model", ""});
    sink->on_text("One two ");
    forgotten.push_back(std::move(sink));
  });
  Config config = hosted();
  config.timeouts.total = 20s;
  Engine engine = Engine::open(config, with_model(model));
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  engine.advance(21s);
  REQUIRE(turn.done());
  const auto result = turn.wait();
  CHECK(result.outcome == Outcome::truncated);
  CHECK(result.text == "One two ");
  CHECK(result.error->code() == ErrorCode::timeout);
}

TEST_CASE("what a host's provider says after the end is not heard") {
  std::vector<std::shared_ptr<ReplySink>> sinks;
  auto model = std::make_shared<HostModel>([&](auto sink) {
    say(*sink, "The end.");
    sink->on_text(" And more.");
    sink->on_done({.outcome = Outcome::failed});
    sinks.push_back(std::move(sink));
  });
  Engine engine = Engine::open(hosted(), with_model(model));
  Session session = open_stage(engine);
  Events events = session.events();
  CHECK(session.send_wait("Hello.").text == "The end.");
  sinks[0]->on_text("Much later.");
  sinks[0]->on_done({.outcome = Outcome::complete});
  const auto seen = drain(engine, events);
  CHECK(joined_text(seen) == "The end.");
  CHECK(std::count_if(seen.begin(), seen.end(),
                      [](const Event& event) { return event.type == "turn.finished"; }) == 1);
}

TEST_CASE("a host's provider may answer from a thread of its own, on every kind of engine") {
  for (const int threads : {0, 2}) {
    CAPTURE(threads);
    Config config = hosted(ClockKind::real);
    config.threads = threads;
    Engine engine = Engine::open(config, with_model(std::make_shared<ForeignModel>()));
    Session session = open_stage(engine);
    for (int i = 0; i < 5; ++i) {
      const auto result = session.send("Hello.").wait(20s);
      CHECK(result.outcome == Outcome::complete);
      CHECK(result.text == "From another thread.");
    }
  }
}

TEST_CASE("a filter that throws lets nothing through and the session goes on") {
  for (const bool input : {true, false}) {
    CAPTURE(input);
    Dependencies dependencies;
    dependencies.filter = std::make_shared<ThrowingFilter>(input);
    Engine engine = Engine::open(scripted(), dependencies);
    Session session = open_stage(engine);
    session.start().get();
    if (input) {
      CHECK(code_of([&] { session.send_wait("Hello."); }) == ErrorCode::content_filtered);
    } else {
      const auto result = session.send_wait("Hello.");
      CHECK(result.outcome == Outcome::truncated);
      CHECK(result.text.empty());
      CHECK(result.error->code() == ErrorCode::content_filtered);
    }
    CHECK(session.pause().get().state == SessionState::paused);
  }
}

TEST_CASE("a blocking call inside a callback is refused, a queued one works") {
  for (const int threads : {0, 1}) {
    CAPTURE(threads);
    Config config = scripted();
    config.clock = ClockKind::real;
    config.threads = threads;
    config.providers["model"].options = R"({"instant":true,"replies":["Good morning."]})";
    Engine engine = Engine::open(config);
    Session session = open_stage(engine);
    std::atomic<int> refused{0};
    std::optional<Turn> next;
    std::mutex mutex;
    Turn first = session.send("Hello.");
    first.then([&](Result<TurnResult>) {
      if (code_of([&] { session.send_wait("And now?"); }) == ErrorCode::wrong_state) ++refused;
      if (code_of([&] { session.annotate("note", "{}").get(); }) == ErrorCode::wrong_state)
        ++refused;
      if (code_of([&] { engine.run_until_idle(); }) == ErrorCode::wrong_state) ++refused;
      const std::lock_guard lock(mutex);
      next.emplace(session.send("Queued."));
    });
    first.wait(20s);
    engine.run_until_idle();
    const std::lock_guard lock(mutex);
    REQUIRE(next);
    CHECK(refused == 3);
  }
}

TEST_CASE("closing the engine inside a callback is refused and harms nothing") {
  Engine engine = Engine::open(scripted());
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  bool called = false;
  turn.then([&](Result<TurnResult>) {
    called = true;
    engine.close();
  });
  CHECK(turn.wait().outcome == Outcome::complete);
  CHECK(called);
  CHECK(session.send_wait("Still there?").outcome == Outcome::complete);
  engine.close();
  CHECK(code_of([&] { session.send_wait("Now?"); }) == ErrorCode::closed);
}

TEST_CASE("a callback that throws does not reach the other callbacks, turns or sessions") {
  Engine engine = Engine::open(scripted());
  Session session = open_stage(engine);
  Session other = open_stage(engine);
  Turn turn = session.send("Hello.");
  bool second_called = false;
  turn.then([](Result<TurnResult>) { throw std::runtime_error("a defect of the host"); });
  turn.then([&](Result<TurnResult>) { second_called = true; });
  Turn theirs = other.send("Hello.");
  CHECK(turn.wait().outcome == Outcome::complete);
  CHECK(theirs.wait().outcome == Outcome::complete);
  CHECK(second_called);
  CHECK(session.send_wait("Again?").outcome == Outcome::complete);
}

TEST_CASE("a viewer that does not read delays nobody and misses nothing when it comes back") {
  Config config =
      scripted(R"(["One two three four five six seven eight nine ten eleven twelve."])");
  Engine engine = Engine::open(config);
  Session session = open_stage(engine);
  Events quick = session.events();
  SubscribeOptions small;
  small.max_events = 4;
  small.max_bytes = 2'000;
  Events asleep = session.events(small);
  std::vector<Event> seen;
  for (int i = 0; i < 10; ++i) {
    session.send_wait("Go on.");
    for (auto& event : drain(engine, quick)) seen.push_back(std::move(event));
  }
  auto late = drain(engine, asleep);
  int reopened = 0;
  while (!late.empty() && late.back().type == "lagged") {
    late.pop_back();
    SubscribeOptions resume = small;
    resume.after = asleep.cursor();
    asleep = session.events(resume);
    for (auto& event : drain(engine, asleep)) late.push_back(std::move(event));
    REQUIRE(++reopened < 1'000);
  }
  CHECK(reopened > 0);
  CHECK(durable_types(late) == durable_types(seen));
  std::uint64_t seq = 0;
  for (const auto& event : late) {
    if (event.is_durable()) CHECK(event.seq == ++seq);
  }
}

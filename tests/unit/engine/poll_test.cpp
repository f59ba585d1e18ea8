#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// Does something once, when events were read the nth time and their reader does not have them yet.
class ReadHook final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    auto events = inner_->read_events(tenant, stream, after, limit);
    if (hook && at-- == 0) std::exchange(hook, nullptr)();
    return events;
  }
  std::function<void()> hook;
  int at = 0;
};

/// Sleeps as a host does: until the descriptor is readable, or the deadline has come where that is
/// not the watcher's work. False when nothing would ever wake it.
bool wakes(const Engine& engine, bool by_pipe_alone) {
  int longest = 20'000;
  const auto due = engine.next_deadline();
  if (due && !by_pipe_alone) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - engine.clock().now());
    longest = std::clamp(static_cast<int>(left.count()), 0, longest);
  }
  pollfd waiting{engine.wait_fd(), POLLIN, 0};
  return ::poll(&waiting, 1, longest) == 1 || (due && !by_pipe_alone);
}

}  // namespace

TEST_CASE("a host that sleeps as it is told hears that the engine it began to close has closed") {
  for (const bool on_disk : {false, true}) {
    for (const bool pipe : {false, true}) {
      CAPTURE(on_disk);
      CAPTURE(pipe);
      TempFolder folder;
      Config config = scripted(R"(["One two three four five."])");
      config.clock = ClockKind::real;
      config.providers["model"].options = R"({"replies":["One two three."],"delay_ms":60000})";
      if (on_disk) config.storage = "sqlite:" + folder.file("a.db");
      if (pipe) config.watcher = Watcher::pipe;
      Engine engine = Engine::open(config);
      Session session = engine.create_session(conformance::two_in_a_room());
      Events events = session.events();
      const Turn turn = session.send("Hello.");
      turn.wait_accepted();
      engine.poll();
      REQUIRE(engine.begin_close());
      int polls = 0;
      for (ErrorCode code = ErrorCode::ok; code != ErrorCode::closed; ++polls) {
        REQUIRE(polls < 10'000);
        REQUIRE(wakes(engine, pipe));
        code = code_of([&] { engine.poll(1ms); });
      }
      CHECK_FALSE(engine.next_deadline());
      CHECK(turn.wait().outcome == Outcome::interrupted);
      std::vector<Event> seen;
      for (Event event; events.next(event);) seen.push_back(event);
      REQUIRE_FALSE(seen.empty());
      CHECK(seen.back().type == "turn.finished");
      CHECK(seen.back().data.find(R"("outcome":"interrupted")") != std::string::npos);
      CHECK(events.ended());
    }
  }
}

TEST_CASE("a viewer sees how the engine's end ended the reply, and is read to its end afterwards") {
  for (const auto thread : {StorageThread::off, StorageThread::on}) {
    for (const bool on_disk : {false, true}) {
      CAPTURE(on_disk);
      TempFolder folder;
      Config config = scripted(R"(["One two three four five six seven."])");
      if (on_disk) config.storage = "sqlite:" + folder.file("a.db");
      config.storage_thread = thread;
      Engine engine = Engine::open(config);
      Session session = engine.create_session(conformance::two_in_a_room());
      Events events = session.events();
      const Turn turn = session.send("Count.");
      Event event;
      while (event.type != "delta") REQUIRE(events.next_wait(event));
      engine.close();
      int ends = 0;
      while (events.next(event)) ends += event.type == "turn.finished";
      CHECK(ends == 1);
      CHECK(event.type == "turn.finished");
      CHECK(event.data.find(R"("outcome":"interrupted")") != std::string::npos);
      CHECK(events.ended());
    }
  }
}

TEST_CASE("a session that is removed while it is active is let go of at once") {
  Engine engine = Engine::open(scripted());
  {
    Session session = engine.create_session("job-interview");
    session.send_wait("Hello.");
    session.remove().get();
  }
  engine.poll();
  CHECK(engine.stats().sessions_loaded == 0);
}

TEST_CASE("a session that was changed and let go of while it is loaded is loaded again") {
  for (int at = 0; at < 3; ++at) {
    CAPTURE(at);
    auto store = std::make_shared<ReadHook>(open_storage({.url = "memory:"}).value_or_throw());
    Dependencies dependencies;
    dependencies.storage = store;
    Engine engine = Engine::open(scripted(), dependencies);
    const std::string id = engine.create_session(conformance::two_in_a_room()).id();
    engine.run_until_idle();
    REQUIRE(engine.stats().sessions_loaded == 0);
    store->at = at;
    store->hook = [&] {
      engine.session(id).annotate("n", "{}").get();
      engine.run_until_idle();
      REQUIRE(engine.stats().sessions_loaded == 0);
    };
    Session session = engine.session(id);
    store->hook = nullptr;
    const auto before = session.info().last_seq;
    session.annotate("n", "{}").get();
    CHECK(session.info().last_seq == before + 1);
  }
}

TEST_CASE("poll() begins no callback once its budget is over, whatever was committed together") {
  using RealClock = std::chrono::steady_clock;
  for (const bool on_disk : {false, true}) {
    for (const auto thread : {StorageThread::off, StorageThread::on}) {
      CAPTURE(on_disk);
      TempFolder folder;
      Config config;
      config.storage = on_disk ? "sqlite:" + folder.file("a.db") : "memory:";
      config.storage_thread = thread;
      config.durability = Durability::process;
      Engine engine = Engine::open(config);
      std::vector<Session> sessions;
      for (int i = 0; i < 60; ++i)
        sessions.push_back(engine.create_session(conformance::two_in_a_room()));
      engine.run_until_idle();
      // Every answer keeps the loop busy for a while; all of them are committed as one group.
      RealClock::time_point end;
      int answered = 0, late = 0, late_in_this_poll = 0;
      for (auto& session : sessions) {
        session.start().then([&](const Result<SessionInfo>&) {
          ++answered;
          if (RealClock::now() > end + 150us) ++late_in_this_poll;
          const auto until = RealClock::now() + 200us;
          while (RealClock::now() < until) {
          }
        });
      }
      int polls = 0;
      while (answered < 60) {
        late_in_this_poll = 0;
        end = RealClock::now() + 500us;
        engine.poll(500us);
        // A poll always runs something, so its first callback may be late: behind a slow commit.
        late += std::max(0, late_in_this_poll - 1);
        ++polls;
        REQUIRE(polls < 100'000);
      }
      // The machine may take a breath between two looks at the clock; a group at once would be 50.
      CHECK(late <= 5);
      CHECK(polls >= 15);
      engine.close();
    }
  }
}

TEST_CASE("after a poll that ran out of budget the next one is due now") {
  Config config;
  Engine engine = Engine::open(config);
  std::vector<Session> sessions;
  int answered = 0;
  for (int i = 0; i < 20; ++i) {
    sessions.push_back(engine.create_session(conformance::two_in_a_room()));
    sessions.back().start().then([&](const Result<SessionInfo>&) {
      ++answered;
      const auto until = std::chrono::steady_clock::now() + 1ms;
      while (std::chrono::steady_clock::now() < until) {
      }
    });
  }
  while (answered < 20) {
    engine.poll(100us);
    if (answered == 20) break;
    const auto due = engine.next_deadline();
    REQUIRE(due);
    CHECK(*due <= engine.clock().now());
  }
}

TEST_CASE(
    "a wait with a limit takes virtual time to its limit, not to a job that is queued for later") {
  Config config = scripted();
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  engine.run_until_idle();
  Events events = session.events();
  for (Event event; events.next_wait(event, 1ms);) {
  }
  REQUIRE(engine.next_deadline());  // the job that takes its row away, in days
  const TimePoint start = engine.clock().now();
  Event event;
  CHECK_FALSE(events.next_wait(event, 250ms));
  CHECK(engine.clock().now() - start == 250ms);
  CHECK_FALSE(events.next_wait(event, 2h));  // in no time
  CHECK(engine.clock().now() - start == 2h + 250ms);
}

TEST_CASE(
    "a wait with a limit is late when what is under way takes longer, and time stands there") {
  Config config = scripted();
  config.providers["model"].options = R"({"replies":["Good morning."],"delay_ms":5000})";
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  const TimePoint start = engine.clock().now();
  const Turn turn = session.send("Hello.");
  CHECK(code_of([&] { turn.wait(1s); }) == ErrorCode::timeout);
  CHECK(engine.clock().now() - start == 1s);
  CHECK(turn.wait(60s).text == "Good morning.");
  CHECK(engine.clock().now() - start < 61s);
}

TEST_CASE("a step over the virtual clock's 100 years is refused, and the engine goes on") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  const auto begun = engine.clock().now();
  const Duration year = std::chrono::hours(24 * 365);
  for (const Duration step : {Duration::max(), 120 * year, 100 * year + Duration(1)})
    CHECK(code_of([&] { engine.advance(step); }) == ErrorCode::invalid_argument);
  CHECK(engine.clock().now() == begun);
  engine.advance(60 * year);
  CHECK(code_of([&] { engine.advance(60 * year); }) == ErrorCode::invalid_argument);
  engine.advance(39 * year);
  CHECK(session.send_wait("Still here?").outcome == Outcome::complete);
  session.pause().get();
  CHECK(session.state() == SessionState::paused);
}

TEST_CASE("commits on the storage thread are waited for in real time") {
  TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("a.db");
  config.storage_thread = StorageThread::on;
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  const TimePoint start = engine.clock().now();
  for (int i = 0; i < 20; ++i) session.annotate("seen", "{}").get();
  engine.run_until_idle();
  CHECK(engine.clock().now() == start);
}

TEST_CASE("handles that come and go on several threads never make two of one session") {
  Config config = scripted();
  config.clock = ClockKind::real;
  config.threads = 2;
  Engine engine = Engine::open(config);
  const std::string id = engine.create_session(conformance::two_in_a_room()).id();
  engine.run_until_idle();
  constexpr int kThreads = 3, kRounds = 400;
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        try {
          Session session = engine.session(id);
          session.annotate("n", "{}").get(20s);
        } catch (const Error&) {
          ++failed;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(engine.session(id).info().last_seq == 1 + kThreads * kRounds);
}

TEST_CASE("explain may be called from any thread while the engine works, and inside callbacks") {
  for (const int threads : {0, 2}) {
    CAPTURE(threads);
    Config config = scripted();
    config.clock = ClockKind::real;
    config.threads = threads;
    config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
    Engine engine = Engine::open(config);
    Session session = engine.create_session(conformance::two_in_a_room());
    const auto reply = session.send_wait("Hello.").message;
    std::atomic<int> explained{0};
    std::atomic<bool> stop{false};
    std::thread other([&] {
      while (!stop) {
        if (!session.explain(reply).request.empty()) ++explained;
      }
    });
    std::string inside;
    for (int i = 0; i < 20 || explained == 0; ++i) {
      const Turn turn = session.send("Again.");
      // wait() may return before the callback has run on the engine's thread.
      auto called = std::make_shared<std::promise<std::string>>();
      auto told = called->get_future();
      turn.then([&session, reply, called](const Result<TurnResult>&) {
        called->set_value(session.explain(reply).sha256);
      });
      (void)turn.wait(20s);
      REQUIRE(told.wait_for(20s) == std::future_status::ready);
      inside = told.get();
    }
    stop = true;
    other.join();
    CHECK(explained > 0);
    CHECK(inside == session.explain(reply).sha256);
  }
}

TEST_CASE("a host's provider that talks on after its engine is gone harms nobody") {
  std::vector<std::shared_ptr<ReplySink>> kept;
  auto model = std::make_shared<HostModel>([&](auto sink) { kept.push_back(sink); });
  {
    Engine engine = Engine::open(hosted(), with_model(model));
    Session session = engine.create_session(conformance::two_in_a_room());
    session.send("Hello.");
    engine.advance(1s);
    REQUIRE(kept.size() == 1);
  }
  say(*kept[0], "Anybody there?");
}

TEST_CASE("a host's provider that floods its sink is stopped at a bound") {
  auto model = std::make_shared<HostModel>([](auto sink) {
    sink->on_start({"host", "model", ""});
    const std::string piece(64u << 10, 'x');
    for (int i = 0; i < 4'000; ++i) sink->on_reasoning(piece);  // 250 MB, if it were kept
    for (int i = 0; i < 4'000; ++i) sink->on_text(piece);
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  });
  Config config = hosted();
  config.limits.answer_bytes = 1u << 20;
  Engine engine = Engine::open(config, with_model(model));
  Session session = engine.create_session(conformance::two_in_a_room());
  const auto result = session.send_wait("Hello.");
  CHECK(result.outcome == Outcome::truncated);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::too_large);
  CHECK(result.text.size() <= config.limits.answer_bytes);
  CHECK(model->stop.stop_requested());  // it hears that nobody wants more
}

TEST_CASE("broken bytes and negative counts of a host's provider are made harmless") {
  auto model = std::make_shared<HostModel>([](auto sink) {
    sink->on_start({"ho\xFFst", "mod\xFE", "\xC3"});
    sink->on_text("caf\xC3");
    UsageUpdate usage;
    usage.input_tokens = -1'000'000;
    usage.output_tokens = -5;
    sink->on_usage(usage);
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  });
  Config config = hosted();
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  Engine engine = Engine::open(config, with_model(model));
  Session session = engine.create_session(conformance::two_in_a_room());
  const auto result = session.send_wait("Hello.");
  CHECK(result.text == "caf\xEF\xBF\xBD");
  // As if it had told none: they are estimated.
  CHECK(result.usage.estimated);
  CHECK(result.usage.input_tokens > 0);
  CHECK(result.usage.output_tokens > 0);
  CHECK(session.info().cost.pico_usd > 0);
}

#include <doctest/doctest.h>

#include <new>
#include <optional>
#include <set>

#include "conformance/stage.hpp"
#include "engine_fixture.hpp"
#include "support/counted_memory.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Session open_stage(Engine& engine) {
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  return session;
}

// What the question is answered with while the n-th allocation from here fails.
Result<AsideResult> ask_with_fault(const Session& session, long n) {
  CountedMemory::fail_at(n);
  try {
    return Session(session).ask_aside("host", "What do you think of the guest?").wait(600s);
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error::fixed(ErrorCode::out_of_memory, "thrown");
  }
}

// Keeps its sink, for the test to answer with.
struct Keeping final : Provider {
  std::string_view name() const noexcept override { return "keeping"; }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> given,
             std::stop_token) override {
    sink = std::move(given);
  }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string(); }

  std::shared_ptr<ReplySink> sink;
};

// A side question that is still being answered when the engine is closed.
void close_in_mid_question(bool without_memory) {
  Engine engine = Engine::open(scripted());
  Session session = open_stage(engine);
  auto asked = session.ask_aside("host", "What do you think of the guest?");
  engine.poll();
  REQUIRE_FALSE(asked.ready());
  CountedMemory::starve(without_memory);
  engine.close();
  CountedMemory::starve(false);
}

}  // namespace

TEST_CASE("whichever allocation of a side question fails, it says so and the session goes on") {
  std::set<std::string> refusals;
  long n = 1;
  for (bool reached = true; reached; ++n) {
    CAPTURE(n);
    Engine engine = Engine::open(scripted());
    std::optional<Session> session = open_stage(engine);
    const auto answer = ask_with_fault(*session, n);
    reached = CountedMemory::until_fault() == 0;
    CountedMemory::fail_at(0);
    if (!answer) {
      CHECK(answer.error().code() == ErrorCode::out_of_memory);
      refusals.insert(answer.error().what());
    }
    const auto again = session->ask_aside("host", "And now?").wait(600s);
    REQUIRE(again);
    CHECK_FALSE(again->text.empty());
    CHECK(engine.rebuild(session->id()));
    session.reset();
    engine.poll();
    CHECK(engine.stats().sessions_loaded == 0);  // nothing of it is still waited for
  }
  CHECK(n > 100);
  CHECK(refusals.contains("not enough memory to ask; ask again"));
}

TEST_CASE("a completion whose end meets a lack of memory says that it has failed") {
  bool reached = true;
  for (long n = 1; reached; ++n) {
    CAPTURE(n);
    const auto keeping = std::make_shared<Keeping>();
    Dependencies dependencies;
    dependencies.providers["mine"] = keeping;
    Engine engine = Engine::open(scripted(), dependencies);
    ReplyRequest request;
    request.messages.emplace_back().text = "Good day.";
    request.json_schema = R"({"type":"object"})";
    const auto answer = engine.complete("mine", request);
    while (!keeping->sink) engine.poll();
    keeping->sink->on_text(R"({"greeting":"Good day to you, and to everybody else."})");
    keeping->sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
    CountedMemory::fail_at(n);
    try {
      for (int round = 0; round < 10; ++round) engine.poll();
    } catch (const std::bad_alloc&) {
    } catch (const Error&) {
    }
    reached = CountedMemory::until_fault() == 0;
    CountedMemory::fail_at(0);
    keeping->sink.reset();  // a host lets go of it behind the end
    for (int round = 0; round < 10; ++round) engine.poll();
    REQUIRE(answer.ready());
    CHECK(code_of([&] { answer.get(); }) == ErrorCode::ok);
  }
}

TEST_CASE("an engine that closes without any memory lets go of a side question under way") {
  close_in_mid_question(false);
  const long before = CountedMemory::blocks();
  close_in_mid_question(true);
  CHECK(CountedMemory::blocks() == before);
}

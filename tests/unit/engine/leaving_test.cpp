#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

// An engine whose owner goes inside one of its own callbacks.

namespace {

/// A model that tells when the engine has let go of it, which its end does.
struct ToldModel final : HostModel {
  ToldModel(std::promise<void>& told, Reply reply) : HostModel(std::move(reply)), gone(told) {}
  ToldModel(const ToldModel&) = delete;
  ToldModel& operator=(const ToldModel&) = delete;
  ~ToldModel() override { gone.set_value(); }
  std::promise<void>& gone;
};

}  // namespace

TEST_CASE("an engine that is destroyed inside a callback closes when that has returned") {
  for (const int threads : {0, 1, 4}) {
    CAPTURE(threads);
    std::promise<void> ended, tried;
    auto released = ended.get_future();
    auto done = tried.get_future();
    std::optional<Engine> engine;
    std::optional<Session> session;
    ErrorCode refused = ErrorCode::ok;
    auto model = std::make_shared<ToldModel>(ended, [&](auto sink) {
      engine.reset();
      refused = code_of([&] { session->send("Hello?"); });
      say(*sink, "Good morning.");
      tried.set_value();
    });
    Config config = hosted(threads == 0 ? ClockKind::virtual_time : ClockKind::real);
    config.threads = threads;
    engine.emplace(Engine::open(config, with_model(std::move(model))));
    session.emplace(open_stage(*engine));
    const Turn turn = session->send("Hello.");
    if (threads == 0) {
      while (engine) CHECK(code_of([&] { engine->poll(); }) == ErrorCode::ok);
    }
    CHECK(done.wait_for(20s) == std::future_status::ready);
    CHECK(refused == ErrorCode::closed);
    session.reset();
    CHECK(released.wait_for(20s) == std::future_status::ready);
  }
}

TEST_CASE("a wait ends when the engine goes inside a callback") {
  for (const int threads : {0, 1}) {
    CAPTURE(threads);
    std::optional<Engine> engine;
    auto model = std::make_shared<HostModel>([&](auto sink) {
      engine.reset();
      say(*sink, "Good morning.");
    });
    Config config = hosted(threads == 0 ? ClockKind::virtual_time : ClockKind::real);
    config.threads = threads;
    engine.emplace(Engine::open(config, with_model(std::move(model))));
    Session session = open_stage(*engine);
    const Turn turn = session.send("Hello.");
    const ErrorCode code = code_of([&] { turn.wait(20s); });
    CHECK((code == ErrorCode::ok || code == ErrorCode::closed));  // whichever came first
    // The thread that ends the engine ends its turns, perhaps behind the wait.
    while (threads > 0 && !turn.done()) std::this_thread::yield();
    CHECK(turn.done());
    CHECK(code_of([&] { session.send("Hello?"); }) == ErrorCode::closed);
  }
}

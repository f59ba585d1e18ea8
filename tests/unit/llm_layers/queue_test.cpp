#include <doctest/doctest.h>

#include "llm/layers/concurrency.hpp"
#include "llm/layers/pacing.hpp"
#include "net/http.hpp"
#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

net::HttpHead quota(const std::string& left, const std::string& reset) {
  return {200, {{"x-ratelimit-remaining-requests", left}, {"x-ratelimit-reset-requests", reset}}};
}

struct PlaceStage : Stage {
  std::shared_ptr<SharedPlaces> places =
      std::make_shared<SharedPlaces>(guard::ConcurrencyLimits{.running = 2, .waiting = 3});
  ConcurrencyProvider provider{service, loop, places};
  PlaceStage() { service->plays = {Play{.wait = 1s}}; }
};

struct PaceStage : Stage {
  std::shared_ptr<SharedPacer> pacer = std::make_shared<SharedPacer>();
  PacingProvider provider{service, loop, PacingProvider::on_key(pacer)};
  void tell(const std::string& left, const std::string& reset) {
    pacer->update(quota(left, reset), request.model, clock.now(), clock.wall());
  }
};

}  // namespace

TEST_CASE("so many replies stream at once, the others follow in order, the next is refused") {
  PlaceStage stage;
  std::vector<std::shared_ptr<StartLog>> logs;
  for (int i = 0; i < 6; ++i) {
    stage.request.model = "m" + std::to_string(i);
    logs.push_back(stage.begin(stage.provider));
  }
  stage.settle();
  CHECK(logs[5]->code() == ErrorCode::limit_reached);
  for (int i = 0; i < 3; ++i) stage.wait(1s);
  for (int i = 0; i < 5; ++i) CHECK(logs[static_cast<std::size_t>(i)]->log.text == "Hello there.");
  CHECK(stage.service->most_running == 2);
  for (int i = 0; i < 5; ++i)
    CHECK(stage.service->requests[static_cast<std::size_t>(i)].model == "m" + std::to_string(i));
}

TEST_CASE("a call that is cancelled in line ends at once and takes nobody's place") {
  PlaceStage stage;
  stage.begin(stage.provider);
  stage.begin(stage.provider);
  std::stop_source stop;
  const auto gone = stage.begin(stage.provider, stop.get_token());
  const auto last = stage.begin(stage.provider);
  stop.request_stop();
  stage.settle();
  CHECK(gone->log.end().outcome == Outcome::cancelled);
  stage.wait(1s);
  stage.wait(1s);
  CHECK(last->log.text == "Hello there.");
  CHECK(stage.service->requests.size() == 3);
}

TEST_CASE("a call that is cancelled in line makes room in it at once") {
  PlaceStage stage;
  stage.places =
      std::make_shared<SharedPlaces>(guard::ConcurrencyLimits{.running = 1, .waiting = 1});
  ConcurrencyProvider provider(stage.service, stage.loop, stage.places);
  stage.begin(provider);
  std::stop_source stop;
  stage.begin(provider, stop.get_token());
  CHECK(stage.ask(provider)->code() == ErrorCode::limit_reached);
  stop.request_stop();
  stage.settle();
  const auto next = stage.ask(provider);
  CHECK_FALSE(next->ended());
  stage.wait(1s);
  stage.wait(1s);
  CHECK(next->log.text == "Hello there.");
}

TEST_CASE("a reply that is given up without an end leaves its place") {
  PlaceStage stage;
  stage.service->plays = {Play{.endless = true}};
  for (int i = 0; i < 10; ++i) stage.ask(stage.provider);
  CHECK(stage.service->requests.size() == 10);
}

TEST_CASE("the wait in line is taken off the call's total time") {
  PlaceStage stage;
  stage.request.timeouts.total = 10s;
  for (int i = 0; i < 3; ++i) stage.begin(stage.provider);
  stage.settle();
  stage.wait(1s);
  CHECK(stage.service->requests.at(2).timeouts.total == 9s);
}

TEST_CASE("a call waits for the quota that the service told of, and goes when it is full again") {
  PaceStage stage;
  stage.tell("1", "30s");
  CHECK(stage.ask(stage.provider)->log.text == "Hello there.");
  const auto waits = stage.ask(stage.provider);
  CHECK_FALSE(waits->ended());
  stage.wait(29s);
  CHECK_FALSE(waits->ended());
  stage.wait(1s);
  CHECK(waits->log.text == "Hello there.");
}

TEST_CASE("a wait that does not fit the call's time is not begun, and tells how long it would be") {
  PaceStage stage;
  stage.request.timeouts.total = 20s;
  stage.tell("0", "30s");
  const auto log = stage.ask(stage.provider);
  CHECK(log->code() == ErrorCode::rate_limited);
  CHECK(log->log.end().error->retry_after() == 30s);
  CHECK(stage.service->requests.empty());
}

TEST_CASE("a quota that is used up holds no other model of the service back") {
  PaceStage stage;
  stage.request.model = "large";
  stage.tell("0", "30s");
  CHECK_FALSE(stage.ask(stage.provider)->ended());
  stage.request.model = "small";
  CHECK(stage.ask(stage.provider)->log.text == "Hello there.");
}

TEST_CASE("where another key may have room, a call that would wait fails at once") {
  PaceStage stage;
  PacingProvider hurried{stage.service, stage.loop, PacingProvider::on_key(stage.pacer), false};
  stage.tell("1", "30s");
  CHECK(stage.ask(hurried)->log.text == "Hello there.");
  const auto log = stage.ask(hurried);
  CHECK(log->code() == ErrorCode::rate_limited);
  CHECK(log->log.end().error->retry_after() == 30s);
  CHECK(log->log.end().unasked);
  CHECK(stage.service->requests.size() == 1);
}

TEST_CASE("a call that is cancelled while it waits for a quota ends within one loop turn") {
  PaceStage stage;
  stage.tell("0", "30s");
  std::stop_source stop;
  const auto log = stage.begin(stage.provider, stop.get_token());
  stage.settle();
  stop.request_stop();
  stage.settle();
  CHECK(log->log.end().outcome == Outcome::cancelled);
  stage.wait(60s);
  CHECK(stage.service->requests.empty());
  CHECK(log->log.late == 0);
}

TEST_CASE("a service that says nothing is not paced") {
  PaceStage stage;
  stage.pacer->update({200, {{"Content-Type", "text/event-stream"}}}, "", stage.clock.now(),
                      stage.clock.wall());
  for (int i = 0; i < 50; ++i) CHECK(stage.ask(stage.provider)->ended());
}

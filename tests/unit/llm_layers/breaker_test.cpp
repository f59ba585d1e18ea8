#include "llm/layers/breaker.hpp"

#include <doctest/doctest.h>

#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct BreakerStage : Stage {
  std::shared_ptr<SharedBreaker> shared =
      std::make_shared<SharedBreaker>(guard::BreakerLimits{3, 20s});
  BreakerProvider provider{service, loop, shared};

  guard::BreakerState state() {
    return shared->with([this](auto& breaker) { return breaker.state(clock.now()); });
  }
};

}  // namespace

TEST_CASE("after three failures in a row calls fail at once, and no service is asked") {
  BreakerStage stage;
  stage.service->plays = {failing(ErrorCode::network)};
  for (int i = 0; i < 3; ++i) CHECK(stage.ask(stage.provider)->code() == ErrorCode::network);
  const TimePoint before = stage.clock.now();
  const auto refused = stage.ask(stage.provider);
  CHECK(refused->code() == ErrorCode::circuit_open);
  CHECK(refused->log.end().error->retry_after() == 20s);
  CHECK(stage.clock.now() == before);
  CHECK(stage.service->requests.size() == 3);
}

TEST_CASE("after the reset time one trial goes, and its success closes the breaker") {
  BreakerStage stage;
  stage.service->plays = {failing(ErrorCode::provider_error, 500)};
  for (int i = 0; i < 3; ++i) stage.ask(stage.provider);
  stage.service->plays = {Play{.wait = 1s}};
  stage.wait(20s);
  const auto trial = stage.begin(stage.provider);
  const auto other = stage.ask(stage.provider);
  CHECK(other->code() == ErrorCode::circuit_open);
  stage.wait(1s);
  CHECK(trial->log.text == "Hello there.");
  CHECK(stage.state() == guard::BreakerState::closed);
}

TEST_CASE("a service that breaks off in mid-stream is found out") {
  BreakerStage stage;
  stage.service->plays = {Play{.texts = {"Hel"}, .error = Error::fixed(ErrorCode::network, "cut")}};
  for (int i = 0; i < 3; ++i) CHECK(stage.ask(stage.provider)->log.text == "Hel");
  CHECK(stage.state() == guard::BreakerState::open);
}

TEST_CASE("refusals of the request, the key or the pace open no breaker") {
  for (const ErrorCode code :
       {ErrorCode::invalid_argument, ErrorCode::unauthenticated, ErrorCode::permission_denied,
        ErrorCode::rate_limited, ErrorCode::quota_exhausted, ErrorCode::context_overflow,
        ErrorCode::content_filtered, ErrorCode::not_found, ErrorCode::too_large}) {
    CAPTURE(to_string(code));
    BreakerStage stage;
    stage.service->plays = {failing(code, 400)};
    for (int i = 0; i < 10; ++i) CHECK(stage.ask(stage.provider)->code() == code);
    CHECK(stage.state() == guard::BreakerState::closed);
  }
}

TEST_CASE("cancelled calls say nothing of the service, and a cancelled trial makes room for one") {
  BreakerStage stage;
  std::stop_source stop;
  stop.request_stop();
  for (int i = 0; i < 5; ++i) {
    const auto log = stage.begin(stage.provider, stop.get_token());
    stage.settle();
    CHECK(log->log.end().outcome == Outcome::cancelled);
  }
  CHECK(stage.state() == guard::BreakerState::closed);
  stage.service->plays = {failing(ErrorCode::network)};
  for (int i = 0; i < 3; ++i) stage.ask(stage.provider);
  stage.wait(20s);
  stage.service->plays = {Play{}};
  stage.begin(stage.provider, stop.get_token());
  stage.settle();
  CHECK(stage.ask(stage.provider)->log.text == "Hello there.");
}

TEST_CASE("a trial whose reply is given up without an end does not keep the breaker half open") {
  BreakerStage stage;
  stage.service->plays = {failing(ErrorCode::network)};
  for (int i = 0; i < 3; ++i) stage.ask(stage.provider);
  stage.wait(20s);
  stage.service->plays = {Play{.endless = true}, Play{}};
  stage.ask(stage.provider);
  CHECK(stage.ask(stage.provider)->log.text == "Hello there.");
}

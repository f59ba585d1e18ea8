#include "llm/layers/fallback.hpp"

#include <doctest/doctest.h>

#include "llm/layers/degraded.hpp"
#include "llm/layers/key_rotation.hpp"
#include "llm/layers/retry.hpp"
#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct FallbackStage : Stage {
  std::shared_ptr<Played> other = std::make_shared<Played>(loop, "other");
  FallbackProvider provider{{{service, {}}, {service, "small"}, {other, "big"}}, loop};
};

}  // namespace

TEST_CASE(
    "what fails before its content is answered by the next, which names the one that failed") {
  FallbackStage stage;
  stage.request.model = "large";
  stage.service->plays = {failing(ErrorCode::overloaded, 529), failing(ErrorCode::timeout)};
  const auto log = stage.ask(stage.provider);
  CHECK(log->log.text == "Hello there.");
  REQUIRE(log->starts.size() == 1);
  CHECK(log->starts[0].provider == "other");
  CHECK(log->starts[0].model == "big");
  CHECK(log->starts[0].fallback_for == "played");
  CHECK(stage.service->requests[0].model == "large");
  CHECK(stage.service->requests[1].model == "small");
  CHECK(stage.other->requests[0].messages == stage.request.messages);
}

TEST_CASE("once anything was delivered nobody else is asked") {
  FallbackStage stage;
  stage.service->plays = {Play{.texts = {"Hel"}, .error = Error::fixed(ErrorCode::network, "cut")}};
  const auto log = stage.ask(stage.provider);
  CHECK(log->log.end().outcome == Outcome::truncated);
  CHECK(log->log.text == "Hel");
  CHECK(stage.other->requests.empty());
}

TEST_CASE("nor where the service itself told behind some text that it failed") {
  const Play broken{
      .texts = {"Hel"}, .error = Error::fixed(ErrorCode::overloaded, "played"), .reported = true};
  FallbackStage stage;
  stage.service->plays = {broken};
  const auto log = stage.ask(stage.provider);
  CHECK(log->log.end().outcome == Outcome::failed);
  CHECK(log->log.text == "Hel");
  CHECK(stage.service->requests.size() == 1);
  CHECK(stage.other->requests.empty());

  Stage keyed;
  auto second = std::make_shared<Played>(keyed.loop, "second");
  KeyRotationProvider rotation({keyed.service, second}, keyed.loop);
  keyed.service->plays = {Play{.texts = {"Hel"},
                               .error = Error::fixed(ErrorCode::rate_limited, "played"),
                               .reported = true}};
  CHECK(keyed.ask(rotation)->log.text == "Hel");
  CHECK(second->requests.empty());

  Stage bare;
  DegradedProvider degraded(bare.service, "Back in a minute.");
  bare.service->plays = {broken};
  CHECK(bare.ask(degraded)->log.text == "Hel");

  Stage retried;
  RetryProvider retry(retried.service, retried.loop, {.max_retries = 2}, 7);
  retried.service->plays = {broken};
  CHECK(retried.ask(retry)->log.text == "Hel");
  CHECK(retried.service->requests.size() == 1);
}

TEST_CASE("every class of failure moves on or does not as the table says") {
  const auto moves = [](ErrorCode code) {
    FallbackStage stage;
    stage.service->plays = {failing(code)};
    return stage.ask(stage.provider)->log.text == "Hello there.";
  };
  for (const ErrorCode code :
       {ErrorCode::network, ErrorCode::unavailable, ErrorCode::overloaded,
        ErrorCode::provider_error, ErrorCode::timeout, ErrorCode::protocol, ErrorCode::rate_limited,
        ErrorCode::quota_exhausted, ErrorCode::circuit_open, ErrorCode::unauthenticated,
        ErrorCode::permission_denied, ErrorCode::not_found, ErrorCode::context_overflow}) {
    CAPTURE(to_string(code));
    CHECK(moves(code));
  }
  for (const ErrorCode code : {ErrorCode::invalid_argument, ErrorCode::content_filtered,
                               ErrorCode::too_large, ErrorCode::budget_exhausted}) {
    CAPTURE(to_string(code));
    CHECK_FALSE(moves(code));
  }
}

TEST_CASE("when all fail the last failure counts, and the total time covers all of them") {
  FallbackStage stage;
  stage.request.timeouts.total = 10s;
  stage.service->plays = {
      Play{.texts = {}, .error = Error::fixed(ErrorCode::network, "x"), .wait = 4s}};
  stage.other->plays = {failing(ErrorCode::overloaded)};
  const auto log = stage.begin(stage.provider);
  stage.wait(4s);
  stage.wait(4s);
  CHECK(log->code() == ErrorCode::overloaded);
  CHECK(stage.service->requests[1].timeouts.total == 6s);
  CHECK(stage.other->requests[0].timeouts.total == 2s);
}

TEST_CASE("a stop during the first attempt asks nobody else") {
  FallbackStage stage;
  stage.service->plays = {failing(ErrorCode::network)};
  std::stop_source stop;
  const auto log = stage.begin(stage.provider, stop.get_token());
  stop.request_stop();
  stage.settle();
  CHECK(stage.other->requests.empty());
  CHECK(log->ended());
}

TEST_CASE("a failure that comes behind a stop asks neither another service nor another key") {
  // Does not look at the stop.
  struct Deaf final : Provider {
    explicit Deaf(net::Loop& its_loop) : loop(its_loop) {}
    std::string_view name() const noexcept override { return "deaf"; }
    Result<std::string> request_body(const ReplyRequest&) const override { return std::string(); }
    void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
               std::stop_token) override {
      loop.post([sink = std::move(sink)] {
        sink->on_done(
            {.outcome = Outcome::failed, .error = Error::fixed(ErrorCode::rate_limited, "played")});
      });
    }
    net::Loop& loop;
  };
  FallbackStage stage;
  auto deaf = std::make_shared<Deaf>(stage.loop);
  FallbackProvider fallback({{deaf, {}}, {stage.other, "big"}}, stage.loop);
  KeyRotationProvider keys({deaf, stage.other}, stage.loop);
  DegradedProvider degraded(deaf, "Back in a minute.");
  for (Provider* provider : std::initializer_list<Provider*>{&fallback, &keys, &degraded}) {
    std::stop_source stop;
    const auto log = stage.begin(*provider, stop.get_token());
    stop.request_stop();
    stage.settle();
    CHECK(log->code() == ErrorCode::rate_limited);
    CHECK(log->log.text.empty());
  }
  CHECK(stage.other->requests.empty());
}

TEST_CASE("another service gets no body that was written for the first one") {
  FallbackStage stage;
  stage.request.body = std::make_shared<const std::string>("{}");
  stage.service->plays = {failing(ErrorCode::network)};
  stage.ask(stage.provider);
  CHECK(stage.service->requests.at(0).body);
  CHECK_FALSE(stage.service->requests.at(1).body);
  CHECK_FALSE(stage.other->requests.at(0).body);
}

TEST_CASE(
    "when everything is down the configured answer comes at once, is marked and costs nothing") {
  Stage stage;
  DegradedProvider provider(stage.service, "Back in a minute.");
  for (const ErrorCode code : {ErrorCode::circuit_open, ErrorCode::network, ErrorCode::timeout}) {
    stage.service->plays = {failing(code)};
    const TimePoint before = stage.clock.now();
    const auto log = stage.ask(provider);
    CHECK(log->log.text == "Back in a minute.");
    CHECK(log->starts.at(0).degraded);
    CHECK(log->log.end().outcome == Outcome::complete);
    CHECK(log->log.usage.input_tokens == 0);
    CHECK(log->log.usage.output_tokens == 0);
    CHECK(stage.clock.now() == before);
  }
  stage.service->plays = {failing(ErrorCode::invalid_argument)};
  CHECK(stage.ask(provider)->code() == ErrorCode::invalid_argument);
  stage.service->plays = {Play{.texts = {"Hel"}, .error = Error::fixed(ErrorCode::network, "cut")}};
  CHECK(stage.ask(provider)->log.text == "Hel");
  stage.service->plays = {Play{}};
  CHECK_FALSE(stage.ask(provider)->starts.at(0).degraded);
}

TEST_CASE("a refused or throttled key gives way to the next, which is kept") {
  Stage stage;
  auto second = std::make_shared<Played>(stage.loop, "second");
  auto third = std::make_shared<Played>(stage.loop, "third");
  KeyRotationProvider keys({stage.service, second, third}, stage.loop);
  stage.service->plays = {failing(ErrorCode::unauthenticated, 401)};
  second->plays = {failing(ErrorCode::rate_limited, 429)};
  CHECK(stage.ask(keys)->starts.at(0).provider == "third");
  CHECK(stage.ask(keys)->starts.at(0).provider == "third");
  CHECK(stage.service->requests.size() == 1);
  CHECK(second->requests.size() == 1);
}

TEST_CASE("a throttled key is asked again when its time is over") {
  Stage stage;
  auto second = std::make_shared<Played>(stage.loop, "second");
  KeyRotationProvider keys({stage.service, second}, stage.loop);
  Play throttled = failing(ErrorCode::rate_limited, 429);
  throttled.error->with_retry_after(30s);
  stage.service->plays = {throttled, Play{}};
  stage.ask(keys);
  second->plays = {failing(ErrorCode::permission_denied, 403)};
  stage.wait(31s);
  CHECK(stage.ask(keys)->starts.at(0).provider == "played");
}

TEST_CASE("a key is left in peace for as long as its service said, while another one is not") {
  const auto throttled = [](std::chrono::seconds time) {
    Play play = failing(ErrorCode::rate_limited, 429);
    play.error->with_retry_after(time);
    return play;
  };
  Stage stage;
  auto second = std::make_shared<Played>(stage.loop, "second");
  auto third = std::make_shared<Played>(stage.loop, "third");
  KeyRotationProvider keys({stage.service, second, third}, stage.loop);
  stage.service->plays = {throttled(60s)};
  second->plays = {throttled(10s), Play{}};
  third->plays = {Play{}, failing(ErrorCode::unauthenticated, 401)};
  CHECK(stage.ask(keys)->starts.at(0).provider == "third");
  stage.wait(11s);
  CHECK(stage.ask(keys)->starts.at(0).provider == "second");
  CHECK(stage.service->requests.size() == 1);
}

TEST_CASE("when every key is refused the last failure is told, each key asked once") {
  Stage stage;
  auto second = std::make_shared<Played>(stage.loop, "second");
  KeyRotationProvider keys({stage.service, second}, stage.loop);
  stage.service->plays = {failing(ErrorCode::unauthenticated, 401)};
  second->plays = {failing(ErrorCode::quota_exhausted, 429)};
  CHECK(stage.ask(keys)->code() == ErrorCode::quota_exhausted);
  CHECK(stage.service->requests.size() + second->requests.size() == 2);
}

TEST_CASE(
    "a dead key does not make a throttled one's refusal final, and the shortest wait is told") {
  const auto throttled = [](std::chrono::seconds time) {
    Play play = failing(ErrorCode::rate_limited, 429);
    play.error->with_retry_after(time);
    return play;
  };
  Stage stage;
  auto second = std::make_shared<Played>(stage.loop, "second");
  auto third = std::make_shared<Played>(stage.loop, "third");
  KeyRotationProvider keys({stage.service, second, third}, stage.loop);
  stage.service->plays = {throttled(30s)};
  second->plays = {throttled(1s), Play{}};
  third->plays = {failing(ErrorCode::unauthenticated, 401)};
  const auto log = stage.ask(keys);
  CHECK(log->code() == ErrorCode::rate_limited);
  CHECK(log->log.end().error->retry_after() == 1s);
  CHECK(third->requests.size() == 1);
  // Which is that of the key that is asked next.
  stage.wait(1s);
  CHECK(stage.ask(keys)->starts.at(0).provider == "second");
}

TEST_CASE("a failure that another key would not mend asks no other key") {
  Stage stage;
  auto second = std::make_shared<Played>(stage.loop, "second");
  KeyRotationProvider keys({stage.service, second}, stage.loop);
  stage.service->plays = {failing(ErrorCode::provider_error, 500)};
  CHECK(stage.ask(keys)->code() == ErrorCode::provider_error);
  CHECK(second->requests.empty());
}

namespace {

// Overloaded, once it has told what it read: as Anthropic does.
Play overloaded_behind_input(std::int64_t input) {
  Play play = failing(ErrorCode::overloaded, 529);
  play.usage.input_tokens = input;
  return play;
}

}  // namespace

TEST_CASE("what a failed service told of its usage is in the sum of the one that answers") {
  FallbackStage stage;
  stage.service->plays = {overloaded_behind_input(1'000), overloaded_behind_input(500)};
  stage.other->plays = {Play{.usage = used(1'000, 7)}};
  const auto log = stage.ask(stage.provider);
  CHECK(log->log.text == "Hello there.");
  CHECK(log->log.usage.input_tokens == 2'500);
  CHECK(log->log.usage.output_tokens == 7);
  CHECK_FALSE(log->log.usage.estimated);
  CHECK(log->others == "played/ 1000 0; played/small 500 0; ");
}

TEST_CASE(
    "what the service that answers does not tell is estimated beside what a failed one told") {
  FallbackStage stage;
  stage.request.context.prompt_tokens = 40;
  auto told = overloaded_behind_input(1'000);
  told.usage.output_tokens = 1;
  stage.service->plays = {told};
  const auto log = stage.ask(stage.provider);
  CHECK(log->log.text == "Hello there.");
  CHECK(log->log.usage.input_tokens == 2 * 1'000 + 40);
  CHECK(log->log.usage.output_tokens == 2 * 1 + 3);
  CHECK(log->log.usage.estimated);
}

TEST_CASE("when every service failed the sum of what they told is passed on") {
  FallbackStage stage;
  stage.service->plays = {overloaded_behind_input(1'000)};
  stage.other->plays = {failing(ErrorCode::network)};
  const auto log = stage.ask(stage.provider);
  CHECK(log->log.end().outcome == Outcome::failed);
  CHECK(log->log.usage.input_tokens == 2'000);
}

TEST_CASE("a configured answer costs nothing itself, and what failed before it is not forgotten") {
  Stage stage;
  DegradedProvider provider(stage.service, "Later.");
  stage.service->plays = {overloaded_behind_input(1'000)};
  const auto log = stage.ask(provider);
  CHECK(log->log.text == "Later.");
  CHECK(log->log.usage.input_tokens == 1'000);
  CHECK(log->log.usage.output_tokens == 0);
  CHECK(log->others == "played/ 1000 0; ");
}

TEST_CASE("of a service whose retries failed, too, each try's use is told once") {
  Stage stage;
  auto other = std::make_shared<Played>(stage.loop, "other");
  auto retried = std::make_shared<RetryProvider>(
      stage.service, stage.loop, RetryLimits{.max_retries = 1, .first_delay = {}}, 1);
  FallbackProvider provider({{retried, {}}, {other, "spare"}}, stage.loop);
  stage.request.model = "big";
  stage.service->plays = {overloaded_behind_input(10), overloaded_behind_input(20)};
  other->plays = {Play{.usage = used(5, 7)}};
  auto log = stage.begin(provider);
  stage.wait(std::chrono::seconds(1));
  CHECK(log->log.text == "Hello there.");
  CHECK(log->log.usage.input_tokens == 35);
  CHECK(log->others == "played/big 10 0; played/big 20 0; ");
}

TEST_CASE("a try that a fallback's own retry replaced is told by what the fallback was asked for") {
  Stage stage;
  auto other = std::make_shared<Played>(stage.loop, "other");
  auto retried = std::make_shared<RetryProvider>(
      other, stage.loop, RetryLimits{.max_retries = 1, .first_delay = {}}, 1);
  FallbackProvider provider({{stage.service, {}}, {retried, {}, "house"}}, stage.loop);
  stage.request.model = "big";
  stage.service->plays = {failing(ErrorCode::overloaded)};
  other->plays = {overloaded_behind_input(20), Play{.usage = used(5, 7)}};
  auto log = stage.begin(provider);
  stage.wait(std::chrono::seconds(1));
  CHECK(log->others == "other/house 20 0; ");
  CHECK(log->others_asked == std::vector<std::string>{"house"});
  CHECK(log->starts.at(0).asked_model == "house");
}

TEST_CASE("what a refused key's answer told of its usage is in the sum of the next key") {
  Stage stage;
  KeyRotationProvider provider({stage.service, stage.service}, stage.loop);
  Play refused = failing(ErrorCode::rate_limited, 429);
  refused.usage.input_tokens = 10;
  stage.service->plays = {refused, Play{.usage = used(20, 2)}};
  CHECK(stage.ask(provider)->log.usage.input_tokens == 30);
}

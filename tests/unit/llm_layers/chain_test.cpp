#include "llm/layers/chain.hpp"

#include <doctest/doctest.h>

#include "net/http.hpp"
#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct ChainStage : Stage {
  LayerState state{clock, nullptr};
  std::map<std::string, std::shared_ptr<Played>> services;
  int keys = 1;

  ChainStage() {
    for (const char* name : {"main", "spare"})
      services[name] = std::make_shared<Played>(loop, name);
  }
  std::shared_ptr<ProviderChain> chain(Policy policy, int max_retries = 0) {
    ChainParts parts{
        .loop = loop,
        .state = state,
        .log = {},
        .max_retries = max_retries,
        .seed = 1,
        .make = [this](const std::string& name) -> Result<std::vector<std::shared_ptr<Provider>>> {
          const auto found = services.find(name);
          if (found == services.end()) return Error::fixed(ErrorCode::not_found, "no such service");
          return std::vector<std::shared_ptr<Provider>>(static_cast<std::size_t>(keys),
                                                        found->second);
        },
        .default_model =
            [](const std::string& name) { return std::string(name == "spare" ? "small" : ""); }};
    return std::make_shared<ProviderChain>(std::move(parts), std::move(policy));
  }
};

}  // namespace

TEST_CASE("with every layer on, a call that needs none of them is the plain reply") {
  ChainStage stage;
  Policy policy;
  policy.cache.max_bytes = 1u << 20;
  policy.routes.push_back({.name = "long", .tokens_from = 1'000'000, .to = {{.model = "x"}}});
  policy.fallbacks.push_back({.provider = "spare"});
  policy.continuation.attempts = 1;
  policy.services.push_back({.running = 10});
  policy.degraded = "Down.";
  stage.keys = 2;
  const auto chain = stage.chain(policy, 2);
  const auto provider = *chain->provider("main");
  const auto plain = stage.ask(*stage.services["main"]);
  CHECK(stage.ask(*provider)->log.lines == plain->log.lines);
  CHECK(stage.services["main"]->last == stage.given);  // no layer copied it
  CHECK(stage.ask(*provider)->starts.at(0).cached);
  CHECK(stage.services["main"]->requests.size() == 2);
}

TEST_CASE("an open breaker leads to the fallback, and with that down to the configured answer") {
  ChainStage stage;
  Policy policy;
  policy.fallbacks.push_back({.from = "main", .provider = "spare"});
  policy.degraded = "Down.";
  const auto provider = *stage.chain(policy)->provider("main");
  stage.services["main"]->plays = {failing(ErrorCode::network)};
  for (int i = 0; i < 5; ++i) {
    const auto log = stage.ask(*provider);
    CHECK(log->starts.at(0).fallback_for == "main");
    CHECK(log->log.text == "Hello there.");
  }
  CHECK(stage.services["main"]->requests.size() == 3);
  stage.services["spare"]->plays = {failing(ErrorCode::network)};
  for (int i = 0; i < 5; ++i) CHECK(stage.ask(*provider)->log.text == "Down.");
  CHECK(stage.services["spare"]->requests.size() == 8);
  CHECK(stage.state.breakers(stage.clock.now()).at("spare").state == "open");
}

TEST_CASE("several keys whose quotas are all used up wait for the first of them") {
  ChainStage stage;
  stage.keys = 2;
  const auto provider = *stage.chain({})->provider("main");
  const auto tell = [&stage](std::size_t key, const std::string& reset) {
    stage.state.pacer("main", key)
        ->update(
            {200, {{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", reset}}},
            stage.request.model, stage.clock.now(), stage.clock.wall());
  };
  tell(0, "30s");
  tell(1, "10s");
  stage.request.timeouts.total = 9s;
  const auto hurried = stage.ask(*provider);
  CHECK(hurried->code() == ErrorCode::rate_limited);
  CHECK(hurried->log.end().error->retry_after() == 10s);
  stage.request.timeouts.total = 60s;
  const auto log = stage.begin(*provider);
  stage.settle();
  CHECK_FALSE(log->ended());
  stage.wait(9s);
  CHECK(stage.services["main"]->requests.empty());
  stage.wait(1s);
  CHECK(log->log.text == "Hello there.");
  CHECK(stage.services["main"]->requests.at(0).timeouts.total == 50s);
}

TEST_CASE("a model's quota is one, whether a call names the model or leaves it to the service") {
  ChainStage stage;
  const auto provider = *stage.chain({})->provider("spare");
  stage.request.timeouts.total = 9s;
  const net::HttpHead used_up{
      200, {{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "30s"}}};
  stage.request.model = "other";
  stage.state.pacer("spare", 0)->update(used_up, "", stage.clock.now(), stage.clock.wall());
  CHECK(stage.ask(*provider)->log.text == "Hello there.");
  for (const char* name : {"small", ""}) {
    stage.request.model = name;
    CHECK(stage.ask(*provider)->code() == ErrorCode::rate_limited);
  }
  CHECK(stage.services["spare"]->requests.size() == 1);
}

TEST_CASE("a fallback that is asked for its own model is asked for it by name") {
  ChainStage stage;
  Policy policy;
  policy.fallbacks.push_back({.from = "main", .provider = "spare"});
  const auto provider = *stage.chain(policy)->provider("main");
  stage.request.model = "large";
  stage.services["main"]->plays = {failing(ErrorCode::network)};
  stage.ask(*provider);
  CHECK(stage.services["spare"]->requests.at(0).model == "small");
}

TEST_CASE("of a service that may be back one request tries it, whatever the retries") {
  ChainStage stage;
  Policy policy;
  policy.retry.first_delay = 0ms;
  const auto chain = stage.chain(policy, 2);
  const auto provider = *chain->provider("main");
  auto& service = *stage.services["main"];
  service.plays = {failing(ErrorCode::overloaded, 503)};
  for (int i = 0; i < 3; ++i) stage.ask(*provider);
  CHECK(service.requests.size() == 9);
  for (int round = 0; round < 3; ++round) {
    stage.clock.advance(20s);
    CHECK(stage.ask(*provider)->code() == ErrorCode::overloaded);
    CHECK(service.requests.size() == 10u + static_cast<std::size_t>(round));
    CHECK(stage.ask(*provider)->code() == ErrorCode::circuit_open);
  }
  stage.clock.advance(20s);
  service.plays = {Play{}, failing(ErrorCode::overloaded, 503)};
  CHECK(stage.ask(*provider)->log.text == "Hello there.");
  CHECK(service.requests.size() == 13);
  stage.ask(*provider);  // closed: retried as ever
  CHECK(service.requests.size() == 16);
}

TEST_CASE("a key that a service does not take shows in its figures, and opens no breaker") {
  ChainStage stage;
  const auto provider = *stage.chain({})->provider("main");
  stage.services["main"]->plays = {failing(ErrorCode::unauthenticated, 401)};
  for (int i = 0; i < 4; ++i) stage.ask(*provider);
  auto figures = stage.state.breakers(stage.clock.now()).at("main");
  CHECK(figures.state == "closed");
  CHECK(figures.counts.rejected == 4);
  CHECK(figures.counts.failed == 0);
  CHECK(figures.last_error == ErrorCode::unauthenticated);
  stage.services["main"]->plays = {failing(ErrorCode::network)};
  stage.ask(*provider);
  figures = stage.state.breakers(stage.clock.now()).at("main");
  CHECK(figures.last_error == ErrorCode::network);
  CHECK(figures.counts.failed == 1);
}

TEST_CASE("one service's breaker leaves the others alone, and its figures can be changed alone") {
  ChainStage stage;
  Policy policy;
  policy.services.push_back({.service = "main", .failures_to_open = 1, .open_for = 5s});
  const auto chain = stage.chain(policy);
  for (const char* name : {"main", "spare"}) {
    stage.services[name]->plays = {failing(ErrorCode::network)};
    for (int i = 0; i < 2; ++i) stage.ask(**chain->provider(name));
  }
  CHECK(stage.services["main"]->requests.size() == 1);
  CHECK(stage.services["spare"]->requests.size() == 2);
  const auto figures = stage.state.breakers(stage.clock.now());
  CHECK(figures.at("main").state == "open");
  CHECK(figures.at("spare").state == "closed");
}

TEST_CASE("what was learnt stays when the policy around it changes") {
  ChainStage stage;
  Policy policy;
  policy.cache.max_bytes = 1u << 20;
  const auto first = stage.chain(policy);
  stage.ask(**first->provider("main"));
  policy.degraded = "Down.";
  const auto second = stage.chain(policy);
  CHECK(stage.ask(**second->provider("main"))->starts.at(0).cached);
  stage.services["spare"]->plays = {failing(ErrorCode::network)};
  for (int i = 0; i < 3; ++i) stage.ask(**second->provider("spare"));
  const auto third = stage.chain({});
  CHECK(stage.ask(**third->provider("spare"))->code() == ErrorCode::circuit_open);
}

TEST_CASE("a fallback that is for one service is none for another") {
  ChainStage stage;
  Policy policy;
  policy.fallbacks.push_back({.from = "other", .provider = "spare"});
  stage.services["main"]->plays = {failing(ErrorCode::network)};
  CHECK(stage.ask(**stage.chain(policy)->provider("main"))->code() == ErrorCode::network);
  CHECK(stage.services["spare"]->requests.empty());
  // Nor is a service a fallback of itself with the same model.
  policy.fallbacks = {{.provider = "main"}};
  stage.ask(**stage.chain(policy)->provider("main"));
  CHECK(stage.services["main"]->requests.size() == 2);
}

TEST_CASE("a policy's number of retries goes before the configuration's") {
  for (const auto& [own, tries] :
       {std::pair(std::optional<int>(), 3u), std::pair(std::optional(0), 1u),
        std::pair(std::optional(1), 2u)}) {
    ChainStage stage;
    Policy policy;
    policy.retry.max_retries = own;
    stage.services["main"]->plays = {failing(ErrorCode::network)};
    const auto log = stage.begin(**stage.chain(policy, 2)->provider("main"));
    for (int i = 0; i < 10; ++i) stage.wait(10s);
    CHECK(log->ended());
    CHECK(stage.services["main"]->requests.size() == tries);
  }
}

TEST_CASE("limits of a service that a policy changes hold from then on") {
  ChainStage stage;
  Policy policy;
  policy.services = {{.failures_to_open = 1}};
  stage.services["main"]->plays = {failing(ErrorCode::network)};
  const auto strict = stage.chain(policy);
  for (int i = 0; i < 3; ++i) stage.ask(**strict->provider("main"));
  CHECK(stage.services["main"]->requests.size() == 1);
  policy.services = {{.failures_to_open = 4}};
  const auto patient = stage.chain(policy);
  for (int i = 0; i < 6; ++i) stage.ask(**patient->provider("main"));
  CHECK(stage.services["main"]->requests.size() == 5);

  stage.services["spare"]->plays = {Play{.wait = 600s}};
  const auto begin = [&stage](const std::shared_ptr<ProviderChain>& chain) {
    std::vector<decltype(stage.begin(**chain->provider("spare")))> logs;
    for (int i = 0; i < 3; ++i) logs.push_back(stage.begin(**chain->provider("spare")));
    stage.settle();
    return logs;
  };
  policy.services = {{.running = 1}};
  const auto waiting = begin(stage.chain(policy));
  CHECK(stage.services["spare"]->requests.size() == 1);
  policy.services = {{.running = 3}};
  const auto running = begin(stage.chain(policy));
  CHECK(stage.services["spare"]->requests.size() == 4);
  for (int i = 0; i < 3; ++i) stage.wait(600s);  // a call that waits for a place keeps its layers
  CHECK(stage.services["spare"]->requests.size() == 6);
  CHECK(stage.services["spare"]->running == 0);
}

TEST_CASE("a cache whose size a policy changes has that size from then on, and keeps its answers") {
  ChainStage stage;
  Policy policy;
  policy.cache.max_bytes = 1u << 20;
  const auto large = stage.chain(policy);
  stage.ask(**large->provider("main"));
  CHECK(stage.ask(**large->provider("main"))->starts.at(0).cached);
  policy.cache.max_bytes = 1u << 21;
  const auto larger = stage.chain(policy);
  CHECK(stage.ask(**larger->provider("main"))->starts.at(0).cached);
  policy.cache.max_bytes = 1;  // room for no answer
  const auto none = stage.chain(policy);
  for (int i = 0; i < 2; ++i) CHECK_FALSE(stage.ask(**none->provider("main"))->starts.at(0).cached);
}

TEST_CASE("a service that stalls does not hold up the calls of another") {
  ChainStage stage;
  const auto chain = stage.chain({});
  stage.services["main"]->plays = {Play{.wait = 600s}};
  const auto stalled = stage.begin(**chain->provider("main"));
  for (int i = 0; i < 100; ++i) {
    const TimePoint before = stage.clock.now();
    CHECK(stage.ask(**chain->provider("spare"))->log.text == "Hello there.");
    CHECK(stage.clock.now() == before);
  }
  CHECK_FALSE(stalled->ended());
}

TEST_CASE("a service that cannot be made is told") {
  ChainStage stage;
  CHECK(stage.chain({})->provider("nothing").error().code() == ErrorCode::not_found);
  Policy policy;
  policy.fallbacks.push_back({.provider = "nothing"});
  CHECK_FALSE(stage.chain(policy)->provider("main"));
}

TEST_CASE("a fallback's alias is the service and model that it stands for") {
  ChainStage stage;
  Policy policy;
  policy.aliases = {{"backup", {.provider = "spare", .model = "small-1"}}};
  policy.fallbacks = {{.from = "main", .model = "backup"}};
  stage.services["main"]->plays = {failing(ErrorCode::network)};
  const auto reply = stage.ask(**stage.chain(policy)->provider("main"));
  CHECK(reply->starts.at(0).fallback_for == "main");
  CHECK(stage.services["spare"]->last->model == "small-1");
}

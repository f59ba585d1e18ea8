#include "llm/layers/route.hpp"

#include <doctest/doctest.h>

#include <map>

#include "llm/layers/degraded.hpp"
#include "unit/llm_layers/support.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;

namespace {

RouteRule rule(std::string name, std::string model) {
  RouteRule rule;
  rule.name = std::move(name);
  rule.to = {{.model = std::move(model)}};
  return rule;
}

std::string picked(const std::vector<RouteRule>& rules, const ReplyRequest& request) {
  const auto route = pick_route(rules, {}, request);
  return route ? route->target.model + " | " + route->reason : "none";
}

}  // namespace

TEST_CASE("the first rule that matches in everything it names picks the model and says why") {
  RouteRule poor = rule("poor", "tiny");
  poor.budget_below = Money{1'000'000'000};
  RouteRule tools = rule("tools", "smart");
  tools.tools = true;
  RouteRule length = rule("long", "wide");
  length.tokens_from = 8'000;
  RouteRule german = rule("german-free", "deutsch");
  german.languages = {"de"};
  german.tiers = {"free", "trial"};
  RouteRule short_one = rule("short", "quick");
  short_one.tokens_below = 100;
  const std::vector<RouteRule> rules = {poor, tools, length, german, short_one};

  ReplyRequest request;
  request.context.prompt_tokens = 500;
  CHECK(picked(rules, request) == "none");
  request.context.prompt_tokens = 8'000;
  CHECK(picked(rules, request) == "wide | long: 8000 tokens, from 8000");
  request.tools = {{.name = "weather"}};
  CHECK(picked(rules, request) == "smart | tools: tools");
  request.context.budget_left = Money{999'999'999};
  CHECK(picked(rules, request) == "tiny | poor: budget left below 0.001");
  request.context.budget_left = Money{1'000'000'000};
  CHECK(picked(rules, request) == "smart | tools: tools");
  request.tools.clear();
  request.context.prompt_tokens = 99;
  CHECK(picked(rules, request) == "quick | short: 99 tokens, below 100");
  request.context.language = "de-AT";
  request.context.tier = "free";
  CHECK(picked(rules, request) == "deutsch | german-free: tier free, language de-AT");
  request.context.language = "den";
  CHECK(picked(rules, request) == "quick | short: 99 tokens, below 100");
}

TEST_CASE("weights are kept over many sessions, and one session stays with its model") {
  RouteRule split = rule("split", "a");
  split.to = {{.model = "a", .weight = 8}, {.model = "b", .weight = 1}, {.model = "c"}};
  std::map<std::string, int> counts;
  ReplyRequest request;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    request.context.session_seed = seed;
    const auto first = pick_route({split}, {}, request);
    request.context.turn_number = static_cast<std::uint32_t>(seed);
    REQUIRE(pick_route({split}, {}, request)->target == first->target);
    ++counts[first->target.model];
  }
  CHECK(counts["a"] > 15'600);
  CHECK(counts["a"] < 16'400);
  CHECK(counts["b"] > 1'800);
  CHECK(counts["b"] < 2'200);
}

TEST_CASE("a call goes to the picked service and model, and its start says by which rule") {
  Stage stage;
  auto other = std::make_shared<Played>(stage.loop, "other");
  RouteRule away = rule("away", "");
  away.tokens_from = 10;
  away.to = {{.provider = "elsewhere", .model = "big"}};
  RouteProvider provider(stage.service, {away}, {},
                         [&](const std::string& name) -> Result<RouteTarget> {
                           CHECK(name == "elsewhere");
                           return RouteTarget{other, "house"};
                         });
  const auto plain = stage.ask(provider);
  CHECK(plain->starts.at(0).provider == "played");
  CHECK(plain->starts.at(0).route.empty());
  stage.request.context.prompt_tokens = 10;
  const auto routed = stage.ask(provider);
  CHECK(routed->starts.at(0).provider == "other");
  CHECK(routed->starts.at(0).model == "big");
  CHECK(routed->starts.at(0).route == "away: 10 tokens, from 10");
  CHECK(*provider.request_body(stage.request) == "other/big");
}

TEST_CASE("what a rule's service used before it failed is told by what that one was asked for") {
  Stage stage;
  auto other = std::make_shared<Played>(stage.loop, "other");
  other->plays = {failing(ErrorCode::overloaded)};
  other->plays.front().usage.input_tokens = 10;
  auto stands_in = std::make_shared<DegradedProvider>(other, "Later.");
  RouteRule away = rule("away", "");
  away.to = {{.provider = "elsewhere"}};
  RouteProvider provider(stage.service, {away}, {}, [&](const std::string&) {
    return Result<RouteTarget>(RouteTarget{stands_in, "house"});
  });
  stage.request.model = "big";
  const auto log = stage.ask(provider);
  CHECK(log->log.text == "Later.");
  CHECK(log->others == "other/house 10 0; ");
  CHECK(log->others_asked == std::vector<std::string>{"house"});
  CHECK(log->starts.at(0).asked_model == "house");
}

TEST_CASE(
    "a route's alias is the service and model that it stands for, and is told in the reason") {
  RouteRule fast = rule("fast", "quick");
  const ModelAliases aliases = {{"quick", {"elsewhere", "small-1"}}};
  const auto route = pick_route({fast}, aliases, {});
  REQUIRE(route);
  CHECK(route->target.provider == "elsewhere");
  CHECK(route->target.model == "small-1");
  CHECK(route->reason == "fast; alias quick");
}

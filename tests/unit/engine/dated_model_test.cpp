#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "engine/money/bill.hpp"
#include "support/http_test_server.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

// Services that answer with a longer name than they were asked by ("small-2026-11-01" for "small"),
// while the prices have the short ones.

namespace {

std::string asked_field(const std::string& request, const char* name) {
  const auto body = parse_json(request.substr(request.find("\r\n\r\n") + 4));
  return body ? body->value(name, "") : "";
}

// 1,000 tokens of the prompt, 10 of the answer.
void dated_answer(TestPeer& peer) {
  const std::string model = asked_field(peer.read_request(), "model");
  const std::string body =
      R"({"id":"1","model":")" + model +
      R"(-2026-11-01","choices":[{"index":0,"message":{"role":"assistant","content":"Well."},)"
      R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":10}})";
  peer.send(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
}

// Fails behind the count of its prompt of 1,000 tokens, before any content.
void counts_and_breaks(TestPeer& peer) {
  const std::string model = asked_field(peer.read_request(), "model");
  peer.send(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
      "data: {\"id\":\"1\",\"model\":\"" +
      model +
      "-2026-11-01\",\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":0}}"
      "\n\ndata: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n");
}

Config three_models() {
  Config config;
  config.stream = false;
  config.max_retries = 0;
  config.prices = {{"large", {.input = *Money::parse("100"), .output = *Money::parse("100")}},
                   {"middle", {.input = *Money::parse("10"), .output = *Money::parse("10")}},
                   {"small", {.input = *Money::parse("1"), .output = *Money::parse("1")}}};
  config.model = "large";
  config.provider = "first";
  return config;
}

constexpr const char* kCostOfSmall = "0.00101";  // 1,010 tokens at 1 a million

Session in_talk(Engine& engine) {
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  return session;
}

std::map<std::string, std::string> costs_of_models(Engine& engine) {
  std::map<std::string, std::string> found;
  for (const CostRow& row : engine.costs({}, {CostBy::model}))
    found[row.group[0]] = row.cost.to_string();
  return found;
}

}  // namespace

TEST_CASE("a model that a rule picked costs its own price under the longer name it answers by") {
  const HttpTestServer service(dated_answer);
  Config config = three_models();
  config.providers["first"] = {.url = "openai:", .base_url = service.url("/v1")};
  config.policy.routes = {{.name = "all", .to = {{.model = "small"}}}};
  Engine engine = Engine::open(config);
  Session session = in_talk(engine);
  CHECK(session.send_wait("Hello.").cost.to_string() == kCostOfSmall);
  session.ask_aside("host", "And now?").get();
  CHECK(costs_of_models(engine) ==
        std::map<std::string, std::string>{{"small-2026-11-01", "0.00202"}});
  ReplyRequest request;
  request.model = "large";
  request.stream = false;
  request.messages.push_back({PromptRole::user, "Hello.", ""});
  CHECK(engine.complete("first", request).get().cost.to_string() == kCostOfSmall);
}

TEST_CASE("so does each service of a chain of fallbacks, those that failed among them") {
  const HttpTestServer breaks(counts_and_breaks), service(dated_answer);
  Config config = three_models();
  config.stream = true;
  config.providers["first"] = {.url = "openai:", .base_url = breaks.url("/v1")};
  config.providers["second"] = {.url = "openai:", .base_url = service.url("/v1")};
  config.policy.fallbacks = {{"first", "first", "middle"}, {"first", "second", "small"}};
  Engine engine = Engine::open(config);
  Session session = in_talk(engine);
  const TurnResult turn = session.send_wait("Hello.");
  CHECK(turn.text == "Well.");
  CHECK(costs_of_models(engine) ==
        std::map<std::string, std::string>{{"large-2026-11-01", "0.1"},
                                           {"middle-2026-11-01", "0.01"},
                                           {"small-2026-11-01", kCostOfSmall}});
  CHECK(turn.cost.to_string() == "0.11101");
}

TEST_CASE("a fallback that names no model costs what its provider's own does") {
  const HttpTestServer breaks([](TestPeer&peer) { peer.read_request(); }), service(dated_answer);
  Config config = three_models();
  config.providers["first"] = {.url = "openai:", .base_url = breaks.url("/v1")};
  config.providers["second"] = {.url = "openai:small", .base_url = service.url("/v1")};
  config.policy.fallbacks = {{"first", "second", ""}};
  Engine engine = Engine::open(config);
  CHECK(in_talk(engine).send_wait("Hello.").cost.to_string() == kCostOfSmall);
}

TEST_CASE("a provider of the host's that stands in is priced as what the rule asks it for") {
  struct House final : Provider {
    std::string_view name() const noexcept override { return "house"; }
    Result<std::string> request_body(const ReplyRequest&) const override {
      return std::string("{}");
    }
    void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
               std::stop_token) override {
      sink->on_start({"house", "small-of-today", ""});
      UsageUpdate usage;
      usage.input_tokens = 1'000;
      usage.output_tokens = 10;
      sink->on_usage(usage);
      sink->on_text("Well.");
      sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
    }
  };
  const HttpTestServer breaks([](TestPeer& peer) { peer.read_request(); });
  Config config = three_models();
  config.providers["first"] = {.url = "openai:", .base_url = breaks.url("/v1")};
  config.policy.fallbacks = {{"first", "house", "small"}};
  Engine engine = Engine::open(config, {.providers = {{"house", std::make_shared<House>()}}});
  CHECK(in_talk(engine).send_wait("Hello.").cost.to_string() == kCostOfSmall);
}

namespace {

// Tells the model that its request names, as tables of C and Python do: none.
struct Unnamed final : Provider {
  std::string_view name() const noexcept override { return "own"; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    sink->on_start({"own", request->model, ""});
    UsageUpdate usage;
    usage.input_tokens = 1'000;
    usage.output_tokens = 10;
    sink->on_usage(usage);
    sink->on_text("Well.");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }
};

}  // namespace

TEST_CASE(
    "a provider of the host's without a model is booked by its name, not as what it replaces") {
  const HttpTestServer breaks([](TestPeer& peer) { peer.read_request(); });
  Config config = three_models();
  config.providers["first"] = {.url = "openai:", .base_url = breaks.url("/v1")};
  SUBCASE("as a fallback") {
    config.policy.fallbacks = {{"first", "own", ""}};
  }
  SUBCASE("by a rule") {
    config.policy.routes = {{.name = "all", .to = {{.provider = "own"}}}};
  }
  Engine engine = Engine::open(config, {.providers = {{"own", std::make_shared<Unnamed>()}}});
  CHECK(in_talk(engine).send_wait("Hello.").cost == Money{});
  CHECK(costs_of_models(engine) == std::map<std::string, std::string>{{"own", "0"}});
  engine.set_prices({{"own", {.input = *Money::parse("1"), .output = *Money::parse("1")}}});
  CHECK(in_talk(engine).send_wait("Hello.").cost.to_string() == kCostOfSmall);
}

TEST_CASE("a reply of a cheaper fallback is not cut as if it cost what the first one does") {
  const HttpTestServer breaks([](TestPeer&peer) { peer.read_request(); }), service(dated_answer);
  Config config = three_models();
  config.providers["first"] = {.url = "openai:", .base_url = breaks.url("/v1")};
  config.providers["second"] = {.url = "openai:", .base_url = service.url("/v1")};
  config.policy.fallbacks = {{"first", "second", "small"}};
  // Large's: the prompt and one token more.
  config.policy.budgets = {{.limit = *Money::parse("0.0101"), .at_limit = AtLimit::cut}};
  Engine engine = Engine::open(config);
  const TurnResult turn = in_talk(engine).send_wait("Hello.");
  CHECK(turn.outcome == Outcome::complete);
  CHECK(turn.cost.to_string() == kCostOfSmall);
}

TEST_CASE("a kept answer of a cheaper model is not cut, and saves what that one costs") {
  const HttpTestServer service(dated_answer);
  Config config = three_models();
  config.providers["first"] = {.url = "openai:", .base_url = service.url("/v1")};
  config.policy.routes = {{.name = "all", .to = {{.model = "small"}}}};
  config.policy.cache.max_bytes = 1u << 20;
  config.policy.budgets = {{.limit = *Money::parse("0.0101"), .at_limit = AtLimit::cut}};
  Engine engine = Engine::open(config);
  CHECK(in_talk(engine).send_wait("Hello.").cost.to_string() == kCostOfSmall);
  const TurnResult kept = in_talk(engine).send_wait("Hello.");
  CHECK(kept.usage.cached);
  CHECK(kept.outcome == Outcome::complete);
  CHECK(kept.cost == Money{});
  CHECK(engine.cache_figures().at("small-2026-11-01").saved.to_string() == kCostOfSmall);
}

TEST_CASE("a retry that told no model yet is its successor's, by the name both were asked by") {
  ReplyStart start;
  start.provider = "p";
  start.model = "small-2026";
  start.asked_model = "small";
  start.fallback_for = "q";
  UsageUpdate told;
  told.input_tokens = 20;
  engine::Bill bill;
  bill.add(start, "large", {.input_tokens = 50}, {{"p", "small", told, "small"}},
           [](const std::string&, const std::string& asked, const Usage& usage) {
             return Money{usage.input_tokens * (asked == "large" ? 10 : 1)};
           });
  CHECK(bill.others("p", "small-2026").empty());
  CHECK(bill.cost() == Money{50});
}

TEST_CASE("two models that one name led to have a price each") {
  ReplyStart start;
  start.provider = "p";
  start.model = "small";
  start.asked_model = "auto";
  UsageUpdate told;
  told.input_tokens = 20;
  engine::Bill bill;
  bill.add(start, "auto", {.input_tokens = 50}, {{"p", "large", told, "auto"}},
           [](const std::string& served, const std::string&, const Usage& usage) {
             return Money{usage.input_tokens * (served == "large" ? 10 : 1)};
           });
  CHECK(bill.cost() == Money{230});
}

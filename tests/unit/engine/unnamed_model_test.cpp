#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "conformance/stage.hpp"
#include "support/http_test_server.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

// Services that do not say which model has answered, asked for one that only their URL names.

namespace {

constexpr Money kCent{10'000'000'000};

void answer(TestPeer& peer, const std::string& body) {
  peer.read_request();
  peer.send(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
}

void cohere(TestPeer& peer) {
  answer(peer, R"({"id":"1","finish_reason":"COMPLETE","message":{"role":"assistant",)"
               R"("content":[{"type":"text","text":"Well."}]},)"
               R"("usage":{"tokens":{"input_tokens":10,"output_tokens":1},)"
               R"("billed_units":{"input_tokens":10,"output_tokens":1}}})");
}

void chat(TestPeer& peer) {
  answer(peer,
         R"({"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"Well."},)"
         R"("finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":1}})");
}

void unavailable(TestPeer& peer) {
  peer.read_request();
  peer.send("HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

Config one_cent_a_token(const std::string& model) {
  Config config;
  config.stream = false;
  config.max_retries = 0;
  config.prices[model] = {.output = Money{kCent.pico_usd * 1'000'000}};
  return config;
}

}  // namespace

TEST_CASE("a reply is billed as the model that its provider's URL names") {
  const HttpTestServer cohere_service(cohere), chat_service(chat);
  const std::pair<std::string, std::string> services[] = {{"cohere", cohere_service.url("")},
                                                          {"openai", chat_service.url("/v1")}};
  for (const auto& service : services) {
    const std::string kind = service.first, url = service.second;
    CAPTURE(kind);
    Config config = one_cent_a_token("a-model");
    config.provider = kind + ":a-model@" + url;
    Engine engine = Engine::open(config);
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    const auto turn = session.send_wait("Hello.");
    CHECK(turn.text == "Well.");
    CHECK(turn.cost == kCent);
    const auto rows = engine.costs({}, {CostBy::model});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].group == std::vector<std::string>{"a-model"});
    ReplyRequest request;
    request.stream = false;
    request.messages.push_back({PromptRole::user, "Hello.", ""});
    const auto reply = engine.complete(config.provider, request).get();
    CHECK(reply.start.model == "a-model");
    CHECK(reply.cost == kCent);
  }
}

TEST_CASE("a budget binds a model that only its provider's URL names") {
  const HttpTestServer service(cohere);
  Config config = one_cent_a_token("a-model");
  config.provider = "cohere:a-model@" + service.url("");
  config.session_budget = Money{kCent.pico_usd * 2};
  Engine engine = Engine::open(config);
  Preset preset = conformance::two_in_a_room();
  preset.model.max_tokens = 1;
  Session session = engine.create_session(preset);
  session.start().get();
  session.send_wait("Hello.");
  session.send_wait("Hello.");
  CHECK(code_of([&] { session.send_wait("Hello."); }) == ErrorCode::budget_exhausted);
}

TEST_CASE(
    "a service that stands in is billed as its own model, not as the one that was asked for") {
  const HttpTestServer broken(unavailable), service(chat);
  Config config = one_cent_a_token("small");
  config.prices["large"] = {.output = Money{kCent.pico_usd * 9'000'000}};
  config.providers["first"] = {.url = "openai:", .base_url = broken.url("/v1")};
  config.providers["second"] = {.url = "openai:small", .base_url = service.url("/v1")};
  config.provider = "first";
  config.model = "large";
  config.policy.fallbacks = {{.from = "first", .provider = "second", .model = {}}};
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  const auto turn = session.send_wait("Hello.");
  CHECK(turn.fallback_for == "openai");
  CHECK(turn.cost == kCent);
}

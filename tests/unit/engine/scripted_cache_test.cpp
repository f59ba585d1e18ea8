#include <doctest/doctest.h>

#include <string>

#include "support/http_test_server.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

TEST_CASE("an answer over HTTP is found again for another session of a preset with a script") {
  const HttpTestServer service([](TestPeer& peer) {
    peer.read_request();
    const std::string body =
        R"({"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant",)"
        R"("content":"Well."},"finish_reason":"stop"}]})";
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  Config config;
  config.stream = false;
  config.providers["service"] = {.url = "openai:m", .base_url = service.url("/v1")};
  config.provider = "service";
  config.policy.cache.max_bytes = 1u << 20;
  Engine engine = Engine::open(config);
  for (int i = 0; i < 3; ++i) {
    Session session = engine.create_session("job-interview");
    const auto turn = session.send_wait("Good morning.");
    CHECK(turn.text == "Well.");
    CHECK(turn.cached == (i > 0));
  }
  CHECK(service.connections() == 1);

  // What plays the script itself answers each session by its own draws.
  Config scripted;
  scripted.clock = ClockKind::virtual_time;
  scripted.provider = "script:";
  scripted.policy.cache.max_bytes = 1u << 20;
  Engine offline = Engine::open(scripted);
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(offline.create_session("job-interview").send_wait("Good morning.").cached);
}

TEST_CASE("what one service answered is not given out as the answer of another of its name") {
  const HttpTestServer service([](TestPeer& peer) {
    const std::string request = peer.read_request();
    const bool second = request.find("\"m2\"") != std::string::npos;
    const std::string body =
        std::string(
            R"({"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":")") +
        (second ? "Two." : "One.") + R"("},"finish_reason":"stop"}]})";
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  const auto with_model = [&service](const std::string& model) {
    return std::map<std::string, ProviderConfig>{
        {"service", {.url = "openai:" + model, .base_url = service.url("/v1")}}};
  };
  Config config;
  config.stream = false;
  config.providers = with_model("m1");
  config.provider = "service";
  config.policy.cache.max_bytes = 1u << 20;
  Engine engine = Engine::open(config);
  const auto ask = [&engine] {
    ReplyRequest request;
    request.stream = false;
    request.messages.push_back({PromptRole::user, "Who are you?", ""});
    const auto reply = engine.complete("service", request).get();
    return reply.text + (reply.start.cached ? " cached" : "");
  };
  CHECK(ask() == "One.");
  CHECK(ask() == "One. cached");
  engine.set_providers(with_model("m1"));  // nothing new
  CHECK(ask() == "One. cached");
  engine.set_providers(with_model("m2"));
  CHECK(ask() == "Two.");
  CHECK(ask() == "Two. cached");
}

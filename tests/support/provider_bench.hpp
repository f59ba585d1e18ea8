#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "llm/registry.hpp"
#include "support/fake_transport.hpp"
#include "support/reply_log.hpp"

namespace scena::test {

inline const net::HttpFields kJsonType = {{"content-type", "application/json"}};

/// A provider made by the registry over scripted answers.
struct ProviderBench {
  VirtualClock clock;
  net::Loop loop{clock};
  FakeTransport http{loop};
  llm::ProviderRegistry registry;
  std::shared_ptr<ReplyLog> log = std::make_shared<ReplyLog>();
  ProviderConfig config;
  HttpConfig limits;
  ReplyRequest request;

  explicit ProviderBench(std::string url, std::string key = "key-1234567890") {
    llm::add_builtin_providers(registry);
    config.url = std::move(url);
    config.api_key = std::move(key);
    request.messages.push_back({.role = PromptRole::user, .text = "hello"});
  }

  llm::ProviderContext context() { return {http, loop, clock, limits}; }

  Result<std::shared_ptr<Provider>> make() { return registry.make(config, context()); }

  ReplyLog& ask() {
    const auto provider = make();
    REQUIRE(provider);
    (*provider)->start(std::make_shared<const ReplyRequest>(request), log, {});
    CHECK(log->lines.empty());
    drive();
    return *log;
  }
  ReplyLog& answer(int status, std::string body, net::HttpFields headers = kJsonType) {
    http.answers.push_back(
        {.status = status, .headers = std::move(headers), .pieces = {std::move(body)}});
    return ask();
  }
  void drive() {
    for (int i = 0; i < 1000 && loop.poll(std::chrono::microseconds(0)) > 0; ++i) {
    }
  }

  /// The body that would be sent, or the pointer and code of the refusal.
  std::string body() {
    const auto provider = make();
    REQUIRE(provider);
    const auto body = (*provider)->request_body(request);
    if (body) return *body;
    return std::string(to_string(body.error().code())) + " " + std::string(body.error().pointer());
  }
  std::string header(std::string_view name) const {
    return std::string(http.requests.at(0).header(name));
  }
};

inline ToolSpec weather_tool() {
  return {.name = "weather",
          .description = "The weather of a city.",
          .parameters = R"({"type":"object","properties":{"city":{"type":"string"}}})"};
}

}  // namespace scena::test

#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "llm/model_catalog.hpp"
#include "llm/registry.hpp"
#include "support/fake_transport.hpp"
#include "support/reply_log.hpp"

namespace scena::test {

using namespace scena::llm;
using namespace std::chrono_literals;

/// One request to a service, and what would be sent of it, or was.
struct Asked {
  ProviderConfig config{.url = "openai:gpt-4o", .api_key = "sk-test-1234567890"};
  ReplyRequest request{.messages = {{PromptRole::user, "hello", ""}}};
  ModelBook models;
  VirtualClock clock;
  net::Loop loop{clock};
  FakeTransport http{loop};
  std::shared_ptr<ReplyLog> log = std::make_shared<ReplyLog>();

  explicit Asked(std::string url = "openai:gpt-4o") { config.url = std::move(url); }

  std::shared_ptr<Provider> provider() {
    ProviderRegistry registry;
    add_builtin_providers(registry);
    const auto made = registry.make(config, {http, loop, clock, {}, &models});
    REQUIRE(made);
    return *made;
  }
  Json body() {
    const auto written = provider()->request_body(request);
    REQUIRE(written);
    const auto parsed = parse_json(*written, {.careful = true});
    REQUIRE(parsed);
    return *parsed;
  }
  std::string fault() {
    const auto written = provider()->request_body(request);
    return written ? std::string("written") : std::string(written.error().pointer());
  }
  const net::HttpRequest& send(std::string answer) {
    http.answers.push_back({.headers = {{"content-type", "application/json"}}, .pieces = {answer}});
    provider()->start(std::make_shared<const ReplyRequest>(request), log, {});
    for (int i = 0; i < 100 && loop.poll(0us) > 0; ++i) {
    }
    return http.requests.at(0);
  }
};

inline const std::string kSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";
inline const std::string kChatAnswer =
    R"({"model":"m","choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})";

/// One of every kind that writes requests of its own.
inline const std::vector<std::string> kWriters = {
    "openai:gpt-4o",           "openai_responses:gpt-5", "anthropic:claude-sonnet-4-5",
    "gemini:gemini-2.5-flash", "cohere:command-a",       "ollama:llama3.1"};

/// What a service has room for: media, calls with their results, tools and a choice of one.
inline ReplyRequest with_tools() {
  ReplyRequest request;
  request.system = "Be brief.";
  request.messages = {{PromptRole::user, "Where is it warmer?", ""}};
  request.messages[0].media = {{MediaPart::Kind::image, "image/png", "\x89PNG", "", ""}};
  request.messages.push_back({PromptRole::assistant, "I look.", ""});
  request.messages.back().tool_calls = {{"call_1", "weather", R"({"city":"Oslo"})", true},
                                        {"call_2", "weather", R"({"city":"Bern"})", true}};
  request.messages.push_back({PromptRole::tool, "3 degrees", "weather"});
  request.messages.back().tool_call_id = "call_1";
  request.messages.push_back({PromptRole::tool, "no such city", "weather"});
  request.messages.back().tool_call_id = "call_2";
  request.messages.back().tool_failed = true;
  request.tools = {{"weather", "Weather of a city", kSchema, true}, {"now", "", "", false}};
  request.tool_choice = {ToolChoice::Kind::named, "weather"};
  request.parallel_tools = false;
  request.cache_prompt = true;
  return request;
}

}  // namespace scena::test

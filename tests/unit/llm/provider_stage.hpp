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

using namespace scena::llm;
using namespace std::chrono_literals;

inline constexpr std::string_view kKey = "sk-test-1234567890";

/// One provider on the virtual clock, with a transport that answers as the test says.
struct Bench {
  VirtualClock clock;
  net::Loop loop{clock};
  FakeTransport http{loop};
  ProviderRegistry registry;
  std::shared_ptr<ReplyLog> log = std::make_shared<ReplyLog>();
  ProviderConfig config{.url = "openai:gpt-4o", .api_key = std::string(kKey)};
  HttpConfig limits;
  ReplyRequest request{.messages = {{PromptRole::user, "hello", ""}}};
  std::stop_source stop;

  Bench() { add_builtin_providers(registry); }

  ReplyLog& ask() {
    const auto provider = registry.make(config, {http, loop, clock, limits});
    REQUIRE(provider);
    (*provider)->start(std::make_shared<const ReplyRequest>(request), log, stop.get_token());
    CHECK(log->lines.empty());
    drive();
    return *log;
  }
  void drive() {
    for (int i = 0; i < 1000 && loop.poll(0us) > 0; ++i) {
    }
  }
  ReplyLog& answer(int status, std::string body,
                   net::HttpFields headers = {{"content-type", "application/json"}}) {
    http.answers.push_back(
        {.status = status, .headers = std::move(headers), .pieces = {std::move(body)}});
    return ask();
  }
};

inline Error error_of(int status, std::string body,
                      net::HttpFields headers = {{"content-type", "application/json"}}) {
  Bench bench;
  ReplyLog& log = bench.answer(status, std::move(body), std::move(headers));
  CHECK(log.end().outcome == Outcome::failed);
  REQUIRE(log.end().error);
  CHECK(std::string(log.end().error->what()).find(kKey) == std::string::npos);
  return *log.end().error;
}

inline std::string chunk(std::string_view text) {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + std::string(text) +
         "\"},\"finish_reason\":null}]}\n\n";
}

inline const std::string kFinish =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: "
    "[DONE]\n\n";

}  // namespace scena::test

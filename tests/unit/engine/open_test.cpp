#include <doctest/doctest.h>

#include <chrono>
#include <fstream>

#include "conformance/stage.hpp"
#include "net/tape.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::string refusal_of(const Config& config) {
  try {
    Engine::open(config);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "opened";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("all that is wrong with a configuration is told at once, each with its place") {
  Config config;
  config.threads = -1;
  config.storage = "mysql:x";
  config.metrics = {"sentiment", "mood"};
  config.log_levels["nosuch"] = LogLevel::off;
  config.http.ca_file = "/nonexistent.pem";
  config.providers["a"] = {.url = "nosuch:m"};
  config.providers["b"] = {.url = "script:", .options = R"({"token_ms":"fast"})"};
  config.providers["c"] = {.url = "fault:429y2"};
  config.provider = "script:talk.json";
  config.judge.metrics = {"humour"};
  config.policy.fallbacks = {{.from = "a", .provider = "nobody", .model = {}}};
  const std::string told = refusal_of(config);
  CAPTURE(told);
  for (const char* line :
       {"\n/threads: ", "\n/storage: names no storage kind", "\n/metrics/1: unknown metric",
        "\n/log_levels/nosuch: ", "\n/http/ca_file: cannot be read",
        "\n/providers/a/url: provider kind \"nosuch\"", "\n/providers/b/options/token_ms: ",
        "\n/providers/c/url: ", "\n/provider: script: takes nothing behind its colon",
        "\n/judge/metrics/0: ", "\n/policy/fallbacks/0/provider: "}) {
    CAPTURE(line);
    CHECK(has(told, line));
  }
  CHECK(told.starts_with("configuration: 11 faults"));
}

TEST_CASE("what a script or a schedule of faults cannot be is found when the engine opens") {
  const auto told = [](const char* url) {
    Config config;
    config.provider = url;
    return refusal_of(config);
  };
  for (const char* url : {"script:xyz", "script+http://h", "script:@http://h", "fault:429y2",
                          "fault:case=a", "openai:gpt-4o"}) {
    CAPTURE(url);
    CHECK(has(told(url), "/provider: ") != (std::string_view(url) == "openai:gpt-4o"));
  }
}

TEST_CASE("a wait longer than any clock waits for the answer, not for nothing") {
  constexpr auto longest = std::chrono::milliseconds::max();
  for (const int threads : {0, 1}) {
    for (const auto limit : {longest, std::chrono::milliseconds(9'300'000'000'000)}) {
      CAPTURE(threads);
      Config config = scripted();
      config.clock = ClockKind::real;
      config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
      config.threads = threads;
      Engine engine = Engine::open(config);
      Session session = engine.create_session(conformance::two_in_a_room());
      CHECK(code_of([&] { session.start().get(limit); }) == ErrorCode::ok);
      Events events = session.events();
      CHECK(session.send("Hello.").wait(limit).outcome == Outcome::complete);
      Event event;
      CHECK(events.next_wait(event, limit));
    }
  }
}

TEST_CASE("a tape is played without any key, also against a vendor's own address") {
  TempFolder folder;
  Config config = scripted();
  config.max_retries = 0;
  config.tape_replay = folder.file("empty.tape");
  std::ofstream(config.tape_replay) << net::tape::header_line() << "\n";
  for (const char* provider : {"openai:gpt-4o", "openai_responses:gpt-4o", "anthropic:m",
                               "gemini:m", "cohere:m", "ollama:m"}) {
    CAPTURE(provider);
    config.provider = provider;
    Engine engine = Engine::open(config);
    Session session = engine.create_session(conformance::two_in_a_room());
    session.start().get();
    const auto turn = session.send_wait("Hello.");
    REQUIRE(turn.error);
    CHECK(turn.error->code() == ErrorCode::not_found);
    CHECK(has(turn.error->what(), "the tape has no unplayed exchange"));
  }
}

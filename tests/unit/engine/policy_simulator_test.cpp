#include <doctest/doctest.h>

#include <fstream>
#include <scena/policy_simulator.hpp>

#include "llm/model_catalog.hpp"
#include "net/tape.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

// Writes a tape of calls to an OpenAI service: each answers with that status after a while.
class TapeOfCalls {
 public:
  void add(int status, const std::string& call, const std::string& body = {},
           std::chrono::milliseconds took = 200ms) {
    ++exchange_;
    net::HttpRequest request;
    request.url = "https://api.openai.com/v1/chat/completions";
    request.headers = {{"X-Client-Request-Id", call}};
    request.body = R"({"model":"m","messages":[{"role":"user","content":")" +
                   (body.empty() ? call : body) + R"("}]})";
    text_ += net::tape::request_line(exchange_, at_, request) + "\n";
    text_ += net::tape::head_line(
                 exchange_, 100ms,
                 {status,
                  {{"Content-Type", status == 200 ? "text/event-stream" : "application/json"}}}) +
             "\n";
    text_ +=
        net::tape::body_line(exchange_, {took - 50ms, status == 200 ? kAnswer : "{}", true}) + "\n";
    net::HttpEnd end{.complete = true, .got_head = true};
    text_ += net::tape::end_line(exchange_, took, end) + "\n";
    at_ += took;
  }
  // Between the exchanges before and after.
  void pause(std::chrono::microseconds time) { at_ += time; }
  // As they were written before `at` was.
  void forget_times() {
    for (auto at = text_.find("\"at\""); at != text_.npos; at = text_.find("\"at\""))
      text_.erase(at, text_.find(',', at) + 1 - at);
  }
  // Whatever a service answers, whole and with status 200.
  void add(const std::string& url, const std::string& body, const std::string& answer,
           const std::string& kind = {}) {
    ++exchange_;
    net::HttpRequest request;
    request.kind = kind;
    request.url = url;
    request.headers = {{"X-Client-Request-Id", "c" + std::to_string(exchange_)}};
    request.body = body;
    text_ += net::tape::request_line(exchange_, at_, request) + "\n";
    text_ += net::tape::head_line(exchange_, 100ms, {200, {{"Content-Type", "application/json"}}}) +
             "\n";
    text_ += net::tape::body_line(exchange_, {150ms, answer, true}) + "\n";
    text_ += net::tape::end_line(exchange_, 200ms, {.complete = true, .got_head = true}) + "\n";
    at_ += 200ms;
  }
  std::string write() const {
    const std::string path = folder_.file("calls.tape");
    std::ofstream(path) << net::tape::header_line() << "\n" << text_;
    return path;
  }

 private:
  static constexpr const char* kAnswer =
      "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"hi\"},\"finish_reason\":"
      "\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":"
      "5}}\n\ndata: [DONE]\n\n";
  TempFolder folder_;
  std::string text_;
  std::size_t exchange_ = 0;
  std::chrono::microseconds at_{};  // when the next one begins
};

PolicySimulation simulation() {
  PolicySimulation what;
  what.prices["m"] = {.input = Money{1'000'000'000'000}, .output = Money{2'000'000'000'000}};
  what.max_retries = 0;
  return what;
}

}  // namespace

TEST_CASE(
    "the figures before are those of the tape, and a policy that changes nothing keeps them") {
  TapeOfCalls calls;
  int number = 0;
  for (const int status : {200, 503, 200, 200}) calls.add(status, "c" + std::to_string(number++));
  const auto result = simulate_policy(calls.write(), simulation());
  REQUIRE(result);
  CHECK(result->before.calls == 4);
  CHECK(result->before.failed == 1);
  CHECK(result->before == result->after);
}

TEST_CASE("of forty calls the median is the 20th, the 95th percentile the 38th in order of time") {
  TapeOfCalls calls;
  for (int i = 0; i < 40; ++i) {
    const int place = (i * 7) % 40;  // not in order on the tape
    calls.add(200, "c" + std::to_string(i), {}, 200ms + place * 10ms);
  }
  const auto result = simulate_policy(calls.write(), simulation());
  REQUIRE(result);
  const auto time_of = [](int place) { return 150ms + (place - 1) * 10ms; };  // of its end mark
  for (const PolicyFigures& figures : {result->before, result->after}) {
    CHECK(figures.median == time_of(20));
    CHECK(figures.p95 == time_of(38));
    CHECK(figures.slowest == time_of(40));
  }
}

TEST_CASE("tries of one call are told by its id") {
  TapeOfCalls calls;
  calls.add(503, "c1");
  calls.add(200, "c1");
  const auto result = simulate_policy(calls.write(), simulation());
  REQUIRE(result);
  CHECK(result->before.calls == 1);
  CHECK(result->before.failed == 0);
  CHECK(result->before.requests == 2);
  CHECK(result->before.slowest == 350ms);  // an answer ends with its end mark
  CHECK(result->after.failed == 1);
}

TEST_CASE("the latency before has the pauses between the tries, where the tape tells them") {
  TapeOfCalls calls;
  calls.add(503, "c1");
  calls.pause(3s);
  calls.add(200, "c1");
  const auto told = simulate_policy(calls.write(), simulation());
  REQUIRE(told);
  CHECK(told->has_pauses);
  CHECK(told->before.slowest == 3350ms);
  calls.forget_times();
  const auto older = simulate_policy(calls.write(), simulation());
  REQUIRE(older);
  CHECK_FALSE(older->has_pauses);
  CHECK(older->before.slowest == 350ms);
}

TEST_CASE("calls begin when they did, unless a gap is given or the tape does not tell it") {
  TapeOfCalls calls;
  calls.add(503, "c1");
  calls.pause(60s);
  calls.add(200, "c2");
  PolicySimulation what = simulation();
  what.policy.services = {{.failures_to_open = 1, .open_for = 30'000ms}};
  const auto failed = [&] { return simulate_policy(calls.write(), what)->after.failed; };
  CHECK(failed() == 1);  // by then the service may be tried again
  what.gap = 1s;
  CHECK(failed() == 2);
  what.gap = 31s;
  CHECK(failed() == 1);
  what.gap.reset();
  calls.forget_times();
  CHECK(failed() == 2);
}

TEST_CASE("more tries turn failures into answers that take longer and cost no more") {
  TapeOfCalls calls;
  int number = 0;
  for (const int status : {200, 503, 200, 429, 200, 200})
    calls.add(status, "c" + std::to_string(number++));
  PolicySimulation what = simulation();
  what.policy.retry.max_retries = 2;
  const auto result = simulate_policy(calls.write(), what);
  REQUIRE(result);
  CHECK(result->before.calls == 6);
  CHECK(result->before.failed == 2);
  CHECK(result->before.requests == 6);
  CHECK(result->before.slowest == 200ms);
  CHECK(result->before.cost == Money{4 * 20'000'000});
  CHECK(result->after.failed == 0);
  CHECK(result->after.requests == 8);
  CHECK(result->after.median == 150ms);
  CHECK(result->after.slowest > 700ms);
  CHECK(result->after.cost == Money{6 * 20'000'000});
}

TEST_CASE("a breaker spares requests and a configured answer stands in") {
  TapeOfCalls calls;
  for (int i = 0; i < 10; ++i) calls.add(503, "c" + std::to_string(i));
  PolicySimulation what = simulation();
  what.policy.services = {{.failures_to_open = 2, .open_for = 3'600'000ms}};
  what.policy.degraded = "Back in a minute.";
  const auto result = simulate_policy(calls.write(), what);
  REQUIRE(result);
  CHECK(result->before.failed == 10);
  CHECK(result->after.failed == 0);
  CHECK(result->after.degraded == 10);
  CHECK(result->after.requests == 2);
  CHECK(result->after.median == 0ms);
}

TEST_CASE("a cache answers what was asked before") {
  TapeOfCalls calls;
  for (int i = 0; i < 5; ++i) calls.add(200, "c" + std::to_string(i), "the same question");
  PolicySimulation what = simulation();
  what.policy.cache.max_bytes = 1u << 20;
  const auto result = simulate_policy(calls.write(), what);
  REQUIRE(result);
  CHECK(result->after.requests == 1);
  CHECK(result->after.cost == Money{20'000'000});
}

TEST_CASE(
    "every provider's calls are read, and cost what the catalog says where no price is given") {
  struct Case {
    const char* url;
    const char* body;
    const char* answer;
    const char* model;
  };
  const Case cases[] = {
      {"https://openrouter.ai/api/v1/chat/completions", R"({"model":"openai/gpt-4o"})",
       R"({"model":"openai/gpt-4o","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],
           "usage":{"prompt_tokens":1000,"completion_tokens":100}})",
       "gpt-4o"},
      {"https://api.openai.com/v1/responses", R"({"model":"gpt-4o"})",
       R"({"id":"r","object":"response","status":"completed","model":"gpt-4o","output":[{"type":"message",
           "content":[{"type":"output_text","text":"hi"}]}],"usage":{"input_tokens":1000,"output_tokens":100}})",
       "gpt-4o"},
      {"https://api.anthropic.com/v1/messages", R"({"model":"claude-haiku-4-5"})",
       R"({"id":"m","type":"message","role":"assistant","model":"claude-haiku-4-5",
           "content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
           "usage":{"input_tokens":1000,"output_tokens":100}})",
       "claude-haiku-4-5"},
      {"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
       "{}",
       R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],
           "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":100}})",
       "gemini-2.5-flash"},
      {"https://api.cohere.com/v2/chat", R"({"model":"command-r"})",
       R"({"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text",
           "text":"hi"}]},"usage":{"tokens":{"input_tokens":1000,"output_tokens":100}}})",
       "command-r"},
      {"http://127.0.0.1:11434/api/chat", R"({"model":"llama3"})",
       R"({"model":"llama3","message":{"role":"assistant","content":"hi"},"done":true,
           "done_reason":"stop","prompt_eval_count":1000,"eval_count":100})",
       nullptr}};
  for (const auto& one : cases) {
    CAPTURE(one.url);
    TapeOfCalls calls;
    calls.add(one.url, one.body, one.answer);
    PolicySimulation what;
    what.max_retries = 0;
    const auto result = simulate_policy(calls.write(), what);
    REQUIRE(result);
    CHECK(result->before.calls == 1);
    CHECK(result->before.failed == 0);
    CHECK(result->before == result->after);
    if (!one.model) continue;
    const auto price = llm::ModelCatalog::builtin().price(one.model);
    REQUIRE(price);
    CHECK(result->before.cost == cost_of(*price, {.input_tokens = 1'000, .output_tokens = 100}));
  }
}

TEST_CASE("reasoning and tool calls that a tape has no usage for count in its cost") {
  TapeOfCalls calls;
  calls.add(
      "https://api.openai.com/v1/chat/completions", R"({"model":"m"})",
      R"({"model":"m","choices":[{"message":{"content":null,"reasoning_content":"one two three",
                "tool_calls":[{"id":"c","type":"function","function":{"name":"weather",
                "arguments":"{}"}}]},"finish_reason":"tool_calls"}]})");
  PolicySimulation what;
  what.prices["m"] = {.output = Money{1'000'000'000'000}};
  const auto result = simulate_policy(calls.write(), what);
  REQUIRE(result);
  CHECK(result->before.cost >= Money{6 * 1'000'000});
}

TEST_CASE("a service that is not on the tape, and a tape without calls, are told") {
  TapeOfCalls calls;
  CHECK(simulate_policy(calls.write(), simulation()).error().code() == ErrorCode::invalid_argument);
  calls.add(200, "c");
  PolicySimulation what = simulation();
  what.policy.fallbacks = {{"", "anthropic", ""}};
  CHECK(simulate_policy(calls.write(), what).error().code() == ErrorCode::invalid_argument);
  CHECK_FALSE(simulate_policy("/nothing/here", simulation()));
}

TEST_CASE("a tape that tells the provider's kind is known behind any path") {
  const std::string answer =
      R"({"type":"message","model":"m","content":[{"type":"text","text":"hi"}],)"
      R"("stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}})";
  TapeOfCalls calls;
  calls.add("https://gateway.test/models/m:rawPredict", "{}", answer);
  CHECK_FALSE(simulate_policy(calls.write(), simulation()));

  TapeOfCalls told;
  told.add("https://gateway.test/models/m:rawPredict", "{}", answer, "anthropic");
  const auto result = simulate_policy(told.write(), simulation());
  REQUIRE(result);
  CHECK(result->before.calls == 1);
  CHECK(result->before.failed == 0);
}

TEST_CASE("what a model wrote wrong is no failure of its service, whatever path the tape has") {
  // As gemini says it, and nobody else.
  const std::string wrong =
      R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","index":0}],)"
      R"("usageMetadata":{"promptTokenCount":10},"modelVersion":"m"})";
  const std::string right =
      R"({"candidates":[{"content":{"parts":[{"text":"hi"}],"role":"model"},"finishReason":"STOP"}],)"
      R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5},"modelVersion":"m"})";
  TapeOfCalls calls;
  for (const std::string& answer : {wrong, wrong, right})
    calls.add("https://gateway.test/models/m:predict", "{}", answer, "gemini");
  PolicySimulation what = simulation();
  what.max_retries = 0;
  what.policy.services = {{.failures_to_open = 1}};
  const auto result = simulate_policy(calls.write(), what);
  REQUIRE(result);
  CHECK(result->before.failed == 2);
  CHECK(result->after.failed == 2);  // its breaker stays closed
  CHECK(result->after.requests == 3);
}

namespace {

// An OpenAI service that fails, and a Cohere service, whose answers never name their model.
void add_failure_and_cohere(TapeOfCalls& calls) {
  calls.add(503, "c1");
  calls.add(
      "https://api.cohere.com/v2/chat", R"({"model":"command-x"})",
      R"({"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text",
                "text":"hi"}]},"usage":{"tokens":{"input_tokens":10,"output_tokens":5}}})");
}

}  // namespace

TEST_CASE("a fallback without a model is asked for its service's own, and costs what that costs") {
  PolicySimulation what;
  what.max_retries = 0;
  what.prices["command-x"] = {.input = Money{1'000'000'000'000}};
  what.prices["command-y"] = {.input = Money{3'000'000'000'000}};
  what.policy.fallbacks = {{"openai", "cohere", ""}};
  TapeOfCalls calls;
  add_failure_and_cohere(calls);
  const std::string tape = calls.write();
  const auto by_tape = simulate_policy(tape, what);
  REQUIRE(by_tape);
  CHECK(by_tape->after.failed == 0);
  CHECK(by_tape->before.cost == Money{10'000'000});
  CHECK(by_tape->after.cost == Money{20'000'000});

  // Under the names of a configuration, whose model goes over the tape's.
  what.policy.fallbacks = {{"main", "second", ""}};
  CHECK(simulate_policy(tape, what)->after.failed == 1);
  what.providers["main"] = {.url = "openai:m"};
  what.providers["second"] = {.url = "cohere:command-y"};
  const auto by_name = simulate_policy(tape, what);
  REQUIRE(by_name);
  CHECK(by_name->after.failed == 0);
  CHECK(by_name->after.cost == Money{10'000'000 + 30'000'000});
}

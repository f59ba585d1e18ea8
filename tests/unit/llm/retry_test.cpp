#include "llm/layers/retry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "base/clock.hpp"
#include "llm/layers/failure_class.hpp"
#include "llm/provider_failure.hpp"
#include "llm/registry.hpp"
#include "support/fake_transport.hpp"
#include "support/reply_log.hpp"

using namespace scena;
using namespace scena::llm;
using namespace std::chrono_literals;
using scena::test::FakeAnswer;
using scena::test::FakeTransport;
using scena::test::ReplyLog;

namespace {

RetryDecision decide(Error error, int retries_done = 0, std::chrono::milliseconds elapsed = 0ms) {
  return RetryPolicy().decide({.error = error,
                               .retries_done = retries_done,
                               .elapsed = elapsed,
                               .total = 60s,
                               .random = 0});
}

Error failure(ErrorCode code, int status = 0) {
  return Error::fixed(code, "x").with_provider_status(status);
}

struct RetryBench {
  VirtualClock clock;
  net::Loop loop{clock};
  FakeTransport http{loop};
  std::shared_ptr<ReplyLog> log = std::make_shared<ReplyLog>();
  ReplyRequest request{.messages = {{PromptRole::user, "hello", ""}}};
  std::stop_source stop;
  std::shared_ptr<Provider> provider;

  RetryBench() { log_as({}); }
  void log_as(Logger logger, const std::string& url = "openai:m") {
    ProviderRegistry registry;
    add_builtin_providers(registry);
    auto inner = registry.make({.url = url, .api_key = "k"}, {http, loop, clock, {}});
    provider = std::make_shared<RetryProvider>(*inner, loop, RetryLimits{}, 7, std::move(logger));
  }
  void drive() {
    for (int i = 0; i < 1000 && loop.poll(0us) > 0; ++i) {
    }
  }
  void wait(std::chrono::milliseconds time) {
    clock.advance(time);
    drive();
  }
  void start() {
    provider->start(std::make_shared<const ReplyRequest>(request), log, stop.get_token());
    drive();
  }
  void will_answer(int status, net::HttpFields headers = {}) {
    http.answers.push_back({.status = status, .headers = std::move(headers), .pieces = {"{}"}});
  }
  void will_reply() {
    http.answers.push_back({.pieces = {"data: "
                                       "{\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":"
                                       "\"hi\"},\"finish_reason\":\"stop\"}]}\n\n"}});
  }
};

}  // namespace

TEST_CASE("back-off doubles from half a second to eight, less up to a quarter") {
  const Error error = failure(ErrorCode::network);
  CHECK(decide(error, 0).delay == 500ms);
  CHECK(decide(error, 1).delay == 1000ms);
  CHECK_FALSE(decide(error, 2).retry);
  const RetryPolicy many({.max_retries = 100});
  CHECK(many.decide({.error = error, .retries_done = 50}).delay == 8000ms);
  CHECK(many.decide({.error = error, .retries_done = 0, .random = 0.999999}).delay == 375ms);
}

TEST_CASE("only failures that may pass are tried again") {
  for (const ErrorCode code : {ErrorCode::network, ErrorCode::rate_limited, ErrorCode::overloaded,
                               ErrorCode::provider_error, ErrorCode::unavailable}) {
    CHECK(decide(failure(code)).retry);
  }
  CHECK(decide(failure(ErrorCode::timeout, 408)).retry);
  CHECK_FALSE(decide(failure(ErrorCode::timeout)).retry);
  for (const ErrorCode code :
       {ErrorCode::invalid_argument, ErrorCode::unauthenticated, ErrorCode::permission_denied,
        ErrorCode::not_found, ErrorCode::quota_exhausted, ErrorCode::context_overflow,
        ErrorCode::content_filtered, ErrorCode::too_large, ErrorCode::protocol,
        ErrorCode::cancelled}) {
    CHECK_FALSE(decide(failure(code)).retry);
  }
}

TEST_CASE("what the model wrote wrong is tried again once") {
  ReplyEnd malformed{.outcome = Outcome::failed, .raw_reason = "MALFORMED_FUNCTION_CALL"};
  malformed.error = failure(ErrorCode::provider_error);
  ReplyEnd unread{.outcome = Outcome::failed};
  unread.error = failure(ErrorCode::provider_error, 500);
  unread.error->with_provider_message("error parsing tool call: raw='{'");
  ReplyEnd unwritten{.outcome = Outcome::failed};
  unwritten.error = failure(ErrorCode::invalid_argument, 400);
  unwritten.error->with_provider_message("Failed to call a function. Please adjust your prompt.");
  ReplyEnd unfit{.outcome = Outcome::failed};
  unfit.error = provider_failure(
      400, parse_failure(
               R"({"error":{"message":"tool call validation failed: parameters for tool look did )"
               R"(not match schema: errors: [missing properties: 'a']","type":)"
               R"("invalid_request_error","code":"tool_use_failed","failed_generation":"{}"}})"));
  for (const ReplyEnd& end : {malformed, unread, unwritten, unfit}) {
    REQUIRE(is_models_fault(end));
    CHECK(health_of(end) == Health::unknown);
    const auto tried = [&](int retries, RetryLimits limits) {
      return RetryPolicy(limits)
          .decide({.error = *end.error, .retries_done = retries, .models_fault = true})
          .retry;
    };
    CHECK(tried(0, {}));
    CHECK_FALSE(tried(1, {}));
    CHECK_FALSE(tried(0, {.max_retries = 0}));
  }
  ReplyEnd down{.outcome = Outcome::failed, .raw_reason = "ERROR"};
  down.error = failure(ErrorCode::provider_error);
  CHECK_FALSE(is_models_fault(down));
  CHECK(health_of(down) == Health::bad);
}

TEST_CASE("nothing is tried again once anything was delivered") {
  const Error error = failure(ErrorCode::network);
  CHECK_FALSE(RetryPolicy().decide({.error = error, .delivered = true}).retry);
}

TEST_CASE("a Retry-After is kept when it fits the time that is left, else the failure is final") {
  Error error = failure(ErrorCode::rate_limited, 429);
  error.with_retry_after(20s);
  CHECK(decide(error).delay == 20s);
  CHECK_FALSE(decide(error, 0, 45s).retry);
  error.with_retry_after(121s);
  CHECK_FALSE(RetryPolicy().decide({.error = error, .total = 0ms}).retry);
}

TEST_CASE("two failures and an answer are one reply") {
  RetryBench bench;
  bench.will_answer(503);
  bench.http.answers.push_back(FakeAnswer::failing(Error::fixed(ErrorCode::network, "refused")));
  bench.will_reply();
  bench.start();
  CHECK(bench.log->lines.empty());
  bench.wait(374ms);
  CHECK(bench.http.requests.size() == 1);
  bench.wait(200ms);
  CHECK(bench.http.requests.size() == 2);
  bench.wait(1000ms);
  CHECK(bench.log->lines ==
        std::vector<std::string>{"start openai m ", "text hi", "done complete stop raw=stop"});
  CHECK(bench.http.requests.size() == 3);
  CHECK(bench.http.requests[2].timeouts.total < 600s - 700ms);
}

TEST_CASE(
    "a warning without any text comes after the start, and what a failed attempt told of its "
    "usage") {
  RetryBench bench;
  bench.http.answers.push_back(
      {.pieces = {"data: {\"model\":\"first\",\"choices\":[],\"usage\":{\"prompt_tokens\":7}}\n\n",
                  "data: {\"error\":{\"code\":502}}\n\n"}});
  bench.http.answers.push_back(
      {.pieces = {
           "data: {\"model\":\"m\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"}});
  bench.start();
  bench.wait(1s);
  const auto& lines = bench.log->lines;
  REQUIRE(lines.size() >= 3);
  CHECK(lines.front() == "start openai m ");
  CHECK(std::count(lines.begin(), lines.end(), "warning empty_answer") == 1);
  CHECK(lines.back() == "done complete stop raw=stop");
  CHECK(bench.log->usage.input_tokens.value_or(0) >= 7);
}

TEST_CASE("each further try is logged with the call's id, and no key or text") {
  struct Lines final : LogSink {
    void write(const LogRecord& record) noexcept override {
      text += std::string(record.module) + " " + std::string(record.message);
      for (const auto& [name, value] : record.fields)
        text += " " + std::string(name) + "=" + std::string(value);
      text += "\n";
    }
    std::string text;
  };
  RetryBench bench;
  const auto lines = std::make_shared<Lines>();
  const auto log = std::make_shared<Log>(lines, bench.clock, LogOptions{});
  bench.log_as(log->logger("llm"));
  bench.request.context.trace_id = "s1/4";
  bench.request.context.session = "s1";
  bench.will_answer(529, {{"Retry-After", "2"}});
  bench.will_reply();
  bench.start();
  bench.wait(2s);
  CHECK(bench.log->end().outcome == Outcome::complete);
  CHECK(lines->text ==
        "llm a reply failed before anything of it came; trying again session=s1 trace=s1/4 "
        "provider=openai error=overloaded status=529 delay_ms=2000\n");
}

TEST_CASE("what the service says of trying again counts more than the kind of its failure") {
  RetryBench no;
  no.will_answer(503, {{"x-should-retry", "false"}});
  no.will_reply();
  no.start();
  no.wait(1s);
  CHECK(no.http.requests.size() == 1);
  CHECK(no.log->end().error->code() == ErrorCode::provider_error);
  RetryBench yes;
  yes.will_answer(400, {{"x-should-retry", "true"}});
  yes.will_reply();
  yes.start();
  yes.wait(1s);
  CHECK(yes.http.requests.size() == 2);
  CHECK(yes.log->end().outcome == Outcome::complete);
}

TEST_CASE("a third failure is the reply's") {
  RetryBench bench;
  for (int i = 0; i < 4; ++i) bench.will_answer(529);
  bench.start();
  bench.wait(10s);
  bench.wait(10s);
  CHECK(bench.http.requests.size() == 3);
  CHECK(bench.log->lines == std::vector<std::string>{"done failed raw= error=overloaded"});
}

TEST_CASE("what a failed try told of its usage is billed, and is in the sum") {
  RetryBench bench;
  bench.log_as({}, "anthropic:claude-haiku-4-5");
  const auto event = [](const std::string& json) { return "data: " + json + "\n\n"; };
  const std::string begin = event(
      R"({"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1000,"output_tokens":1}}})");
  FakeAnswer overloaded;
  overloaded.pieces = {
      begin, event(R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})")};
  FakeAnswer good;
  good.pieces = {
      begin,
      event(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
      event(
          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi."}})"),
      event(R"({"type":"content_block_stop","index":0})"),
      event(
          R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}})"),
      event(R"({"type":"message_stop"})")};
  bench.http.answers = {overloaded, good};
  bench.start();
  bench.wait(1s);
  CHECK(bench.log->text == "Hi.");
  CHECK(bench.log->end().outcome == Outcome::complete);
  CHECK(bench.log->usage.input_tokens == 2'000);
  // The first count of an answer's output is a placeholder.
  CHECK(bench.log->usage.output_tokens.value_or(-1) == 3);
  CHECK_FALSE(bench.log->usage.estimated);
}

TEST_CASE("a failure after some text is not tried again") {
  RetryBench bench;
  bench.http.answers.push_back(
      {.pieces = {"data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n"},
       .end = {.error = Error::fixed(ErrorCode::network, "reset"), .got_head = true}});
  bench.start();
  bench.wait(10s);
  CHECK(bench.http.requests.size() == 1);
  CHECK(bench.log->lines.back() == "done truncated raw= error=network");
}

TEST_CASE("a Retry-After beyond the total time is handed on at once") {
  RetryBench bench;
  bench.request.timeouts.total = 5s;
  bench.will_answer(429, {{"Retry-After", "30"}});
  bench.start();
  REQUIRE(bench.log->ends.size() == 1);
  CHECK(bench.log->end().error->code() == ErrorCode::rate_limited);
  CHECK(bench.log->end().error->retry_after() == 30000ms);
}

TEST_CASE("cancelling while it waits ends the reply within a loop turn, without another request") {
  RetryBench bench;
  bench.will_answer(500);
  bench.will_reply();
  bench.start();
  bench.stop.request_stop();
  bench.drive();
  CHECK(bench.log->lines == std::vector<std::string>{"done cancelled raw= error=cancelled"});
  bench.wait(10s);
  CHECK(bench.http.requests.size() == 1);
  CHECK(bench.log->ends.size() == 1);
}

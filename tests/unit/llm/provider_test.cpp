#include <doctest/doctest.h>

#include <memory>

#include "base/clock.hpp"
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

constexpr std::string_view kKey = "sk-test-1234567890";

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
    (*provider)->start(request, log, stop.get_token());
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

Error error_of(int status, std::string body,
               net::HttpFields headers = {{"content-type", "application/json"}}) {
  Bench bench;
  ReplyLog& log = bench.answer(status, std::move(body), std::move(headers));
  CHECK(log.end().outcome == Outcome::failed);
  REQUIRE(log.end().error);
  CHECK(std::string(log.end().error->what()).find(kKey) == std::string::npos);
  return *log.end().error;
}

std::string chunk(std::string_view text) {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + std::string(text) +
         "\"},\"finish_reason\":null}]}\n\n";
}

const std::string kFinish =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: "
    "[DONE]\n\n";

}  // namespace

TEST_CASE("the OpenAI request has the same bytes each time, and its headers") {
  Bench bench;
  bench.config.organization = "org-7";
  bench.config.headers["X-Extra"] = "1";
  bench.request.system = "You are \"Ada\".";
  bench.request.messages = {{PromptRole::assistant, "Hello.", "Ada Byron"},
                            {PromptRole::user, "Gr\xC3\xBC\xC3\x9F", "J\xC3\xB6rg"}};
  bench.request.temperature = 0.7;
  bench.request.max_tokens = 100;
  bench.request.seed = 9;
  bench.request.stop = {"END"};
  bench.request.json_schema = R"({"type":"object"})";
  bench.http.answers.push_back({.pieces = {chunk("hi") + kFinish}});
  bench.ask();
  const auto& sent = bench.http.requests.at(0);
  CHECK(sent.method == "POST");
  CHECK(sent.url == "https://api.openai.com/v1/chat/completions");
  CHECK(
      sent.body ==
      R"({"model":"gpt-4o","messages":[{"role":"system","content":"You are \"Ada\"."},)"
      R"({"role":"assistant","content":"Hello.","name":"Ada_Byron"},{"role":"user","content":"Grüß"}],)"
      R"("stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},)"
      R"("temperature":0.7,"max_tokens":100,"stop":["END"],"seed":9,)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}})");
  auto header = [&](std::string_view name) {
    return std::string(net::HttpHead{0, sent.headers}.header(name));
  };
  CHECK(header("authorization") == "Bearer " + std::string(kKey));
  CHECK(header("openai-organization") == "org-7");
  CHECK(header("x-extra") == "1");
  CHECK(header("accept-encoding") == "identity");
}

TEST_CASE(
    "reasoning models get max_completion_tokens and no temperature, no organisation means no "
    "header") {
  Bench bench;
  bench.config.url = "openai:o3-mini@http://localhost:9/v1/";
  bench.config.api_key.clear();
  bench.request.temperature = 0.7;
  bench.request.max_tokens = 100;
  bench.request.stream = false;
  bench.answer(200, R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})");
  const auto& sent = bench.http.requests.at(0);
  CHECK(sent.url == "http://localhost:9/v1/chat/completions");
  CHECK(sent.body ==
        R"({"model":"o3-mini","messages":[{"role":"user","content":"hello"}],"stream":false,)"
        R"("max_completion_tokens":100})");
  for (const auto& [name, value] : sent.headers) {
    CHECK(name != "OpenAI-Organization");
    CHECK(name != "Authorization");
  }
}

TEST_CASE("a compatible server works with base URL and key alone, the vendor's own needs a model") {
  Bench bench;
  bench.config.url = "openai:";
  bench.config.base_url = "http://localhost:9/v1";
  bench.http.answers.push_back({.pieces = {chunk("hi") + kFinish}});
  CHECK(bench.ask().text == "hi");
  CHECK(bench.http.requests.at(0).body ==
        R"({"messages":[{"role":"user","content":"hello"}],"stream":true,)"
        R"("stream_options":{"include_usage":true}})");
  CHECK(net::HttpHead{0, bench.http.requests[0].headers}.header("authorization") ==
        "Bearer " + std::string(kKey));
  Bench official;
  official.config.url = "openai:";
  CHECK(official.ask().lines ==
        std::vector<std::string>{"done failed raw= error=invalid_argument"});
}

TEST_CASE("the Anthropic request alternates roles, begins with the user and names a token limit") {
  Bench bench;
  bench.config.url = "anthropic:claude-x";
  bench.config.base_url = "http://127.0.0.1:1234/v1";
  bench.request.system = "S";
  bench.request.messages = {{PromptRole::assistant, "Hi.", ""},
                            {PromptRole::assistant, "Sit.", ""},
                            {PromptRole::system, "Be brief.", ""},
                            {PromptRole::user, "ok", ""}};
  bench.request.temperature = 1;
  bench.request.stop = {"X"};
  bench.answer(
      200,
      R"({"type":"message","id":"msg_9","model":"claude-x","content":[{"type":"text","text":"Ja"}],)"
      R"("stop_reason":"end_turn","usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":2}})");
  const auto& sent = bench.http.requests.at(0);
  CHECK(sent.url == "http://127.0.0.1:1234/v1/messages");
  CHECK(sent.body ==
        R"({"model":"claude-x","max_tokens":4096,"system":"S\n\nBe brief.","messages":[)"
        R"x({"role":"user","content":"(The conversation begins.)"},)x"
        R"({"role":"assistant","content":"Hi.\n\nSit."},{"role":"user","content":"ok"}],)"
        R"("stream":true,"temperature":1,"stop_sequences":["X"]})");
  const net::HttpHead head{0, sent.headers};
  CHECK(head.header("x-api-key") == kKey);
  CHECK(head.header("anthropic-version") == "2023-06-01");
  CHECK(bench.log->text == "Ja");
  CHECK(bench.log->usage.input_tokens == 7);
  CHECK(bench.log->end().outcome == Outcome::complete);
}

TEST_CASE(
    "a whole JSON answer is read, also when a stream was asked for and blank lines come first") {
  Bench bench;
  ReplyLog& log = bench.answer(
      200,
      "\n\n\n  {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
      "\"assistant\",\"content\":\"Hi \\u00e9\",\"refusal\":null},\"finish_reason\":\"length\"}],"
      "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}");
  CHECK(log.lines == std::vector<std::string>{"start openai m c1", "text Hi \xC3\xA9",
                                              "usage 5 2 - - -",
                                              "done complete length raw=length"});
}

TEST_CASE("the head's request id is in the start") {
  Bench bench;
  bench.http.answers.push_back(
      {.headers = {{"Content-Type", "text/event-stream; charset=utf-8"}, {"X-Request-ID", "req_7"}},
       .pieces = {chunk("a"), kFinish}});
  CHECK(bench.ask().lines.at(0) == "start openai  req_7");
  CHECK(bench.log->flushes == 1);
}

TEST_CASE("the call's id goes out as a header, in characters that a service takes") {
  const auto sent = [](std::string id) {
    Bench bench;
    bench.request.context.trace_id = std::move(id);
    bench.http.answers.push_back({.pieces = {kFinish}});
    CHECK(bench.ask().end().outcome == Outcome::complete);
    const net::HttpHead head{0, bench.http.requests.at(0).headers};
    return std::string(head.header("x-client-request-id"));
  };
  CHECK(sent("0197-ab/3") == "0197-ab/3");
  CHECK(sent("a\r\nHost: b/1") == "a__Host:_b/1");
  CHECK(sent("\xC3\xBC/2") == "__/2");
  CHECK(sent(std::string(900, 'x')).size() == 512);
  CHECK(sent("").empty());
}

TEST_CASE("a body that was composed before is sent as it is, else start() composes the same") {
  Bench bench;
  bench.http.answers.push_back({.pieces = {chunk("hi") + kFinish}});
  bench.http.answers.push_back({.pieces = {chunk("hi") + kFinish}});
  const auto provider =
      bench.registry.make(bench.config, {bench.http, bench.loop, bench.clock, bench.limits});
  REQUIRE(provider);
  const auto composed = (*provider)->request_body(bench.request);
  REQUIRE(composed);
  bench.ask();
  CHECK(bench.http.requests.at(0).body == *composed);
  bench.request.body = std::make_shared<const std::string>("{\"composed\":1}");
  bench.log = std::make_shared<ReplyLog>();
  bench.ask();
  CHECK(bench.http.requests.at(1).body == "{\"composed\":1}");
}

TEST_CASE("each HTTP status becomes its error") {
  const std::string body =
      R"({"error":{"message":"no such thing","type":"x","param":null,"code":null}})";
  for (const auto& row : std::vector<std::pair<int, ErrorCode>>{{400, ErrorCode::invalid_argument},
                                                                {401, ErrorCode::unauthenticated},
                                                                {402, ErrorCode::quota_exhausted},
                                                                {403, ErrorCode::permission_denied},
                                                                {404, ErrorCode::not_found},
                                                                {408, ErrorCode::timeout},
                                                                {413, ErrorCode::too_large},
                                                                {422, ErrorCode::invalid_argument},
                                                                {429, ErrorCode::rate_limited},
                                                                {500, ErrorCode::provider_error},
                                                                {502, ErrorCode::provider_error},
                                                                {503, ErrorCode::provider_error},
                                                                {529, ErrorCode::overloaded},
                                                                {307, ErrorCode::protocol}}) {
    const auto [status, code] = row;
    CAPTURE(row.first);
    const Error error = error_of(status, body);
    CHECK(error.code() == code);
    CHECK(error.provider_status() == status);
    CHECK(std::string(error.what()).find("no such thing") != std::string::npos);
  }
}

TEST_CASE("words in the body say more than the status") {
  auto code = [](int status, std::string body) { return error_of(status, std::move(body)).code(); };
  CHECK(
      code(
          429,
          R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})") ==
      ErrorCode::quota_exhausted);
  CHECK(
      code(429, R"({"error":{"message":"m","type":"x","code":"project_spend_limit_exceeded"}})") ==
      ErrorCode::quota_exhausted);
  CHECK(code(400, R"({"error":{"message":"m","code":"context_length_exceeded"}})") ==
        ErrorCode::context_overflow);
  CHECK(
      code(
          400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 5"}})") ==
      ErrorCode::context_overflow);
  CHECK(code(500, R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})") ==
        ErrorCode::overloaded);
  for (const char* words :
       {"The input token count (9) exceeds the maximum number of tokens allowed (5).",
        "too many tokens: total number of tokens in the prompt cannot exceed 5"}) {
    CHECK(code(400, "{\"message\":\"" + std::string(words) + "\"}") == ErrorCode::context_overflow);
  }
  CHECK(code(503, R"({"error":{"code":503,"message":"The model is Overloaded."}})") ==
        ErrorCode::overloaded);
  CHECK(code(503, R"({"error":{"code":503,"message":"The model is away."}})") ==
        ErrorCode::provider_error);
  CHECK(code(400, R"([{"error":{"message":"array"}}])") == ErrorCode::invalid_argument);
  CHECK(code(500, "plain words") == ErrorCode::provider_error);
  CHECK(code(502, "<html>Bad Gateway</html>") == ErrorCode::provider_error);
}

TEST_CASE("retry-after is read as milliseconds, seconds and date, in that order") {
  auto delay = [](net::HttpFields headers) {
    return error_of(429, "{}", std::move(headers)).retry_after();
  };
  CHECK(delay({{"Retry-After-Ms", "1500"}, {"Retry-After", "7"}}) == 1500ms);
  CHECK(delay({{"Retry-After", "7"}}) == 7000ms);
  CHECK(delay({{"Retry-After", "0.25"}}) == 250ms);
  CHECK(delay({{"Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"}}) == 30000ms);
  CHECK(delay({{"Retry-After", "Wed, 31 Dec 2025 00:00:00 GMT"}}) == 0ms);
  CHECK(delay({{"Retry-After", "Thursday, 01-Jan-26 00:00:20 GMT"}}) == 20000ms);
  CHECK(delay({{"Retry-After", "Thu Jan  1 00:00:10 2026"}}) == 10000ms);
  for (const char* wrong : {"", "soon", "-3", "nan", "1e3", "Thu, 31 Feb 2026 00:00:30 GMT",
                            "Thu, 01 Jan 2026 00:00:30 CET", "Thursday, 01-Jan-2x 00:00:20 GMT",
                            "Thu Jan  1 00:00:10 26", "Thu Jan 1x 00:00:10 2026"}) {
    CAPTURE(wrong);
    CHECK_FALSE(delay({{"Retry-After", wrong}}));
  }
}

TEST_CASE("an error quotes the provider, bounded and without any key") {
  const std::string long_text(5000, 'x');
  const Error error = error_of(401, "{\"error\":{\"message\":\"Incorrect key " + std::string(kKey) +
                                        " or sk-abc_DEF-1. " + long_text + "\"}}");
  const std::string text = error.what();
  CHECK(text.find("Incorrect key *** or ***.") != std::string::npos);
  CHECK(text.size() < 500);
  Bench bench;
  bench.config.api_key = "hunter2";
  bench.http.answers.push_back(
      {.pieces = {chunk("a"), "data: {\"error\":{\"message\":\"bad hunter2\"}}\n\n"}});
  CHECK(std::string(bench.ask().end().error->what()).find("hunter2") == std::string::npos);
}

TEST_CASE("answers that are no reply are protocol errors") {
  CHECK(error_of(200, "<html>Sign in</html>", {{"content-type", "text/html"}}).code() ==
        ErrorCode::protocol);
  CHECK(error_of(200, "hello", {{"content-type", "text/plain"}}).provider_message() == "hello");
  CHECK(error_of(200, "<html><head><title>Sign in</title></head></html>",
                 {{"content-type", "text/html"}})
            .provider_message() == "Sign in");
  CHECK(error_of(204, "", {}).code() == ErrorCode::protocol);
  CHECK(error_of(200, "{nonsense").code() == ErrorCode::protocol);
  for (const char* document : {"[]", "null", "{}", "7", R"({"pong":1})"}) {
    CAPTURE(document);
    CHECK(error_of(200, document).code() == ErrorCode::protocol);
    Bench anthropic;
    anthropic.config.url = "anthropic:m";
    CHECK(anthropic.answer(200, document).end().error->code() == ErrorCode::protocol);
    Bench responses;
    responses.config.url = "openai_responses:m";
    CHECK(responses.answer(200, document).end().error->code() == ErrorCode::protocol);
  }
  CHECK(error_of(200, R"({"error":{"message":"m","type":"server_error"}})").code() ==
        ErrorCode::provider_error);
  CHECK(error_of(302, "", {{"location", "https://evil.example/"}}).code() == ErrorCode::protocol);
}

TEST_CASE("a failure tells where in the answer it lies") {
  const net::HttpFields events{{"content-type", "text/event-stream"}};
  const std::string failure = R"({"error":{"message":"it broke"}})";
  CHECK(error_of(500, failure).point() == FailurePoint::status);
  CHECK(error_of(200, failure).point() == FailurePoint::body);
  CHECK(error_of(200, "{}").point() == FailurePoint::body);
  CHECK(error_of(200, "data: " + failure + "\n\n", events).point() == FailurePoint::stream);
  CHECK(error_of(200, "data: {\"choices\":[\n\n", events).point() == FailurePoint::stream);
  CHECK(error_of(200,
                 R"(data: {"choices":[{"delta":{},"finish_reason":"error"}]})"
                 "\n\n",
                 events)
            .point() == FailurePoint::finish);
  CHECK(error_of(200, ": ping\n\n", events).point() == FailurePoint::cut);
  CHECK(error_of(200, "hello", {{"content-type", "text/plain"}}).point() == FailurePoint::none);
  Bench broken;
  broken.http.answers.push_back({.pieces = {chunk("Half")}});
  CHECK(broken.ask().end().error->point() == FailurePoint::cut);
}

TEST_CASE("the provider's words keep their length and lines, without any key") {
  const std::string long_text(1000, 'x');
  const Error error = error_of(400, R"({"error":{"message":"Two\nlines of task-17, not )" +
                                        std::string(kKey) + " " + long_text + "\"}}");
  CHECK(error.provider_message() == "Two\nlines of task-17, not *** " + long_text);
  CHECK(std::string(error.what()).find('\n') == std::string::npos);
}

TEST_CASE("types that say nothing are read by what comes") {
  const std::string whole = R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})";
  for (const char* type :
       {"", "text/plain", "application/octet-stream", "application/json", "text/event-stream"}) {
    CAPTURE(type);
    const net::HttpFields fields{{"content-type", type}};
    for (const bool stream : {true, false}) {
      Bench events;
      events.request.stream = stream;
      CHECK(events.answer(200, chunk("Hi") + kFinish, fields).end().outcome == Outcome::complete);
      CHECK(events.log->text == "Hi");
      Bench document;
      document.request.stream = stream;
      CHECK(document.answer(200, "\n " + whole, fields).end().outcome == Outcome::complete);
      CHECK(document.log->text == "Hi");
    }
    // Cut anywhere, also inside the field's name.
    Bench bytes;
    std::vector<std::string> pieces;
    for (const char c : chunk("Hi") + kFinish) pieces.emplace_back(1, c);
    bytes.http.answers.push_back({.headers = fields, .pieces = pieces});
    CHECK(bytes.ask().end().outcome == Outcome::complete);
    CHECK(bytes.log->text == "Hi");
  }
  CHECK(error_of(200, "upstream died", {{"content-type", "text/plain"}}).provider_message() ==
        "upstream died");
  CHECK(
      error_of(200, "<html>x</html>", {{"content-type", "text/html"}}).provider_message().empty());
}

TEST_CASE("a whole answer needs no reason for its end") {
  Bench bench;
  CHECK(bench.answer(200, R"({"choices":[{"message":{"content":"Hi"}}]})").end().outcome ==
        Outcome::complete);
  CHECK(bench.log->end().raw_reason.empty());
}

TEST_CASE("an error in an answer that says it is fine keeps the provider's words") {
  for (const char* document :
       {R"({"error":"no slot"})", R"({"error":{"message":"no slot","code":null}})",
        R"({"message":"no slot"})", R"({"detail":"no slot"})", R"({"error_msg":"no slot"})",
        R"({"detail":[{"loc":["body"],"msg":"no slot"}]})", R"([{"error":{"message":"no slot"}}])",
        R"({"object":"error","message":"no slot","code":40})",
        R"({"error":true,"message":"no slot"})",
        R"({"success":false,"errors":[{"code":7003,"message":"no slot"}]})",
        R"({"error":{"message":"{\"error\":{\"message\":\"no slot\"}}"}})"}) {
    CAPTURE(document);
    for (const char* url : {"openai:m", "openai_responses:m", "anthropic:m"}) {
      for (const char* type : {"application/json", "text/event-stream", "text/plain"}) {
        Bench bench;
        bench.config.url = url;
        const auto end = bench.answer(200, document, {{"content-type", type}}).end();
        CHECK(end.outcome == Outcome::failed);
        REQUIRE(end.error);
        CHECK(end.error->code() == ErrorCode::provider_error);
        CHECK(end.error->provider_message() == "no slot");
      }
    }
  }
}

TEST_CASE("a whole answer's message counts, whatever stands beside it") {
  for (const char* beside : {R"("delta":null)", R"("delta":{})", R"("delta":{"content":"left"})"}) {
    for (const bool first : {true, false}) {
      Bench bench;
      const std::string message = R"("message":{"content":"a"})";
      bench.answer(200, R"({"choices":[{)" +
                            (first ? message + "," + beside : std::string(beside) + "," + message) +
                            R"(,"finish_reason":"stop"}]})");
      CHECK(bench.log->text == "a");
    }
  }
}

TEST_CASE("what is not known is counted, and members that nobody reads are kept") {
  Bench chat;
  const auto& end =
      chat.answer(200,
                  R"({"model":"m","service_tier":"flex","choices":[{"message":{"content":"a",)"
                  R"("tool_calls":[{"type":"web_search","id":"ws_1"}]},"finish_reason":"stop"}]})")
          .end();
  CHECK(end.ignored == 1);
  CHECK(end.extra == R"({"service_tier":"flex"})");
  CHECK(end.reason == FinishReason::stop);
  Bench messages;
  messages.config.url = "anthropic:m";
  CHECK(messages
            .answer(200, R"({"type":"message","id":"1","model":"m","content":[{"type":"hologram"},)"
                         R"({"type":"text","text":"a"}],"stop_reason":"end_turn"})")
            .end()
            .ignored == 1);
  Bench responses;
  responses.config.url = "openai_responses:m";
  CHECK(responses
            .answer(200, R"({"object":"response","status":"completed","output":[{"type":)"
                         R"("web_search_call","id":"ws_1"},{"type":"message","content":[{"type":)"
                         R"("output_text","text":"a"}]}]})")
            .end()
            .ignored == 1);
}

TEST_CASE("an answer of the other kind than its head says is read by its first byte") {
  Bench stream;
  stream.answer(200, "\n" + chunk("a") + kFinish, {{"content-type", "application/json"}});
  CHECK(stream.log->end().outcome == Outcome::complete);
  CHECK(stream.log->text == "a");
  Bench plain;
  plain.answer(200, chunk("a") + kFinish, {{"content-type", "text/plain; charset=utf-8"}});
  CHECK(plain.log->text == "a");
  Bench picture;
  CHECK(picture.answer(200, chunk("a") + kFinish, {{"content-type", "image/png"}})
            .end()
            .error->code() == ErrorCode::protocol);
  Bench whole;
  whole.answer(200, R"({"choices":[{"message":{"content":"b"},"finish_reason":"stop"}]})",
               {{"content-type", "text/event-stream"}});
  CHECK(whole.log->end().outcome == Outcome::complete);
  CHECK(whole.log->text == "b");
}

TEST_CASE("a wait that only the body tells is in the error") {
  const auto wait = [](int status, std::string body) {
    return error_of(status, body).retry_after();
  };
  CHECK(wait(429, R"({"error":{"message":"Please try again in 1.2s. Visit x"}})") == 1200ms);
  CHECK(wait(429, R"({"error":{"message":"Try again in 6m0s, or try again in 1m2.5s"}})") ==
        62500ms);
  CHECK(wait(429, R"({"message":"please try again in 350 milliseconds"})") == 350ms);
  CHECK(wait(503, R"({"error":"loading","retry_after":20})") == 20000ms);
  CHECK(
      wait(
          429,
          R"([{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[)"
          R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"45.837906927s"}]}}])") ==
      45838ms);
  CHECK_FALSE(wait(429, R"({"error":{"message":"try again in the morning"}})"));
  CHECK_FALSE(wait(400, R"({"error":{"message":"try again in 5s"}})"));
  const Error day = error_of(
      429, R"({"error":{"code":429,"message":"m","details":[{"@type":"x/google.rpc.QuotaFailure",)"
           R"("violations":[{"quotaId":"GenerateRequestsPerDayPerProject"}]}]}})");
  CHECK(day.code() == ErrorCode::quota_exhausted);
}

TEST_CASE("an event stream that is none is a protocol error, a cut one is not") {
  const net::HttpFields events{{"content-type", "text/event-stream"}};
  for (const char* body : {"<html><body>Sign in</body></html>", "<p>\n<p>\n", "\x80\x81\xFF\n\n",
                           "{\"choices\":[]}\n", "colour: blue\n\n", "data : {}\n\n", "date"}) {
    CAPTURE(body);
    CHECK(error_of(200, body, events).code() == ErrorCode::protocol);
  }
  for (const char* body :
       {"", ": ping\n\n", "dat", "data: {\"choi", "id: 7\nretry: 5\n\n", "\n\n"}) {
    CAPTURE(body);
    CHECK(error_of(200, body, events).code() == ErrorCode::network);
  }
  // What was broken off is not judged.
  Bench broken;
  broken.http.answers.push_back(
      {.pieces = {"<p>\n"}, .end = {.error = Error::fixed(ErrorCode::timeout, "total")}});
  CHECK(broken.ask().end().error->code() == ErrorCode::timeout);
  // Such lines between events mean nothing.
  Bench bench;
  CHECK(bench.answer(200, chunk("a") + "colour: blue\n<p>\n\n" + kFinish, events).end().outcome ==
        Outcome::complete);
}

TEST_CASE("an error as bare JSON inside a stream is the provider's") {
  Bench bench;
  bench.answer(200, chunk("Half") + "{\"error\":{\"message\":\"slot failed\",\"code\":500}}\n",
               {{"content-type", "text/event-stream"}});
  CHECK(bench.log->text == "Half");
  CHECK(bench.log->end().error->code() == ErrorCode::provider_error);
  CHECK(std::string(bench.log->end().error->what()).find("slot failed") != std::string::npos);
}

TEST_CASE("a service at a base URL of the host's own may take 300 s to its first byte") {
  const auto limit = [](ProviderConfig config, std::optional<std::chrono::milliseconds> asked) {
    Bench bench;
    bench.config = std::move(config);
    bench.config.api_key = kKey;
    bench.request.timeouts.first_byte = asked;
    bench.http.answers.push_back({.pieces = {kFinish}});
    bench.ask();
    return bench.http.requests.at(0).timeouts.first_byte;
  };
  for (const std::string kind : {"openai", "anthropic"}) {
    CHECK_FALSE(limit({.url = kind + ":m"}, std::nullopt));
    CHECK(limit({.url = kind + ":m@http://localhost:8080/v1"}, std::nullopt) == 300s);
    CHECK(limit({.url = kind + ":m@http://localhost:8080/v1"}, 7s) == 7s);
    CHECK(limit({.url = kind + ":m"}, 7s) == 7s);
  }
}

TEST_CASE("a refusal is decided by the first 64 KiB of its body") {
  Bench bench;
  std::vector<std::string> pieces{R"({"error":{"message":"busy"}})"};
  for (int i = 0; i < 100; ++i) pieces.push_back(std::string(1024, ' '));
  bench.http.answers.push_back({.status = 429, .pieces = pieces, .endless = true});
  CHECK(bench.ask().end().error->code() == ErrorCode::rate_limited);
  CHECK(bench.http.stopped == 1);
}

TEST_CASE("the wait that a service asks for stands in the error's text") {
  const auto text = [](net::HttpFields headers) {
    return std::string(error_of(429, "{}", std::move(headers)).what());
  };
  CHECK(text({{"Retry-After", "30"}}).ends_with("; it asks to wait 30 s"));
  CHECK(text({{"Retry-After-Ms", "1200"}}).ends_with("; it asks to wait 2 s"));
  CHECK(text({}).find("wait") == std::string::npos);
}

TEST_CASE("a redirect is not followed and the key goes nowhere else") {
  Bench bench;
  bench.answer(302, "", {{"location", "https://evil.example/"}});
  CHECK(bench.http.requests.size() == 1);
}

TEST_CASE("a cut before any text fails, after some text truncates") {
  Bench before;
  before.http.answers.push_back(
      {.pieces = {},
       .end = {.error = Error::fixed(ErrorCode::network, "reset"), .got_head = true}});
  CHECK(before.ask().lines == std::vector<std::string>{"done failed raw= error=network"});
  Bench after;
  after.http.answers.push_back(
      {.pieces = {chunk("Half")},
       .end = {.error = Error::fixed(ErrorCode::timeout, "idle"), .got_head = true}});
  CHECK(after.ask().lines.back() == "done truncated raw= error=timeout");
  Bench clean;
  clean.http.answers.push_back({.pieces = {chunk("Half")}});
  CHECK(clean.ask().lines.back() == "done truncated raw= error=network");
  CHECK(clean.log->text == "Half");
}

TEST_CASE("half a whole answer is a cut where the connection's end is the body's") {
  for (const bool close_delimited : {true, false}) {
    Bench bench;
    bench.http.answers.push_back(
        {.headers = {{"content-type", "application/json"}},
         .pieces = {"{\"choices\":[{\"message\":{\"content\":\"Hal"},
         .end = {.complete = true, .got_head = true, .close_delimited = close_delimited}});
    CHECK(bench.ask().end().error->code() ==
          (close_delimited ? ErrorCode::network : ErrorCode::protocol));
  }
}

TEST_CASE("a stop request cancels, before and in mid-stream") {
  Bench early;
  early.stop.request_stop();
  early.http.answers.push_back({.pieces = {chunk("no")}, .endless = true});
  CHECK(early.ask().lines == std::vector<std::string>{"done cancelled raw= error=cancelled"});
  Bench middle;
  middle.http.answers.push_back({.pieces = {chunk("some"), chunk("more")}, .step = 10ms});
  middle.ask();
  middle.clock.advance(10ms);
  middle.drive();
  middle.clock.advance(10ms);
  middle.drive();
  CHECK(middle.log->text == "some");
  middle.stop.request_stop();
  middle.clock.advance(10ms);
  middle.drive();
  CHECK(middle.log->lines.back() == "done cancelled raw= error=cancelled");
  CHECK(middle.log->text == "some");
  CHECK(middle.http.stopped == 1);
}

TEST_CASE("a reply over max_bytes keeps its text up to the limit and ends the exchange") {
  Bench bench;
  bench.request.max_bytes = 9;
  bench.http.answers.push_back(
      {.pieces = {chunk("12345"), chunk("678\xC3\xA9"), chunk("more")}, .endless = true});
  ReplyLog& log = bench.ask();
  CHECK(log.text == "12345678");
  CHECK(log.lines.back() == "done truncated raw= error=too_large");
  CHECK(bench.http.stopped == 1);
}

TEST_CASE("an event over max_line_bytes is too_large") {
  Bench bench;
  bench.limits.max_line_bytes = 1000;
  bench.http.answers.push_back({.pieces = {"data: " + std::string(2000, 'x')}, .endless = true});
  CHECK(bench.ask().lines == std::vector<std::string>{"done failed raw= error=too_large"});
  CHECK(bench.http.stopped == 1);
}

TEST_CASE("the reply ends with its end mark, and what follows is drained, an endless rest is cut") {
  Bench calm;
  calm.http.answers.push_back({.pieces = {chunk("a") + kFinish, "data: junk\n\n"}});
  CHECK(calm.ask().ends.size() == 1);
  CHECK(calm.log->late == 0);
  CHECK(calm.http.stopped == 0);
  Bench endless;
  std::vector<std::string> pieces{chunk("a") + kFinish};
  for (int i = 0; i < 100; ++i) pieces.push_back(std::string(1024, 'x'));
  endless.http.answers.push_back({.pieces = pieces, .endless = true});
  CHECK(endless.ask().end().outcome == Outcome::complete);
  CHECK(endless.http.stopped == 1);
}

TEST_CASE("a request that cannot be written fails through the sink, after start returned") {
  Bench bench;
  bench.config.url = "openai";
  CHECK(bench.ask().lines == std::vector<std::string>{"done failed raw= error=invalid_argument"});
  CHECK(bench.http.requests.empty());
}

TEST_CASE("provider URLs: one grammar, and typos name what is allowed") {
  auto parts = [](std::string_view text) {
    const auto url = parse_provider_url(text);
    return url ? url->kind + "|" + url->model + "|" + url->base_url
               : "error " + std::string(url.error().what());
  };
  CHECK(parts("openai:gpt-4o") == "openai|gpt-4o|");
  CHECK(parts("openai") == "openai||");
  CHECK(parts("script:") == "script||");
  CHECK(parts("openai:llama3:8b@http://localhost:11434/v1/") ==
        "openai|llama3:8b|http://localhost:11434/v1");
  CHECK(parts("openai:org/m@v2") == "openai|org/m@v2|");
  CHECK(parts("openai:@https://h/v1") == "openai||https://h/v1");
  CHECK(parts("openai+http://localhost:8080/v1") == "openai||http://localhost:8080/v1");
  for (const char* wrong : {"", ":gpt", "OpenAI:gpt", "openai gpt", "openai+ftp://h",
                            "openai://h/v1", "openai:m@http://", "openai:m@http://u:p@h/",
                            "openai:m@http://h/?x=1", "openai:m@http://h h/", "https://h/v1"}) {
    CAPTURE(wrong);
    CHECK(parts(wrong).starts_with("error provider URL: "));
  }
  Bench bench;
  bench.config.url = "opnai:gpt-4o";
  const auto made = bench.registry.make(bench.config, {bench.http, bench.loop, bench.clock, {}});
  REQUIRE_FALSE(made);
  CHECK(std::string(made.error().what()) ==
        "provider kind \"opnai\" does not exist; use one of: anthropic, azure, cohere, fault, "
        "gemini, ollama, openai, "
        "openai_responses, script");
}

TEST_CASE("wrong options and missing keys are refused when the provider is made") {
  Bench bench;
  auto fault = [&](ProviderConfig config) {
    const auto made = bench.registry.make(config, {bench.http, bench.loop, bench.clock, {}});
    return made ? std::string("made") : std::string(made.error().what());
  };
  CHECK(fault({.url = "openai:m"}).find("OPENAI_API_KEY") != std::string::npos);
  CHECK(fault({.url = "anthropic:m"}).find("ANTHROPIC_API_KEY") != std::string::npos);
  CHECK(fault({.url = "openai+http://localhost/v1"}) == "made");
  CHECK(fault({.url = "openai:m", .api_key = "k", .options = R"({"usage":"maybe"})"})
            .find("\"request\" or \"never\"") != std::string::npos);
  CHECK(
      fault({.url = "openai:m", .api_key = "k", .options = R"({"usgae":"never"})"}).find("usgae") !=
      std::string::npos);
  CHECK(fault({.url = "openai:m", .api_key = "k", .options = "[]"}) != "made");
  CHECK(fault({.url = "openai:m", .base_url = "localhost:80", .api_key = "k"}) != "made");
  CHECK(bench.registry.key_names("openai")[0] == "OPENAI_API_KEY");
}

// Requests, addresses and the course of an exchange.
#include "base/json.hpp"
#include "provider_stage.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

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
  auto header = [&](std::string_view name) { return std::string(sent.header(name)); };
  CHECK(header("authorization") == "Bearer " + std::string(kKey));
  CHECK(header("openai-organization") == "org-7");
  CHECK(header("x-extra") == "1");
  CHECK(header("accept-encoding") == "identity");
}

TEST_CASE("query and body of the configuration and of the call go into every kind's request") {
  for (const char* kind :
       {"openai", "openai_responses", "azure", "anthropic", "gemini", "cohere", "ollama"}) {
    CAPTURE(kind);
    Bench bench;
    bench.config.url = std::string(kind) + ":m@http://localhost:9";
    bench.config.query = {{"team", "a b"}, {"tag", "mine"}};
    bench.config.body = R"({"top_k":40,"user":"me","temperature":null})";
    bench.request.temperature = 0.5;
    bench.request.extra = {
        .headers = {{"X-Call", "1"}}, .query = {{"tag", "call"}}, .body = R"({"user":"you"})"};
    bench.http.answers.push_back({.pieces = {chunk("hi") + kFinish}});
    bench.ask();
    REQUIRE(bench.http.requests.size() == 1);
    const auto& sent = bench.http.requests.at(0);
    CHECK(sent.url.reveal().find(kind == std::string_view("gemini") ||
                                         kind == std::string_view("azure")
                                     ? "&tag=call&team=a%20b"
                                     : "?tag=call&team=a%20b") != std::string::npos);
    CHECK(sent.body.find("\"top_k\":40") != std::string::npos);
    CHECK(sent.body.find("\"user\":\"you\"") != std::string::npos);
    CHECK_FALSE(parse_json(sent.body).value_or_throw().contains("temperature"));
    CHECK(sent.header("x-call") == "1");
  }
}

TEST_CASE("what the request itself says is not passed through beside it") {
  const auto refused = [](const PassThrough& extra, const char* url = "openai:m") {
    Bench bench;
    bench.config.url = url;
    bench.request.extra = extra;
    ReplyLog& log = bench.ask();
    CHECK(bench.http.requests.empty());
    REQUIRE(log.end().error);
    CHECK(log.end().error->code() == ErrorCode::invalid_argument);
    return std::string(log.end().error->pointer());
  };
  for (const char* name : {"model", "messages", "contents", "input", "stream"}) {
    const std::string body = std::string("{\"") + name + "\":1}";
    CHECK(refused({.body = body}) == std::string("/extra/body/") + name);
  }
  CHECK(refused({.query = {{"alt", "json"}}}, "gemini:m") == "/extra/query/alt");
  CHECK(refused({.query = {{"api-version", "1"}}}, "azure:m@https://r.openai.azure.com") ==
        "/extra/query/api-version");
  CHECK(refused({.query = {{"", "1"}}}) == "/extra/query/");
  CHECK(refused({.body = "[]"}) == "/extra/body");
}

TEST_CASE("a key in the query is in no error, also where the service repeats it") {
  Bench bench;
  bench.config.query = {{"api_key", "hunter2xyz"}};
  const ReplyLog& log =
      bench.answer(401, R"({"error":{"message":"the key hunter2xyz is unknown"}})");
  REQUIRE(log.end().error);
  CHECK(std::string(log.end().error->what()).find("hunter2xyz") == std::string::npos);
  CHECK(log.end().error->provider_message() == "the key *** is unknown");
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
  CHECK(bench.http.requests[0].header("authorization") == "Bearer " + std::string(kKey));
  // A server that refuses stream_options is not asked for usage.
  Bench silent;
  silent.config = bench.config;
  silent.config.options = R"({"usage":"never"})";
  silent.http.answers.push_back({.pieces = {chunk("hi") + kFinish}});
  CHECK(silent.ask().text == "hi");
  CHECK(silent.http.requests.at(0).body ==
        R"({"messages":[{"role":"user","content":"hello"}],"stream":true})");
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
  const net::HttpRequest& head = sent;
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
  CHECK(bench.ask().lines.at(0) == "start openai gpt-4o req_7");
  CHECK(bench.log->flushes == 1);
}

TEST_CASE("the call's id goes out as a header, in characters that a service takes") {
  const auto sent = [](std::string id) {
    Bench bench;
    bench.request.context.trace_id = std::move(id);
    bench.http.answers.push_back({.pieces = {kFinish}});
    CHECK(bench.ask().end().outcome == Outcome::complete);
    const net::HttpRequest& head = bench.http.requests.at(0);
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

TEST_CASE("a request of which no byte had left is told as one that was not asked") {
  for (const bool unsent : {true, false}) {
    Bench bench;
    auto answer = FakeAnswer::failing(Error::fixed(ErrorCode::cancelled, "cancelled"));
    answer.end.unsent = unsent;
    bench.http.answers.push_back(answer);
    const ReplyEnd end = bench.ask().end();
    CHECK(end.outcome == Outcome::cancelled);
    CHECK(end.unasked == unsent);
  }
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

#include <doctest/doctest.h>

#include "support/provider_bench.hpp"

using namespace scena;
using namespace scena::test;

namespace {

const std::string kGeminiAnswer =
    R"({"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP"}],)"
    R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}})";
const net::HttpFields kEvents = {{"content-type", "text/event-stream"}};

struct ToolBench : ProviderBench {
  ToolBench() : ProviderBench("gemini:gemini-2.5-flash") {
    request.tools.push_back(weather_tool());
  }
};

}  // namespace

TEST_CASE("gemini: address and key go where the service expects them") {
  ProviderBench bench("gemini:gemini-2.5-flash");
  bench.answer(200, "data: " + kGeminiAnswer + "\r\n\r\n", kEvents);
  CHECK(bench.log->text == "Hi");
  const auto& sent = bench.http.requests.at(0);
  CHECK(sent.url ==
        "https://generativelanguage.googleapis.com/v1beta/models/"
        "gemini-2.5-flash:streamGenerateContent?alt=sse");
  CHECK(bench.header("x-goog-api-key") == "key-1234567890");
  CHECK(bench.header("authorization").empty());
  CHECK(std::find(sent.secret_headers.begin(), sent.secret_headers.end(), "x-goog-api-key") !=
        sent.secret_headers.end());
}

TEST_CASE("gemini: a base with a version or a publisher keeps its own path") {
  const auto url_of = [](std::string url, std::string model, std::string options) {
    ProviderBench bench(std::move(url));
    bench.config.model = std::move(model);
    bench.config.options = std::move(options);
    bench.request.stream = false;
    bench.answer(200, kGeminiAnswer);
    CHECK(bench.log->end().outcome == Outcome::complete);
    return std::string(bench.http.requests.at(0).url.reveal()) + " " +
           bench.header("authorization") + bench.header("x-goog-api-key");
  };
  CHECK(url_of("gemini+http://localhost:9", "m", "") ==
        "http://localhost:9/v1beta/models/m:generateContent key-1234567890");
  CHECK(url_of("gemini+http://localhost:9/v1", "tunedModels/mine", "") ==
        "http://localhost:9/v1/tunedModels/mine:generateContent key-1234567890");
  const std::string vertex = "gemini+https://h/v1/projects/p/locations/l/publishers/google";
  CHECK(url_of(vertex, "m", "") ==
        "https://h/v1/projects/p/locations/l/publishers/google/models/m:generateContent Bearer "
        "key-1234567890");
  CHECK(url_of(vertex, "m", R"({"auth":"api_key"})").ends_with(" key-1234567890"));
  CHECK(url_of("gemini+http://h", "m", R"({"auth":"bearer"})").ends_with("Bearer key-1234567890"));
}

TEST_CASE("gemini: a request says everything that the service has room for") {
  ToolBench bench;
  bench.request.system = "Be \"brief\".";
  bench.request.messages = {
      {.role = PromptRole::assistant, .text = "Hello."},
      {.role = PromptRole::user,
       .text = "Look",
       .media = {{.media_type = "image/png", .bytes = "abc"},
                 {.kind = MediaPart::Kind::file,
                  .media_type = "application/pdf",
                  .url = "https://x.example/a.pdf"}}},
      {.role = PromptRole::assistant,
       .tool_calls = {{"call_0", "weather", R"({"city":"Oslo"})"},
                      {"fc_9", "weather", "{\"ci", false}}},
      {.role = PromptRole::tool, .text = "rain", .tool_call_id = "call_0"},
      {.role = PromptRole::tool, .text = R"({"sky":"blue"})", .tool_call_id = "fc_9"},
      {.role = PromptRole::system, .text = "Second rule."}};
  bench.request.tool_choice = {ToolChoice::Kind::named, "weather"};
  bench.request.temperature = 0.5;
  bench.request.top_p = 0.9;
  bench.request.max_tokens = 64;
  bench.request.stop = {"END"};
  bench.request.seed = 7;
  bench.request.json_schema = R"({"type":"object"})";
  bench.request.reasoning_effort = "medium";
  CHECK(
      bench.body() ==
      R"({"systemInstruction":{"parts":[{"text":"Be \"brief\"."},{"text":"Second rule."}]},)"
      R"x("contents":[{"role":"user","parts":[{"text":"(The conversation begins.)"}]},)x"
      R"({"role":"model","parts":[{"text":"Hello."}]},)"
      R"({"role":"user","parts":[{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"YWJj"}},)"
      R"({"fileData":{"mimeType":"application/pdf","fileUri":"https://x.example/a.pdf"}}]},)"
      R"({"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}}},)"
      R"({"functionCall":{"id":"fc_9","name":"weather","args":{"unreadable":"{\"ci"}}}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"result":"rain"}}},)"
      R"({"functionResponse":{"id":"fc_9","name":"weather","response":{"sky":"blue"}}}]}],)"
      R"("tools":[{"functionDeclarations":[{"name":"weather","description":"The weather of a city.",)"
      R"("parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}}}]}],)"
      R"("toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["weather"]}},)"
      R"("generationConfig":{"temperature":0.5,"topP":0.9,"maxOutputTokens":64,"stopSequences":["END"],)"
      R"("seed":7,"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},)"
      R"("thinkingConfig":{"includeThoughts":true,"thinkingBudget":8192}}})");
}

TEST_CASE("gemini: newer models think at levels, older ones are not asked to") {
  ProviderBench bench("gemini:gemini-3-pro-preview");
  bench.request.reasoning_effort = "low";
  CHECK(bench.body().find(R"("thinkingLevel":"LOW")") != std::string::npos);
  bench.request.model = "gemini-2.0-flash";
  CHECK(bench.body().find("thinking") == std::string::npos);
  bench.answer(200, "data: " + kGeminiAnswer + "\n\n", kEvents);
  CHECK(bench.log->lines.at(1) == "warning unsupported_setting");
  bench.request.refuse_unsupported = true;
  CHECK(bench.body() == "unsupported /reasoning_effort");
}

TEST_CASE("gemini: signatures go back on the parts that they came with") {
  ProviderBench bench("gemini:gemini-3-pro-preview");
  bench.answer(
      200,
      R"([{"candidates":[{"content":{"parts":[{"text":"One "},{"text":"two","thoughtSignature":"QQ=="}]}}]},)"
      R"({"candidates":[{"content":{"parts":[{"text":" three"},)"
      R"({"functionCall":{"args":{"city":"Oslo"},"name":"weather"},"thoughtSignature":"Qg=="},)"
      R"({"functionCall":{"name":"clock"}},{"text":"","thoughtSignature":"Qw=="}]},"finishReason":"STOP"}]}])");
  ReplyLog& log = *bench.log;
  CHECK(log.end().reason == FinishReason::tool_calls);
  REQUIRE(log.calls.size() == 2);
  const auto sent = [&](std::string text) {
    PromptMessage reply{.role = PromptRole::assistant, .text = std::move(text)};
    reply.tool_calls = log.calls;
    reply.state = log.state;
    bench.request.messages = {{.role = PromptRole::user, .text = "hello"}, reply};
    return bench.body();
  };
  CHECK(
      sent(log.text).find(
          R"("parts":[{"text":"One "},{"text":"two","thoughtSignature":"QQ=="},{"text":" three"},)"
          R"({"text":"","thoughtSignature":"Qw=="},)"
          R"({"functionCall":{"args":{"city":"Oslo"},"name":"weather"},"thoughtSignature":"Qg=="},)"
          R"({"functionCall":{"name":"clock","args":{}}}])") != std::string::npos);
  // A text that was changed since is not cut where the signed ones stood, and loses none of them.
  for (const char* other : {"Something else", "One 2 three", "One two three."}) {
    CAPTURE(other);
    CHECK(sent(other).find(R"("parts":[{"text":")" + std::string(other) +
                           R"(","thoughtSignature":"QQ=="},{"text":"","thoughtSignature":"Qw=="},)"
                           R"({"functionCall")") != std::string::npos);
  }
}

TEST_CASE("gemini: a result has an id only where its call is written with one") {
  ProviderBench bench("gemini:gemini-3-pro-preview");
  // Ids of the library's own making, as a session tells them apart, and the service's; signed calls
  // go back as they came.
  PromptMessage asked{.role = PromptRole::assistant};
  asked.tool_calls = {{"call_0", "weather", "{}"},
                      {"call_0-2", "weather", "{}"},
                      {"fc_9", "weather", "{}"},
                      {"fc_9-2", "weather", "{}"}};
  asked.state =
      R"([{"call":1,"part":{"functionCall":{"name":"weather","args":{}},"thoughtSignature":"Qg=="}},)"
      R"({"call":3,"part":{"functionCall":{"id":"fc_9","name":"weather"},"thoughtSignature":"Qw=="}}])";
  bench.request.messages = {{.role = PromptRole::user, .text = "hello"}, asked};
  for (const char* id : {"call_0", "call_0-2", "fc_9", "fc_9-2"})
    bench.request.messages.push_back(
        {.role = PromptRole::tool, .text = "rain", .tool_call_id = id});
  const std::string result = R"("name":"weather","response":{"result":"rain"}}})";
  const std::string plain = R"({"functionResponse":{)" + result;
  const std::string named = R"({"functionResponse":{"id":"fc_9",)" + result;
  CHECK(bench.body().find("[" + plain + "," + plain + "," + named + "," + named + "]") !=
        std::string::npos);
}

TEST_CASE("gemini: what the service would refuse is refused before a byte is sent") {
  ToolBench bench;
  bench.request.tools[0].name = "9lives";
  CHECK(bench.body() == "invalid_argument /tools");
  bench.request.tools[0].name = "no spaces";
  CHECK(bench.body() == "invalid_argument /tools/0/name");
  bench.request.tools[0] = weather_tool();
  bench.request.tools[0].parameters = "[]";
  CHECK(bench.body() == "invalid_argument /tools/0/parameters");
  bench.request.tools[0] = weather_tool();
  bench.request.tool_choice = {ToolChoice::Kind::named, "clock"};
  CHECK(bench.body() == "invalid_argument /tool_choice/name");
  bench.request.tool_choice = {};
  bench.request.stop = {"1", "2", "3", "4", "5", "6"};
  CHECK(bench.body() == "invalid_argument /stop");
  bench.request.stop.clear();
  bench.request.model = "../secrets";
  CHECK(bench.body() == "invalid_argument /model");
  bench.request.model.clear();
  bench.request.messages.push_back({.role = PromptRole::tool, .text = "x", .tool_call_id = "none"});
  CHECK(bench.body() == "invalid_argument /messages");
  CHECK(ProviderBench("gemini:").body() == "invalid_argument /model");
  CHECK_FALSE(ProviderBench("gemini:m", "").make());
  ProviderBench wrong("gemini:m");
  wrong.config.options = R"({"auth":"password"})";
  CHECK_FALSE(wrong.make());
}

TEST_CASE("gemini: elements of an array arrive before the array is whole") {
  ProviderBench bench("gemini:m");
  bench.http.answers.push_back(
      {.headers = kJsonType,
       .pieces = {"\n[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"So far\"}]}}]}\n"},
       .end = {.error = Error::fixed(ErrorCode::network, "reset"), .got_head = true}});
  ReplyLog& log = bench.ask();
  CHECK(log.text == "So far");
  CHECK(log.end().outcome == Outcome::truncated);
}

TEST_CASE("gemini: a finish reason makes a reply whole only when the body ends in order") {
  const std::string chunk =
      R"(data: {"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})";
  const auto outcome_of = [&](net::HttpEnd end) {
    ProviderBench bench("gemini:m");
    bench.http.answers.push_back(
        {.headers = kEvents, .pieces = {chunk + "\n\n"}, .end = std::move(end)});
    return bench.ask().end().outcome;
  };
  CHECK(outcome_of({.complete = true, .got_head = true}) == Outcome::complete);
  CHECK(outcome_of({.error = Error::fixed(ErrorCode::network, "reset"), .got_head = true}) ==
        Outcome::truncated);
}

TEST_CASE("gemini: finish reasons by number say what their words do") {
  const std::pair<int, FinishReason> kNumbers[] = {
      {1, FinishReason::stop},           {2, FinishReason::length},
      {3, FinishReason::content_filter}, {4, FinishReason::content_filter},
      {5, FinishReason::other},          {7, FinishReason::content_filter},
      {8, FinishReason::content_filter}};
  for (const auto& row : kNumbers) {
    CAPTURE(row.first);
    ProviderBench bench("gemini:m");
    bench.request.stream = false;
    const ReplyEnd end =
        bench
            .answer(200, R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":)" +
                             std::to_string(row.first) + "}]}")
            .end();
    CHECK(end.outcome == Outcome::complete);
    CHECK(end.reason == row.second);
  }
}

TEST_CASE("gemini: usage alone, or an empty list, is no reply") {
  for (const char* body : {R"({"usageMetadata":{"promptTokenCount":3}})", "[]", "{}"}) {
    ProviderBench bench("gemini:m");
    bench.request.stream = false;
    CHECK(bench.answer(200, body).end().outcome == Outcome::failed);
  }
}

TEST_CASE("gemini: a refusal tells its delay in the body, and a quota of the day is final") {
  const auto refusal = [](std::string details) {
    ProviderBench bench("gemini:m");
    return *bench
                .answer(429, R"([{"error":{"code":429,"message":"Quota exceeded.","status":)"
                             R"("RESOURCE_EXHAUSTED","details":[)" +
                                 details + "]}}]")
                .end()
                .error;
  };
  // Also as the protocol buffers name the members.
  const std::pair<std::string, std::string> kNames[] = {{"retryDelay", "quotaId"},
                                                        {"retry_delay", "quota_id"}};
  for (const auto& [delay, quota] : kNames) {
    const std::string wait =
        R"({"@type":"type.googleapis.com/google.rpc.RetryInfo",")" + delay + R"(":"38.5s"})";
    const Error minute = refusal(wait);
    CHECK(minute.code() == ErrorCode::rate_limited);
    CHECK(minute.retry_after() == std::chrono::milliseconds(38'500));
    CHECK(minute.provider_message() == "Quota exceeded.");
    const Error day =
        refusal(R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{")" +
                quota + R"(":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},)" + wait);
    CHECK(day.code() == ErrorCode::quota_exhausted);
  }
}

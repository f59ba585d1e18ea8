#include <doctest/doctest.h>

#include "support/provider_bench.hpp"

using namespace scena;
using namespace scena::test;

namespace {

const net::HttpFields kLines = {{"content-type", "application/x-ndjson"}};
const std::string kLine =
    R"({"model":"m","message":{"role":"assistant","content":"Hi"},"done":false})";
const std::string kDone =
    R"({"model":"m","message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":30,"eval_count":2})";

}  // namespace

TEST_CASE("ollama: lines are read as such under every content type that servers send") {
  for (const char* type :
       {"application/x-ndjson", "application/json; charset=utf-8", "application/jsonl", ""}) {
    CAPTURE(type);
    ProviderBench bench("ollama:m", "");
    bench.answer(200, kLine + "\n" + kDone + "\n", {{"content-type", type}});
    CHECK(bench.log->text == "Hi");
    CHECK(bench.log->end().outcome == Outcome::complete);
    CHECK(bench.http.requests.at(0).url == "http://localhost:11434/api/chat");
    CHECK(bench.header("authorization").empty());
    CHECK(bench.http.requests.at(0).timeouts.first_byte == std::chrono::seconds(300));
  }
}

TEST_CASE("ollama: one document over several lines is a whole answer, half of it is no reply") {
  const std::string pretty =
      "{\n \"model\": \"m\",\n \"message\": {\n  \"content\": \"Hi\"\n },\n \"done\": true\n}\n";
  for (const bool stream : {true, false}) {
    ProviderBench bench("ollama:m");
    bench.request.stream = stream;
    CHECK(bench.answer(200, pretty).end().outcome == Outcome::complete);
    CHECK(bench.log->text == "Hi");
  }
  ProviderBench cut("ollama:m");
  CHECK(cut.answer(200, pretty.substr(0, 40)).end().error->code() == ErrorCode::protocol);
  ProviderBench words("ollama:m");
  CHECK(words.answer(200, "upstream\nis away\n").end().error->code() == ErrorCode::protocol);
}

TEST_CASE("ollama: a request says everything that the service has room for") {
  ProviderBench bench("ollama:llama3.2@http://gpu:9/api", "cloud-key");
  bench.config.options = R"({"num_ctx":4096,"keep_alive":"5m"})";
  bench.request.system = "Be brief.";
  bench.request.tools = {weather_tool()};
  bench.request.messages = {
      {.role = PromptRole::user,
       .text = "Look",
       .media = {{.media_type = "image/png", .bytes = "abc"}}},
      {.role = PromptRole::assistant, .tool_calls = {{"call_0", "weather", R"({"city":"Oslo"})"}}},
      {.role = PromptRole::tool, .text = "rain", .tool_call_id = "call_0"}};
  bench.request.temperature = 0.5;
  bench.request.top_p = 0.9;
  bench.request.max_tokens = 64;
  bench.request.seed = 7;
  bench.request.stop = {"END"};
  bench.request.json_schema = R"({"type":"object"})";
  bench.request.reasoning_effort = "high";
  CHECK(
      bench.body() ==
      R"({"model":"llama3.2","messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"user","content":"Look","images":["YWJj"]},)"
      R"({"role":"assistant","content":"","tool_calls":[{"id":"call_0","function":{"name":"weather","arguments":{"city":"Oslo"}}}]},)"
      R"({"role":"tool","content":"rain","tool_call_id":"call_0","tool_name":"weather"}],"stream":true,)"
      R"("tools":[{"type":"function","function":{"name":"weather","description":"The weather of a city.",)"
      R"("parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],"format":{"type":"object"},)"
      R"("options":{"num_ctx":4096,"temperature":0.5,"top_p":0.9,"num_predict":64,"seed":7,"stop":["END"]},)"
      R"("think":true,"keep_alive":"5m"})");
  bench.answer(200, kDone, kLines);
  CHECK(bench.http.requests.at(0).url == "http://gpu:9/api/chat");
  CHECK(bench.header("authorization") == "Bearer cloud-key");
}

TEST_CASE("ollama: the size of the context is always sent, and thinking in the model's own form") {
  ProviderBench bench("ollama:gpt-oss:20b");
  CHECK(bench.body().find(R"("options":{"num_ctx":16384})") != std::string::npos);
  CHECK(bench.body().find("think") == std::string::npos);
  bench.request.reasoning_effort = "minimal";
  CHECK(bench.body().find(R"("think":"low")") != std::string::npos);
  bench.request.model = "qwen3";
  CHECK(bench.body().find(R"("think":false)") != std::string::npos);
}

TEST_CASE("ollama: a prompt that the server cut is told") {
  const auto warnings = [](std::int64_t expected) {
    ProviderBench bench("ollama:m");
    bench.request.context.prompt_tokens = expected;
    const auto& lines = bench.answer(200, kLine + "\n" + kDone, kLines).lines;
    return std::count(lines.begin(), lines.end(), "warning prompt_truncated");
  };
  CHECK(warnings(41) == 1);
  CHECK(warnings(39) == 0);
  CHECK(warnings(0) == 0);
}

TEST_CASE("ollama: bad input is refused before a byte is sent, and what it lacks is told") {
  ProviderBench bench("ollama:m");
  bench.request.messages[0].media = {{.media_type = "image/png", .url = "https://x.example/a.png"}};
  CHECK(bench.body() == "invalid_argument /messages/0/media");
  bench.request.messages[0].media.clear();
  bench.request.tools = {weather_tool()};
  bench.request.tool_choice.kind = ToolChoice::Kind::required;
  bench.request.refuse_unsupported = true;
  CHECK(bench.body() == "unsupported /tool_choice");
  bench.request.tool_choice.kind = ToolChoice::Kind::none;
  CHECK(bench.body().find("tools") == std::string::npos);
  for (const char* options : {R"({"num_ctx":1})", R"({"keep_alive":[]})", R"({"ctx":1})", "[]"}) {
    ProviderBench wrong("ollama:m");
    wrong.config.options = options;
    CHECK_FALSE(wrong.make());
  }
}

TEST_CASE("ollama: an error keeps the server's words, with a status and in a line") {
  ProviderBench bench("ollama:m");
  const auto& end = bench.answer(404, R"({"error":"model \"m\" not found"})").end();
  CHECK(end.error->code() == ErrorCode::not_found);
  CHECK(end.error->provider_message() == "model \"m\" not found");
  ProviderBench late("ollama:m");
  CHECK(late.answer(200, kLine + "\n{\"error\":\"out of memory\"}\n", kLines)
            .end()
            .error->provider_message() == "out of memory");
  CHECK(late.log->end().outcome == Outcome::failed);
}

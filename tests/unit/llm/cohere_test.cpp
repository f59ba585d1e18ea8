#include <doctest/doctest.h>

#include "support/provider_bench.hpp"

using namespace scena;
using namespace scena::test;

namespace {

const std::string kCohereAnswer =
    R"({"id":"c1","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"I look.",)"
    R"("content":[{"type":"thinking","thinking":"Hm."},{"type":"text","text":"Wait."}],)"
    R"("tool_calls":[{"id":"w1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}],)"
    R"("citations":[{"start":0,"end":4,"text":"Wait","sources":[]}]},)"
    R"("usage":{"billed_units":{"input_tokens":5,"output_tokens":9},"tokens":{"input_tokens":71,"output_tokens":10}}})";

}  // namespace

TEST_CASE("cohere: a whole answer gives what a stream gives") {
  ProviderBench bench("cohere:command-a-03-2025");
  bench.request.stream = false;
  ReplyLog& log = bench.answer(200, kCohereAnswer);
  CHECK(bench.http.requests.at(0).url == "https://api.cohere.com/v2/chat");
  CHECK(bench.header("authorization") == "Bearer key-1234567890");
  CHECK(log.text == "Wait.");
  CHECK(log.reasoning == "I look.Hm.");
  REQUIRE(log.calls.size() == 1);
  CHECK(log.calls[0] == ToolCall{"w1", "weather", R"({"city":"Oslo"})"});
  CHECK(log.state == R"({"tool_plan":"I look."})");
  CHECK(log.usage.input_tokens == 71);
  CHECK(log.usage.billed_input_tokens == 5);
  CHECK(log.usage.billed_output_tokens == 9);
  CHECK(log.end().reason == FinishReason::tool_calls);
}

TEST_CASE("cohere: arguments that the token limit cut from a whole answer are no empty object") {
  for (const std::string cut : {"", R"({\"city\":)"}) {
    ProviderBench bench("cohere:command-a-03-2025");
    bench.request.stream = false;
    const ReplyLog& log =
        bench.answer(200, R"({"id":"c1","finish_reason":"MAX_TOKENS","message":{"tool_calls":[)"
                          R"({"id":"w1","function":{"name":"clock","arguments":""}},)"
                          R"({"id":"w2","function":{"name":"weather","arguments":")" +
                              cut + R"("}}]}})");
    REQUIRE(log.calls.size() == 2);
    CHECK(log.calls[0] == ToolCall{"w1", "clock", "{}"});
    CHECK_FALSE(log.calls[1].valid);
    CHECK(log.calls[1].arguments == (cut.empty() ? "" : R"({"city":)"));
  }
}

TEST_CASE("cohere: a request says everything that the service has room for") {
  ProviderBench bench("cohere:command-a-vision-07-2025@http://localhost:9/v2");
  bench.request.system = "Be brief.";
  bench.request.tools = {weather_tool(), {.name = "clock", .strict = true}};
  bench.request.messages = {
      {.role = PromptRole::user,
       .text = "Look",
       .media = {{.media_type = "image/png", .bytes = "abc"}}},
      {.role = PromptRole::assistant,
       .tool_calls = {{"w1", "weather", R"({"city":"Oslo"})"}},
       .state = R"({"tool_plan":"I look."})"},
      {.role = PromptRole::tool, .text = "no net", .tool_call_id = "w1", .tool_failed = true}};
  bench.request.tool_choice = {ToolChoice::Kind::named, "clock"};
  bench.request.temperature = 0.5;
  bench.request.top_p = 0.9;
  bench.request.max_tokens = 64;
  bench.request.seed = 7;
  bench.request.stop = {"END"};
  bench.request.json_schema = R"({"type":"object"})";
  CHECK(
      bench.body() ==
      R"({"model":"command-a-vision-07-2025","messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"user","content":[{"type":"text","text":"Look"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,YWJj"}}]},)"
      R"({"role":"assistant","tool_plan":"I look.","tool_calls":[{"id":"w1","type":"function",)"
      R"("function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"w1","content":"Error: no net"}],"stream":true,)"
      R"("tools":[{"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}],)"
      R"("strict_tools":true,"tool_choice":"REQUIRED","temperature":0.5,"p":0.9,"max_tokens":64,"seed":7,)"
      R"("stop_sequences":["END"],)"
      R"("response_format":{"type":"json_object","json_schema":{"type":"object"}}})");
  bench.answer(200, kCohereAnswer);
  CHECK(bench.http.requests.at(0).url == "http://localhost:9/v2/chat");
  ProviderBench thinker("cohere:command-a-reasoning-08-2025");
  thinker.request.reasoning_effort = "low";
  CHECK(thinker.body().ends_with(R"("thinking":{"type":"enabled","token_budget":1024}})"));
  thinker.request.reasoning_effort = "none";
  CHECK(thinker.body().ends_with(R"("thinking":{"type":"disabled"}})"));
}

TEST_CASE("cohere: what the service does not take is told, or refused when asked to") {
  ProviderBench bench("cohere:command-r");
  bench.request.tools = {weather_tool()};
  bench.request.parallel_tools = false;
  bench.request.reasoning_effort = "high";
  ReplyLog& log = bench.answer(200, kCohereAnswer);
  CHECK(std::count(log.lines.begin(), log.lines.end(), "warning unsupported_setting") == 2);
  CHECK(bench.http.requests.at(0).body.find("thinking") == std::string::npos);
  bench.request.refuse_unsupported = true;
  CHECK(bench.body() == "unsupported /reasoning_effort");
}

TEST_CASE("cohere: bad input is refused before a byte is sent") {
  ProviderBench bench("cohere:command-r");
  bench.request.messages[0].media = {
      {.kind = MediaPart::Kind::audio, .media_type = "audio/wav", .bytes = "x"}};
  bench.request.refuse_unsupported = true;
  CHECK(bench.body() == "unsupported /audio");
  bench.request.messages[0].media.clear();
  bench.request.stop = {"1", "2", "3", "4", "5", "6"};
  CHECK(bench.body() == "invalid_argument /stop");
  bench.request.stop.clear();
  bench.request.top_p = 1.5;
  CHECK(bench.body() == "invalid_argument /top_p");
  CHECK(ProviderBench("cohere:").body() == "invalid_argument /model");
  CHECK_FALSE(ProviderBench("cohere:m", "").make());
  ProviderBench wrong("cohere:m");
  wrong.config.options = R"({"k":1})";
  CHECK_FALSE(wrong.make());
}

TEST_CASE("cohere: error bodies keep the service's words") {
  ProviderBench bench("cohere:m");
  const auto& end = bench.answer(401, R"({"message":"invalid api token","id":"1"})").end();
  REQUIRE(end.error);
  CHECK(end.error->code() == ErrorCode::unauthenticated);
  CHECK(end.error->provider_message() == "invalid api token");
  ProviderBench whole("cohere:m");
  CHECK(
      whole.answer(200, R"({"message":"internal server error"})").end().error->provider_message() ==
      "internal server error");
}

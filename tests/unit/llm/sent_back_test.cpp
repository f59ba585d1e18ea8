// What goes back to a service of earlier replies: calls under ids that it takes, their results, and
// what it gave to be sent back.
#include <algorithm>
#include <map>

#include "request_stage.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;

namespace {

// Calls and results of a body, whatever its wire format.
struct CallsOf {
  std::vector<std::string> ids, results;
  std::vector<Json> arguments;

  explicit CallsOf(const Json& body) { read(body); }

  void read(const Json& json) {
    if (json.is_array()) {
      for (const Json& one : json) read(one);
    }
    if (!json.is_object()) return;
    const std::string type = json.value("type", "");
    if (json.contains("tool_use_id")) results.push_back(json["tool_use_id"]);
    if (json.contains("tool_call_id")) results.push_back(json["tool_call_id"]);
    if (type == "function_call_output") results.push_back(json["call_id"]);
    if (type == "function_call") take(json["call_id"], json["arguments"]);
    if (type == "tool_use") take(json["id"], json["input"]);
    if (json.contains("id") && json.contains("function"))
      take(json["id"], json["function"]["arguments"]);
    if (json.contains("functionCall"))
      take(json["functionCall"].value("id", ""), json["functionCall"]["args"]);
    if (json.contains("functionResponse"))
      results.push_back(json["functionResponse"].value("id", ""));
    for (const auto& [name, member] : json.items()) read(member);
  }
  void take(const std::string& id, const Json& value) {
    ids.push_back(id);
    const auto parsed =
        value.is_string() ? parse_json(value.get<std::string>()) : Result<Json>(value);
    REQUIRE(parsed);
    arguments.push_back(*parsed);
  }
};

// A conversation whose calls have these ids, one a turn, each with its result.
std::vector<PromptMessage> calls_of_turns(const std::vector<std::string>& ids) {
  std::vector<PromptMessage> messages;
  for (const auto& id : ids) {
    messages.push_back({.role = PromptRole::user, .text = "How many?"});
    messages.push_back(
        {.role = PromptRole::assistant, .tool_calls = {{id, "stock", R"({"title":"A"})"}}});
    messages.push_back(
        {.role = PromptRole::tool, .text = "3", .name = "stock", .tool_call_id = id});
    messages.push_back({.role = PromptRole::assistant, .text = "Three."});
  }
  messages.push_back({.role = PromptRole::user, .text = "Sure?"});
  return messages;
}

}  // namespace

TEST_CASE("what stands in the arguments of a past call, every service gets one JSON object") {
  const std::map<std::string, Json> sent = {
      {"", Json::object()},
      {"  ", Json::object()},
      {R"({"a":1})", {{"a", 1}}},
      {"{bad", {{"unreadable", "{bad"}}},
      {"1", {{"unreadable", "1"}}},
      {"[1]", {{"unreadable", "[1]"}}},
      {R"({},"model":"other")", {{"unreadable", R"({},"model":"other")"}}},
      {R"({}}],"tools":[{"x":{})", {{"unreadable", R"({}}],"tools":[{"x":{})"}}},
      {"{\"a\":\"\xC3\"}", {{"unreadable", "{\"a\":\"\xEF\xBF\xBD\"}"}}}};
  for (const auto& url : kWriters) {
    CAPTURE(url);
    for (const auto& entry : sent) {
      CAPTURE(entry.first);
      Asked asked(url);
      asked.request.messages = calls_of_turns({"c1"});
      asked.request.messages[1].tool_calls[0].arguments = entry.first;
      const Json body = asked.body();
      const CallsOf calls(body);
      REQUIRE(calls.arguments.size() == 1);
      CHECK(calls.arguments[0] == entry.second);
      CHECK_FALSE(body.contains("tools"));
      if (body.contains("model")) CHECK(body["model"] == url.substr(url.find(':') + 1));
      // What a service could not read itself is told in the same way.
      asked.request.messages[1].tool_calls[0].valid = false;
      CHECK(CallsOf(asked.body()).arguments.at(0).contains("unreadable"));
    }
  }
}

TEST_CASE("ids of calls are such as the service takes, each once, and results follow their calls") {
  const std::vector<std::string> ids = {
      "functions.stock:0", "functions.stock:0",  "toolu_1", "call_0", "call_0", "functions_stock_0",
      "Abc123xyZ",         std::string(60, 'x'), "\xC3\xA4"};
  const auto written = [&](const std::string& url, const std::string& options = "") {
    Asked asked(url);
    asked.config.options = options;
    asked.request.messages = calls_of_turns(ids);
    const CallsOf calls(asked.body());
    REQUIRE(calls.ids.size() == ids.size());
    CHECK(calls.results == calls.ids);
    std::vector<std::string> sorted = calls.ids;
    std::erase(sorted, "");  // of Gemini's own calls, which have none
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
    return calls.ids;
  };
  const auto are = [](const std::vector<std::string>& all, auto&& fit) {
    return std::all_of(all.begin(), all.end(), [&](const std::string& id) {
      return !id.empty() && std::all_of(id.begin(), id.end(), fit);
    });
  };
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  for (const auto& url : kWriters) {
    CAPTURE(url);
    const auto all = written(url);
    CHECK(all[2] == "toolu_1");  // fit, and nobody else's
    CHECK(all[5] == "functions_stock_0");
  }
  const auto anthropic = written("anthropic:claude-sonnet-4-5");
  CHECK(are(anthropic, [&](char c) { return alphanumeric(c) || c == '_' || c == '-'; }));
  CHECK(anthropic[0] == "functions_stock_0-2");  // whose own name a fit one has
  CHECK(anthropic[3] == "call_0");
  CHECK(anthropic[4] == "call_0-2");
  const auto mistral = written("openai:mistral-large-latest", R"({"dialect":"mistral"})");
  CHECK(are(mistral, alphanumeric));
  for (const auto& id : mistral) CHECK(id.size() == 9);
  CHECK(mistral[6] == "Abc123xyZ");
  CHECK(written("openai:m", R"({"call_ids":"nine"})") == mistral);
  for (const auto& id : written("openai:gpt-4o")) CHECK(id.size() <= 40);
  CHECK(written("gemini:gemini-2.5-flash")[4].empty());  // made here
}

TEST_CASE("calls of one message that share an id are told apart, as are their results") {
  Asked asked("anthropic:claude-sonnet-4-5");
  asked.request.messages = {
      {.role = PromptRole::user, .text = "How many?"},
      {.role = PromptRole::assistant, .tool_calls = {{"c1", "stock", "{}"}, {"c1", "stock", "{}"}}},
      {.role = PromptRole::tool, .text = "3", .tool_call_id = "c1"},
      {.role = PromptRole::tool, .text = "4", .tool_call_id = "c1"}};
  const CallsOf calls(asked.body());
  CHECK(calls.ids == std::vector<std::string>{"c1", "c1-2"});
  CHECK(calls.results == calls.ids);
  // What was said before does not change when a conversation goes on.
  auto more = asked.request.messages;
  more.insert(more.end(), asked.request.messages.begin(), asked.request.messages.end());
  asked.request.messages = more;
  CHECK(CallsOf(asked.body()).ids == std::vector<std::string>{"c1", "c1-2", "c1-3", "c1-4"});
}

TEST_CASE("what came beside a call or orders it goes back where the call's id is another one now") {
  Asked asked("openai:gemini-3-pro-preview");
  asked.config.options = R"({"dialect":"gemini"})";
  asked.request.messages = calls_of_turns({"f1", "f1"});
  asked.request.messages[1].state = R"({"extra_content":{"f1":{"google":{"n":1}}}})";
  asked.request.messages[5].state = R"({"extra_content":{"f1":{"google":{"n":2}}}})";
  const Json body = asked.body();
  std::vector<int> extras;
  for (const Json& message : body["messages"]) {
    if (!message.contains("tool_calls")) continue;
    const Json& call = message["tool_calls"][0];
    REQUIRE(call.contains("extra_content"));
    extras.push_back(call["extra_content"]["google"]["n"]);
  }
  CHECK(extras == std::vector<int>{1, 2});
  Asked responses("openai_responses:gpt-5");
  responses.request.messages = calls_of_turns({"f1", "f1"});
  responses.request.messages[5].text = "I look.";
  responses.request.messages[5].state =
      R"([{"type":"reasoning","id":"r"},{"type":"function_call","call_id":"f1"},{"type":"message"}])";
  const Json input = responses.body()["input"];
  CHECK(input[5]["type"] == "reasoning");
  CHECK(input[6]["call_id"] == "f1-2");
  CHECK(input[7]["content"] == "I look.");
}

TEST_CASE("what came beside a tool call goes back beside it, where the dialect says so") {
  Asked asked("openai:gemini-2.5-flash");
  asked.config.options = R"({"dialect":"gemini"})";
  PromptMessage calls{PromptRole::assistant, "", ""};
  calls.tool_calls = {{"a", "weather", "{}", true}, {"b", "weather", "{}", true}};
  calls.state = R"({"extra_content":{"a":{"google":{"thought_signature":"c2ln"}}}})";
  PromptMessage one{PromptRole::tool, "mild", ""}, two{PromptRole::tool, "wet", ""};
  one.tool_call_id = "a";
  two.tool_call_id = "b";
  asked.request.messages = {{PromptRole::user, "Where?", ""}, calls, one, two};
  const Json message = asked.body()["messages"][1];
  CHECK(message["tool_calls"][0]["extra_content"]["google"]["thought_signature"] == "c2ln");
  CHECK_FALSE(message["tool_calls"][1].contains("extra_content"));
  CHECK_FALSE(message.contains("extra_content"));
  asked.config.options = R"({"dialect":"groq"})";
  CHECK_FALSE(asked.body()["messages"][1]["tool_calls"][0].contains("extra_content"));
}

TEST_CASE("reasoning without a signature goes back with a call's result where nobody signs") {
  const auto state = [](const char* url, const std::string& more) {
    Asked asked(url);
    asked.send(R"({"type":"message","content":[{"type":"thinking","thinking":"A \"b\""})" + more +
               R"(],"stop_reason":"end_turn"})");
    CHECK(asked.log->end().outcome == Outcome::complete);
    return asked.log->state;
  };
  const std::string call = R"(,{"type":"tool_use","id":"t1","name":"f","input":{}})";
  CHECK(state("anthropic:m@http://localhost:9/anthropic", call) ==
        R"([{"type":"thinking","thinking":"A \"b\""}])");
  CHECK(state("anthropic:m@http://localhost:9/anthropic", "").empty());
  CHECK(state("anthropic:m", call).empty());
  // Where it is too large to go back, the reply is what it is without.
  const std::string large =
      R"(,{"type":"thinking","thinking":")" + std::string(1u << 20, 'x') + R"("})";
  CHECK(state("anthropic:m@http://localhost:9/anthropic", large + call).empty());
  const std::string signed_one = R"(,{"type":"thinking","thinking":"C","signature":"s"})";
  CHECK(state("anthropic:m@http://localhost:9/anthropic", large + signed_one + call) ==
        R"([{"type":"thinking","thinking":"C","signature":"s"}])");
}

TEST_CASE("what one provider gave to be sent back goes to no other") {
  const std::string states[] = {
      R"([{"type":"thinking","thinking":"a","signature":"secret"}])",
      R"([{"type":"reasoning","summary":[],"encrypted_content":"secret"}])",
      R"({"reasoning_content":"secret"})", "no JSON"};
  const char* urls[] = {"anthropic:claude-sonnet-4-5", "openai_responses:gpt-5",
                        "openai:m@https://api.deepseek.com"};
  for (int given = 0; given < 4; ++given) {
    for (int asked_one = 0; asked_one < 3; ++asked_one) {
      CAPTURE(given);
      CAPTURE(asked_one);
      Asked asked(urls[asked_one]);
      asked.request.messages.push_back({PromptRole::assistant, "Yes", ""});
      asked.request.messages.back().state = states[given];
      const std::string body = asked.body().dump();
      CHECK((body.find("secret") != std::string::npos) == (given == asked_one));
    }
  }
}

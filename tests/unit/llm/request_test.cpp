// Request bodies of every kind that writes its own, and what is refused before a byte is sent.
#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "llm/backends/openai/dialect.hpp"
#include "llm/model_catalog.hpp"
#include "llm/registry.hpp"
#include "support/fake_transport.hpp"
#include "support/reply_log.hpp"

using namespace scena;
using namespace scena::llm;
using namespace std::chrono_literals;
using scena::test::FakeTransport;
using scena::test::ReplyLog;

namespace {

struct Asked {
  ProviderConfig config{.url = "openai:gpt-4o", .api_key = "sk-test-1234567890"};
  ReplyRequest request{.messages = {{PromptRole::user, "hello", ""}}};
  ModelBook models;
  VirtualClock clock;
  net::Loop loop{clock};
  FakeTransport http{loop};
  std::shared_ptr<ReplyLog> log = std::make_shared<ReplyLog>();

  explicit Asked(std::string url = "openai:gpt-4o") { config.url = std::move(url); }

  std::shared_ptr<Provider> provider() {
    ProviderRegistry registry;
    add_builtin_providers(registry);
    const auto made = registry.make(config, {http, loop, clock, {}, &models});
    REQUIRE(made);
    return *made;
  }
  Json body() {
    const auto written = provider()->request_body(request);
    REQUIRE(written);
    const auto parsed = parse_json(*written, {.careful = true});
    REQUIRE(parsed);
    return *parsed;
  }
  std::string fault() {
    const auto written = provider()->request_body(request);
    return written ? std::string("written") : std::string(written.error().pointer());
  }
  const net::HttpRequest& send(std::string answer) {
    http.answers.push_back({.headers = {{"content-type", "application/json"}}, .pieces = {answer}});
    provider()->start(std::make_shared<const ReplyRequest>(request), log, {});
    for (int i = 0; i < 100 && loop.poll(0us) > 0; ++i) {
    }
    return http.requests.at(0);
  }
};

const std::string kSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";
const std::string kChatAnswer =
    R"({"model":"m","choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})";

ReplyRequest with_tools() {
  ReplyRequest request;
  request.system = "Be brief.";
  request.messages = {{PromptRole::user, "Where is it warmer?", ""}};
  request.messages[0].media = {{MediaPart::Kind::image, "image/png", "\x89PNG", "", ""}};
  request.messages.push_back({PromptRole::assistant, "I look.", ""});
  request.messages.back().tool_calls = {{"call_1", "weather", R"({"city":"Oslo"})", true},
                                        {"call_2", "weather", R"({"city":"Bern"})", true}};
  request.messages.push_back({PromptRole::tool, "3 degrees", "weather"});
  request.messages.back().tool_call_id = "call_1";
  request.messages.push_back({PromptRole::tool, "no such city", "weather"});
  request.messages.back().tool_call_id = "call_2";
  request.messages.back().tool_failed = true;
  request.tools = {{"weather", "Weather of a city", kSchema, true}, {"now", "", "", false}};
  request.tool_choice = {ToolChoice::Kind::named, "weather"};
  request.parallel_tools = false;
  request.cache_prompt = true;
  return request;
}

// The cells of a table's row, without code marks.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  if (!line.starts_with("| ")) return cells;
  for (std::size_t at = 2; at < line.size();) {
    const std::size_t end = std::min(line.find(" |", at), line.size());
    std::string cell = line.substr(at, end - at);
    std::erase(cell, '`');
    cells.push_back(std::move(cell));
    at = end + 3;
  }
  return cells;
}

void set(ReplyRequest& request, const std::string& name) {
  const auto media = [&](MediaPart::Kind kind, const char* type) {
    request.messages[0].media = {{kind, type, "x", "", ""}};
  };
  if (name == "temperature") request.temperature = 0.5;
  if (name == "top_p") request.top_p = 0.5;
  if (name == "max_tokens") request.max_tokens = 5;
  if (name == "seed") request.seed = 5;
  if (name == "stop") request.stop = {"X"};
  if (name == "json_schema") request.json_schema = kSchema;
  if (name.find("tool") != std::string::npos) request.tools = {{"f", "", "", false}};
  if (name == "tool_choice") request.tool_choice.kind = ToolChoice::Kind::required;
  if (name == "parallel_tools") request.parallel_tools = false;
  if (name == "images") media(MediaPart::Kind::image, "image/png");
  if (name == "audio") media(MediaPart::Kind::audio, "audio/wav");
  if (name == "files") media(MediaPart::Kind::file, "application/pdf");
  if (name == "reasoning_effort") request.reasoning_effort = "low";
}

const std::vector<std::string> kWriters = {
    "openai:gpt-4o",           "openai_responses:gpt-5", "anthropic:claude-sonnet-4-5",
    "gemini:gemini-2.5-flash", "cohere:command-a",       "ollama:llama3.1"};

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

TEST_CASE("a message that would be empty without its media is refused, with the pointer") {
  for (const auto& url : kWriters) {
    CAPTURE(url);
    Asked asked(url);
    const MediaPart sound{MediaPart::Kind::audio, "audio/wav", "x", "", ""};
    asked.request.messages = {{.role = PromptRole::user, .text = "Hear", .media = {sound}},
                              {.role = PromptRole::user, .text = " ", .media = {sound}}};
    const bool takes_audio = url.starts_with("openai:") || url.starts_with("gemini:");
    CHECK(asked.fault() == (takes_audio ? "written" : "/messages/1/media"));
    asked.request.messages[1].text = "this";
    CHECK(asked.fault() == "written");
  }
}

TEST_CASE(
    "chat completions: tools, their results, media and cache hints stand where OpenAI wants") {
  Asked asked;
  asked.request = with_tools();
  asked.request.top_p = 0.5;
  const Json body = asked.body();
  CHECK(body["top_p"] == 0.5);
  const Json& user = body["messages"][1]["content"];
  CHECK(user[0] == *parse_json(R"({"type":"text","text":"Where is it warmer?"})"));
  CHECK(user[1]["image_url"]["url"] == "data:image/png;base64,iVBORw==");
  const Json& calls = body["messages"][2]["tool_calls"];
  CHECK(calls[1] == *parse_json(R"({"id":"call_2","type":"function","function":)"
                                R"({"name":"weather","arguments":"{\"city\":\"Bern\"}"}})"));
  CHECK(body["messages"][4] ==
        *parse_json(R"({"role":"tool","content":"no such city","tool_call_id":"call_2"})"));
  CHECK(body["tools"][0]["function"]["strict"] == true);
  CHECK(body["tools"][1]["function"]["parameters"]["type"] == "object");
  CHECK(body["tool_choice"]["function"]["name"] == "weather");
  CHECK(body["parallel_tool_calls"] == false);
  CHECK(body["prompt_cache_key"].get<std::string>().size() == 32);
  asked.request.messages[1].text.clear();
  CHECK(asked.body()["messages"][2]["content"].is_null());
}

TEST_CASE("a reasoning model gets its own names and what it refuses is left out with a warning") {
  Asked asked("openai:o3");
  asked.request.system = "S";
  asked.request.temperature = 0.5;
  asked.request.stop = {"X"};
  asked.request.max_tokens = 9;
  asked.request.reasoning_effort = "low";
  const Json body = asked.body();
  CHECK(body["messages"][0]["role"] == "developer");
  CHECK(body["max_completion_tokens"] == 9);
  CHECK(body["reasoning_effort"] == "low");
  CHECK_FALSE(body.contains("temperature"));
  CHECK_FALSE(body.contains("stop"));
  asked.send(kChatAnswer);
  CHECK(asked.log->lines == std::vector<std::string>{"start openai m ",
                                                     "warning unsupported_setting",
                                                     "warning unsupported_setting", "text x",
                                                     "done complete stop raw=stop"});
  Asked refusing("openai:o3");
  refusing.request.temperature = 0.5;
  refusing.request.refuse_unsupported = true;
  CHECK(refusing.fault() == "/temperature");
  Asked classic("openai:o3");
  classic.config.options = R"({"reasoning":false})";
  classic.request.temperature = 0.5;
  CHECK(classic.body()["temperature"] == 0.5);
}

TEST_CASE("more output than a model writes is asked for down to its limit, or refused") {
  const std::int64_t most = ModelCatalog::builtin().find("gpt-4o")->max_output;
  REQUIRE(most > 0);
  Asked asked;
  asked.request.max_tokens = most;
  CHECK(asked.body()["max_tokens"] == most);
  asked.request.max_tokens = most + 1;
  CHECK(asked.body()["max_tokens"] == most);
  asked.send(kChatAnswer);
  CHECK(asked.log->lines.at(1) == "warning unsupported_setting");
  asked.request.refuse_unsupported = true;
  CHECK(asked.fault() == "/max_tokens");
  Asked unknown("openai:house@http://localhost:9/v1");
  unknown.request.max_tokens = 10'000'000;
  CHECK(unknown.body()["max_tokens"] == 10'000'000);
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

TEST_CASE("a host's record of a model changes what is sent from then on") {
  Asked asked("openai:house@http://localhost:9/v1");
  asked.request.temperature = 0.5;
  CHECK(asked.body().contains("temperature"));
  const auto own = ModelCatalog::from_json(R"({"models":{"house":{"refuses":["temperature"]}}})");
  REQUIRE(own);
  asked.models.replace(*own);
  CHECK_FALSE(asked.body().contains("temperature"));
}

TEST_CASE("a host's record says which model's replies begin inside their reasoning") {
  const auto own = ModelCatalog::from_json(R"({"models":{"house":{"think_open":true}}})");
  REQUIRE(own);
  const auto text = [&](const char* url, const std::string& answer) {
    Asked asked(url);
    asked.models.replace(*own);
    asked.send(answer);
    CHECK(asked.log->end().outcome == Outcome::complete);
    return asked.log->reasoning + "|" + asked.log->text;
  };
  const std::string chat =
      R"({"choices":[{"message":{"content":"Hm.</think>Hi"},"finish_reason":"stop"}]})";
  CHECK(text("openai:house@http://localhost:9/v1", chat) == "Hm.|Hi");
  CHECK(text("openai:house-2@http://localhost:9/v1", chat) == "Hm.|Hi");
  CHECK(text("openai:other@http://localhost:9/v1", chat) == "|Hm.</think>Hi");
  const std::string line = R"({"message":{"content":"Hm.</think>Hi"},"done":true})";
  CHECK(text("ollama:house", line) == "Hm.|Hi");
  CHECK(text("ollama:other", line) == "|Hm.</think>Hi");
  // What never closes is all reasoning: nobody can tell.
  CHECK(text("ollama:house", R"({"message":{"content":"Hi"},"done":true})") == "Hi|");
  CHECK(text("ollama:house", R"({"message":{"thinking":"Hm.","content":"Hi"},"done":true})") ==
        "Hm.|Hi");
  CHECK(ModelCatalog::from_json(R"({"models":{"house":{"think_open":"yes"}}})").error().pointer() ==
        "/models/house/think_open");
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

TEST_CASE("a service's dialect is told by its host, an option or a flag") {
  using openai::dialect_of;
  CHECK(dialect_of("https://api.groq.com/openai/v1").speaker_names == false);
  CHECK(dialect_of("https://api.mistral.ai/v1").required_word == "any");
  CHECK(dialect_of("https://me.openai.azure.com").developer_role);
  CHECK(dialect_of("http://127.0.0.1:11434/v1").no_finish_reason);
  CHECK(dialect_of("http://127.0.0.1:8080/v1").think_tags);
  CHECK_FALSE(dialect_of("https://evil-api.groq.com.example/v1").needs_model);
  CHECK_FALSE(dialect_of("").think_tags);
  const auto read = [](std::string_view options) { return openai::read_dialect(options, ""); };
  CHECK(read(R"({"dialect":"deepseek","schema":"native"})")->echo == openai::Dialect::Echo::text);
  CHECK(read(R"({"dialect":"deepseek"})")->schema == openai::Dialect::Schema::object);
  CHECK(read(R"({"dialect":"nobody"})").error().pointer() == "/options/dialect");
  CHECK(read(R"({"think_tags":"yes"})").error().pointer() == "/options/think_tags");
  CHECK(read(R"({"think_open":true})")->think_tags);
  CHECK(read(R"({"one_choice":1})").error().pointer() == "/options/one_choice");
  CHECK(read(R"({"effort":"much"})").error().pointer() == "/options/effort");
  CHECK(read(R"({"tink_tags":true})").error().pointer() == "/options/tink_tags");
}

TEST_CASE("dialects change words of the request, never its meaning") {
  Asked mistral("openai:magistral-medium@https://api.mistral.ai/v1");
  mistral.request.seed = 7;
  mistral.request.tools = {{"f", "", "", false}};
  mistral.request.tool_choice = {ToolChoice::Kind::required, ""};
  mistral.request.messages[0].name = "Ann";
  const Json body = mistral.body();
  CHECK(body["random_seed"] == 7);
  CHECK(body["tool_choice"] == "any");
  CHECK_FALSE(body.contains("stream_options"));
  CHECK_FALSE(body["messages"][0].contains("name"));
  Asked deepseek("openai:deepseek-chat@https://api.deepseek.com");
  deepseek.request.json_schema = kSchema;
  deepseek.request.messages.push_back({PromptRole::assistant, "", ""});
  deepseek.request.messages.back().tool_calls = {{"a", "f", "{}", true}};
  deepseek.request.messages.back().state = R"({"reasoning_content":"Ask \"f\""})";
  const Json object = deepseek.body();
  CHECK(object["response_format"]["type"] == "json_object");
  CHECK(object["messages"][0]["content"].get<std::string>().find(kSchema) != std::string::npos);
  CHECK(object["messages"][2]["reasoning_content"] == "Ask \"f\"");
  Asked router("openai:x/y@https://openrouter.ai/api/v1");
  router.request.reasoning_effort = "high";
  CHECK(router.body()["reasoning"]["effort"] == "high");
}

TEST_CASE("Azure: the deployment stands in the path, the key in its own header") {
  Asked asked("azure:my gpt@https://me.openai.azure.com");
  const auto& sent = asked.send(kChatAnswer);
  CHECK(sent.url ==
        "https://me.openai.azure.com/openai/deployments/my%20gpt/chat/completions"
        "?api-version=2024-10-21");
  const net::HttpRequest& head = sent;
  CHECK(head.header("api-key") == "sk-test-1234567890");
  CHECK(head.header("authorization").empty());
  CHECK(asked.log->lines.at(0) == "start azure m ");
  Asked version("azure:d@https://me.openai.azure.com");
  version.config.options = R"({"api_version":"2025-04-01-preview","reasoning":true})";
  version.request.max_tokens = 5;
  const auto& other = version.send(kChatAnswer);
  CHECK(other.url.reveal().ends_with("?api-version=2025-04-01-preview"));
  CHECK(other.body.find("max_completion_tokens") != std::string::npos);
  Asked plain("azure:d@https://me.openai.azure.com/openai/v1");
  CHECK(plain.send(kChatAnswer).url == "https://me.openai.azure.com/openai/v1/chat/completions");
  ProviderRegistry registry;
  add_builtin_providers(registry);
  Asked rest;
  const auto fault = [&](ProviderConfig config) {
    return registry.make(config, {rest.http, rest.loop, rest.clock, {}}).error().code();
  };
  CHECK(fault({.url = "azure:d@https://me.openai.azure.com"}) == ErrorCode::unauthenticated);
  CHECK(fault({.url = "azure:d", .api_key = "k"}) == ErrorCode::invalid_argument);
  CHECK(fault({.url = "azure:d@https://h", .api_key = "k", .options = R"({"api_version":1})"}) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("responses: instructions, items, and reasoning between the calls it led to") {
  Asked asked("openai_responses:gpt-5");
  asked.request = with_tools();
  asked.request.json_schema = kSchema;
  asked.request.max_tokens = 50;
  asked.request.reasoning_effort = "low";
  asked.request.seed = 1;
  asked.request.messages[1].state =
      R"([{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"Z"},{"type":"message"},)"
      R"({"type":"function_call","call_id":"call_2"},{"id":"rs_2","type":"reasoning","summary":[],)"
      R"("encrypted_content":"Y"}])";
  const Json body = asked.body();
  CHECK(body["instructions"] == "Be brief.");
  CHECK(body["store"] == false);
  CHECK(body["include"][0] == "reasoning.encrypted_content");
  CHECK(body["input"][0]["content"][1]["type"] == "input_image");
  CHECK(body["input"][1]["encrypted_content"] == "Z");
  CHECK(body["input"][2] == *parse_json(R"({"role":"assistant","content":"I look."})"));
  CHECK(body["input"][3]["call_id"] == "call_2");
  CHECK(body["input"][4]["id"] == "rs_2");
  CHECK(body["input"][5]["call_id"] == "call_1");
  CHECK(body["input"][6] ==
        *parse_json(R"({"type":"function_call_output","call_id":"call_1","output":"3 degrees"})"));
  CHECK(body["text"]["format"]["schema"]["type"] == "object");
  CHECK(body["max_output_tokens"] == 50);
  CHECK(body["reasoning"]["effort"] == "low");
  CHECK(body["tools"][0]["name"] == "weather");
  CHECK(body["tools"][1]["strict"] == false);
  CHECK(body["tool_choice"]["name"] == "weather");
  CHECK_FALSE(body.contains("seed"));
  const auto& sent = asked.send(
      R"({"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":)"
      R"("message","id":"msg_1","content":[{"type":"output_text","text":"Ja"}]}],)"
      R"("usage":{"input_tokens":3,"output_tokens":1}})");
  CHECK(sent.url == "https://api.openai.com/v1/responses");
  CHECK(asked.log->text == "Ja");
  CHECK(asked.log->end().outcome == Outcome::complete);
}

TEST_CASE("messages: results in one user message in front, cache marks, thinking unchanged") {
  Asked asked("anthropic:claude-sonnet-4-5");
  asked.request = with_tools();
  asked.request.messages.push_back({PromptRole::user, "And?", ""});
  asked.request.messages[1].state =
      R"([{"type":"thinking","thinking":"Say \"a\"\n","signature":"s=="}])";
  const auto written = asked.provider()->request_body(asked.request);
  REQUIRE(written);
  CHECK(written->find(R"({"type":"thinking","thinking":"Say \"a\"\n","signature":"s=="})") !=
        std::string::npos);
  const Json body = asked.body();
  CHECK(body["system"][0]["cache_control"]["type"] == "ephemeral");
  REQUIRE(body["messages"].size() == 3);
  CHECK(body["messages"][0]["content"][1]["source"]["media_type"] == "image/png");
  CHECK(body["messages"][1]["content"][0]["type"] == "thinking");
  CHECK(body["messages"][1]["content"][2]["input"]["city"] == "Oslo");
  const Json& results = body["messages"][2]["content"];
  CHECK(results[0]["tool_use_id"] == "call_1");
  CHECK_FALSE(results[0].contains("is_error"));
  CHECK(results[1]["is_error"] == true);
  CHECK(results[2]["text"] == "And?");
  CHECK(body["tools"][1]["cache_control"]["type"] == "ephemeral");
  CHECK(body["tool_choice"] ==
        *parse_json(R"({"type":"tool","name":"weather","disable_parallel_tool_use":true})"));
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

TEST_CASE("an effort becomes thinking as the model's record tells") {
  Asked budget("anthropic:claude-sonnet-4-5");
  budget.request.reasoning_effort = "low";
  budget.request.max_tokens = 100;
  budget.request.temperature = 0.5;
  const Json fixed = budget.body();
  CHECK(fixed["thinking"] == *parse_json(R"({"type":"enabled","budget_tokens":4096})"));
  CHECK(fixed["max_tokens"] == 4196);
  CHECK_FALSE(fixed.contains("temperature"));
  Asked adaptive("anthropic:claude-opus-4-8");
  adaptive.request.reasoning_effort = "high";
  adaptive.request.json_schema = kSchema;
  adaptive.request.temperature = 0.5;
  const Json free = adaptive.body();
  CHECK(free["thinking"]["type"] == "adaptive");
  CHECK(free["output_config"]["effort"] == "high");
  CHECK(free["output_config"]["format"]["type"] == "json_schema");
  CHECK_FALSE(free.contains("temperature"));
  Asked none("anthropic:claude-3-haiku-20240307");
  none.request.reasoning_effort = "high";
  none.request.refuse_unsupported = true;
  CHECK(none.fault() == "/reasoning_effort");
  Asked forced("anthropic:claude-sonnet-4-5");
  forced.request.reasoning_effort = "low";
  forced.request.tools = {{"f", "", "", false}};
  forced.request.tool_choice = {ToolChoice::Kind::required, ""};
  CHECK_FALSE(forced.body().contains("thinking"));
}

TEST_CASE("the guide's table of settings says what each kind takes") {
  const std::map<std::string, std::pair<std::string, std::string>> urls = {
      {"openai", {"openai:gpt-4o", "openai:gpt-5"}},
      {"openai_responses", {"openai_responses:gpt-4o", "openai_responses:gpt-5"}},
      {"azure", {"azure:gpt-4o@https://h.example", "azure:gpt-5@https://h.example"}},
      {"anthropic", {"anthropic:claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"}},
      {"gemini", {"gemini:gemini-2.5-flash", "gemini:gemini-2.5-flash"}},
      {"cohere", {"cohere:command-a-vision-07-2025", "cohere:command-a-reasoning-08-2025"}},
      {"ollama", {"ollama:qwen3", "ollama:qwen3"}}};
  std::ifstream page(std::string(SCENA_TEST_DIR) + "/../docs/guide/providers.md");
  std::vector<std::string> kinds;
  int rows = 0;
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < 2) continue;
    if (cells[0] == "setting") kinds.assign(cells.begin() + 1, cells.end());
    if (cells[0] == "setting" || cells[0] == "---") continue;
    ++rows;
    REQUIRE(cells.size() == kinds.size() + 1);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto url = urls.find(kinds[i]);
      CAPTURE(cells[0]);
      CAPTURE(kinds[i]);
      REQUIRE(url != urls.end());
      Asked asked(cells[0] == "reasoning_effort" ? url->second.second : url->second.first);
      asked.request.refuse_unsupported = true;
      set(asked.request, cells[0]);
      CHECK(asked.fault() == (cells[i + 1] == "yes" ? "written" : "/" + cells[0]));
    }
  }
  CHECK(rows == 13);
  CHECK(kinds.size() == urls.size());
}

TEST_CASE("a request that a service would refuse is refused before a byte is sent") {
  for (const char* url : {"openai:gpt-4o", "openai_responses:gpt-4o", "anthropic:claude-x",
                          "azure:d@https://me.openai.azure.com"}) {
    CAPTURE(url);
    const auto fault = [&](auto&& change) {
      Asked asked(url);
      asked.request.tools = {{"f", "", kSchema, false}};
      change(asked.request);
      return asked.fault();
    };
    CHECK(fault([](auto&) {}) == "written");
    CHECK(fault([](auto& r) { r.tools[0].name = "no blanks"; }) == "/tools/0/name");
    CHECK(fault([](auto& r) { r.tools[0].name = ""; }) == "/tools/0/name");
    CHECK(fault([](auto& r) { r.tools[0].name = std::string(65, 'x'); }) == "/tools/0/name");
    CHECK(fault([](auto& r) { r.tools.push_back(r.tools[0]); }) == "/tools/1/name");
    CHECK(fault([](auto& r) { r.tools[0].parameters = "[]"; }) == "/tools/0/parameters");
    CHECK(fault([](auto& r) { r.tools[0].parameters = R"({"type":"string"})"; }) ==
          "/tools/0/parameters");
    CHECK(fault([](auto& r) {
            r.tool_choice = {ToolChoice::Kind::named, "g"};
          }) == "/tool_choice/name");
    CHECK(fault([](auto& r) {
            r.tools.clear();
            r.tool_choice.kind = ToolChoice::Kind::required;
          }) == "/tool_choice");
    CHECK(fault([](auto& r) { r.json_schema = "7"; }) == "/json_schema");
    CHECK(fault([](auto& r) { r.temperature = -1; }) == "/temperature");
    CHECK(fault([](auto& r) { r.top_p = 1.5; }) == "/top_p");
    CHECK(fault([](auto& r) { r.max_tokens = 0; }) == "/max_tokens");
    CHECK(fault([](auto& r) { r.reasoning_effort = "much"; }) == "/reasoning_effort");
    CHECK(fault([](auto& r) {
            r.messages.push_back({PromptRole::assistant, "", ""});
            r.messages[1].media = {{MediaPart::Kind::image, "image/png", "x", "", ""}};
          }) == "/messages/1/media");
    CHECK(fault([](auto& r) {
            r.messages[0].media = {{MediaPart::Kind::image, "image/png", "", "file:///x", ""}};
          }) == "/messages/0/media/0/url");
    CHECK(fault([](auto& r) {
            r.messages[0].media = {{MediaPart::Kind::image, "", "x", "", ""}};
          }) == "/messages/0/media/0/media_type");
    CHECK(fault([](auto& r) {
            r.messages.push_back({PromptRole::tool, "3", ""});
          }) == "/messages/1/tool_call_id");
    CHECK(fault([](auto& r) {
            r.messages[0].tool_calls = {{"a", "f", "{}", true}};
          }) == "/messages/0/tool_calls");
  }
}

TEST_CASE("a request that names no model is refused where the service needs one") {
  for (const char* url : {"openai:", "openai_responses:", "anthropic:"}) {
    CAPTURE(url);
    CHECK(Asked(url).fault() == "/model");
  }
}

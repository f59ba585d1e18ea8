// What a request asks of its model: settings by the model's record and by its service.
#include <algorithm>
#include <fstream>
#include <map>

#include "request_stage.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;

namespace {

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

}  // namespace

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

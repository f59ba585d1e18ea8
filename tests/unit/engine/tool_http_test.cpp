#include <doctest/doctest.h>

#include <fstream>
#include <mutex>
#include <sstream>

#include "support/http_test_server.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// A service on this machine with one answer; keeps what it was asked.
class ToolService {
 public:
  explicit ToolService(std::string answer, int status = 200)
      : answer_(std::move(answer)),
        status_(status),
        server_([this](TestPeer& peer) { serve(peer); }) {}

  std::string url(const std::string& path) const { return server_.url(path); }
  std::string last_request() {
    std::lock_guard lock(mutex_);
    return request_;
  }

 private:
  void serve(TestPeer& peer) {
    for (;;) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      {
        std::lock_guard lock(mutex_);
        request_ = request;
      }
      peer.send("HTTP/1.1 " + std::to_string(status_) +
                " X\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(answer_.size()) + "\r\n\r\n" + answer_);
    }
  }

  const std::string answer_;
  const int status_;
  std::mutex mutex_;
  std::string request_;
  HttpTestServer server_;
};

HttpToolConfig weather_tool(const std::string& url) {
  HttpToolConfig tool;
  tool.description = "The weather in a city.";
  tool.parameters =
      R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}})";
  tool.url = url;
  tool.private_network = true;
  return tool;
}

ToolStage stage_with(const HttpToolConfig& tool, const std::string& arguments) {
  ToolStage stage({{"", {{"c1", "weather", arguments}}}, {"Done.", {}}});
  stage.config.clock = ClockKind::real;
  stage.config.tools["weather"] = tool;
  return stage;
}

PromptMessage answer_of(ToolStage& stage) {
  Engine engine = stage.open();
  CHECK(engine.create_session(room_with_tools()).send_wait("Go.").outcome == Outcome::complete);
  return results_in(stage.model->requests.back())[0];
}

std::string fault_of(const HttpToolConfig& tool, const std::string& name = "weather") {
  Config config;
  config.tools[name] = tool;
  std::string text;
  for (const auto& fault : config.check()) text += fault.pointer + ": " + fault.message + "\n";
  return text;
}

}  // namespace

TEST_CASE("arguments fill path, query and header, encoded, and the result is taken out") {
  ToolService service(R"({"main":{"temp":[{"c":18.5}]},"rest":"x"})");
  HttpToolConfig tool =
      weather_tool(service.url("/now/{{city}}?q={{city}}&days={{days}}&k={{secret}}"));
  tool.headers["X-Key"] = "Token {{secret}}";
  tool.headers["X-Days"] = "{{days}}";
  tool.secret = "WEATHER_KEY";
  tool.result = "/main/temp/0";
  ToolStage stage = stage_with(tool, R"({"city":"S\u00e3o/Paulo & co?","days":3})");
  stage.dependencies.secrets = callback_secrets([](std::string_view name) {
    return name == "WEATHER_KEY" ? std::optional<std::string>("hush-hush") : std::nullopt;
  });
  const auto result = answer_of(stage);
  CHECK(result.text == R"({"c":18.5})");
  CHECK_FALSE(result.tool_failed);
  const std::string asked = service.last_request();
  const std::string encoded = "S%C3%A3o%2FPaulo%20%26%20co%3F";
  CHECK(
      asked.starts_with("GET /now/" + encoded + "?q=" + encoded + "&days=3&k=hush-hush HTTP/1.1"));
  CHECK(asked.find("X-Key: Token hush-hush") != std::string::npos);
  CHECK(asked.find("X-Days: 3") != std::string::npos);
}

TEST_CASE("an argument leads to no other place on the host") {
  ToolService service("{}");
  const auto asked = [&service](const std::string& path, const std::string& city) {
    ToolStage stage =
        stage_with(weather_tool(service.url(path)), R"({"city":")" + city + R"(","days":1})");
    return answer_of(stage).tool_failed;
  };
  CHECK(asked("/cities/{{city}}/now", ".."));
  CHECK(asked("/cities/{{city}}", ".."));
  CHECK(asked("/cities/{{city}}", ""));
  CHECK(asked("/cities/{{city}}/now", ""));
  CHECK(asked("/cities/{{city}}?k=1", "."));
  CHECK(asked("/cities/.{{city}}/now", "."));
  CHECK(service.last_request().empty());
  CHECK_FALSE(asked("/cities/{{city}}/now", "..."));
  CHECK_FALSE(asked("/cities/../{{city}}?c={{city}}/../x", "a..b"));  // the host's own
  CHECK_FALSE(asked("/cities?c={{city}}", ".."));
}

TEST_CASE("a secret that the service repeats does not reach the model") {
  const std::string answer =
      R"({"url":"/now?k=hush%2Fhush-hush","low":"hush%2fhush-hush","php":"hush\/hush-hush","code":"hush\u002fhush-hush","Code":"hush\u002Fhush\u002dhush","all":"%68ush%2Fhush%2Dhush","said":"your key is hush/hush-hush.","c":18})";
  for (const std::string result : {"", "/url", "/said"}) {
    CAPTURE(result);
    ToolService service(answer);
    HttpToolConfig tool = weather_tool(service.url("/now?k={{secret}}"));
    tool.secret = "WEATHER_KEY";
    tool.result = result;
    ToolStage stage = stage_with(tool, "{}");
    stage.dependencies.secrets = callback_secrets(
        [](std::string_view) { return std::optional<std::string>("hush/hush-hush"); });
    const std::string text = answer_of(stage).text;
    CHECK(text.find("hush-hush") == std::string::npos);
    CHECK(text.find("ush") == std::string::npos);
    CHECK(text.find("***") != std::string::npos);
  }
}

TEST_CASE("a byte-order mark in front of an answer is no part of it") {
  for (const std::string result : {"", "/a"}) {
    ToolService service("\xEF\xBB\xBF{\"a\":{}}");
    HttpToolConfig tool = weather_tool(service.url("/x"));
    tool.result = result;
    ToolStage stage = stage_with(tool, "{}");
    CHECK(answer_of(stage).text == (result.empty() ? "{\"a\":{}}" : "{}"));
  }
}

TEST_CASE("a JSON body takes arguments with their types, and can not be broken out of") {
  ToolService service(R"("ok")");
  HttpToolConfig tool = weather_tool(service.url("/search"));
  tool.method = "POST";
  tool.body = R"({"query":"in {{city}} now","days":"{{days}}","none":"{{city}}"})";
  ToolStage stage = stage_with(tool, R"({"city":"\",\"admin\":true,\"x\":\"{{secret}}","days":3})");
  CHECK(answer_of(stage).text == R"("ok")");
  const std::string asked = service.last_request();
  const auto body = parse_json(asked.substr(asked.find("\r\n\r\n") + 4));
  REQUIRE(body);
  CHECK(body->size() == 3);
  CHECK((*body)["days"] == 3);
  CHECK((*body)["query"] == R"(in ","admin":true,"x":"{{secret}} now)");
}

TEST_CASE("what goes wrong with a service is a failed result without the service's words") {
  const auto failing = [](const std::string& answer, int status, const std::string& result) {
    ToolService service(answer, status);
    HttpToolConfig tool = weather_tool(service.url("/x"));
    tool.result = result;
    ToolStage stage = stage_with(tool, "{}");
    return answer_of(stage);
  };
  auto result = failing(R"({"error":"key hush-hush is wrong"})", 401, "");
  CHECK(result.tool_failed);
  CHECK(result.text == "The service answered with status 401.");
  CHECK(failing("<html>", 200, "/a").text == "The service's answer is no JSON.");
  CHECK(failing(R"({"a":1})", 200, "/b").tool_failed);
  result = failing("", 302, "");
  CHECK(result.tool_failed);

  HttpToolConfig nobody = weather_tool("http://127.0.0.1:1/x");
  ToolStage stage = stage_with(nobody, "{}");
  CHECK(answer_of(stage).text == "The service could not be reached.");

  ToolService lines("{}");
  HttpToolConfig header = weather_tool(lines.url("/x"));
  header.headers["X-City"] = "{{city}}";
  ToolStage injected = stage_with(header, R"({"city":"a\r\nX-Admin: 1"})");
  CHECK(answer_of(injected).tool_failed);
}

TEST_CASE("a tool whose secret is absent is not offered to the model") {
  HttpToolConfig tool = weather_tool("http://127.0.0.1:1/{{secret}}");
  tool.secret = "WEATHER_KEY";
  for (const bool there : {false, true}) {
    ToolStage stage({AskedReply{"Hello.", {}}});
    stage.config.tools["weather"] = tool;
    stage.dependencies.secrets = callback_secrets([there](std::string_view) {
      return there ? std::optional<std::string>("hush-hush") : std::nullopt;
    });
    Engine engine = stage.open();
    engine.create_session(room_with_tools()).send_wait("Hello.");
    CHECK(stage.model->requests[0].tools.size() == (there ? 1 : 0));
    CHECK(engine.capabilities().tools.size() == (there ? 1 : 0));
  }
}

TEST_CASE("the secret in a tool's URL does not reach the tape") {
  TempFolder folder;
  ToolService service(R"({"key":"hush-hush-hush"})");
  HttpToolConfig tool = weather_tool(service.url("/x?appid={{secret}}"));
  tool.secret = "WEATHER_KEY";
  ToolStage stage = stage_with(tool, "{}");
  stage.config.tape_record = folder.path() + "/tape.jsonl";
  stage.dependencies.secrets = callback_secrets(
      [](std::string_view) { return std::optional<std::string>("hush-hush-hush"); });
  answer_of(stage);
  std::ifstream file(stage.config.tape_record);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str().find("appid=***") != std::string::npos);
  CHECK(text.str().find("hush-hush-hush") == std::string::npos);
}

TEST_CASE("a configured tool at fault is named by its pointer before anything runs") {
  CHECK(fault_of(weather_tool("http://127.0.0.1/x")) == "");
  const auto has = [](const HttpToolConfig& tool, std::string_view pointer) {
    CAPTURE(fault_of(tool));
    return fault_of(tool).find(std::string(pointer) + ": ") != std::string::npos;
  };
  HttpToolConfig tool = weather_tool("https://{{city}}.example.com/x");
  CHECK(has(tool, "/tools/weather/url"));
  tool = weather_tool("https://example.com/{{town}}");
  CHECK(has(tool, "/tools/weather/url"));
  tool = weather_tool("https://example.com/{{secret}}");
  CHECK(has(tool, "/tools/weather/url"));
  tool = weather_tool("https://example.com/{{city");
  CHECK(has(tool, "/tools/weather/url"));
  for (const char* url : {"http://example.com/x", "https://127.0.0.1/x", "https://localhost/x",
                          "https://169.254.169.254/x", "file:///etc/passwd", ""}) {
    tool = weather_tool(url);
    tool.private_network = false;
    CHECK(has(tool, "/tools/weather/url"));
  }
  tool = weather_tool("https://example.com/");
  tool.private_network = false;
  CHECK(fault_of(tool) == "");
  tool.parameters = R"({"type":"text"})";
  CHECK(has(tool, "/tools/weather/parameters"));
  tool = weather_tool("https://example.com/");
  tool.method = "TRACE";
  CHECK(has(tool, "/tools/weather/method"));
  tool = weather_tool("https://example.com/");
  tool.body = "{}";
  CHECK(has(tool, "/tools/weather/body"));
  tool.method = "POST";
  tool.secret = "KEY";
  tool.body = R"({"key":"{{secret}}"})";
  CHECK(has(tool, "/tools/weather/body"));
  tool = weather_tool("https://example.com/");
  tool.result = "main.temp";
  CHECK(has(tool, "/tools/weather/result"));
  tool = weather_tool("https://example.com/");
  tool.headers["bad name"] = "x";
  CHECK(has(tool, "/tools/weather/headers/bad name"));
  tool = weather_tool("https://example.com/");
  tool.description.clear();
  CHECK(has(tool, "/tools/weather/description"));
  tool = weather_tool("https://example.com/");
  tool.time_limit = 0ms;
  CHECK(has(tool, "/tools/weather/time_limit_ms"));
  CHECK(fault_of(weather_tool("https://example.com/"), "two words") != "");
}

#include "llm/backends/fault/fault_request.hpp"

#include "http_support.hpp"

using namespace scena;
using namespace scena::fault;
using scena::test::chat_request;
using scena::test::messages_request;

namespace {

int status_of(const FaultHttpRequest& request, std::string_view key = {}) {
  const FaultCall call = read_call(request, key);
  return call.refused ? call.refused->status : 200;
}

std::string param_of(std::string body) {
  const FaultCall call = read_call(chat_request(std::move(body)), {});
  return call.refused ? call.refused->param : "accepted";
}

std::string message_fault(std::string body) {
  const FaultCall call = read_call(messages_request(std::move(body)), {});
  if (call.refused) CHECK(call.refused->status == 400);
  return call.refused ? call.refused->param : "accepted";
}

}  // namespace

TEST_CASE("a right request of either kind is understood") {
  const FaultCall chat = read_call(
      chat_request(
          R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":9,"stop":"END",
             "messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}]})"),
      {});
  REQUIRE_FALSE(chat.refused.has_value());
  CHECK(chat.include_usage);
  CHECK(chat.request.stream);
  CHECK(chat.request.system == "S");
  CHECK(chat.request.max_tokens == 9);
  CHECK(chat.request.stop == std::vector<std::string>{"END"});
  REQUIRE(chat.request.messages.size() == 2);
  CHECK(chat.request.messages[0].text == "ab");
  const FaultCall messages = read_call(messages_request(), {});
  REQUIRE_FALSE(messages.refused.has_value());
  CHECK(messages.dialect == Dialect::messages);
  CHECK(messages.request.max_tokens == 100);
}

TEST_CASE("the key must be there, and be the right one where one is set") {
  CHECK(status_of(chat_request(), "key") == 200);
  CHECK(status_of(chat_request(), "other") == 401);
  auto request = chat_request();
  request.headers.erase(request.headers.begin());
  CHECK(status_of(request) == 401);
  auto basic = chat_request();
  basic.headers[0].second = "Basic key";
  CHECK(status_of(basic) == 401);
  CHECK(status_of(messages_request(), "key") == 200);
  CHECK(status_of(messages_request(), "other") == 401);
}

TEST_CASE("method, path, version and content type are checked") {
  auto get = chat_request();
  get.method = "GET";
  CHECK(status_of(get) == 405);
  auto path = chat_request();
  path.target = "/v1/completions";
  CHECK(status_of(path) == 404);
  auto type = chat_request();
  type.headers[1].second = "text/plain";
  CHECK(status_of(type) == 400);
  auto version = messages_request();
  version.headers.erase(version.headers.begin() + 1);
  CHECK(status_of(version) == 400);
}

TEST_CASE("chat completions refuse what the service refuses, and name the member") {
  CHECK(param_of("{") == "");
  CHECK(param_of("[]") == "");
  CHECK(param_of(R"({"messages":[{"role":"user","content":"x"}]})") == "model");
  CHECK(param_of(R"({"model":"m"})") == "messages");
  CHECK(param_of(R"({"model":"m","messages":[]})") == "messages");
  CHECK(param_of(R"({"model":"m","messages":[{"role":"wizard","content":"x"}]})") ==
        "messages[0].role");
  CHECK(param_of(R"({"model":"m","messages":[{"role":"user"}]})") == "messages[0].content");
  CHECK(param_of(R"({"model":"m","messages":[{"role":"user","content":null}]})") ==
        "messages[0].content");
  CHECK(param_of(R"({"model":"m","messages":[{"role":"tool","content":"x"}]})") ==
        "messages[0].tool_call_id");
  const std::string good = R"({"model":"m","messages":[{"role":"user","content":"x"}])";
  CHECK(param_of(good + "}") == "accepted");
  CHECK(param_of(good + R"(,"colour":1})") == "colour");
  CHECK(param_of(good + R"(,"stream":"yes"})") == "stream");
  CHECK(param_of(good + R"(,"temperature":2.5})") == "temperature");
  CHECK(param_of(good + R"(,"max_tokens":0})") == "max_tokens");
  CHECK(param_of(good + R"(,"max_tokens":10000001})") == "max_tokens");
  CHECK(param_of(good + R"(,"max_tokens":5,"max_completion_tokens":5})") == "max_tokens");
  CHECK(param_of(good + R"(,"stop":["a","b","c","d","e"]})") == "stop");
  CHECK(param_of(good + R"(,"stream_options":{"include_usage":true}})") == "stream_options");
}

TEST_CASE("messages refuse what the service refuses") {
  const std::string user = R"("messages":[{"role":"user","content":"x"}])";
  CHECK(message_fault(R"({"model":"m","max_tokens":5,)" + user + "}") == "accepted");
  CHECK(message_fault(R"({"model":"m",)" + user + "}") == "max_tokens");
  CHECK(message_fault(R"({"model":"m","max_tokens":5})") == "messages");
  CHECK(message_fault(
            R"({"model":"m","max_tokens":5,"messages":[{"role":"system","content":"x"}]})") ==
        "messages.0");
  CHECK(message_fault(
            R"({"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":"x"}]})") ==
        "messages.0");
  CHECK(
      message_fault(R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":" "}]})") ==
      "messages.0");
  CHECK(message_fault(R"({"model":"m","max_tokens":5,"stop":["a"],)" + user + "}") == "stop");
  CHECK(message_fault(R"({"model":"m","max_tokens":5,"temperature":1.5,)" + user + "}") ==
        "temperature");
}

TEST_CASE("a path may choose the case or the step") {
  const FaultCall by_case = read_call(chat_request(test::kChatBody, "/case/D5"), {});
  REQUIRE(by_case.step.has_value());
  CHECK(by_case.step->name == "D5");
  const FaultCall by_step = read_call(chat_request(test::kChatBody, "/fault/cut_after=3"), {});
  REQUIRE(by_step.step.has_value());
  CHECK(by_step.step->kind == FaultKind::cut);
  CHECK(status_of(chat_request(test::kChatBody, "/fault/nonsense")) == 404);
}

TEST_CASE("calls of the messages API have fit ids of their own, and results name one") {
  const auto fault = [](const std::string& more) {
    return message_fault(
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},)" + more + "]}");
  };
  const auto use = [](const std::string& id, const std::string& input = "{}") {
    return R"({"role":"assistant","content":[{"type":"tool_use","id":")" + id +
           R"(","name":"f","input":)" + input + "}]}";
  };
  const auto result = [](const std::string& id) {
    return R"({"role":"user","content":[{"type":"tool_result","tool_use_id":")" + id +
           R"(","content":"x"}]})";
  };
  CHECK(fault(use("c-1_A") + "," + result("c-1_A") + "," + use("c2") + "," + result("c2")) ==
        "accepted");
  CHECK(fault(use("functions.f:0")) == "messages.1.content.0");
  CHECK(fault(use("c1", "\"x\"")) == "messages.1.content.0");
  CHECK(fault(use("c1") + "," + result("c1") + "," + use("c1")) == "messages.3.content.0");
  CHECK(fault(use("c1") + "," + result("c2")) == "messages.2.content.0");
  CHECK(fault(R"({"role":"user","content":[]})") == "messages.1");
}

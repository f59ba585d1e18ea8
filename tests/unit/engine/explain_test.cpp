#include <doctest/doctest.h>

#include <mutex>
#include <set>

#include "base/sha256.hpp"
#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/http_test_server.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

/// A model service on this machine that answers with one line and keeps what it was asked.
class ExplainedService {
 public:
  explicit ExplainedService(bool anthropic)
      : server_([this, anthropic](TestPeer& peer) { serve(peer, anthropic); }) {}

  std::string url() const { return server_.url("/v1"); }
  std::string last_body() {
    std::lock_guard lock(mutex_);
    return bodies_.back();
  }

 private:
  void serve(TestPeer& peer, bool anthropic) {
    for (;;) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      {
        std::lock_guard lock(mutex_);
        bodies_.push_back(request.substr(request.find("\r\n\r\n") + 4));
      }
      const std::string text = "Reply " + std::to_string(++count_) + ".";
      const std::string body = anthropic ? messages_answer(text) : chat_answer(text);
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }

  static std::string chat_answer(const std::string& text) {
    return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m-1\","
           "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"" +
           text +
           "\"},\"finish_reason\":null}]}\n\n"
           "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m-1\","
           "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
           "data: [DONE]\n\n";
  }

  static std::string messages_answer(const std::string& text) {
    return "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"x\","
           "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m-1\",\"content\":[],"
           "\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
           "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
           "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
           "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
           "\"delta\":{\"type\":\"text_delta\",\"text\":\"" +
           text +
           "\"}}\n\n"
           "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
           "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
           "\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\n"
           "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  }

  std::mutex mutex_;
  std::vector<std::string> bodies_;
  int count_ = 0;
  HttpTestServer server_;
};

Config over(const ExplainedService& service, bool anthropic) {
  Config config;
  config.providers["model"] = {.url = anthropic ? "anthropic:claude-x" : "openai:gpt-x",
                               .base_url = service.url(),
                               .api_key = "sk-test"};
  config.provider = "model";
  config.seed = 7;
  return config;
}

/// Writes requests as the model of the other stage does, and results of tools in a way of its own.
struct OtherWriter final : Provider {
  explicit OtherWriter(std::shared_ptr<Provider> other) : model(std::move(other)) {}
  std::string_view name() const noexcept override { return model->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override {
    model->start(std::move(request), std::move(sink), std::move(stop));
  }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    auto body = model->request_body(request);
    if (body && !results_in(request).empty()) *body += " in other words";
    return body;
  }
  std::shared_ptr<Provider> model;
};

std::string started_data(Engine& engine, Session& session) {
  std::string found;
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.type == "turn.started") found = event.data;
  }
  return found;
}

}  // namespace

TEST_CASE(
    "explain gives the very bytes that went over the wire, for every kind of turn, and after "
    "opening anew") {
  for (const bool anthropic : {false, true}) {
    CAPTURE(anthropic);
    ExplainedService service(anthropic);
    auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
    Dependencies dependencies;
    dependencies.storage = storage;
    std::map<std::string, std::string> sent;  // body by message
    std::string id;
    {
      Engine engine = Engine::open(over(service, anthropic), dependencies);
      Preset preset = conformance::two_in_a_room();
      // What the metrics say stands in the prompts as well.
      if (anthropic) preset.adapt = {"engagement", "sentiment", "evasiveness", "industry"};
      Session session = engine.create_session(preset);
      id = session.id();
      const auto record = [&](const TurnResult& result) {
        REQUIRE(result.outcome == Outcome::complete);
        sent[result.message] = service.last_body();
      };
      record(session.send_wait("Grüße \"quoted\"\n and a second line."));
      record(session.regenerate().wait());
      record(session.send_wait("Louder.", {.model = "m-other"}));
      record(session.prompt({.character = "host"}).wait());
      record(session.continue_reply().wait());
      record(session.edit("m1", "Good evening.").wait());
      const auto aside = session.ask_aside("host", "How do you feel?").get();
      CHECK_FALSE(aside.text.empty());
      record(session.send_wait("And after that?"));
      Session fork = session.fork().get();
      record(fork.send_wait("In the fork."));
      CHECK(fork.explain(fork.messages().back().id).request == service.last_body());
      sent.erase(fork.messages().back().id);
      for (const auto& [message, body] : sent) {
        const auto explained = session.explain(message);
        CHECK(explained.request == body);
        CHECK(explained.sha256 == sha256_hex(body));
      }
    }
    Engine engine = Engine::open(over(service, anthropic), dependencies);
    Session session = engine.session(id);
    for (const auto& [message, body] : sent) CHECK(session.explain(message).request == body);
  }
}

TEST_CASE(
    "explain names the source, size and reason of every part, and the parts make the prompt") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three."])"));
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  session.send_wait("Hello again.");
  const auto explained = session.explain(session.messages().back().id);
  std::set<std::string> sources;
  for (const auto& part : explained.parts) {
    CHECK_FALSE(part.id.empty());
    CHECK_FALSE(part.source.empty());
    CHECK_FALSE(part.reason.empty());
    if (part.included) CHECK(part.tokens > 0);
    sources.insert(part.source.substr(0, part.source.find(':')));
  }
  CHECK(sources == std::set<std::string>{"engine", "preset", "character", "message"});
  // The log keeps ids and sizes of the included parts, and the hash of the whole.
  const std::string started = started_data(engine, session);
  CHECK(started.find(explained.sha256) != std::string::npos);
  for (const auto& part : explained.parts) {
    const std::string entry = "[\"" + part.id + "\"," + std::to_string(part.tokens) + "]";
    CHECK((started.find(entry) != std::string::npos) == part.included);
  }
}

TEST_CASE("explain refuses to guess: another configuration, or no request at all, is an error") {
  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  Dependencies dependencies;
  dependencies.storage = storage;
  std::string id, reply;
  {
    Engine engine = Engine::open(scripted(), dependencies);
    Session session = engine.create_session("job-interview");
    session.send_wait("Hello.");
    session.send_wait("Hello again.");
    id = session.id();
    reply = session.messages().back().id;
    const auto human = session.messages()[session.messages().size() - 2].id;
    CHECK(code_of([&] { (void)session.explain(human); }) == ErrorCode::not_found);
    CHECK(code_of([&] { (void)session.explain("m1"); }) == ErrorCode::not_found);  // an opening
    CHECK(code_of([&] { (void)session.explain("m99"); }) == ErrorCode::not_found);
  }
  Config changed = scripted();
  changed.limits.history_items = 1;
  Engine engine = Engine::open(changed, dependencies);
  Session session = engine.session(id);
  CHECK(code_of([&] { (void)session.explain(reply); }) == ErrorCode::conflict);
}

TEST_CASE("explain tells that a round after tools would be another request than the one sent") {
  ToolStage stage({{.calls = {weather_call()}}, {.text = "Cold."}});
  stage.with(std::make_shared<TestTool>());
  stage.dependencies.storage =
      std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  std::string id, reply;
  {
    Engine engine = stage.open();
    Session session = engine.create_session(room_with_tools());
    id = session.id();
    reply = session.send_wait("How is the weather?").message;
    const auto explained = session.explain(reply);
    REQUIRE(explained.rounds.size() == 1);
    CHECK(explained.rounds[0] == *stage.model->request_body(stage.model->requests.at(1)));
  }
  stage.dependencies.providers["model"] = std::make_shared<OtherWriter>(stage.model);
  Engine engine = stage.open();
  Session session = engine.session(id);
  CHECK(code_of([&] { (void)session.explain(reply); }) == ErrorCode::conflict);
}

TEST_CASE("a long session's turns stay small in the log: what was left out is not listed there") {
  Engine engine = Engine::open(scripted(R"(["Yes."])"));
  Session session = engine.create_session(conformance::two_in_a_room());
  for (int i = 0; i < 300; ++i) session.send_wait("A message of some length, please read it.");
  CHECK(started_data(engine, session).size() < 4'096);
  std::size_t dropped = 0;
  for (const auto& part : session.explain(session.messages().back().id).parts)
    dropped += !part.included;
  CHECK(dropped > 500);
}

TEST_CASE("the model is chosen by call, session, character, preset, configuration, provider") {
  struct Given {
    const char *call, *session, *character, *preset, *config;
    const char *model, *source;
  };
  const Given kCases[] = {
      {"a", "b", "c", "d", "e", "a", "call"}, {"", "b", "c", "d", "e", "b", "session"},
      {"", "", "c", "d", "e", "c", "preset"}, {"", "", "", "d", "e", "d", "preset"},
      {"", "", "", "", "e", "e", "config"},   {"", "", "", "", "", "", "provider"},
  };
  for (const auto& given : kCases) {
    CAPTURE(given.source);
    Config config = scripted();
    config.model = given.config;
    Engine engine = Engine::open(config);
    Preset preset = conformance::two_in_a_room();
    preset.model.model = given.preset;
    preset.characters[0].model.model = given.character;
    Session session = engine.create_session(preset, {.model = given.session});
    session.send_wait("Hello.", {.model = given.call});
    const std::string started = started_data(engine, session);
    CHECK(started.find("\"model\":\"" + std::string(given.model) + "\"") != std::string::npos);
    CHECK(started.find("\"model_source\":\"" + std::string(given.source) + "\"") !=
          std::string::npos);
    // Naming one for a call changes no later call.
    session.send_wait("Again.");
    if (*given.call)
      CHECK(started_data(engine, session).find("\"model\":\"b\"") != std::string::npos);
  }
}

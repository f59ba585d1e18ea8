#include <doctest/doctest.h>

#include <algorithm>

#include "base/config_env.hpp"
#include "base/text.hpp"
#include "faults/fault_fixture.hpp"
#include "support/http_test_server.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct Case {
  const char* step;
  ErrorCode code;
};

/// How long the call took on the engine's clock.
template <class Call>
std::chrono::milliseconds measured(Engine& engine, Call&& call) {
  const TimePoint began = engine.clock().now();
  call();
  return std::chrono::duration_cast<std::chrono::milliseconds>(engine.clock().now() - began);
}

bool within_50_ms(std::chrono::milliseconds took, std::chrono::milliseconds expected) {
  return took >= expected - 50ms && took <= expected + 50ms;
}

class LogLines final : public LogSink {
 public:
  void write(const LogRecord& record) noexcept override {
    text += record.message;
    for (const auto& field : record.fields) text += " " + std::string(field.value);
    text += '\n';
  }
  std::string text;
};

}  // namespace

TEST_CASE("a request that the service refuses is sent once and leaves the session active") {
  const Case cases[] = {
      {"400", ErrorCode::invalid_argument},  {"401", ErrorCode::unauthenticated},
      {"403", ErrorCode::permission_denied}, {"404", ErrorCode::not_found},
      {"413", ErrorCode::too_large},         {"422", ErrorCode::invalid_argument}};
  for (const auto& [step, code] : cases) {
    const auto which = step;
    CAPTURE(which);
    Engine engine = Engine::open(faulty(std::string(step) + ",ok"));
    Session session = open_stage(engine);
    const auto refused = session.send_wait("Hello.");
    CHECK(refused.outcome == Outcome::failed);
    REQUIRE(refused.error);
    CHECK(refused.error->code() == code);
    CHECK(session.state() == SessionState::active);
    CHECK(session.send_wait("Again?").outcome == Outcome::complete);
  }
}

// Two answers to one key: a refusal and a reply that both repeat what they were asked with.
void echo(test::TestPeer& peer) {
  std::string request = peer.read_request();
  const bool first = request.find("Again?") == std::string::npos;
  for (char& c : request) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  const std::string body =
      first ? R"({"error":{"message":"your request was )" + request + R"("}})"
            : R"({"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant",)"
              R"("content":"Well."},"finish_reason":"stop"}]})";
  peer.send("HTTP/1.1 " + std::string(first ? "401 No" : "200 OK") +
            "\r\nContent-Type: application/json\r\nX-Request-Id: r1\r\nX-Echo: " +
            request.substr(0, 1'000) + "\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\nConnection: close\r\n\r\n" + body);
}

TEST_CASE("the key of a service never shows in errors, events, exports or the log") {
  const test::HttpTestServer service(echo);
  auto log = std::make_shared<LogLines>();
  Dependencies dependencies;
  dependencies.log = log;
  Config config;
  config.log_level = LogLevel::trace;
  config.stream = false;
  config.providers["service"] = {.url = "openai:m",
                                 .base_url = service.url("/v1"),
                                 .api_key = "very-secret-key",
                                 .headers = {{"X-Team", "another-secret"}}};
  config.provider = "service";
  Engine engine = Engine::open(config, dependencies);
  Session session = open_stage(engine);
  const auto refused = session.send_wait("Hello.");
  REQUIRE(refused.error);
  CHECK(refused.error->code() == ErrorCode::unauthenticated);
  CHECK(std::string(refused.error->what()).find("your request was") != std::string::npos);
  CHECK(session.send_wait("Again?").text == "Well.");
  CHECK(service.connections() == 2);
  for (const std::string& text :
       {std::string(refused.error->what()), engine.export_session(session.id(), ExportFormat::json),
        session.state_json(), config.to_json(), engine.capabilities().to_json(), log->text}) {
    CAPTURE(text.substr(0, 2'000));
    CHECK(text.find("very-secret-key") == std::string::npos);
    // What the host wrote under a name that is no secret's is in its own configuration.
    if (text != config.to_json()) CHECK(text.find("another-secret") == std::string::npos);
  }
}

TEST_CASE("a failure that may pass is tried twice more, and only while nothing was delivered") {
  const Case cases[] = {{"408", ErrorCode::timeout},        {"429", ErrorCode::rate_limited},
                        {"500", ErrorCode::provider_error}, {"502", ErrorCode::provider_error},
                        {"503", ErrorCode::provider_error}, {"529", ErrorCode::overloaded},
                        {"refuse", ErrorCode::network},     {"reset", ErrorCode::network}};
  for (const auto& [step, code] : cases) {
    const auto which = step;
    CAPTURE(which);
    Engine patient = Engine::open(faulty(std::string(step) + "x2,ok"));
    CHECK(open_stage(patient).send_wait("Hello.").outcome == Outcome::complete);
    Engine beaten = Engine::open(faulty(std::string(step) + "x3,ok"));
    Session session = open_stage(beaten);
    const auto failed = session.send_wait("Hello.");
    REQUIRE(failed.error);
    CHECK(failed.error->code() == code);
    CHECK(session.state() == SessionState::active);
    CHECK(session.send_wait("Again?").outcome == Outcome::complete);
  }
}

TEST_CASE("max_retries decides how often, zero means never") {
  Config config = faulty("503,ok");
  config.max_retries = 0;
  Engine engine = Engine::open(config);
  CHECK(open_stage(engine).send_wait("Hello.").outcome == Outcome::failed);
}

TEST_CASE("a wait that the service asks for is kept when it fits, else handed on at once") {
  Engine patient = Engine::open(faulty("429@3s,ok"));
  Session session = open_stage(patient);
  TurnResult result;
  const auto waited = measured(patient, [&] { result = session.send_wait("Hello."); });
  CHECK(result.outcome == Outcome::complete);
  CHECK(waited >= 3s);
  CHECK(waited < 5s);
  Config hurried_config = faulty("429@30s,ok");
  hurried_config.timeouts.total = 20s;
  Engine hurried = Engine::open(hurried_config);
  Session other = open_stage(hurried);
  const auto at_once = measured(hurried, [&] { result = other.send_wait("Hello."); });
  CHECK(at_once < 1s);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::rate_limited);
  CHECK(result.error->retry_after() == 30s);
}

TEST_CASE("silence, dripping and comments end at their own limit, to 50 ms of engine time") {
  struct Silence {
    const char* step;
    Outcome outcome;
    std::chrono::milliseconds expected;
  };
  // A reply's first token comes after 100 ms, each further one 50 ms later.
  const Silence silences[] = {{"stall_head", Outcome::failed, 3s},
                              {"stall_after=2", Outcome::truncated, 2s + 150ms},
                              {"comments", Outcome::failed, 10s},
                              {"drip@1900ms", Outcome::truncated, 10s}};
  for (const auto& [step, outcome, expected] : silences) {
    const auto which = step;
    CAPTURE(which);
    Config config = faulty(step);
    config.timeouts = {.connect = 1s, .first_byte = 3s, .idle = 2s, .total = 10s};
    Engine engine = Engine::open(config);
    Session session = open_stage(engine);
    session.start().get();
    TurnResult result;
    const auto took = measured(engine, [&] { result = session.send_wait("Hello."); });
    CAPTURE(took.count());
    CHECK(within_50_ms(took, expected));
    CHECK(result.outcome == outcome);
    REQUIRE(result.error);
    CHECK(result.error->code() == ErrorCode::timeout);
    CHECK(session.state() == SessionState::active);
  }
}

TEST_CASE(
    "LLM_TIMEOUT alone ends a service that is silent, or falls silent, to 50 ms of engine time") {
  for (const auto& [step, tokens] :
       {std::pair{"stall_head", 0ms}, {"stall_after=1", 100ms}, {"stall_after=2", 150ms}}) {
    const auto which = step;
    CAPTURE(which);
    const auto config = config_from(
        [](const char* name) { return std::string_view(name) == "LLM_TIMEOUT" ? "4000" : nullptr; },
        faulty(step));
    REQUIRE(config);
    Engine engine = Engine::open(*config);
    Session session = open_stage(engine);
    session.start().get();
    TurnResult result;
    const auto took = measured(engine, [&] { result = session.send_wait("Hello."); });
    CAPTURE(took.count());
    CHECK(within_50_ms(took, 4s + tokens));
    REQUIRE(result.error);
    CHECK(result.error->code() == ErrorCode::timeout);
  }
}

TEST_CASE(
    "a cut stream is stored as truncated, never as whole, is not asked again by itself and can be "
    "regenerated") {
  for (const char* step : {"cut_after=3,ok", "reset_after=3,ok"}) {
    CAPTURE(step);
    Engine engine = Engine::open(faulty(step));
    Session session = open_stage(engine);
    Events events = session.events();
    const auto cut = session.send_wait("Hello.");
    CHECK(cut.outcome == Outcome::truncated);
    CHECK_FALSE(cut.text.empty());
    REQUIRE(cut.error);
    CHECK(cut.error->code() == ErrorCode::network);
    const Message stored = session.messages().back();
    CHECK(stored.outcome == Outcome::truncated);
    CHECK(stored.text() == cut.text);
    const auto seen = drain(engine, events);
    CHECK(joined_text(seen) == cut.text);
    CHECK(std::count_if(seen.begin(), seen.end(),
                        [](const Event& event) { return event.type == "turn.finished"; }) == 1);
    const auto whole = session.regenerate().wait();
    CHECK(whole.outcome == Outcome::complete);
    CHECK(whole.text.size() > cut.text.size());
  }
}

TEST_CASE("broken bytes end the reply as a protocol error behind a valid UTF-8 prefix") {
  Engine engine = Engine::open(faulty("bad_utf8_after=2", R"(["Grüße an alle, auch 日本."])"));
  Session session = open_stage(engine);
  const auto result = session.send_wait("Hello.");
  CHECK(result.outcome != Outcome::complete);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::protocol);
  CHECK(is_valid_utf8(result.text));
  CHECK(std::string("Grüße an alle, auch 日本.").starts_with(result.text));
}

TEST_CASE("an endless stream is stopped at limits.answer_bytes and what came is kept") {
  Config config = faulty("endless");
  config.limits.answer_bytes = 10'000;
  Engine engine = Engine::open(config);
  Session session = open_stage(engine);
  const auto result = session.send_wait("Hello.");
  CHECK(result.outcome == Outcome::truncated);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::too_large);
  CHECK(std::string(result.error->what()).find("\"limits.answer_bytes\"") != std::string::npos);
  CHECK(result.text.size() <= 10'000);
  CHECK(result.text.size() > 9'000);
  CHECK(session.messages().back().text() == result.text);
}

TEST_CASE("a silent service can be cancelled before its first byte, within one poll") {
  Engine engine = Engine::open(faulty("stall_head,ok"));
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  turn.wait_accepted();
  const TimePoint began = engine.clock().now();
  turn.cancel();
  engine.poll();
  engine.poll();
  CHECK(turn.done());
  CHECK(turn.wait().outcome == Outcome::cancelled);
  CHECK(engine.clock().now() == began);
  CHECK(session.send_wait("Again?").outcome == Outcome::complete);
}

TEST_CASE("the wait between two tries can be cancelled") {
  Engine engine = Engine::open(faulty("429@60s,ok"));
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  engine.advance(5s);
  REQUIRE_FALSE(turn.done());
  turn.cancel();
  engine.poll();
  engine.poll();
  CHECK(turn.done());
  CHECK(turn.wait().outcome == Outcome::cancelled);
}

TEST_CASE("a message sent twice under one command id asks the service once") {
  auto model = std::make_shared<HostModel>([](auto sink) { say(*sink, "Once."); });
  Engine engine = Engine::open(hosted(), with_model(model));
  Session session = open_stage(engine);
  SendOptions once;
  once.command_id = "message-1";
  Turn first = session.send("Hello.", once);
  Turn second = session.send("Hello.", once);
  CHECK(first.wait().text == "Once.");
  CHECK(second.wait().text == "Once.");
  CHECK(session.send_wait("Hello.", once).text == "Once.");
  CHECK(model->calls == 1);
  CHECK(session.messages().size() == 2);
}

#include <doctest/doctest.h>

#include <mutex>
#include <scena/engine.hpp>
#include <vector>

#include "conformance/stage.hpp"
#include "net/sim_http_server.hpp"
#include "support/http_test_server.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// Keeps each line's module, message and trace.
class TraceLog final : public LogSink {
 public:
  struct Line {
    std::string module, message, trace;
  };
  void write(const LogRecord& record) noexcept override {
    Line line{std::string(record.module), std::string(record.message), ""};
    for (const auto& field : record.fields) {
      if (field.name == "trace") line.trace = field.value;
    }
    lines.push_back(std::move(line));
  }
  std::string trace_of(std::string_view module, std::string_view message) const {
    for (const Line& line : lines) {
      if (line.module == module && line.message.find(message) != std::string::npos)
        return line.trace;
    }
    return "no such line";
  }
  std::vector<Line> lines;
};

std::string header_of(std::string_view request, std::string_view name) {
  const auto at = request.find("\r\n" + std::string(name) + ": ");
  if (at == request.npos) return {};
  const auto from = at + name.size() + 4;
  return std::string(request.substr(from, request.find("\r\n", from) - from));
}

}  // namespace

TEST_CASE("one id stands in every request of a turn, in its events and in the log") {
  std::mutex mutex;
  std::vector<std::string> sent;
  HttpTestServer server([&](TestPeer& peer) {
    for (std::string request = peer.read_request(); !request.empty();
         request = peer.read_request()) {
      const std::lock_guard lock(mutex);
      sent.push_back(header_of(request, "X-Client-Request-Id"));
      peer.send(sent.size() == 1
                    ? net::sim_http_answer(503, "application/json", "{}")
                    : net::sim_http_answer(
                          200, "application/json",
                          R"({"choices":[{"message":{"content":"Hi."},"finish_reason":"stop"}]})"));
    }
  });
  const auto log = std::make_shared<TraceLog>();
  Dependencies dependencies;
  dependencies.log = log;
  Config config;
  config.log_level = LogLevel::debug;
  config.providers["model"] = {.url = "openai:m", .base_url = server.url("/v1")};
  config.provider = "model";
  Engine engine = Engine::open(config, std::move(dependencies));
  Session session = engine.create_session(conformance::two_in_a_room());
  Events events = session.events();
  CHECK(session.send_wait("Hello.").text == "Hi.");
  std::string in_event;
  for (Event event; events.next(event);) {
    if (event.type != "turn.started") continue;
    const auto at = event.data.find("\"trace\":\"") + 9;
    in_event = event.data.substr(at, event.data.find('"', at) - at);
  }
  CHECK_FALSE(in_event.empty());
  const std::lock_guard lock(mutex);
  CHECK(sent == std::vector<std::string>{in_event, in_event});
  CHECK(log->trace_of("llm", "trying again") == in_event);
  CHECK(log->trace_of("engine", "turn ended") == in_event);
}

TEST_CASE("a module may have a level of its own") {
  HttpTestServer server([](TestPeer& peer) {
    while (!peer.read_request().empty())
      peer.send(net::sim_http_answer(429, "application/json", "{}"));
  });
  const auto log = std::make_shared<TraceLog>();
  Dependencies dependencies;
  dependencies.log = log;
  Config config;
  config.log_level = LogLevel::debug;
  config.log_levels["llm"] = LogLevel::off;
  config.max_retries = 1;
  config.providers["model"] = {.url = "openai:m", .base_url = server.url("/v1")};
  config.provider = "model";
  Engine engine = Engine::open(config, std::move(dependencies));
  engine.create_session(conformance::two_in_a_room()).send_wait("Hello.");
  CHECK(log->trace_of("engine", "turn ended") != "no such line");
  CHECK(log->trace_of("llm", "") == "no such line");
}

// Providers over the real HTTP client on the simulated network, and over a tape of that.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "llm/registry.hpp"
#include "net/http_client.hpp"
#include "net/loop.hpp"
#include "net/sim_http_server.hpp"
#include "net/tape_transport.hpp"
#include "support/files.hpp"
#include "support/reply_log.hpp"

using namespace scena;
using namespace scena::llm;
using namespace std::chrono_literals;
using scena::test::read_file;
using scena::test::ReplyLog;

namespace {

namespace fs = std::filesystem;

struct World {
  VirtualClock clock;
  net::Loop loop{clock};
  std::shared_ptr<net::SimNetwork> network = std::make_shared<net::SimNetwork>(loop, 7);
  std::unique_ptr<net::HttpClient> client;
  std::mt19937 random{11};
  ProviderRegistry registry;

  World() {
    auto made = net::HttpClient::make(loop, {}, network);
    REQUIRE(made);
    client = *std::move(made);
    add_builtin_providers(registry);
  }

  // Serves the stream in chunks cut at random, and keeps the connection.
  void serve(std::string stream, std::string type) {
    network->listen(
        "llm.test", 80,
        net::sim_http_server([this, stream, type](const net::SimHttpRequest&, const auto& peer) {
          peer->send(answer_for(stream, type));
        }));
  }

  std::string answer_for(std::string_view stream, std::string_view type = "text/event-stream") {
    std::string answer = net::sim_http_stream_head(200, type);
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t length = 1 + random() % 200;
      answer += net::sim_http_chunk(stream.substr(at, length));
      at += length;
    }
    return answer + net::kSimHttpLastChunk;
  }

  std::vector<std::string> ask(net::HttpTransport& http, std::string kind,
                               std::string options = {}) {
    const auto provider = registry.make(
        {.url = kind + "+http://llm.test/v1", .model = "m", .options = std::move(options)},
        {http, loop, clock, {}});
    REQUIRE(provider);
    auto log = std::make_shared<ReplyLog>();
    const ReplyRequest hello{.messages = {{PromptRole::user, "hello", ""}}};
    (*provider)->start(std::make_shared<const ReplyRequest>(hello), log, {});
    while (loop.run_once(0ms) > 0) continue;
    REQUIRE(log->ends.size() == 1);
    CHECK(log->late == 0);
    return log->lines;
  }
};

}  // namespace

TEST_CASE(
    "golden streams over HTTP, recorded, and played again at three speeds give the same reply") {
  const std::map<std::string, std::string> types = {{".sse", "text/event-stream"},
                                                    {".ndjson", "application/x-ndjson"},
                                                    {".array", "application/json"}};
  for (const std::string kind :
       {"openai", "openai_responses", "anthropic", "gemini", "cohere", "ollama"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(SCENA_TEST_DIR) / "golden" / kind)) {
      const auto type = types.find(entry.path().extension().string());
      if (type == types.end()) continue;
      CAPTURE(entry.path().string());
      fs::path path = entry.path();
      const auto expected = parse_json(read_file(path.replace_extension(".json")));
      REQUIRE(expected);
      const std::string options = read_file(path.replace_extension(".options"));
      World world;
      world.serve(read_file(entry.path()), type->second);
      std::string tape;
      net::TapeRecorder recorder(*world.client, world.loop, [&](std::string_view line) {
        tape += line;
        return true;
      });
      const auto lines = world.ask(recorder, kind, options);
      auto wanted = expected->get<std::vector<std::string>>();
      // A service that names no model answers with the one that was asked for.
      const std::string nameless = "start " + kind + "  ";
      for (std::string& line : wanted) {
        if (line.starts_with(nameless)) line.insert(nameless.size() - 1, "m");
      }
      CHECK(lines == wanted);
      const auto parsed = net::parse_tape(tape);
      REQUIRE(parsed);
      REQUIRE(!parsed->exchanges.empty());
      CHECK(parsed->exchanges.front().request.kind == kind);
      for (const double speed : {1.0, 1000.0, 0.0}) {
        World stage;
        net::TapePlayer player(stage.loop, *parsed, {.speed = speed});
        CHECK(stage.ask(player, kind, options) == lines);
      }
    }
  }
}

TEST_CASE(
    "an answer cut at any byte of head or chunks, closed or reset, is never taken for whole") {
  for (const std::string kind : {"openai", "anthropic", "cohere"}) {
    const std::string stream = read_file(fs::path(SCENA_TEST_DIR) / "golden" / kind / "plain.sse");
    World world;
    const auto whole = world.answer_for(stream);
    std::string sent;
    bool reset = false;
    world.network->listen("llm.test", 80,
                          net::sim_http_server([&](const net::SimHttpRequest&, const auto& peer) {
                            peer->send(sent);
                            reset ? peer->reset() : peer->end();
                          }));
    sent = whole;
    const auto full = world.ask(*world.client, kind);
    REQUIRE(full.back().starts_with("done complete stop"));
    bool ended = false;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CAPTURE(length);
      sent = whole.substr(0, length);
      reset = length % 2 == 0;
      const auto lines = world.ask(*world.client, kind);
      const bool complete = lines.back().starts_with("done complete");
      // Once the end mark has come, what follows cannot unmake it.
      REQUIRE((!ended || complete));
      ended = complete;
      if (complete) {
        REQUIRE(lines.back() == full.back());
      } else {
        REQUIRE(lines.back().ends_with(" error=network"));
        REQUIRE(std::equal(lines.begin(), lines.end() - 1, full.begin()));
      }
    }
    CHECK(ended);
  }
}

TEST_CASE("a refused connection is a network failure without text") {
  World world;
  CHECK(world.ask(*world.client, "openai") ==
        std::vector<std::string>{"done failed raw= error=network"});
}

// The tape against a service in another process, and tapes of earlier releases.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
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
#include "support/server_process.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

std::string golden(const std::string& name) {
  return read_file(fs::path(SCENA_TEST_DIR) / "golden" / name);
}

// How the service ends an answer; the first part of the path that a client asks for.
constexpr const char* kEndings[] = {"whole", "cut", "reset", "busy"};

// Sends a golden stream in chunks, over the wire in pieces that know nothing of chunks.
void serve_golden(TestPeer& peer, std::latch&) {
  std::mt19937 random(20261127);
  for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
    const bool chat = request.find("/chat/completions") != std::string::npos;
    const std::string stream =
        golden(chat ? "openai/split_characters.sse" : "anthropic/thinking.sse");
    if (request.starts_with("POST /busy")) {
      peer.send(net::sim_http_answer(429, "application/json", R"({"error":{"message":"busy"}})"));
      continue;
    }
    std::string answer = net::sim_http_stream_head(200, "text/event-stream");
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t length = 1 + random() % 100;
      answer += net::sim_http_chunk(std::string_view(stream).substr(at, length));
      at += length;
    }
    answer += net::kSimHttpLastChunk;
    const bool whole = request.starts_with("POST /whole");
    if (!whole) answer.resize(answer.size() / 2);
    for (std::size_t at = 0; at < answer.size();) {
      const std::size_t length = 1 + random() % 300;
      peer.send(std::string_view(answer).substr(at, length));
      at += length;
    }
    if (request.starts_with("POST /reset")) return peer.reset();
    if (!whole) return peer.cut();
  }
}

struct Asker {
  explicit Asker(Clock& clock) : loop(clock) { add_builtin_providers(registry); }

  Lines ask(net::HttpTransport& http, const std::string& kind, const std::string& base) {
    auto provider =
        registry.make({.url = kind + ":m", .base_url = base, .api_key = "sk-secret-key"},
                      {http, loop, loop.clock(), {}});
    REQUIRE(provider);
    auto log = std::make_shared<ReplyLog>();
    const ReplyRequest hello{.messages = {{PromptRole::user, "hello", ""}}};
    (*provider)->start(std::make_shared<const ReplyRequest>(hello), log, {});
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    while (log->ends.empty() && std::chrono::steady_clock::now() < give_up) {
      loop.run_once(player ? 0ms : 100ms);
      if (player) player->step();
    }
    REQUIRE(log->ends.size() == 1);
    CHECK(log->late == 0);
    return log->lines;
  }

  net::Loop loop;
  ProviderRegistry registry;
  net::TapePlayer* player = nullptr;  // to be played step by step
};

std::vector<std::pair<std::string, std::string>> all_calls(const std::string& host) {
  std::vector<std::pair<std::string, std::string>> calls;
  for (const char* ending : kEndings) {
    for (const char* kind : {"openai", "anthropic"}) {
      calls.emplace_back(kind, host + "/" + ending + "/v1");
    }
  }
  return calls;
}

// Every call of a tape, asked again of the tape.
std::vector<Lines> play(const net::Tape& tape, const std::string& host,
                        const net::TapePlayer::Pace& pace) {
  VirtualClock clock;
  Asker stage(clock);
  net::TapePlayer player(stage.loop, tape, pace);
  if (pace.by_steps) stage.player = &player;
  std::vector<Lines> replies;
  for (const auto& [kind, base] : all_calls(host)) replies.push_back(stage.ask(player, kind, base));
  CHECK(player.left() == 0);
  return replies;
}

const net::TapePlayer::Pace kPaces[] = {
    {.speed = 1.0}, {.speed = 1000.0}, {.speed = 0.0}, {.by_steps = true}};

}  // namespace

TEST_CASE(
    "what another process sent over TCP, cut at random or broken off, is played again equally at "
    "every pace") {
  const ServerProcess service(serve_golden);
  const std::string host = "http://127.0.0.1:" + std::to_string(service.port());
  SystemClock clock;
  Asker real(clock);
  auto client = net::HttpClient::make(real.loop, {});
  REQUIRE(client);
  std::string text;
  net::TapeRecorder recorder(**client, real.loop, [&](std::string_view line) {
    text += line;
    return true;
  });
  std::vector<Lines> replies;
  for (const auto& [kind, base] : all_calls(host))
    replies.push_back(real.ask(recorder, kind, base));
  CHECK(replies[0].back().starts_with("done complete stop"));
  CHECK(replies[2].back() == "done truncated raw= error=network");
  CHECK(replies[4].back().ends_with(" raw= error=network"));
  CHECK(replies[6].back() == "done failed raw= error=rate_limited");
  CHECK(text.find("sk-secret-key") == std::string::npos);
  const auto tape = net::parse_tape(text);
  REQUIRE(tape);
  for (const auto& pace : kPaces) {
    CAPTURE(pace.speed);
    CHECK(play(*tape, host, pace) == replies);
  }
  if (const char* folder = std::getenv("SCENA_WRITE_GOLDEN")) {
    const std::string named = "http://llm.test";
    for (auto at = text.find(host); at != text.npos; at = text.find(host, at))
      text.replace(at, host.size(), named);
    std::ofstream(fs::path(folder) / "tape" / (std::string(SCENA_VERSION) + ".tape")) << text;
    std::ofstream(fs::path(folder) / "tape" / (std::string(SCENA_VERSION) + ".json"))
        << Json(replies).dump(1) << "\n";
  }
}

TEST_CASE("a stored tape of every release is played as it was recorded") {
  int played = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(SCENA_TEST_DIR) / "golden/tape")) {
    if (entry.path().extension() != ".tape") continue;
    CAPTURE(entry.path().string());
    const auto tape = net::load_tape(entry.path().string());
    REQUIRE(tape);
    fs::path path = entry.path();
    const auto expected = parse_json(read_file(path.replace_extension(".json")));
    REQUIRE(expected);
    for (const auto& pace : kPaces) {
      CAPTURE(pace.speed);
      CHECK(play(*tape, "http://llm.test", pace) == expected->get<std::vector<Lines>>());
    }
    ++played;
  }
  CHECK(played >= 1);
}

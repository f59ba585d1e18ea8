#include <algorithm>
#include <fstream>
#include <scena/fault_server.hpp>
#include <sstream>

#include "http_support.hpp"
#include "net/http_client.hpp"
#include "unit/llm_script/support.hpp"

using namespace scena;
using namespace std::chrono_literals;

namespace {

/// A real client and the fault server, each on its loop, both driven by the test.
class Pair {
 public:
  explicit Pair(const std::string& schedule = "{" + std::string(test::kInstantTalk) + "}") {
    auto server = FaultServer::open({.schedule = schedule});
    REQUIRE(server.has_value());
    server_ = std::move(*server);
    auto client = net::HttpClient::make(loop_, {});
    REQUIRE(client.has_value());
    client_ = std::move(*client);
  }

  std::shared_ptr<test::Recorder> ask(const std::string& kind, const std::string& prefix,
                                      const Timeouts& timeouts = {}) {
    ProviderConfig config{.url = kind + ":m", .api_key = "key"};
    config.base_url = server_->url() + prefix + (kind == "openai" ? "/v1" : "");
    auto provider = test::make_provider(config, *client_, loop_);
    REQUIRE(provider.has_value());
    auto request = test::ask("Hi");
    request.timeouts = timeouts;
    auto sink = std::make_shared<test::Recorder>(clock_);
    (*provider)->start(std::make_shared<const ReplyRequest>(std::move(request)), sink, {});
    for (int i = 0; i < 20'000 && !sink->end; ++i) {
      if (server_->poll() + loop_.poll(1ms) == 0) loop_.run_once(1ms);
    }
    INFO(kind << prefix);
    REQUIRE(sink->end.has_value());
    return sink;
  }

 private:
  SystemClock clock_;
  std::unique_ptr<FaultServer> server_;
  net::Loop loop_{clock_};
  std::unique_ptr<net::HttpClient> client_;
};

/// What a case must come to; every case that is not listed is complete with the whole text.
struct Expected {
  const char* id;
  Outcome outcome;
  ErrorCode code;
  const char* text;
};

constexpr std::pair<const char*, const char*> kPaths[] = {{"openai", "chat/completions"},
                                                          {"anthropic", "messages"},
                                                          {"gemini", "generateContent"},
                                                          {"cohere", "v2/chat"},
                                                          {"ollama", "api/chat"}};
constexpr const char* kText = "one two three four";
constexpr Expected kExpected[] = {
    {"F9", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"F12", Outcome::failed, ErrorCode::too_large, kText},
    {"D15none", Outcome::truncated, ErrorCode::network, kText},
    {"D15empty", Outcome::truncated, ErrorCode::network, kText},
    {"D21", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"D21c", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"D22", Outcome::complete, ErrorCode::ok, ""},
    {"D25", Outcome::truncated, ErrorCode::network, "one two"},
    {"D26", Outcome::failed, ErrorCode::protocol, ""},
    {"D26text", Outcome::failed, ErrorCode::protocol, ""},
    {"D27", Outcome::failed, ErrorCode::quota_exhausted, ""},
    {"A1", Outcome::failed, ErrorCode::overloaded, "one two"},
    {"A2", Outcome::failed, ErrorCode::overloaded, ""},
    {"A3", Outcome::truncated, ErrorCode::network, kText},
    {"A4other", Outcome::failed, ErrorCode::protocol, "one"},
    {"G1", Outcome::complete, ErrorCode::ok, ""},
    {"G2", Outcome::failed, ErrorCode::provider_error, ""},
    {"G7", Outcome::failed, ErrorCode::rate_limited, ""},
    {"G8", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"G9", Outcome::failed, ErrorCode::invalid_argument, ""},
    {"C2", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"C2timeout", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"O5", Outcome::failed, ErrorCode::provider_error, "one two"},
    {"html502", Outcome::failed, ErrorCode::provider_error, ""},
    {"no_content", Outcome::failed, ErrorCode::protocol, ""},
    {"redirect", Outcome::failed, ErrorCode::protocol, ""},
    {"wrong_type", Outcome::failed, ErrorCode::protocol, ""},
    {"garbage", Outcome::failed, ErrorCode::protocol, ""},
    {"half_head", Outcome::failed, ErrorCode::network, ""},
    {"bad_chunk", Outcome::failed, ErrorCode::protocol, ""},
    {"many_fields", Outcome::failed, ErrorCode::protocol, ""},
    {"broken_gzip", Outcome::failed, ErrorCode::protocol, ""},
    {"gzip_bomb", Outcome::failed, ErrorCode::too_large, ""},
};

Expected expected_of(const std::string& kind, const std::string& id) {
  // Its end mark is the end of the body; its events may hold pictures.
  if (kind == "gemini" && (id == "no_last_chunk" || id == "short_body"))
    return {id.c_str(), Outcome::truncated, ErrorCode::network, kText};
  if (kind == "gemini" && id == "F12") return {id.c_str(), Outcome::complete, ErrorCode::ok, kText};
  const auto* found = std::find_if(std::begin(kExpected), std::end(kExpected),
                                   [&id](const Expected& entry) { return id == entry.id; });
  return found == std::end(kExpected)
             ? Expected{id.c_str(), Outcome::complete, ErrorCode::ok, kText}
             : *found;
}

ErrorCode code_of(const test::Recorder& sink) {
  return sink.end->error ? sink.end->error->code() : ErrorCode::ok;
}

}  // namespace

TEST_CASE("every case over real connections ends as a client must end it") {
  Pair pair;
  for (const FaultServerCase& entry : FaultServer::cases()) {
    for (const auto& row : kPaths) {
      const auto kind = row.first;
      const auto path = row.second;
      const bool streams = entry.path == "any with events" && kind != std::string("ollama");
      if (entry.path != "any" && entry.path != path && !streams) continue;
      INFO(entry.id << " " << std::string(kind));
      const auto sink = pair.ask(kind, "/case/" + entry.id);
      const Expected expected = expected_of(kind, entry.id);
      CHECK(sink->end->outcome == expected.outcome);
      CHECK(code_of(*sink) == expected.code);
      if (entry.id == "F1" || entry.id == "F13" || entry.id == "F12") {
        CHECK(sink->text.starts_with(kText));
      } else {
        CHECK(sink->text == expected.text);
      }
    }
  }
}

TEST_CASE("the provider in process reports each step as a real provider reports it over HTTP") {
  Pair pair;
  const Timeouts hasty{.first_byte = 40ms, .idle = 40ms, .total = 10s};
  for (const std::string step : {"ok",
                                 "400",
                                 "401",
                                 "402",
                                 "403",
                                 "404",
                                 "408",
                                 "409",
                                 "413",
                                 "422",
                                 "429",
                                 "500",
                                 "502",
                                 "503",
                                 "504",
                                 "529",
                                 "quota",
                                 "context",
                                 "refuse",
                                 "reset",
                                 "cut_after=0",
                                 "cut_after=2",
                                 "cut_after=9",
                                 "error",
                                 "error_after=2",
                                 "bad_utf8_after=2",
                                 "bad_json_after=2",
                                 "empty",
                                 "wrong_finish",
                                 "stall_head",
                                 "stall",
                                 "stall_after=2"}) {
    INFO(step);
    VirtualClock clock;
    net::Loop loop(clock);
    test::NoHttp http;
    auto provider = test::make_provider(
        {.url = "fault:" + step, .options = "{" + std::string(test::kInstantTalk) + "}"}, http,
        loop);
    REQUIRE(provider.has_value());
    const auto inside = std::make_shared<test::Recorder>(clock);
    auto request = test::ask("Hi");
    request.timeouts = hasty;
    (*provider)->start(std::make_shared<const ReplyRequest>(std::move(request)), inside, {});
    test::run_until_done(loop, clock, *inside);
    REQUIRE(inside->end.has_value());

    const bool stalls = step.starts_with("stall");
    const auto wire = pair.ask("openai", "/fault/" + step, stalls ? hasty : Timeouts{});
    CHECK(inside->end->outcome == wire->end->outcome);
    CHECK(code_of(*inside) == code_of(*wire));
    CHECK(inside->text == wire->text);
    CHECK(inside->end->reason == wire->end->reason);
    CHECK(inside->end->raw_reason == wire->end->raw_reason);
    CHECK(inside->warnings == wire->warnings);
  }
}

TEST_CASE("the reference names every case and every step") {
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/../docs/reference/fault.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const FaultServerCase& entry : FaultServer::cases()) {
    INFO(entry.id);
    CHECK(text.str().find("| `" + entry.id + "` |") != std::string::npos);
    CHECK(text.str().find(entry.meaning) != std::string::npos);
  }
}

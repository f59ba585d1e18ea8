#include <thread>

#include "llm/backends/script/script.hpp"
#include "support.hpp"

using namespace scena;
using namespace std::chrono_literals;
using scena::test::ask;
using scena::test::Recorder;

namespace {

struct Stage {
  explicit Stage(std::string options =
                     R"({"replies":["Good morning to you."],"delay_ms":500,"token_ms":20})") {
    auto made = test::make_provider({.url = "script:", .options = std::move(options)}, http, loop);
    REQUIRE(made.has_value());
    provider = *made;
  }
  std::shared_ptr<Recorder> start(ReplyRequest request, std::stop_token stop = {}) {
    auto sink = std::make_shared<Recorder>(clock);
    provider->start(std::make_shared<const ReplyRequest>(std::move(request)), sink,
                    std::move(stop));
    CHECK(sink->starts == 0);
    CHECK_FALSE(sink->end.has_value());
    return sink;
  }
  std::shared_ptr<Recorder> play(ReplyRequest request) {
    auto sink = start(std::move(request));
    test::run_until_done(loop, clock, *sink);
    REQUIRE(sink->end.has_value());
    return sink;
  }

  VirtualClock clock;
  net::Loop loop{clock};
  test::NoHttp http;
  std::shared_ptr<Provider> provider;
};

}  // namespace

TEST_CASE("a scripted reply streams its tokens at their times on the virtual clock") {
  Stage stage;
  const auto sink = stage.play(ask("12345"));
  CHECK(sink->deltas == std::vector<std::string>{"Good", " morning", " to", " you", "."});
  REQUIRE(sink->times.size() == 5);
  CHECK(sink->times[0] == TimePoint(500ms));
  CHECK(sink->times[4] == TimePoint(580ms));
  CHECK(sink->flushes == 5);
  CHECK(sink->provider == "script");
  CHECK(sink->end->outcome == Outcome::complete);
  CHECK(sink->end->reason == FinishReason::stop);
  CHECK(sink->usage.input_tokens == 2);
  CHECK(sink->usage.output_tokens == 5);
}

TEST_CASE("instant replies take no time and keep their deltas") {
  Stage stage(R"({"replies":["Good morning to you."],"instant":true})");
  const auto sink = stage.play(ask("Hi"));
  CHECK(sink->deltas.size() == 5);
  CHECK(sink->flushes == 1);
  CHECK(sink->ended_at == TimePoint{});
}

TEST_CASE("a cancelled reply ends within one loop turn, keeps what came, and says so once") {
  Stage stage;
  std::stop_source stop;
  const auto sink = stage.start(ask("Hi"), stop.get_token());
  stage.clock.advance(520ms);
  stage.loop.poll(0us);
  CHECK_FALSE(sink->end.has_value());
  stop.request_stop();
  CHECK_FALSE(sink->end.has_value());
  stage.loop.poll(0us);
  REQUIRE(sink->end.has_value());
  CHECK(sink->end->outcome == Outcome::cancelled);
  CHECK(sink->usage.output_tokens == static_cast<std::int64_t>(sink->deltas.size()));
  stage.clock.advance(10s);
  for (int i = 0; i < 5; ++i) stage.loop.poll(0us);
  CHECK(sink->text.size() < std::string("Good morning to you.").size());
}

TEST_CASE("a reply cancelled before it started, or by another thread, is cancelled") {
  Stage stage;
  std::stop_source before;
  before.request_stop();
  const auto early = stage.start(ask("Hi"), before.get_token());
  stage.loop.poll(0us);
  REQUIRE(early->end.has_value());
  CHECK(early->end->outcome == Outcome::cancelled);
  CHECK(early->deltas.empty());

  std::stop_source elsewhere;
  const auto late = stage.start(ask("Hi"), elsewhere.get_token());
  std::thread([&] { elsewhere.request_stop(); }).join();
  stage.loop.poll(0us);
  REQUIRE(late->end.has_value());
  CHECK(late->end->outcome == Outcome::cancelled);
}

TEST_CASE("the total time limit ends a scripted reply, with its text where some came") {
  // Tokens come at 500, 520, 540, 560 and 580 ms.
  for (const auto& [total, deltas] : {std::pair{400ms, 0u}, {550ms, 3u}, {580ms, 5u}, {0ms, 5u}}) {
    const auto limit = total;
    CAPTURE(limit.count());
    Stage stage;
    ReplyRequest request = ask("Hi");
    request.timeouts.total = limit;
    const auto sink = stage.play(std::move(request));
    CHECK(sink->deltas.size() == deltas);
    const bool whole = deltas == 5;
    CHECK(sink->end->outcome == (whole         ? Outcome::complete
                                 : deltas == 0 ? Outcome::failed
                                               : Outcome::truncated));
    CHECK(sink->end->error.has_value() != whole);
    if (whole) continue;
    CHECK(sink->end->error->code() == ErrorCode::timeout);
    CHECK(sink->ended_at == TimePoint(limit));
  }
}

TEST_CASE("a stop request after the end changes nothing") {
  Stage stage;
  std::stop_source stop;
  const auto sink = stage.start(ask("Hi"), stop.get_token());
  test::run_until_done(stage.loop, stage.clock, *sink);
  stop.request_stop();
  stage.loop.poll(0us);
  CHECK(sink->end->outcome == Outcome::complete);
}

TEST_CASE("max_tokens, stop sequences and max_bytes end a reply with their own marks") {
  Stage stage;
  auto few = ask("Hi");
  few.max_tokens = 2;
  const auto length = stage.play(few);
  CHECK(length->text == "Good morning");
  CHECK(length->end->reason == FinishReason::length);

  auto until = ask("Hi");
  until.stop = {" to"};
  const auto stopped = stage.play(until);
  CHECK(stopped->text == "Good morning");
  CHECK(stopped->end->reason == FinishReason::stop);

  auto small = ask("Hi");
  small.max_bytes = 6;
  const auto large = stage.play(small);
  CHECK(large->text == "Good m");
  CHECK(large->end->outcome == Outcome::truncated);
  REQUIRE(large->end->error.has_value());
  CHECK(large->end->error->code() == ErrorCode::too_large);
}

TEST_CASE("a script that cannot be read fails the reply, not the provider") {
  Stage stage("");
  auto request = ask("Hi");
  request.script = "{";
  const auto sink = stage.play(request);
  CHECK(sink->end->outcome == Outcome::failed);
  REQUIRE(sink->end->error.has_value());
  CHECK(sink->end->error->code() == ErrorCode::invalid_argument);
  CHECK(stage.play(ask("Hi"))->end->outcome == Outcome::complete);
}

TEST_CASE("many replies run side by side") {
  Stage stage("");
  std::vector<std::shared_ptr<Recorder>> sinks;
  for (std::uint64_t i = 0; i < 200; ++i) sinks.push_back(stage.start(ask("the offer", i)));
  for (const auto& sink : sinks) {
    test::run_until_done(stage.loop, stage.clock, *sink);
    CHECK(sink->end->outcome == Outcome::complete);
  }
}

TEST_CASE("wrong options are refused when the provider is made") {
  VirtualClock clock;
  net::Loop loop(clock);
  test::NoHttp http;
  const auto made =
      test::make_provider({.url = "script:", .options = R"({"replies":3})"}, http, loop);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().pointer() == "/replies");
}

TEST_CASE("a scripted reply asks for its tools behind its text and then answers the result") {
  Stage stage(
      R"({"replies":[{"tools":[{"name":"weather","arguments":{"city":"Oslo"}}],"text":"Look."},
                             {"after":"weather","text":"It is %result%."}],"instant":true})");
  ReplyRequest request;
  request.tools = {{"weather", "The weather.", ""}};
  request.messages = {{.role = PromptRole::user, .text = "Hello."}};
  auto sink = stage.play(request);
  CHECK(sink->text == "Look.");
  CHECK(sink->end->reason == FinishReason::tool_calls);
  REQUIRE(sink->calls.size() == 1);
  CHECK(sink->calls[0].name == "weather");
  CHECK(sink->calls[0].arguments == R"({"city":"Oslo"})");
  CHECK_FALSE(sink->calls[0].id.empty());
  request.messages.push_back({.role = PromptRole::assistant, .tool_calls = sink->calls});
  request.messages.push_back({.role = PromptRole::tool, .text = "mild", .name = "weather"});
  sink = stage.play(request);
  CHECK(sink->text == "It is mild.");
  CHECK(sink->end->reason == FinishReason::stop);
  CHECK(sink->calls.empty());
}

#include "engine/turn/host_provider.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "base/clock.hpp"
#include "support/reply_log.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// A host's provider that keeps its sink, and does what the test says at its start.
struct KeptModel final : Provider {
  std::string_view name() const noexcept override { return "kept"; }
  Result<std::string> request_body(const ReplyRequest&) const override {
    if (throws) throw 1;
    return std::string("{}");
  }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> its_sink,
             std::stop_token token) override {
    sink = std::move(its_sink);
    stop = std::move(token);
    if (at_start) at_start(*sink);
  }
  std::function<void(ReplySink&)> at_start;
  std::shared_ptr<ReplySink> sink;
  std::stop_token stop;
  bool throws = false;
};

struct HostBench {
  VirtualClock clock;
  net::Loop loop{clock};
  std::shared_ptr<engine::LoopGate> gate = std::make_shared<engine::LoopGate>(loop);
  std::shared_ptr<KeptModel> model = std::make_shared<KeptModel>();
  engine::HostProvider provider{model, loop, gate};
  std::shared_ptr<ReplyLog> log = std::make_shared<ReplyLog>();
  ReplyRequest request;
  std::stop_source stop;

  ReplySink& start() {
    provider.start(std::make_shared<const ReplyRequest>(request), log, stop.get_token());
    CHECK(log->lines.empty());  // nothing before the loop runs
    return *model->sink;
  }
  void drive() {
    while (loop.poll(0us) > 0) continue;
  }
  void pass(Duration time) {
    clock.advance(time);
    drive();
  }
};

}  // namespace

TEST_CASE(
    "what a host's provider reports arrives on the loop, in order, with a flush for a batch") {
  HostBench bench;
  ReplySink& sink = bench.start();
  sink.on_start({"host", "m", "r"});
  sink.on_reasoning("Hm");
  sink.on_text("");
  sink.on_text("Hi");
  sink.on_tool_start(0, "c", "f");
  sink.on_tool_args(0, "{}");
  sink.on_tool_end(0, {"c", "f", "{}", true});
  sink.on_usage({.input_tokens = 3});
  CHECK(bench.log->lines.empty());
  bench.drive();
  CHECK(bench.log->lines == std::vector<std::string>{"start host m r", "reasoning Hm", "text Hi",
                                                     "tool 0 c f", "args 0 {}", "call 0 c f {}",
                                                     "usage 3 - - - -"});
  CHECK(bench.log->flushes == 1);
  sink.on_text(" again");
  sink.on_done({.outcome = Outcome::complete, .reason = FinishReason::stop, .raw_reason = "end"});
  sink.on_text("late");
  sink.on_done({.outcome = Outcome::failed});
  bench.drive();
  CHECK(bench.log->text == "Hi again");
  CHECK(bench.log->ends.size() == 1);
  CHECK(bench.log->late == 0);
}

TEST_CASE("texts of a host's provider become valid UTF-8 without NUL, whichever they are") {
  const std::string bad("a\0\xFF", 3);
  const std::string good = "a\xEF\xBF\xBD\xEF\xBF\xBD";
  struct Seen final : ReplySink {
    void on_start(const ReplyStart& one) override {
      texts = {one.provider, one.model, one.request_id, one.route, one.fallback_for};
    }
    void on_text(std::string_view text) override { texts.emplace_back(text); }
    void on_reasoning(std::string_view text) override { texts.emplace_back(text); }
    void on_refusal(std::string_view text) override { texts.emplace_back(text); }
    void on_tool_start(std::size_t, std::string_view id, std::string_view name) override {
      texts.emplace_back(id);
      texts.emplace_back(name);
    }
    void on_tool_args(std::size_t, std::string_view text) override { texts.emplace_back(text); }
    void on_tool_end(std::size_t, const ToolCall& call) override {
      texts.insert(texts.end(), {call.id, call.name, call.arguments});
    }
    void on_citation(const Citation& one) override {
      texts.insert(texts.end(), {one.text, one.title, one.url, one.raw});
    }
    void on_state(std::string_view text) override { texts.emplace_back(text); }
    void on_other_use(const OtherUse& use) override {
      texts.insert(texts.end(), {use.provider, use.model});
    }
    void on_warning(std::string_view code, std::string_view detail) override {
      texts.emplace_back(code);
      texts.emplace_back(detail);
    }
    void on_done(const ReplyEnd& end) override {
      texts.insert(texts.end(), {end.raw_reason, end.extra});
    }
    std::vector<std::string> texts;
  };
  HostBench bench;
  const auto seen = std::make_shared<Seen>();
  bench.provider.start(std::make_shared<const ReplyRequest>(), seen, {});
  ReplySink& sink = *bench.model->sink;
  sink.on_start({bad, bad, bad, false, false, bad, bad});
  sink.on_text(bad);
  sink.on_reasoning(bad);
  sink.on_refusal(bad);
  sink.on_tool_start(0, bad, bad);
  sink.on_tool_args(0, bad);
  sink.on_tool_end(0, {bad, bad, bad, true});
  sink.on_citation({bad, bad, bad, bad});
  sink.on_state(bad);
  sink.on_other_use({bad, bad, {}});
  sink.on_warning(bad, bad);
  sink.on_done({.raw_reason = bad, .extra = bad});
  bench.drive();
  CHECK(seen->texts == std::vector<std::string>(25, good));
}

TEST_CASE(
    "a host may cut a character in two: it comes whole, in its place, and half a one as U+FFFD") {
  HostBench bench;
  ReplySink& sink = bench.start();
  sink.on_text("caf\xC3");
  bench.drive();
  sink.on_usage({.input_tokens = 3});
  sink.on_text("\xA9!");
  sink.on_reasoning("\xE6\x97");
  sink.on_reasoning("\xA5");
  sink.on_text("\xF0\x9F");
  sink.on_tool_start(0, "c", "f");
  sink.on_text("\xE6");
  sink.on_reasoning("\x97");
  sink.on_text("\xE6");
  sink.on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  bench.drive();
  CHECK(bench.log->lines == std::vector<std::string>{"text caf", "usage 3 - - - -", "text é!",
                                                     "reasoning 日", "text \uFFFD", "tool 0 c f",
                                                     "text \uFFFD", "reasoning \uFFFD",
                                                     "text \uFFFD", "done complete stop raw="});
  CHECK(bench.log->ends.size() == 1);
}

TEST_CASE("a host's call is valid only where it says so and its arguments are one sound object") {
  struct Case {
    const char* arguments;
    bool said, valid;
  };
  for (const Case& one :
       {Case{R"({"a":1})", true, true}, Case{R"({"a":1})", false, false}, Case{"[1]", true, false},
        Case{R"({"a":)", true, false}, Case{R"({"a":1,"a":2})", true, false}}) {
    CAPTURE(one.arguments);
    HostBench bench;
    bench.start().on_tool_end(0, {"c", "f", one.arguments, one.said});
    bench.drive();
    REQUIRE(bench.log->calls.size() == 1);
    CHECK(bench.log->calls[0].valid == one.valid);
  }
}

TEST_CASE("counts of a host's provider that no call can have are left out, in others' use, too") {
  HostBench bench;
  struct Uses final : ReplySink {
    void on_start(const ReplyStart&) override {}
    void on_text(std::string_view) override {}
    void on_done(const ReplyEnd&) override {}
    void on_usage(const UsageUpdate& one) override { updates.push_back(one); }
    void on_other_use(const OtherUse& use) override { updates.push_back(use.usage); }
    std::vector<UsageUpdate> updates;
  };
  const auto uses = std::make_shared<Uses>();
  bench.provider.start(std::make_shared<const ReplyRequest>(), uses, {});
  bench.model->sink->on_usage({.input_tokens = -5, .output_tokens = 7});
  bench.model->sink->on_other_use({"p", "m", {.input_tokens = -5, .output_tokens = 7}});
  bench.drive();
  REQUIRE(uses->updates.size() == 2);
  for (const UsageUpdate& one : uses->updates) {
    CHECK_FALSE(one.input_tokens);
    CHECK(one.output_tokens == 7);
  }
}

TEST_CASE(
    "a host's provider that is silent for too long ends by what it said, and is told to stop") {
  const std::pair<const char*, std::function<void(ReplySink&)>> kSaid[] = {
      {"nothing",
       [](ReplySink& sink) {
         sink.on_start({"host", "m", ""});
       }},
      {"text", [](ReplySink& sink) { sink.on_text("Hi"); }},
      {"reasoning", [](ReplySink& sink) { sink.on_reasoning("Hm"); }},
      {"refusal", [](ReplySink& sink) { sink.on_refusal("No"); }},
      {"tool", [](ReplySink& sink) { sink.on_tool_start(0, "c", "f"); }},
  };
  for (const auto& said : kSaid) {
    CAPTURE(said.first);
    HostBench bench;
    bench.request.timeouts.total = 20s;
    said.second(bench.start());
    bench.pass(19s);
    CHECK(bench.log->ends.empty());
    CHECK_FALSE(bench.model->stop.stop_requested());
    bench.pass(1s);
    REQUIRE(bench.log->ends.size() == 1);
    const bool none = std::string_view(said.first) == "nothing";
    CHECK(bench.log->end().outcome == (none ? Outcome::failed : Outcome::truncated));
    CHECK(bench.log->end().error->code() == ErrorCode::timeout);
    CHECK(bench.model->stop.stop_requested());
    bench.model->sink->on_text("late");
    bench.drive();
    CHECK(bench.log->late == 0);
  }
  HostBench ended;
  ended.request.timeouts.total = 20s;
  ended.start().on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  ended.drive();
  CHECK_FALSE(ended.loop.next_deadline());  // no timer is left behind
}

TEST_CASE("a stop request ends a host's reply within one turn, before its start as well") {
  HostBench bench;
  bench.start().on_text("Hi");
  bench.drive();
  bench.stop.request_stop();
  CHECK(bench.model->stop.stop_requested());
  CHECK(bench.log->ends.empty());
  bench.drive();
  REQUIRE(bench.log->ends.size() == 1);
  CHECK(bench.log->end().outcome == Outcome::cancelled);

  HostBench early;
  early.stop.request_stop();
  early.start();
  CHECK(early.model->stop.stop_requested());
  early.drive();
  REQUIRE(early.log->ends.size() == 1);
  CHECK(early.log->end().outcome == Outcome::cancelled);
}

TEST_CASE("a host that is faster than the loop fills no memory, a steady one is never stopped") {
  HostBench fast;
  fast.request.max_bytes = 1'000;
  ReplySink& flood = fast.start();
  for (int i = 0; i < 1'000; ++i) flood.on_text(std::string(1'000, 'x'));
  fast.drive();
  REQUIRE(fast.log->ends.size() == 1);
  CHECK(fast.log->end().outcome == Outcome::truncated);
  CHECK(fast.log->end().error->code() == ErrorCode::too_large);
  CHECK(fast.log->text.size() < 100'000);
  CHECK(fast.model->stop.stop_requested());

  HostBench steady;
  steady.request.max_bytes = 1'000;
  ReplySink& sink = steady.start();
  for (int i = 0; i < 1'000; ++i) {
    sink.on_reasoning(std::string(1'000, 'x'));
    steady.drive();
  }
  CHECK(steady.log->ends.empty());
}

TEST_CASE("what a host's provider throws is its failure, in either of its functions") {
  HostBench bench;
  bench.model->at_start = [](ReplySink& sink) {
    sink.on_text("Hi");
    throw 1;
  };
  bench.provider.start(std::make_shared<const ReplyRequest>(), bench.log, {});
  bench.drive();
  CHECK(bench.log->end().error->code() == ErrorCode::provider_error);
  bench.model->throws = true;
  const auto body = bench.provider.request_body({});
  REQUIRE_FALSE(body);
  CHECK(body.error().code() == ErrorCode::provider_error);
}

TEST_CASE("what a host's provider reports behind the engine's end is dropped") {
  HostBench bench;
  ReplySink& sink = bench.start();
  bench.gate->close();
  sink.on_text("Hi");
  sink.on_done({.outcome = Outcome::complete});
  bench.stop.request_stop();
  bench.drive();
  CHECK(bench.log->lines.empty());
}

#include <doctest/doctest.h>

#include <type_traits>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "engine/turn/turn_plan.hpp"
#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

// What a reply costs while it streams: everything that the service sends counts, told or not.

namespace {

constexpr std::int64_t kMilliUsd = 1'000'000'000;

// Output at a tenth of a cent a token, input free: the cost is the tokens.
Config metered() {
  Config config = hosted();
  config.prices["*"] = {.output = Money{1'000 * 1'000 * kMilliUsd}};
  return config;
}

std::int64_t tokens_of(Money cost) {
  return cost.pico_usd / kMilliUsd;
}

// A model whose replies the test plays.
struct LiveStage {
  std::vector<std::shared_ptr<ReplySink>> sinks;
  std::shared_ptr<HostModel> model = std::make_shared<HostModel>([this](auto sink) {
    sink->on_start({"host", "model", ""});
    sinks.push_back(std::move(sink));
  });
  Engine engine;
  explicit LiveStage(const Config& config) : engine(Engine::open(config, with_model(model))) {}

  Turn send(Session& session) {
    const auto before = sinks.size();
    Turn turn = session.send("Hello.");
    while (sinks.size() == before) engine.poll();
    return turn;
  }
};

enum class Kind { text, reasoning, refusal, tool };

void stream(LiveStage& stage, ReplySink& sink, Kind kind, int words) {
  if (kind == Kind::tool) sink.on_tool_start(0, "c1", "weather");
  for (int i = 0; i < words; ++i) {
    switch (kind) {
      case Kind::text:
        sink.on_text("word ");
        break;
      case Kind::reasoning:
        sink.on_reasoning("word ");
        break;
      case Kind::refusal:
        sink.on_refusal("word ");
        break;
      case Kind::tool:
        sink.on_tool_args(0, "word ");
        break;
    }
    if (i % 50 == 0) stage.engine.poll();
  }
}

constexpr Kind kPieceKinds[] = {Kind::text, Kind::reasoning, Kind::refusal, Kind::tool};

ReplyEnd cut() {
  return {.outcome = Outcome::truncated, .error = Error::fixed(ErrorCode::network, "cut")};
}

}  // namespace

TEST_CASE("a budget cuts a live reply in its text, its reasoning, its refusal and its tool calls") {
  for (const Kind kind : kPieceKinds) {
    CAPTURE(static_cast<int>(kind));
    Config config = metered();
    config.session_budget = Money{2'000 * kMilliUsd};
    LiveStage stage(config);
    Session session = open_stage(stage.engine);
    Turn turn = stage.send(session);
    stream(stage, *stage.sinks[0], kind, 20'000);
    const TurnResult result = turn.wait();
    CHECK(result.outcome == Outcome::truncated);
    REQUIRE(result.error.has_value());
    CHECK(result.error->code() == ErrorCode::budget_exhausted);
    CHECK(result.usage.estimated);
    CHECK((result.usage.reasoning_tokens > 0) == (kind == Kind::reasoning));
    CHECK(tokens_of(session.info().cost) <= 2'000);
    CHECK(tokens_of(session.info().cost) >= 1'990);
  }
}

TEST_CASE(
    "a budget cuts a reply before its reasoning, where that is dearer, costs more than is left") {
  for (const AtLimit at_limit : {AtLimit::cut, AtLimit::refuse}) {
    Config config = metered();
    config.prices["*"].reasoning = Money{10 * 1'000 * 1'000 * kMilliUsd};
    const Money limit{(at_limit == AtLimit::cut ? 2'000 : 20'000) * kMilliUsd};
    config.policy.budgets = {{.of = BudgetOf::session, .limit = limit, .at_limit = at_limit}};
    LiveStage stage(config);
    Session session = open_stage(stage.engine);
    Turn turn = stage.send(session);
    stream(stage, *stage.sinks[0], Kind::reasoning, 20'000);
    const TurnResult result = turn.wait();
    REQUIRE(result.error.has_value());
    CHECK(result.error->code() == ErrorCode::budget_exhausted);
    CHECK(session.info().cost <= limit);
    CHECK(tokens_of(session.info().cost) >= tokens_of(limit) - 100);
  }
}

TEST_CASE("a call that our own time limit ended costs its prompt, one that was refused nothing") {
  Config config = metered();
  config.prices["*"].input = config.prices["*"].output;
  config.max_retries = 0;
  for (const int status : {0, 504}) {
    CAPTURE(status);
    LiveStage stage(config);
    Session session = open_stage(stage.engine);
    Turn turn = stage.send(session);
    Error late = Error::fixed(ErrorCode::timeout, "late");
    if (status != 0) late.with_provider_status(status);
    stage.sinks[0]->on_done({.outcome = Outcome::failed, .error = late});
    const TurnResult result = turn.wait();
    CHECK(result.outcome == Outcome::failed);
    CHECK((result.cost > Money{}) == (status == 0));
    CHECK(result.usage.estimated == (status == 0));
    CHECK(stage.engine.costs().at(0).cost == result.cost);
  }
}

TEST_CASE("a reply that is cut or cancelled in reasoning or in a tool call costs what had come") {
  for (const Kind kind : kPieceKinds) {
    for (const bool cancels : {false, true}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(cancels);
      LiveStage stage(metered());
      Session session = open_stage(stage.engine);
      Turn turn = stage.send(session);
      stream(stage, *stage.sinks[0], kind, 300);
      stage.engine.poll();
      if (cancels)
        turn.cancel();
      else
        stage.sinks[0]->on_done(cut());
      const TurnResult result = turn.wait();
      CHECK(result.usage.estimated);
      CHECK(result.usage.input_tokens > 0);
      CHECK(result.usage.output_tokens == (kind == Kind::tool ? 302 : 300));
      CHECK(tokens_of(result.cost) == result.usage.output_tokens);
      CHECK(session.info().cost == result.cost);
    }
  }
}

TEST_CASE("a report that came before most of a cut reply does not stand for it") {
  LiveStage stage(metered());
  Session session = open_stage(stage.engine);
  Turn turn = stage.send(session);
  UsageUpdate first;
  first.input_tokens = 20;
  first.output_tokens = 1;
  stage.sinks[0]->on_usage(first);
  stream(stage, *stage.sinks[0], Kind::text, 300);
  stage.sinks[0]->on_done(cut());
  const TurnResult early = turn.wait();
  CHECK(early.usage.output_tokens == 300);
  CHECK(early.usage.input_tokens == 20);
  CHECK(early.usage.estimated);
  // The last word of a service about all that came is believed.
  turn = stage.send(session);
  stream(stage, *stage.sinks[1], Kind::text, 300);
  first.output_tokens = 250;
  stage.sinks[1]->on_usage(first);
  stage.sinks[1]->on_done(cut());
  CHECK(turn.wait().usage.output_tokens == 250);
}

TEST_CASE("a tool call that the token limit cut costs its tokens when the service tells none") {
  LiveStage stage(metered());
  Session session = open_stage(stage.engine);
  Turn turn = stage.send(session);
  stage.sinks[0]->on_tool_end(0, {"c1", "weather", R"({"city":"Os)", false});
  stage.sinks[0]->on_done({.outcome = Outcome::complete, .reason = FinishReason::length});
  const TurnResult result = turn.wait();
  CHECK(result.usage.estimated);
  CHECK(result.usage.output_tokens > 5);
  CHECK(result.cost > Money{});
}

TEST_CASE("a turn that is cancelled once its request has left costs its prompt") {
  Config config = metered();
  config.prices["*"].input = config.prices["*"].output;
  LiveStage stage(config);
  Session session = open_stage(stage.engine);
  Turn turn = stage.send(session);
  turn.cancel();
  const TurnResult result = turn.wait();
  CHECK(result.outcome == Outcome::cancelled);
  CHECK(result.usage.estimated);
  CHECK(result.usage.input_tokens > 0);
  CHECK(result.usage.output_tokens == 0);
  CHECK(tokens_of(result.cost) == result.usage.input_tokens);
  CHECK(stage.engine.costs().at(0).cost == result.cost);
}

TEST_CASE("a turn that is cancelled while it waits for a place, or refused, costs nothing") {
  Config config = metered();
  config.prices["*"].input = config.prices["*"].output;
  config.policy.services = {{.running = 1, .waiting = 5}};
  config.max_retries = 0;
  LiveStage stage(config);
  Session first = open_stage(stage.engine);
  Session second = open_stage(stage.engine);
  Turn running = stage.send(first);
  Turn waiting = second.send("Hello.");
  for (int i = 0; i < 50; ++i) stage.engine.poll();
  CHECK(stage.sinks.size() == 1);
  waiting.cancel();
  CHECK(waiting.wait().cost == Money{});
  stage.sinks[0]->on_done(
      {.outcome = Outcome::failed, .error = Error::fixed(ErrorCode::overloaded, "busy")});
  CHECK(running.wait().cost == Money{});
}

TEST_CASE("turns at the same time do not pass a budget together, however long their replies are") {
  for (const AtLimit at_limit : {AtLimit::refuse, AtLimit::cut}) {
    CAPTURE(static_cast<int>(at_limit));
    Config config = metered();
    config.policy.budgets = {{.of = BudgetOf::user,
                              .over = BudgetOver::day,
                              .limit = Money{5'000 * kMilliUsd},
                              .at_limit = at_limit}};
    LiveStage stage(config);
    std::vector<Session> sessions;
    std::vector<Turn> turns;
    for (int i = 0; i < 2; ++i) {
      sessions.push_back(
          stage.engine.create_session(conformance::two_in_a_room(), {.owner = "ada"}));
      turns.push_back(stage.send(sessions.back()));
    }
    for (int i = 0; i < 80; ++i) {
      for (auto& sink : stage.sinks) stream(stage, *sink, Kind::text, 50);
    }
    for (auto& sink : stage.sinks)
      sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
    Money sum;
    int cuts = 0;
    for (auto& turn : turns) {
      const TurnResult result = turn.wait();
      sum += result.cost;
      cuts += result.error && result.error->code() == ErrorCode::budget_exhausted;
    }
    CHECK(cuts >= 1);
    CHECK(tokens_of(sum) <= 5'000);
    CHECK(tokens_of(sum) >= 4'990);
  }
}

TEST_CASE("what a long reply has set aside is free again for others when it ends") {
  Config config = metered();
  config.policy.budgets = {{.of = BudgetOf::tenant, .limit = Money{5'000 * kMilliUsd}}};
  LiveStage stage(config);
  Session first = open_stage(stage.engine);
  Session second = open_stage(stage.engine);
  Turn turn = stage.send(first);
  stream(stage, *stage.sinks[0], Kind::text, 4'500);
  for (int i = 0; i < 20; ++i) stage.engine.poll();
  CHECK(code_of([&] { second.send_wait("Hello."); }) == ErrorCode::budget_exhausted);
  UsageUpdate told;
  told.input_tokens = 10;
  told.output_tokens = 100;
  stage.sinks[0]->on_usage(told);
  stage.sinks[0]->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  CHECK(tokens_of(turn.wait().cost) == 100);
  turn = stage.send(second);
  stream(stage, *stage.sinks[1], Kind::text, 4'800);
  stage.sinks[1]->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  CHECK(turn.wait().outcome == Outcome::complete);
}

TEST_CASE(
    "limits.answer_tokens ends a reply in its text, its reasoning, its refusal and its tool "
    "calls") {
  for (const Kind kind : kPieceKinds) {
    CAPTURE(static_cast<int>(kind));
    Config config = hosted();
    config.limits.answer_tokens = 200;
    LiveStage stage(config);
    Session session = open_stage(stage.engine);
    Turn turn = stage.send(session);
    stream(stage, *stage.sinks[0], kind, 1'000);
    stage.sinks[0]->on_done(cut());
    const auto result = turn.wait();
    CHECK(result.outcome == Outcome::truncated);
    REQUIRE(result.error);
    CHECK(result.error->code() == ErrorCode::too_large);
    CHECK(std::string(result.error->what()).find("\"limits.answer_tokens\"") != std::string::npos);
    CHECK(result.usage.output_tokens >= 200);
    CHECK(result.usage.output_tokens < 220);
    CHECK(session.info().state == SessionState::active);
  }
}

TEST_CASE(
    "limits.answer_tokens ends a side question, and is off for a reply that keeps within it") {
  Config config = hosted();
  config.limits.answer_tokens = 200;
  LiveStage stage(config);
  Session session = open_stage(stage.engine);
  Turn turn = stage.send(session);
  stream(stage, *stage.sinks[0], Kind::text, 150);
  stage.sinks[0]->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  CHECK(turn.wait().outcome == Outcome::complete);

  auto aside = session.ask_aside(session.messages().back().speaker, "Why?");
  while (stage.sinks.size() < 2) stage.engine.poll();
  stream(stage, *stage.sinks[1], Kind::reasoning, 1'000);
  stage.sinks[1]->on_done(cut());
  CHECK(code_of([&] { aside.get(); }) == ErrorCode::too_large);
}

namespace {

// A completion of a host's provider that streams 1,000 pieces of that kind and is stopped.
Completion long_completion(const Config& config, Kind kind, ReplyRequest request = {}) {
  LiveStage stage(config);
  request.messages.emplace_back().text = "Hello.";
  const auto answer = stage.engine.complete("model", request);
  while (stage.sinks.empty()) stage.engine.poll();
  stream(stage, *stage.sinks[0], kind, 1'000);
  stage.sinks[0]->on_done(cut());
  return answer.get();
}

}  // namespace

TEST_CASE(
    "limits.answer_tokens ends a completion in its text, its reasoning, its refusal and its tool "
    "calls") {
  for (const Kind kind : kPieceKinds) {
    CAPTURE(static_cast<int>(kind));
    Config config = hosted();
    config.limits.answer_tokens = 200;
    const Completion reply = long_completion(config, kind);
    CHECK(reply.outcome == Outcome::truncated);
    REQUIRE(reply.error);
    CHECK(reply.error->code() == ErrorCode::too_large);
    CHECK(std::string(reply.error->what()).find("\"limits.answer_tokens\"") != std::string::npos);
    CHECK_FALSE(reply.finish_reason.has_value());
    CHECK(reply.usage.output_tokens >= 200);
    CHECK(reply.usage.output_tokens < 220);
    CHECK(reply.text.size() + reply.reasoning.size() + reply.refusal.size() < 1'100);
  }
}

TEST_CASE("max_bytes ends a completion of a host's provider, and it keeps what came") {
  ReplyRequest request;
  request.max_bytes = 100;
  const Completion reply = long_completion(hosted(), Kind::text, request);
  CHECK(reply.outcome == Outcome::truncated);
  REQUIRE(reply.error);
  CHECK(reply.error->code() == ErrorCode::too_large);
  CHECK(reply.text.size() == 100);
}

TEST_CASE("limits.answer_bytes ends a side question, which costs what had come") {
  Config config = metered();
  config.limits.answer_bytes = 100;
  LiveStage stage(config);
  Session session = open_stage(stage.engine);
  session.start().get();
  auto aside = session.ask_aside("host", "Why?");
  for (int i = 0; i < 1'000 && stage.sinks.empty(); ++i) stage.engine.poll();
  REQUIRE(stage.sinks.size() == 1);
  stream(stage, *stage.sinks[0], Kind::text, 30);
  stage.sinks[0]->on_done(cut());
  CHECK(code_of([&] { aside.get(); }) == ErrorCode::too_large);
  CHECK(stage.engine.costs().at(0).cost > Money{});
}

TEST_CASE("limits.answer_bytes ends a completion that asks for more") {
  Config config = hosted();
  config.limits.answer_bytes = 100;
  const Completion reply = long_completion(config, Kind::text);
  CHECK(reply.outcome == Outcome::truncated);
  CHECK(reply.text.size() == 100);
}

TEST_CASE("no kind of call has a plan without the limits of an answer") {
  static_assert(!std::is_default_constructible_v<engine::TurnPlan>);
  Limits limits;
  limits.answer_tokens = 7;
  limits.answer_bytes = 9;
  const engine::TurnPlan plan(limits);
  CHECK(plan.answer_tokens == 7);
  CHECK(plan.request.max_bytes == 9);
}

TEST_CASE("an answer beside the turns that another name gives sets no more aside than it needs") {
  Config config = metered();
  config.model = "asked";
  config.prices = {{"asked", config.prices.at("*")}};
  config.session_budget = Money{1'000 * kMilliUsd};
  LiveStage stage(config);
  Preset preset = conformance::two_in_a_room();
  preset.model.max_tokens = 10;
  Session session = stage.engine.create_session(preset);
  session.start().get();
  auto first = session.ask_aside("host", "Why?");
  while (stage.sinks.empty()) stage.engine.poll();
  stage.sinks[0]->on_text("word ");
  for (int i = 0; i < 10; ++i) stage.engine.poll();
  auto second = session.ask_aside("host", "And why else?");
  while (stage.sinks.size() == 1 && !second.ready()) stage.engine.poll();
  REQUIRE(stage.sinks.size() == 2);
  for (const auto& sink : stage.sinks) {
    sink->on_text("word ");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }
  CHECK(first.get().text == "word word ");
  CHECK(second.get().text == "word ");
}

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>

#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// What the model read of one call that was answered as `tool` says.
PromptMessage result_of(const std::shared_ptr<TestTool>& tool,
                        const ToolCall& call = weather_call()) {
  ToolStage stage({{"Look.", {call}}, {"Done.", {}}});
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  CHECK(session.send_wait("Go.").outcome == Outcome::complete);
  const auto results = results_in(stage.model->requests.back());
  REQUIRE(results.size() == 1);
  CHECK(session.state() == SessionState::active);
  return results[0];
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Approval final : ToolApproval {
  void ask(const ToolRequest& request, Answer answer) override {
    requests.push_back(request);
    if (throws) throw std::runtime_error("a defect of the host");
    if (verdict) return answer(*verdict);
    waiting.push_back(std::move(answer));
  }
  std::optional<ToolVerdict> verdict;
  bool throws = false;
  std::vector<ToolRequest> requests;
  std::vector<Answer> waiting;
};

}  // namespace

TEST_CASE("what goes wrong with a call is told to the model as a failed result") {
  const auto failing = [](TestTool::Call does) {
    return result_of(std::make_shared<TestTool>("weather", std::move(does)));
  };
  auto tool = std::make_shared<TestTool>();

  auto result = result_of(tool, {"c1", "wether", "{}"});
  CHECK(result.tool_failed);
  CHECK(has(result.text, "no tool of this name"));
  result = result_of(tool, {"c1", "weather", R"({"city":7})"});
  CHECK(result.tool_failed);
  CHECK(has(result.text, "/city: must be of type string"));
  result = result_of(tool, {"c1", "weather", R"({"ci)", false});
  CHECK(result.tool_failed);
  CHECK(has(result.text, "not a whole JSON object"));
  CHECK(tool->requests.empty());

  result =
      failing([](const ToolRequest&, const auto& answer) { answer->fail("closed on Sundays"); });
  CHECK(result.tool_failed);
  CHECK(result.text == "closed on Sundays");
  result = failing([](const ToolRequest&, const auto&) { throw std::runtime_error("secret"); });
  CHECK(result.tool_failed);
  CHECK_FALSE(has(result.text, "secret"));
  result = failing([](const ToolRequest&, const auto&) {});
  CHECK(result.tool_failed);
  CHECK(has(result.text, "no answer"));
  result = failing(
      [](const ToolRequest&, const auto& answer) { answer->succeed(std::string(65'537, 'x')); });
  CHECK(result.tool_failed);
  CHECK(has(result.text, "larger"));
  std::string words;
  while (words.size() < 65'536) words += "second ";
  words.resize(65'536);
  result = failing([&](const ToolRequest&, const auto& answer) { answer->succeed(words); });
  CHECK_FALSE(result.tool_failed);
  result = failing([](const ToolRequest&, const auto& answer) { answer->succeed("caf\xC3"); });
  CHECK(result.text == "caf\uFFFD");
}

TEST_CASE(
    "a result over the tool's bytes or tokens is a failed call, and one at the limit is not") {
  struct Case {
    std::size_t bytes, tokens;
    bool passes;
  };
  // Each of these characters is 3 bytes and an estimated token.
  const std::string ten = "日日日日日日日日日日";
  for (const Case& one : {Case{30, 10, true}, Case{29, 10, false}, Case{30, 9, false}}) {
    CAPTURE(one.bytes);
    CAPTURE(one.tokens);
    auto tool = std::make_shared<TestTool>(
        "weather", [&](const ToolRequest&, auto answer) { answer->succeed(ten); });
    tool->how.max_result_bytes = one.bytes;
    tool->how.max_result_tokens = one.tokens;
    const auto result = result_of(tool);
    CHECK(result.tool_failed != one.passes);
    if (!one.passes) CHECK(has(result.text, "larger than it may be"));
  }
}

TEST_CASE("the first answer counts, later ones and those after the engine's end do nothing") {
  SlowTool slow;
  std::shared_ptr<ToolAnswer> late;
  {
    ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
    Engine engine = stage.with(slow.tool).open();
    Session session = engine.create_session(room_with_tools());
    const Turn turn = session.send("Go.");
    while (slow.answers.empty()) engine.poll();
    slow.answers[0]->succeed("first");
    slow.answers[0]->succeed("second");
    slow.answers[0]->fail("third");
    CHECK(turn.wait().outcome == Outcome::complete);
    CHECK(results_in(stage.model->requests.back())[0].text == "first");
    stage.model->replies = {{"Look.", {weather_call()}}};
    const Turn open = session.send("Again.");
    while (slow.answers.size() < 2) engine.poll();
    late = slow.answers[1];
  }
  late->succeed("too late");
}

TEST_CASE("a function that answers at once is a tool, and what it throws is a failed call") {
  const auto make = [](bool throws) {
    return make_tool({"weather", "The weather.", ""}, [throws](const ToolRequest& request) {
      if (throws) throw std::runtime_error("no such city");
      return "mild, " + request.arguments;
    });
  };
  for (const bool throws : {false, true}) {
    ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
    Engine engine = stage.with(make(throws)).open();
    engine.create_session(room_with_tools()).send_wait("Go.");
    const auto result = results_in(stage.model->requests.back())[0];
    CHECK(result.tool_failed == throws);
    CHECK(result.text == (throws ? "no such city" : R"(mild, {"city":"Oslo"})"));
  }
}

TEST_CASE("an answer may come from any thread") {
  std::thread answering;
  auto tool = std::make_shared<TestTool>("weather", [&](const ToolRequest&, auto answer) {
    answering = std::thread([answer = std::move(answer)] { answer->succeed("from afar"); });
  });
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  stage.config.clock = ClockKind::real;
  Engine engine = stage.with(tool).open();
  CHECK(engine.create_session(room_with_tools()).send_wait("Go.").outcome == Outcome::complete);
  answering.join();
  CHECK(results_in(stage.model->requests.back())[0].text == "from afar");
}

TEST_CASE("a tool that is silent ends at its time limit of engine time, and is asked to stop") {
  SlowTool slow;
  slow.tool->how.time_limit = 3s;
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  Engine engine = stage.with(slow.tool).open();
  Session session = engine.create_session(room_with_tools());
  const Turn turn = session.send("Go.");
  while (slow.answers.empty()) engine.poll();
  engine.advance(2999ms);
  CHECK_FALSE(turn.done());
  CHECK_FALSE(slow.tool->stops[0].stop_requested());
  engine.advance(1ms);
  CHECK(slow.tool->stops[0].stop_requested());
  CHECK(turn.wait().outcome == Outcome::complete);
  const auto result = results_in(stage.model->requests.back())[0];
  CHECK(result.tool_failed);
  CHECK(has(result.text, "in time"));
  const auto use = session.messages().back().tool_rounds[0].uses[0];
  CHECK(use.duration == 3s);
  CHECK(use.failed);
}

TEST_CASE("the time limit of a reply holds for all its rounds together") {
  for (const auto tool_time : {1'900ms, 2'000ms}) {
    SlowTool slow;
    ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
    Engine engine = stage.with(slow.tool).open();
    Session session = engine.create_session(room_with_tools());
    const Turn turn = session.send("Go.", {.deadline = 2s});
    while (slow.answers.empty()) engine.poll();
    engine.advance(tool_time);
    slow.answers[0]->succeed("mild");
    const auto result = turn.wait();
    if (tool_time < 2s) {
      CHECK(result.outcome == Outcome::complete);
      CHECK(stage.model->requests[1].timeouts.total == 100ms);
    } else {
      CHECK(result.outcome == Outcome::failed);
      CHECK(result.error->code() == ErrorCode::timeout);
      CHECK(stage.model->requests.size() == 1);
    }
  }
}

TEST_CASE("a reply ends at its time limit while a tool runs, which is asked to stop") {
  SlowTool slow;
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  Engine engine = stage.with(slow.tool).open();
  Session session = engine.create_session(room_with_tools());
  const TimePoint began = engine.clock().now();
  const Turn turn = session.send("Go.", {.deadline = 2s});
  while (slow.answers.empty()) engine.poll();
  engine.advance(1999ms);
  CHECK_FALSE(turn.done());
  CHECK_FALSE(slow.tool->stops[0].stop_requested());
  const auto result = turn.wait();
  CHECK(engine.clock().now() - began == 2s);
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code() == ErrorCode::timeout);
  CHECK(result.text == "Look.");
  CHECK(slow.tool->stops[0].stop_requested());
  slow.answers[0]->succeed("too late");
  stage.model->replies = {{"Fine.", {}}};
  CHECK(session.send_wait("And now?").text == "Fine.");
  CHECK(has(results_in(stage.model->requests.back())[0].text, "Cancelled"));
}

TEST_CASE("a reply ends at its time limit while a person is asked, and a late yes calls nothing") {
  auto approval = std::make_shared<Approval>();
  auto tool = std::make_shared<TestTool>();
  tool->how.needs_approval = true;
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  stage.dependencies.tool_approval = approval;
  stage.config.timeouts.total = 5s;
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  const TimePoint began = engine.clock().now();
  const Turn turn = session.send("Go.");
  while (approval->waiting.empty()) engine.poll();
  CHECK(turn.wait().error->code() == ErrorCode::timeout);
  CHECK(engine.clock().now() - began == 5s);
  approval->waiting[0]({true, {}});
  engine.run_until_idle();
  CHECK(tool->requests.empty());
}

TEST_CASE("the longest time limits of a tool and of its reply are none") {
  SlowTool slow;
  slow.tool->how.time_limit = std::chrono::milliseconds::max();
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  stage.config.timeouts.total = 0ms;
  Engine engine = stage.with(slow.tool).open();
  Session session = engine.create_session(room_with_tools());
  const Turn turn = session.send("Go.", {.deadline = std::chrono::milliseconds::max()});
  while (slow.answers.empty()) engine.poll();
  engine.advance(24h);
  CHECK_FALSE(turn.done());
  slow.answers[0]->succeed("mild");
  CHECK(turn.wait().outcome == Outcome::complete);
  CHECK(results_in(stage.model->requests.back())[0].text == "mild");
}

TEST_CASE("calls of one round run at the same time, and each result is stored as it comes") {
  SlowTool slow;
  ToolStage stage({{"", {weather_call("a", "1"), weather_call("b", "2")}}, {"Done.", {}}});
  Engine engine = stage.with(slow.tool).open();
  Session session = engine.create_session(room_with_tools());
  Events viewer = session.events();
  const Turn turn = session.send("Go.");
  while (slow.answers.size() < 2) engine.poll();
  slow.answers[1]->succeed("second");
  for (int i = 0; i < 4; ++i) engine.poll();
  std::vector<Event> seen;
  Event event;
  while (viewer.next(event)) seen.push_back(event);
  const auto finished = data_of(seen, "tool.finished");
  REQUIRE(finished.size() == 1);
  CHECK(finished[0]["call"] == "2");
  CHECK_FALSE(turn.done());
  slow.answers[0]->succeed("first");
  CHECK(turn.wait().outcome == Outcome::complete);
  const auto results = results_in(stage.model->requests.back());
  CHECK(results[0].text == "first");
  CHECK(results[1].text == "second");
}

TEST_CASE("cancel ends a turn whose tools run within one loop turn, with call and end in the log") {
  for (const bool by_session : {true, false}) {
    SlowTool slow;
    ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
    Engine engine = stage.with(slow.tool).open();
    Session session = engine.create_session(room_with_tools());
    Events viewer = session.events();
    const Turn turn = session.send("Go.");
    while (slow.answers.empty()) engine.poll();
    by_session ? session.cancel() : turn.cancel();
    engine.poll();
    REQUIRE(turn.done());
    const auto result = turn.wait();
    CHECK(result.outcome == Outcome::cancelled);
    CHECK(result.text == "Look.");
    CHECK(slow.tool->stops[0].stop_requested());
    slow.answers[0]->succeed("too late");
    const auto events = drain(engine, viewer);
    const auto finished = data_of(events, "tool.finished");
    REQUIRE(finished.size() == 1);
    CHECK(finished[0]["failed"] == true);
    CHECK(data_of(events, "turn.finished").size() == 1);
    stage.model->replies = {{"Fine.", {}}};
    CHECK(session.send_wait("And now?").text == "Fine.");
    const auto results = results_in(stage.model->requests.back());
    REQUIRE(results.size() == 1);
    CHECK(has(results[0].text, "Cancelled"));
  }
}

TEST_CASE("cancel works at every step of a turn with tools") {
  for (int polls = 0; polls < 24; ++polls) {
    CAPTURE(polls);
    auto tool = std::make_shared<TestTool>();
    ToolStage stage({{"Look.", {weather_call()}}, {"More.", {weather_call()}}, {"Done.", {}}});
    Engine engine = stage.with(tool).open();
    Session session = engine.create_session(room_with_tools());
    Events viewer = session.events();
    const Turn turn = session.send("Go.");
    for (int i = 0; i < polls; ++i) engine.poll();
    session.cancel();
    int rounds = 0;
    while (!turn.done() && rounds < 64) {
      engine.poll();
      ++rounds;
    }
    CAPTURE(rounds);
    REQUIRE(turn.done());
    CHECK(rounds <= (polls == 0 ? 12 : 6));  // at first the session itself is still to be stored
    const auto events = drain(engine, viewer);
    CHECK(data_of(events, "tool.requested").size() == data_of(events, "tool.finished").size());
    CHECK(data_of(events, "turn.finished").size() == data_of(events, "turn.started").size());
  }
}

TEST_CASE("a tool that needs approval runs only after the host said yes") {
  auto approval = std::make_shared<Approval>();
  auto tool = std::make_shared<TestTool>();
  tool->how.needs_approval = true;
  const auto run = [&](const std::function<void(Engine&)>& meanwhile) {
    approval->requests.clear();
    approval->waiting.clear();
    tool->requests.clear();
    ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
    stage.dependencies.tool_approval = approval;
    Engine engine = stage.with(tool).open();
    Session session = engine.create_session(room_with_tools());
    const Turn turn = session.send("Go.");
    while (approval->requests.empty()) engine.poll();
    meanwhile(engine);
    CHECK(turn.wait().outcome == Outcome::complete);
    return results_in(stage.model->requests.back())[0];
  };

  auto result = run([&](Engine& engine) {
    for (int i = 0; i < 4; ++i) engine.poll();
    CHECK(tool->requests.empty());
    engine.advance(4min);
    approval->waiting[0]({true, {}});
    approval->waiting[0]({false, {}});
  });
  CHECK_FALSE(result.tool_failed);
  CHECK(tool->requests.size() == 1);
  CHECK(approval->requests[0].arguments == R"({"city":"Oslo"})");

  result = run([&](Engine&) { approval->waiting[0]({false, "Not on Sundays."}); });
  CHECK(result.tool_failed);
  CHECK(has(result.text, "Not on Sundays."));
  CHECK(tool->requests.empty());

  result = run([&](Engine& engine) { engine.advance(5min); });
  CHECK(result.tool_failed);
  CHECK(tool->requests.empty());

  approval->throws = true;
  result = run([](Engine&) {});
  CHECK(result.tool_failed);
  CHECK(tool->requests.empty());
}

TEST_CASE("arguments are looked at before anybody is asked for approval") {
  auto approval = std::make_shared<Approval>();
  auto tool = std::make_shared<TestTool>();
  tool->how.needs_approval = true;
  ToolStage stage({{"Look.", {{"c1", "weather", "{}"}}}, {"Done.", {}}});
  stage.dependencies.tool_approval = approval;
  Engine engine = stage.with(tool).open();
  engine.create_session(room_with_tools()).send_wait("Go.");
  CHECK(approval->requests.empty());
}

TEST_CASE("a tool that fails three times in a row is left in peace for a minute") {
  bool broken = true;
  auto tool = std::make_shared<TestTool>("weather", [&](const ToolRequest&, const auto& answer) {
    if (broken) return answer->fail("no connection");
    answer->succeed("18 degrees");
  });
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  for (int i = 0; i < 10; ++i) {
    stage.model->replies.push_back({"Look.", {weather_call("Oslo", "c" + std::to_string(i))}});
    stage.model->replies.push_back({"Done.", {}});
  }
  Engine engine = stage.with(tool).open();
  const auto ask = [&] {
    Session session = engine.create_session(room_with_tools());
    CHECK(session.send_wait("Go.").outcome == Outcome::complete);
    return results_in(stage.model->requests.back()).at(0);
  };
  for (int i = 0; i < 3; ++i) CHECK(ask().text == "no connection");
  CHECK(tool->requests.size() == 3);
  const auto refused = ask();
  CHECK(refused.tool_failed);
  CHECK(has(refused.text, "failed too often"));
  CHECK(tool->requests.size() == 3);
  engine.advance(60s);
  CHECK(ask().text == "no connection");  // the trial
  CHECK(has(ask().text, "failed too often"));
  CHECK(tool->requests.size() == 4);
  engine.advance(60s);
  broken = false;
  for (int i = 0; i < 2; ++i) CHECK(ask().text == "18 degrees");
  CHECK(tool->requests.size() == 6);
}

TEST_CASE("what breaks a tool's circuit is a matter of the policy, by tool") {
  const auto calls = [](const std::string& policy) {
    auto tool = std::make_shared<TestTool>(
        "weather", [](const ToolRequest&, const auto& answer) { answer->fail("no"); });
    ToolStage stage({});
    for (int i = 0; i < 5; ++i) {
      stage.model->replies.push_back({"Look.", {weather_call("Oslo", "c" + std::to_string(i))}});
      stage.model->replies.push_back({"Done.", {}});
    }
    Engine engine = stage.with(tool).open();
    engine.update_policy(policy);
    for (int i = 0; i < 5; ++i) {
      Session session = engine.create_session(room_with_tools());
      session.send_wait("Go.");
    }
    return tool->requests.size();
  };
  CHECK(calls("{}") == 3);
  CHECK(calls(R"({"tools":[{"tool":"weather","failures_to_open":1}]})") == 1);
  CHECK(calls(R"({"tools":[{"tool":"news","failures_to_open":1}]})") == 3);
  CHECK(calls(R"({"tools":[{"failures_to_open":0},{"tool":"news"}]})") == 5);
  CHECK_FALSE(Policy::from_json(R"({"tools":[{"tool":"a"},{"tool":"a"}]})"));
}

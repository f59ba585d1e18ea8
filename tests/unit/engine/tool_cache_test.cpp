#include <doctest/doctest.h>

#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

std::vector<AskedReply> asking(const std::string& arguments) {
  return {{"", {{"c", "weather", arguments}}}};
}

/// Asks once for the weather with these arguments and gives what the model read.
PromptMessage ask(ToolStage& stage, Session session, const std::string& arguments) {
  stage.model->requests.clear();
  stage.model->replies = asking(arguments);
  stage.model->replies.push_back({"Done.", {}});
  session.send_wait("Go.");
  return results_in(stage.model->requests.back()).back();
}

}  // namespace

TEST_CASE("an equal call inside the tool's time is not made again, a millisecond later it is") {
  auto tool = std::make_shared<TestTool>();
  tool->how.cache_for = 10min;
  ToolStage stage(asking("{}"));
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  Session other = engine.create_session(room_with_tools());
  CHECK(ask(stage, session, R"({"city":"Oslo","x":1})").text == "18 degrees");
  CHECK(tool->requests.size() == 1);
  CHECK(ask(stage, session, R"({ "x":1, "city":"Oslo" })").text == "18 degrees");
  CHECK(session.messages().back().tool_rounds[0].uses[0].cached);
  engine.advance(10min - 1ms);
  CHECK(ask(stage, other, R"({"city":"Oslo","x":1})").text == "18 degrees");
  CHECK(tool->requests.size() == 1);
  CHECK(ask(stage, session, R"({"city":"Rome"})").text == "18 degrees");
  CHECK(tool->requests.size() == 2);
  engine.advance(2ms);
  CHECK(ask(stage, session, R"({"city":"Oslo","x":1})").text == "18 degrees");
  CHECK(tool->requests.size() == 3);
  CHECK_FALSE(session.messages().back().tool_rounds[0].uses[0].cached);
}

TEST_CASE("a result that is kept for the longest time there is is kept") {
  auto tool = std::make_shared<TestTool>();
  tool->how.cache_for = std::chrono::milliseconds::max();
  ToolStage stage(asking("{}"));
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  for (int i = 0; i < 3; ++i) {
    CHECK(ask(stage, session, R"({"city":"Oslo"})").text == "18 degrees");
    engine.advance(24h);
  }
  CHECK(tool->requests.size() == 1);
}

TEST_CASE("results are not shared between tenants, nor kept when a call failed") {
  int failing = 1;
  auto tool = std::make_shared<TestTool>("weather", [&](const ToolRequest&, const auto& answer) {
    failing-- > 0 ? answer->fail("not now") : answer->succeed("mild");
  });
  tool->how.cache_for = 10min;
  ToolStage stage(asking("{}"));
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  CHECK(ask(stage, session, R"({"city":"Oslo"})").tool_failed);
  CHECK(ask(stage, session, R"({"city":"Oslo"})").text == "mild");
  CHECK(tool->requests.size() == 2);
  Engine others = engine.as({.tenant = "others", .roles = {"host"}});
  Session theirs = others.create_session(room_with_tools());
  ask(stage, theirs, R"({"city":"Oslo"})");
  CHECK(tool->requests.size() == 3);
}

TEST_CASE("equal calls at the same time run the function once") {
  SlowTool slow;
  slow.tool->how.cache_for = 10min;
  ToolStage stage({{"", {weather_call("Oslo", "1"), weather_call("Oslo", "2")}}, {"Done.", {}}});
  Engine engine = stage.with(slow.tool).open();
  Session session = engine.create_session(room_with_tools());
  const Turn turn = session.send("Go.");
  for (int i = 0; i < 10; ++i) engine.poll();
  REQUIRE(slow.answers.size() == 1);
  slow.answers[0]->succeed("mild");
  CHECK(turn.wait().outcome == Outcome::complete);
  for (const auto& result : results_in(stage.model->requests.back())) CHECK(result.text == "mild");
  CHECK(slow.tool->requests.size() == 1);
}

TEST_CASE("when the one who makes a shared call is cancelled, another makes it") {
  SlowTool slow;
  slow.tool->how.cache_for = 10min;
  ToolStage stage({{"", {weather_call()}}});
  Engine engine = stage.with(slow.tool).open();
  Session first = engine.create_session(room_with_tools());
  Session second = engine.create_session(room_with_tools());
  const Turn leading = first.send("Go.");
  while (slow.answers.empty()) engine.poll();
  const Turn waiting = second.send("Go.");
  for (int i = 0; i < 10; ++i) engine.poll();
  REQUIRE(slow.answers.size() == 1);
  stage.model->replies = {{"Done.", {}}};
  leading.cancel();
  for (int i = 0; i < 4; ++i) engine.poll();
  CHECK(leading.wait().outcome == Outcome::cancelled);
  REQUIRE(slow.answers.size() == 2);
  CHECK(slow.tool->stops[0].stop_requested());
  slow.answers[1]->succeed("mild");
  CHECK(waiting.wait().outcome == Outcome::complete);
}

TEST_CASE("kept results stay within limits.tool_cache_bytes") {
  auto tool = std::make_shared<TestTool>("weather", [](const ToolRequest&, const auto& answer) {
    answer->succeed(std::string(1'000, 'x'));
  });
  tool->how.cache_for = 10min;
  ToolStage stage(asking("{}"));
  stage.config.limits.tool_cache_bytes = 3'000;
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  for (const char* city : {"a", "b", "c", "a"})
    ask(stage, session, R"({"city":")" + std::string(city) + R"("})");
  CHECK(tool->requests.size() == 4);
  ask(stage, session, R"({"city":"a"})");
  CHECK(tool->requests.size() == 4);
}

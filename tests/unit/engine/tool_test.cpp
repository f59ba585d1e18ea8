#include <doctest/doctest.h>

#include <map>
#include <set>

#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

TEST_CASE(
    "a tool's result goes back to the model, and what it says before and after is one reply") {
  auto tool = std::make_shared<TestTool>();
  ToolStage stage({{"Let me look.", {weather_call()}}, {"It is mild.", {}}});
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools(), {.owner = "ann"});
  Events viewer = session.events();
  const auto result = session.send_wait("What is the weather?");
  CHECK(result.outcome == Outcome::complete);
  CHECK(result.finish_reason == FinishReason::stop);
  CHECK(result.text == "Let me look.\n\nIt is mild.");

  REQUIRE(tool->requests.size() == 1);
  CHECK(tool->requests[0].arguments == R"({"city":"Oslo"})");
  CHECK(tool->requests[0].call == "c1");
  CHECK(tool->requests[0].tool == "weather");
  CHECK(tool->requests[0].session == session.id());
  CHECK(tool->requests[0].subject == "ann");
  CHECK(tool->requests[0].character == "host");
  CHECK(tool->requests[0].tenant == "default");

  const auto events = drain(engine, viewer);
  CHECK(joined_text(events) == result.text);
  std::string order;
  for (const auto& type : durable_types(events)) {
    if (type.starts_with("tool.") || type.starts_with("turn.") || type == "message.stored")
      order += type + " ";
  }
  CHECK(order ==
        "message.stored turn.started tool.requested tool.finished turn.continued message.stored "
        "turn.finished ");
  const auto requested = data_of(events, "tool.requested");
  CHECK(requested[0]["name"] == "weather");
  CHECK(requested[0]["arguments"]["city"] == "Oslo");
  CHECK(data_of(events, "tool.finished")[0]["result"] == "18 degrees");

  const Message reply = session.messages().back();
  REQUIRE(reply.tool_rounds.size() == 1);
  CHECK(reply.tool_rounds[0].text == "Let me look.");
  CHECK(reply.tool_rounds[0].uses[0].call == weather_call());
  CHECK(reply.tool_rounds[0].uses[0].result == "18 degrees");
  CHECK_FALSE(reply.tool_rounds[0].uses[0].failed);
}

TEST_CASE("the next request holds the calls, the results and what the provider wants back") {
  ToolStage stage({{"Look.",
                    {weather_call("Oslo", "a"), weather_call("Rome", "b")},
                    FinishReason::stop,
                    R"({"signature":"s"})"},
                   {"Done.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  session.send_wait("Compare.");
  REQUIRE(stage.model->requests.size() == 2);
  const auto& first = stage.model->requests[0];
  const auto& second = stage.model->requests[1];
  REQUIRE(second.messages.size() == first.messages.size() + 3);
  CHECK(second.tools == first.tools);
  REQUIRE(first.tools.size() == 1);
  CHECK(first.tools[0].name == "weather");
  const auto asked = second.messages[first.messages.size()];
  CHECK(asked.role == PromptRole::assistant);
  CHECK(asked.text == "Look.");
  CHECK(asked.state == R"({"signature":"s"})");
  REQUIRE(asked.tool_calls.size() == 2);
  CHECK(asked.tool_calls[1].id == "b");
  const auto results = results_in(second);
  REQUIRE(results.size() == 2);
  CHECK(results[0].tool_call_id == "a");
  CHECK(results[1].tool_call_id == "b");
  CHECK(results[1].text == "18 degrees");
  CHECK(results[1].name == "weather");
  CHECK_FALSE(results[1].tool_failed);
}

TEST_CASE("a round's text is the model's own, between rounds and in later turns alike") {
  ToolStage stage({{"One.", {weather_call("Oslo", "a")}, FinishReason::stop, "[1]"},
                   {"Two.", {weather_call("Rome", "b")}, FinishReason::stop, "[2]"},
                   {"\nThree.", {weather_call("Bern", "c")}, FinishReason::stop, "[3]"},
                   {"Done.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  CHECK(session.send_wait("Compare.").text == "One.\n\nTwo.\nThree.\n\nDone.");
  session.send_wait("Sure?");
  const auto said = [](const ReplyRequest& request) {
    std::vector<std::string> texts;
    for (const auto& message : request.messages) {
      if (!message.tool_calls.empty()) texts.push_back(message.text);
    }
    return texts;
  };
  REQUIRE(stage.model->requests.size() == 5);
  const std::vector<std::string> own = {"One.", "Two.", "\nThree."};
  CHECK(said(stage.model->requests[3]) == own);
  CHECK(said(stage.model->requests[4]) == own);
}

TEST_CASE("later turns see the calls of earlier ones, other characters and side questions do not") {
  ToolStage stage({{"Look.", {weather_call()}}, {"Mild.", {}}, {"As I said.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Preset preset = room_with_tools();
  Character third = preset.characters[0];
  third.id = "third";
  third.name = "Third";
  preset.characters.push_back(third);
  Session session = engine.create_session(preset);
  session.send_wait("The weather?", {.character = "host"});
  session.send_wait("Sure?", {.character = "host"});
  CHECK(results_in(stage.model->requests.back()).size() == 1);
  session.send_wait("And you?", {.character = "third"});
  CHECK(results_in(stage.model->requests.back()).empty());
  session.ask_aside("host", "What do you think?").get();
  CHECK(results_in(stage.model->requests.back()).empty());
  CHECK(stage.model->requests.back().tools.empty());
}

TEST_CASE("a character is offered the tools that preset or character names, and those for all") {
  const auto offered = [](const ReplyRequest& request) {
    std::string names;
    for (const auto& tool : request.tools) names += tool.name + " ";
    return names;
  };
  ToolStage stage({AskedReply{"Fine.", {}}});
  for (const char* name : {"a", "b", "c", "d"}) stage.with(std::make_shared<TestTool>(name));
  auto everywhere = std::make_shared<TestTool>("e");
  everywhere->how.everywhere = true;
  Engine engine = stage.with(everywhere).open();
  CHECK(engine.capabilities().tools == std::vector<std::string>{"a", "b", "c", "d", "e"});

  engine.create_session(room_with_tools({})).send_wait("Hello.");
  CHECK(offered(stage.model->requests.back()) == "e ");
  engine.create_session(room_with_tools({"b"})).send_wait("Hello.");
  CHECK(offered(stage.model->requests.back()) == "b e ");
  Preset preset = room_with_tools({"b"});
  preset.characters[0].tools = {"d"};
  CHECK(*Preset::from_json(preset.to_json()) == preset);
  engine.create_session(preset).send_wait("Hello.");
  CHECK(offered(stage.model->requests.back()) == "b d e ");
}

TEST_CASE("a model that asks again and again is stopped at limits.tool_rounds") {
  auto tool = std::make_shared<TestTool>();
  ToolStage stage({{"Again.", {weather_call()}}});
  stage.config.limits.tool_rounds = 3;
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  Events viewer = session.events();
  const auto result = session.send_wait("The weather?");
  CHECK(tool->requests.size() == 3);
  CHECK(stage.model->requests.size() == 4);
  CHECK(result.outcome == Outcome::truncated);
  CHECK(result.finish_reason == FinishReason::tool_calls);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::limit_reached);
  const auto events = drain(engine, viewer);
  CHECK(data_of(events, "turn.finished").size() == 1);
  // Equal ids of several rounds are told apart.
  std::set<std::string> ids;
  for (const auto& request : tool->requests) ids.insert(request.call);
  CHECK(ids.size() == 3);
}

TEST_CASE("more calls at once than limits.tool_calls_per_round allows are failed calls") {
  auto tool = std::make_shared<TestTool>();
  ToolStage stage({{"", {weather_call("a", "1"), weather_call("b", "2"), weather_call("c", "3")}},
                   {"Done.", {}}});
  stage.config.limits.tool_calls_per_round = 2;
  Engine engine = stage.with(tool).open();
  engine.create_session(room_with_tools()).send_wait("Go.");
  CHECK(tool->requests.size() == 2);
  const auto results = results_in(stage.model->requests.back());
  REQUIRE(results.size() == 3);
  CHECK_FALSE(results[1].tool_failed);
  CHECK(results[2].tool_failed);
}

TEST_CASE("usage and cost of a reply are those of all its rounds, and the sums agree") {
  ToolStage stage({{"One.", {weather_call()}}, {"Two.", {weather_call()}}, {"Three.", {}}});
  stage.config.prices["m-1"] = {
      .input = *Money::parse("1"), .output = *Money::parse("2"), .request = *Money::parse("0.5")};
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  const auto result = session.send_wait("Go.");
  CHECK(result.usage.input_tokens == 300);
  CHECK(result.usage.output_tokens == 30);
  CHECK_FALSE(result.usage.estimated);
  CHECK(result.cost == *Money::parse("1.50036"));
  CHECK(session.info().cost == result.cost);
  CHECK(session.info().usage == result.usage);
  CHECK(session.messages().back().cost == result.cost);
}

TEST_CASE("a round that could pass the session's budget is not begun") {
  auto tool = std::make_shared<TestTool>();
  ToolStage stage({{"One.", {weather_call()}}, {"Two.", {}}});
  stage.config.prices["*"] = {.request = *Money::parse("1")};
  stage.config.session_budget = Money::parse("1.5");
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  const auto result = session.send_wait("Go.");
  CHECK(stage.model->requests.size() == 1);
  CHECK(tool->requests.size() == 1);
  CHECK(result.outcome == Outcome::truncated);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::budget_exhausted);
  CHECK(result.cost == *Money::parse("1"));
  CHECK(result.text == "One.");
}

TEST_CASE("calls of a reply that was cut or refused are not made") {
  for (const auto reason : {FinishReason::length, FinishReason::content_filter,
                            FinishReason::refusal, FinishReason::context_overflow}) {
    auto tool = std::make_shared<TestTool>();
    ToolStage stage({{"Well.", {weather_call()}, reason}});
    Engine engine = stage.with(tool).open();
    const auto result = engine.create_session(room_with_tools()).send_wait("Go.");
    CHECK(result.finish_reason == reason);
    CHECK(tool->requests.empty());
  }
  auto tool = std::make_shared<TestTool>();
  ToolStage stage({{.text = "Well.", .calls = {weather_call()}, .fails = true}});
  stage.config.max_retries = 0;
  Engine engine = stage.with(tool).open();
  CHECK(engine.create_session(room_with_tools()).send_wait("Go.").outcome != Outcome::complete);
  CHECK(tool->requests.empty());
}

TEST_CASE("a tool that the character was not offered is not run, though the engine has it") {
  auto hidden = std::make_shared<TestTool>("vault");
  ToolStage stage({{"Look.", {{"c1", "vault", R"({"city":"Oslo"})"}}}, {"Done.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).with(hidden).open();
  CHECK(engine.create_session(room_with_tools()).send_wait("Go.").outcome == Outcome::complete);
  CHECK(hidden->requests.empty());
  const auto results = results_in(stage.model->requests.back());
  REQUIRE(results.size() == 1);
  CHECK(results[0].tool_failed);
}

TEST_CASE("hosts watch how a call comes about, participants see nothing of tools") {
  ToolStage stage({{"Look.", {weather_call()}}, {"Mild.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  session.start().get();
  Events host = session.events();
  Events guest = session.events({.participant = "guest"});
  session.send_wait("The weather?");
  const auto seen = drain(engine, host);
  const auto deltas = data_of(seen, "tool.delta");
  REQUIRE(deltas.size() == 2);
  CHECK(deltas[0]["name"] == "weather");
  CHECK(deltas[0]["call"] == "c1");
  CHECK(deltas[1]["arguments"] == R"({"city":"Oslo"})");
  for (const auto& event : drain(engine, guest)) {
    CHECK_FALSE(event.type.starts_with("tool."));
    CHECK(event.data.find("18 degrees") == std::string::npos);
  }
  CHECK(session.messages().back().tool_rounds.size() == 1);
}

TEST_CASE("the JSON of every kind of delta names its turn and holds its piece") {
  ToolStage stage(
      {{"Look.", {weather_call()}, FinishReason::stop, "", "The sky is grey."}, {"Mild.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  session.start().get();
  Events host = session.events();
  const Turn turn = session.send("The weather?");
  turn.wait();
  std::map<std::string, std::string> pieces;
  for (const auto& event : drain(engine, host)) {
    if (!event.type.ends_with("delta")) continue;
    const Json json = parse_json(event.to_json())->at("data");
    CHECK(json.at("turn") == turn.id());
    pieces[event.type] += json.value("text", "") + json.value("arguments", "");
    if (event.type == "reasoning.delta") CHECK(event.text == "The sky is grey.");
  }
  CHECK(pieces["reasoning.delta"] == "The sky is grey.");
  CHECK(pieces["tool.delta"] == R"({"city":"Oslo"})");
  CHECK(pieces["delta"] == "Look.\n\nMild.");
}

TEST_CASE("what a filter blocks before the calls ends the turn, and nothing is called") {
  struct NoLook final : Filter {
    void check_input(const FilterContext&, std::string_view, Answer answer) override { answer({}); }
    void check_output(const FilterContext&, std::string_view text, Answer answer) override {
      texts.emplace_back(text);
      answer({text.find("Look") == std::string_view::npos ? FilterVerdict::Action::pass
                                                          : FilterVerdict::Action::block,
              {},
              {}});
    }
    std::vector<std::string> texts;
  };
  for (const char* first : {"Look.", "See."}) {
    auto tool = std::make_shared<TestTool>();
    auto filter = std::make_shared<NoLook>();
    ToolStage stage({{first, {weather_call()}}, {"Mild.", {}}});
    stage.dependencies.filter = filter;
    Engine engine = stage.with(tool).open();
    const auto result = engine.create_session(room_with_tools()).send_wait("Go.");
    const bool blocked = std::string(first) == "Look.";
    CHECK(tool->requests.size() == (blocked ? 0 : 1));
    CHECK(result.finish_reason == (blocked ? FinishReason::content_filter : FinishReason::stop));
    if (!blocked) CHECK(result.text == "See.\n\nMild.");
    if (!blocked) CHECK(filter->texts.back() == "Mild.");
  }
}

TEST_CASE(
    "a tool that takes longer than a reply may ends the turn by its time, also behind a filter") {
  struct Pass final : Filter {
    void check_input(const FilterContext&, std::string_view, Answer answer) override { answer({}); }
    void check_output(const FilterContext&, std::string_view, Answer answer) override {
      answer({});
    }
  };
  for (const bool filtered : {false, true}) {
    SlowTool slow;
    slow.tool->how.time_limit = 1h;
    ToolStage stage({{"", {weather_call()}}, {"Mild.", {}}});
    if (filtered) stage.dependencies.filter = std::make_shared<Pass>();
    Engine engine = stage.with(slow.tool).open();
    Session session = engine.create_session(room_with_tools());
    const Turn turn = session.send("Go.");
    while (slow.answers.empty()) engine.poll();
    engine.advance(11min);
    CHECK(turn.done());
    CHECK(slow.tool->stops[0].stop_requested());
    slow.answers[0]->succeed("mild");
    const auto result = turn.wait();
    CHECK(result.outcome == Outcome::failed);
    REQUIRE(result.error);
    CHECK(result.error->code() == ErrorCode::timeout);
  }
}

TEST_CASE("tools that cannot work are refused when the engine opens, with what is wrong") {
  struct Bad final : Tool {
    ToolSpec what;
    ToolOptions how;
    ToolSpec spec() const override { return what; }
    ToolOptions options() const override { return how; }
    void call(ToolRequest, std::shared_ptr<ToolAnswer>, std::stop_token) override {}
  };
  const auto code = [](const Bad& bad) {
    ToolStage stage({AskedReply{"x", {}}});
    return code_of([&] { stage.with(std::make_shared<Bad>(bad)).open(); });
  };
  Bad good;
  good.what = {"weather", "The weather.", ""};
  CHECK(code(good) == ErrorCode::ok);
  for (const char* name : {"", "two words", "caf\xC3\xA9", "a.b"}) {
    Bad bad = good;
    bad.what.name = name;
    CHECK(code(bad) == ErrorCode::invalid_argument);
  }
  for (const char* schema : {"{", R"({"type":"text"})", R"({"type":"string"})", "true"}) {
    Bad bad = good;
    bad.what.parameters = schema;
    CHECK(code(bad) == ErrorCode::invalid_argument);
  }
  Bad bad = good;
  bad.how.time_limit = 0ms;
  CHECK(code(bad) == ErrorCode::invalid_argument);
  bad = good;
  bad.how.needs_approval = true;
  CHECK(code(bad) == ErrorCode::invalid_argument);
  CHECK_THROWS_WITH(ToolStage({AskedReply{"x", {}}}).with(std::make_shared<Bad>(bad)).open(),
                    "tool \"weather\": needs approval; give the engine a tool approval");
  ToolStage stage({AskedReply{"x", {}}});
  stage.with(std::make_shared<TestTool>()).with(std::make_shared<TestTool>());
  CHECK(code_of([&] { stage.open(); }) == ErrorCode::already_exists);
}

TEST_CASE("a preset that names a tool nobody has makes no session, and the fault names the tool") {
  ToolStage stage(std::vector<AskedReply>{{"Well.", {}}});
  stage.config.tools["paid"] = {
      .description = "A search.", .url = "https://example.com/search", .secret = "SEARCH_KEY"};
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  const auto fault_of = [&](const Preset& preset) -> std::string {
    try {
      engine.create_session(preset);
      return "";
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      return error.what();
    }
  };
  const auto says = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  const std::string in_preset = fault_of(room_with_tools({"weather", "wether"}));
  CHECK(says(in_preset, "/tools/1"));
  CHECK(says(in_preset, "\"wether\""));
  CHECK(says(in_preset, "did you mean \"weather\""));
  CHECK(says(in_preset, "the name of a tool given to the engine or configured"));
  Preset preset = room_with_tools();
  preset.characters.at(0).tools = {"telescope"};
  CHECK(says(fault_of(preset), "/characters/0/tools/0"));
  // Configured, but without its secret: not offered, and no fault of the preset's.
  CHECK(fault_of(room_with_tools({"weather", "paid"})).empty());
}

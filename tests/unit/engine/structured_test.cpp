#include <doctest/doctest.h>

#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kMoodSchema =
    R"({"type":"object","properties":{"mood":{"enum":["calm","angry"]}},"required":["mood"]})";
constexpr const char* kFollows = R"({"mood":"calm"})";
constexpr const char* kDiffers = R"({"mood":"blue"})";

// Makes every reply another one.
struct MoodFilter final : Filter {
  std::string becomes;
  void check_input(const FilterContext&, std::string_view, Answer answer) override { answer({}); }
  void check_output(const FilterContext&, std::string_view text, Answer answer) override {
    if (text.empty()) return answer({});
    answer({FilterVerdict::Action::rewrite, becomes, ""});
  }
};

struct SchemaStage : ToolStage {
  using ToolStage::ToolStage;
  Engine engine = Engine::open({});
  std::optional<Session> session;
  std::optional<Events> viewer;

  void begin() {
    engine = open();
    session = engine.create_session(room_with_tools(dependencies.tools.empty()
                                                        ? std::vector<std::string>{}
                                                        : std::vector<std::string>{"weather"}));
    session->start().get();
    viewer = session->events({.after = "live"});
  }
  TurnResult ask(bool repair = false) {
    return session->send_wait("How are you?", {.json_schema = kMoodSchema, .repair = repair});
  }
};

bool check_answer_is_mood(const std::string& text) {
  const auto json = parse_json(text);
  return json && json->is_object() && json->value("mood", "") == "calm";
}

}  // namespace

TEST_CASE("a turn with a schema is asked for by it, and its reply comes when it was judged") {
  SchemaStage stage({AskedReply{kFollows, {}}});
  stage.begin();
  const auto result = stage.ask();
  CHECK(result.outcome == Outcome::complete);
  CHECK(result.text == kFollows);
  CHECK(stage.model->requests.at(0).json_schema == kMoodSchema);
  const auto events = drain(stage.engine, *stage.viewer);
  CHECK(joined_text(events) == kFollows);
  const auto schemas = data_of(events, "turn.schema");
  REQUIRE(schemas.size() == 1);
  CHECK(schemas[0].at("json_schema") == kMoodSchema);
  for (const Event& event : events) {
    if (event.data.find("enum") == std::string::npos) continue;  // a word of the schema
    CHECK(event.audience.kind == Audience::Kind::hosts);
  }
  CHECK(stage.session->explain(result.message).rounds.empty());
  CHECK(stage.session->send_wait("And now?").outcome == Outcome::complete);
  CHECK(stage.model->requests.at(1).json_schema.empty());
}

TEST_CASE("nobody sees a piece of a reply under a schema before it was judged") {
  Config config = scripted(R"(["x"])");
  config.providers["model"].options = R"({"delay_ms":10,"token_ms":10})";
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  Events viewer = session.events({.after = "live", .batches = true});
  const auto result = session.send_wait("How are you?", {.json_schema = kMoodSchema});
  CHECK(result.outcome == Outcome::complete);
  CHECK(check_answer_is_mood(result.text));
  int deltas = 0;
  for (const auto& event : drain(engine, viewer)) deltas += event.type == "delta" ? 1 : 0;
  CHECK(deltas == 1);
}

TEST_CASE("a reply that does not follow its schema fails, and what came is kept") {
  for (const char* wrong :
       {kDiffers, "Fine.", "", R"({"mood":"blue","mood":"calm"})",
        R"({"mood":"calm","a":"\u0000"})", "Here:\n```json\n{\"mood\":\"calm\"}\n```",
        "```json\n{\"mood\":\"calm\"}", "```yaml\n{\"mood\":\"calm\"}\n```"}) {
    CAPTURE(wrong);
    SchemaStage stage({AskedReply{wrong, {}}});
    stage.begin();
    const auto result = stage.ask();
    CHECK(result.outcome == Outcome::failed);
    REQUIRE(result.error.has_value());
    CHECK(result.error->code() == ErrorCode::protocol);
    CHECK(std::string(result.error->what()).find("json_schema") != std::string::npos);
    CHECK(std::string(result.error->what()).find("blue") == std::string::npos);
    CHECK(result.text == wrong);
    CHECK(stage.model->requests.size() == 1);
    CHECK(joined_text(drain(stage.engine, *stage.viewer)) == wrong);
    CHECK(stage.session->state() == SessionState::active);
  }
}

TEST_CASE("a fence around the whole of a reply under a schema is no part of it") {
  for (const char* fenced :
       {"```json\n{\"mood\":\"calm\"}\n```", "\n```\r\n{\"mood\":\"calm\"}\r\n```\n",
        "``` JSON\n\n{\"mood\":\"calm\"}\n\n```  "}) {
    CAPTURE(fenced);
    SchemaStage stage({AskedReply{fenced, {}}});
    stage.begin();
    const auto result = stage.ask();
    CHECK(result.outcome == Outcome::complete);
    CHECK(result.text == kFollows);
    CHECK(joined_text(drain(stage.engine, *stage.viewer)) == kFollows);
    CHECK(stage.session->messages().back().text() == kFollows);
    CHECK(stage.session->ask_aside("host", "And you?", kMoodSchema).get().text == kFollows);
  }
}

TEST_CASE("a completion under a schema is judged by it, without its fence") {
  struct Row {
    const char* says;
    const char* text;
    bool follows;
  };
  for (const Row& row :
       {Row{kFollows, kFollows, true}, Row{"```json\n{\"mood\":\"calm\"}\n```", kFollows, true},
        Row{kDiffers, kDiffers, false}, Row{"No.", "No.", false}}) {
    CAPTURE(row.says);
    SchemaStage stage({AskedReply{row.says, {}}});
    stage.engine = stage.open();
    ReplyRequest request;
    request.messages.emplace_back().text = "How are you?";
    const Completion plain = stage.engine.complete("model", request).get();
    CHECK(plain.text == row.says);
    CHECK_FALSE(plain.error.has_value());
    request.json_schema = kMoodSchema;
    const Completion reply = stage.engine.complete("model", std::move(request)).get();
    CHECK(reply.text == row.text);
    CHECK(reply.outcome == (row.follows ? Outcome::complete : Outcome::failed));
    CHECK(reply.error.has_value() == !row.follows);
    if (reply.error) CHECK(reply.error->code() == ErrorCode::protocol);
  }
}

TEST_CASE("a refusal under a schema is a refusal, not bad JSON") {
  for (const auto reason : {FinishReason::refusal, FinishReason::content_filter}) {
    SchemaStage stage({AskedReply{"I cannot.", {}, reason}});
    stage.begin();
    const auto result = stage.ask(true);
    CHECK(result.outcome == Outcome::complete);
    CHECK(result.finish_reason == reason);
    CHECK(result.text == "I cannot.");
    CHECK(stage.model->requests.size() == 1);
    CHECK(code_of([&] { stage.session->ask_aside("host", "And you?", kMoodSchema).get(); }) ==
          ErrorCode::content_filtered);
  }
}

TEST_CASE("a reply is repaired once: the bad one is shown to the model, and to nobody else") {
  SchemaStage stage({{kDiffers, {}}, {kFollows, {}}});
  stage.config.prices["*"].output = Money::parse("1").value();
  stage.begin();
  const auto result = stage.ask(true);
  CHECK(result.outcome == Outcome::complete);
  CHECK(result.text == kFollows);
  CHECK(result.usage.input_tokens == 200);
  CHECK(result.usage.output_tokens == 20);
  CHECK(result.cost == stage.session->info().cost);
  REQUIRE(stage.model->requests.size() == 2);
  const auto& first = stage.model->requests[0].messages;
  const auto& second = stage.model->requests[1].messages;
  REQUIRE(second.size() == first.size() + 2);
  CHECK(second[first.size()].role == PromptRole::assistant);
  CHECK(second[first.size()].text == kDiffers);
  CHECK(second.back().role == PromptRole::user);
  CHECK(second.back().text.find("/mood") != std::string::npos);
  CHECK(stage.model->requests[1].json_schema == kMoodSchema);

  const auto events = drain(stage.engine, *stage.viewer);
  CHECK(joined_text(events) == kFollows);
  const auto continued = data_of(events, "turn.continued");
  REQUIRE(continued.size() == 1);
  CHECK(continued[0].at("round") == 2);
  CHECK(continued[0].at("repairs").at("answer") == kDiffers);
  CHECK(data_of(events, "turn.finished").size() == 1);
  const auto line = stage.session->messages();
  CHECK(line.back().text() == kFollows);
  CHECK(stage.session->explain(result.message).rounds.size() == 1);
  CHECK(stage.session->send_wait("And now?").text == kFollows);
  for (const auto& message : stage.model->requests[2].messages) CHECK(message.text != kDiffers);
}

TEST_CASE("a repair of which nothing comes leaves the answer that was to be repaired") {
  SchemaStage stage({{kDiffers, {}}, {"", {}, FinishReason::stop, "", "", true}});
  stage.begin();
  const auto result = stage.ask(true);
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code() == ErrorCode::provider_error);
  CHECK(result.finish_reason != FinishReason::tool_calls);
  CHECK(result.text == kDiffers);
  CHECK(stage.session->messages().back().text() == kDiffers);
  CHECK(joined_text(drain(stage.engine, *stage.viewer)) == kDiffers);
}

TEST_CASE("one repair and no more, and none for what the token limit cut") {
  SchemaStage twice({AskedReply{kDiffers, {}}});
  twice.begin();
  CHECK(twice.ask(true).outcome == Outcome::failed);
  CHECK(twice.model->requests.size() == 2);
  SchemaStage stage({AskedReply{kDiffers, {}, FinishReason::length}});
  stage.begin();
  const auto result = stage.ask(true);
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.finish_reason == FinishReason::length);
  CHECK(stage.model->requests.size() == 1);
}

TEST_CASE("a repair that the budget forbids leaves the answer as it came") {
  SchemaStage stage({{kDiffers, {}}, {kFollows, {}}});
  stage.config.prices["*"].request = Money::parse("0.6").value();
  stage.config.session_budget = Money::parse("1").value();
  stage.begin();
  const auto result = stage.ask(true);
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code() == ErrorCode::budget_exhausted);
  CHECK(result.text == kDiffers);
  CHECK(stage.model->requests.size() == 1);
  CHECK(stage.session->info().cost == Money::parse("0.6").value());
}

TEST_CASE(
    "with tools the last round is the reply, and what was said before them is no part of it") {
  SchemaStage stage({{"Let me look.", {weather_call()}}, {kDiffers, {}}, {kFollows, {}}});
  stage.with(std::make_shared<TestTool>());
  stage.begin();
  const auto result = stage.ask(true);
  CHECK(result.text == kFollows);
  CHECK(result.outcome == Outcome::complete);
  CHECK(stage.model->requests.size() == 3);
  const auto reply = stage.session->messages().back();
  REQUIRE(reply.tool_rounds.size() == 1);
  CHECK(reply.tool_rounds[0].text == "Let me look.");
  CHECK(stage.session->explain(result.message).rounds.size() == 2);
}

TEST_CASE("a host's filter sees the reply first, and what it makes of it is judged") {
  auto filter = std::make_shared<MoodFilter>();
  SchemaStage stage({AskedReply{kFollows, {}}});
  stage.dependencies.filter = filter;
  stage.begin();
  filter->becomes = R"({"mood":"angry"})";
  CHECK(stage.ask().text == filter->becomes);
  filter->becomes = "***";
  const auto result = stage.ask();
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code() == ErrorCode::protocol);
}

TEST_CASE("a turn that is cancelled before it was judged keeps what came, unjudged") {
  Config config = scripted(R"(["x"])");
  config.providers["model"].options = R"({"delay_ms":10,"token_ms":10})";
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  Turn turn = session.send("How are you?", {.json_schema = kMoodSchema, .repair = true});
  turn.wait_accepted();
  engine.advance(35ms);
  turn.cancel();
  const auto result = turn.wait();
  CHECK(result.outcome == Outcome::cancelled);
  CHECK(result.text == "{\"mood\":\"");
  CHECK(session.messages().back().text() == result.text);
  CHECK(session.state() == SessionState::active);
}

TEST_CASE("a schema that is none is refused before anything is stored or sent") {
  SchemaStage stage({AskedReply{kFollows, {}}});
  stage.begin();
  const auto before = stage.session->info().last_seq;
  const auto code = [&](const SendOptions& options) {
    try {
      stage.session->send_wait("Hello", options);
    } catch (const Error& error) {
      CHECK(std::string(error.what())
                .starts_with(options.json_schema.empty() ? "repair" : "json_schema"));
      return error.code();
    }
    return ErrorCode::ok;
  };
  CHECK(code({.json_schema = "{\"type\":"}) == ErrorCode::invalid_argument);
  CHECK(code({.json_schema = "[]"}) == ErrorCode::invalid_argument);
  CHECK(code({.json_schema = R"({"type":"colour"})"}) == ErrorCode::invalid_argument);
  CHECK(code({.reply = false, .json_schema = kMoodSchema}) == ErrorCode::invalid_argument);
  CHECK(code({.repair = true}) == ErrorCode::invalid_argument);
  CHECK_THROWS_AS(stage.session->continue_reply({.json_schema = kMoodSchema}).wait(), Error);
  CHECK(stage.session->info().last_seq == before);
  CHECK(stage.model->requests.empty());
}

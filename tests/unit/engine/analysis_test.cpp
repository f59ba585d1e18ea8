#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "unit/engine/answering_model.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Preset judged_talk() {
  Preset preset = conformance::two_in_a_room();
  preset.rubric = {{"calm", "Calm", "Good: calm. Poor: loud.", 1}};
  preset.questions = {{"weather", "How is the weather in the harbour?", ""}};
  return preset;
}

std::string answer_with(const char* words) {
  return std::string(R"({"summary":"They met.","criteria":{"calm":{"score":9,"comment":"Calm.",)") +
         R"("quotes":[{"message":"m1","words":")" + words +
         R"("}]}},"turning_points":[],"evasions":[],"contradictions":[]})";
}

/// An engine whose analyses an AnsweringModel writes.
struct JudgedStage {
  explicit JudgedStage(Config config = scripted(), std::shared_ptr<Storage> storage = nullptr) {
    config.analysis.provider = "judge";
    config.analysis.model = "judge-1";
    config.prices["judge-1"] = {.input = *Money::parse("10"), .output = *Money::parse("30")};
    Dependencies dependencies;
    dependencies.providers["judge"] = judge;
    dependencies.storage = std::move(storage);
    engine.emplace(Engine::open(config, dependencies));
  }
  Session completed() {
    Session session = engine->create_session(judged_talk());
    session.send_wait("Hello there, how is the weather?");
    session.complete().get();
    // A held answer keeps the engine from being idle.
    for (int round = 0; judge->holds && !judge->held && round < 1'000; ++round) engine->poll();
    if (!judge->holds) engine->run_until_idle();
    return session;
  }

  std::shared_ptr<AnsweringModel> judge = std::make_shared<AnsweringModel>();
  std::optional<Engine> engine;
};

// So that requests are those of attempts.
Config no_retries() {
  Config config = scripted();
  config.max_retries = 0;
  config.jobs.first_delay = 1s;
  return config;
}

std::vector<Event> events_of(Engine& engine, Session& session) {
  Events events = session.events();
  return drain(engine, events);
}

std::size_t count_of(const std::vector<Event>& events, std::string_view type) {
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [&](const Event& event) { return event.type == type; }));
}

}  // namespace

TEST_CASE("a completed session has one analysis, queued with its end and measured offline") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(judged_talk());
  session.send_wait("Hello there, how is the weather?");
  CHECK(code_of([&] { session.analysis(); }) == ErrorCode::not_found);
  CHECK(code_of([&] { session.analyze().get(); }) == ErrorCode::wrong_state);
  session.complete().get();
  engine.run_until_idle();
  const Analysis analysis = session.analysis();
  CHECK(analysis.source == "offline");
  CHECK(analysis.messages == session.info().messages);
  REQUIRE(analysis.questions.size() == 1);
  CHECK(analysis.speakers.size() == session.info().participants.size());
  const auto types = durable_types(events_of(engine, session));
  const auto end = std::find(types.begin(), types.end(), "session.completed");
  REQUIRE(types.end() - end == 3);
  CHECK(end[1] == "analysis.queued");
  CHECK(end[2] == "analysis.stored");
  const auto jobs = engine.jobs().list({.kind = "scena.analysis"}).jobs;
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].state == Job::State::done);
}

TEST_CASE("a session that ends by itself has one analysis, too") {
  Engine engine = Engine::open(scripted());
  Preset preset = judged_talk();
  preset.end_conditions = {{.kind = EndCondition::Kind::turns, .count = 1}};
  Session session = engine.create_session(preset);
  session.send_wait("Hello.");
  engine.run_until_idle();
  CHECK(session.state() == SessionState::completed);
  CHECK(session.analysis().source == "offline");
  CHECK(count_of(events_of(engine, session), "analysis.queued") == 1);
}

TEST_CASE("without on_completion an analysis is made on request alone, and again on each") {
  Config config = scripted();
  config.analysis.on_completion = false;
  Engine engine = Engine::open(config);
  Session session = engine.create_session(judged_talk());
  session.send_wait("Hello.");
  session.complete().get();
  engine.run_until_idle();
  CHECK(code_of([&] { session.analysis(); }) == ErrorCode::not_found);
  session.analyze().get();
  session.analyze().get();
  engine.run_until_idle();
  const auto events = events_of(engine, session);
  CHECK(count_of(events, "analysis.queued") >= 1);
  CHECK(count_of(events, "analysis.queued") == count_of(events, "analysis.stored"));
  const Analysis first = session.analysis();
  session.analyze().get();
  engine.run_until_idle();
  const Analysis second = session.analysis();
  CHECK(second.last_seq > first.last_seq);
  CHECK(second.summary == first.summary);
}

TEST_CASE("a model judges the rubric, and a quote that does not exist is asked again") {
  JudgedStage stage;
  stage.judge->answers = {answer_with("Hello everybody"), answer_with("Hello  there")};
  Session session = stage.completed();
  const Analysis analysis = session.analysis();
  CHECK(analysis.source == "model");
  CHECK(analysis.provider == "judge");
  CHECK(analysis.model == "judge-1");
  CHECK(analysis.summary == "They met.");
  CHECK(*analysis.overall == doctest::Approx(0.9));
  CHECK(analysis.rejected_quotes == 0);
  REQUIRE(analysis.criteria.size() == 1);
  REQUIRE(analysis.criteria[0].quotes.size() == 1);
  CHECK(analysis.criteria[0].quotes[0].text == "Hello there");
  CHECK_FALSE(analysis.questions.empty());
  REQUIRE(stage.judge->requests.size() == 2);
  CHECK(stage.judge->requests[0].context.purpose == Purpose::analysis);
  CHECK(stage.judge->requests[0].context.session == session.id());
  CHECK_FALSE(stage.judge->requests[0].json_schema.empty());
  CHECK(stage.judge->requests[1].messages.size() == 3);
}

TEST_CASE("each request of an analysis is reserved, settled and in the ledger") {
  JudgedStage stage;
  stage.judge->answers = {"no JSON", answer_with("Hello there")};
  Session session = stage.completed();
  const auto events = events_of(*stage.engine, session);
  int settled = 0;
  for (const Event& event : events) {
    const auto data = parse_json(event.data);
    if (event.type != "budget.settled" || data->value("purpose", "") != "analysis") continue;
    ++settled;
    CHECK(data->value("cost", "") == "0.013");
    CHECK_FALSE(data->value("analysis", "").empty());
  }
  CHECK(settled == 2);
  const auto rows = stage.engine->costs({.session = session.id(), .model = "judge-1"});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].calls == 2);
  CHECK(rows[0].cost == *Money::parse("0.026"));
  CHECK(session.info().cost >= *Money::parse("0.026"));
  CHECK(stage.engine->rebuild(session.id()));
}

TEST_CASE("a short outage of the model only delays the analysis") {
  using enum ErrorCode;
  for (const ErrorCode code :
       {rate_limited, overloaded, network, timeout, provider_error, unavailable, circuit_open}) {
    CAPTURE(to_string(code));
    JudgedStage stage(no_retries());
    stage.judge->failure = code;
    Session session = stage.completed();
    CHECK(code_of([&] { session.analysis(); }) == not_found);
    stage.judge->answers = {answer_with("Hello there")};
    stage.engine->advance(10s);
    CHECK(session.analysis().source == "model");
    CHECK(stage.judge->requests.size() == 2);
    CHECK(count_of(events_of(*stage.engine, session), "analysis.stored") == 1);
    CHECK(count_of(events_of(*stage.engine, session), "analysis.failed") == 0);
  }
}

TEST_CASE("a session over the model's context goes in shorter parts, whatever is configured") {
  JudgedStage stage(no_retries());
  stage.judge->failure = ErrorCode::context_overflow;
  stage.judge->asked = [&judge = *stage.judge] {
    judge.answers.clear();
    if (judge.requests.back().messages.front().text.size() < 16'000)
      judge.answers = {answer_with("Hello there")};
  };
  Session session = stage.engine->create_session(judged_talk());
  session.send_wait("Hello there, how is the weather?");
  for (int i = 0; i < 20; ++i) {
    std::string said;
    while (said.size() < 1'500) said += "The harbour has seen " + std::to_string(i) + " storms. ";
    session.send_wait(said);
  }
  session.complete().get();
  stage.engine->run_until_idle();
  CHECK(session.analysis().source == "model");
  CHECK(stage.judge->requests.size() > 3);
  CHECK(stage.engine->rebuild(session.id()));
}

TEST_CASE("a context that holds no part of a session is told, and not tried for ever") {
  JudgedStage stage(no_retries());
  stage.judge->failure = ErrorCode::context_overflow;
  Session session = stage.completed();
  CHECK(session.analysis().fallback.starts_with("context_overflow: "));
  CHECK(stage.judge->requests.size() == 1);
}

TEST_CASE("a model that refuses for good is not asked twice") {
  JudgedStage stage(no_retries());
  stage.judge->failure = ErrorCode::unauthenticated;
  Session session = stage.completed();
  CHECK(session.analysis().fallback.starts_with("unauthenticated: "));
  CHECK(stage.judge->requests.size() == 1);
}

TEST_CASE("a model that fails leaves what was measured, and says why") {
  JudgedStage stage(no_retries());
  Session session = stage.completed();
  stage.engine->advance(1min);
  CHECK(stage.judge->requests.size() == 3);
  const Analysis analysis = session.analysis();
  CHECK(analysis.source == "offline");
  CHECK(analysis.fallback.starts_with("unavailable: "));
  stage.judge->answers = {answer_with("Hello there")};
  session.analyze().get();
  stage.engine->run_until_idle();
  CHECK(session.analysis().source == "model");
}

TEST_CASE("an answer that is cut at its limit is not asked for again, and the limit is named") {
  JudgedStage stage;
  stage.judge->answers = {R"({"summary": "They talk ab)"};
  stage.judge->reason = FinishReason::length;
  Session session = stage.completed();
  CHECK(session.analysis().source == "offline");
  CHECK(session.analysis().fallback.starts_with("too_large: analysis.answer_tokens: "));
  CHECK(stage.judge->requests.size() == 1);
}

TEST_CASE("a model without one usable answer leaves what was measured") {
  JudgedStage stage;
  stage.judge->answers = {"I would rather not."};
  Session session = stage.completed();
  CHECK(session.analysis().source == "offline");
  CHECK(session.analysis().fallback.starts_with("protocol: "));
  CHECK(stage.judge->requests.size() == 3);
}

TEST_CASE("an analysis that could pass the session's budget asks no model") {
  Config config = scripted();
  config.session_budget = Money{1'000};
  JudgedStage stage(config);
  stage.judge->answers = {answer_with("Hello there")};
  Session session = stage.completed();
  CHECK(stage.judge->requests.empty());
  CHECK(session.analysis().fallback.starts_with("budget_exhausted: "));
}

TEST_CASE("a preset names the model of its analysis") {
  Config config = scripted();
  Dependencies dependencies;
  const auto judge = std::make_shared<AnsweringModel>();
  judge->answers = {answer_with("Hello there")};
  dependencies.providers["judge"] = judge;
  Engine engine = Engine::open(config, dependencies);
  Preset preset = judged_talk();
  preset.analysis = {.provider = "judge", .model = "big", .temperature = 0.1, .max_tokens = 900};
  Session session = engine.create_session(preset);
  session.send_wait("Hello there.");
  session.complete().get();
  engine.run_until_idle();
  CHECK(session.analysis().source == "model");
  CHECK(judge->requests.at(0).model == "big");
  CHECK(judge->requests.at(0).temperature == 0.1);
  CHECK(judge->requests.at(0).max_tokens == 900);
}

TEST_CASE("a session removed while its model is asked has no analysis and no job") {
  JudgedStage stage;
  stage.judge->holds = true;
  Session session = stage.completed();
  REQUIRE(stage.judge->held);
  session.remove().get();
  stage.judge->held->on_done({.outcome = Outcome::cancelled});
  stage.engine->run_until_idle();
  CHECK(code_of([&] { session.analysis(); }) == ErrorCode::not_found);
  CHECK(stage.engine->jobs().list({.kind = "scena.analysis"}).jobs.empty());
}

TEST_CASE("an export holds the analysis, and an import brings it") {
  JudgedStage stage;
  stage.judge->answers = {answer_with("Hello there")};
  Session session = stage.completed();
  const std::string json = stage.engine->export_session(session.id(), ExportFormat::json);
  Engine other = Engine::open(scripted());
  Session imported = other.import_session(json);
  other.run_until_idle();
  CHECK(imported.analysis() == session.analysis());
}

TEST_CASE("an analysis whose job is nowhere is told as failed, and may be asked for again") {
  JudgedStage stage;
  stage.judge->holds = true;
  Session session = stage.completed();
  const std::string json = stage.engine->export_session(session.id(), ExportFormat::json);
  Engine other = Engine::open(scripted());
  Session imported = other.import_session(json);
  other.run_until_idle();
  CHECK(count_of(events_of(other, imported), "analysis.failed") == 1);
  imported.analyze().get();
  other.run_until_idle();
  CHECK(imported.analysis().source == "offline");
}

TEST_CASE("an engine closed while a model is asked leaves the job for the next one") {
  const std::shared_ptr<Storage> disk = std::move(*open_storage({.url = "memory:"}));
  std::string id;
  {
    JudgedStage stage(scripted(), disk);
    stage.judge->holds = true;
    id = stage.completed().id();
  }
  JudgedStage stage(scripted(), disk);
  stage.judge->answers = {answer_with("Hello there")};
  Session session = stage.engine->session(id);
  Events waiting = session.events();
  for (Event event; event.type != "analysis.stored";) REQUIRE(waiting.next_wait(event, 10s));
  CHECK(session.analysis().source == "model");
  const auto events = events_of(*stage.engine, session);
  CHECK(count_of(events, "analysis.queued") == 1);
  CHECK(count_of(events, "analysis.stored") == 1);
  int open = 0;
  for (const Event& event : events) {
    if (event.data.find(R"("purpose":"analysis")") == std::string::npos) continue;
    open += event.type == "budget.reserved" ? 1 : event.type == "budget.settled" ? -1 : 0;
  }
  CHECK(open == 0);
}

TEST_CASE("a fork has no analysis until it completes itself") {
  JudgedStage stage;
  stage.judge->answers = {answer_with("Hello there")};
  Session session = stage.completed();
  Session fork = session.fork().get();
  CHECK(code_of([&] { fork.analysis(); }) == ErrorCode::not_found);
  fork.complete().get();
  stage.engine->run_until_idle();
  CHECK(fork.analysis().source == "model");
}

TEST_CASE("the analysis is the host's alone, with its events") {
  JudgedStage stage;
  stage.judge->answers = {answer_with("Hello there")};
  Session session = stage.completed();
  Principal guest;
  guest.tenant = "default";
  guest.subject = "guest";
  guest.participant = "guest";
  Engine as_guest = stage.engine->as(guest);
  const ErrorCode code = code_of([&] { as_guest.session(session.id()).analysis(); });
  CHECK((code == ErrorCode::permission_denied || code == ErrorCode::not_found));
  for (const Event& event : events_of(*stage.engine, session)) {
    if (event.type.starts_with("analysis.")) CHECK(event.audience.kind == Audience::Kind::hosts);
  }
}

TEST_CASE("an unknown provider of analyses is a fault when the engine opens") {
  Config config = scripted();
  config.analysis.provider = "nobody";
  CHECK(code_of([&] { Engine::open(config); }) != ErrorCode::ok);
}

TEST_CASE("a session whose last handle goes while its analysis waits is let go of at its end") {
  JudgedStage stage;
  stage.judge->holds = true;
  stage.judge->answers = {answer_with("Hello there")};
  const std::string id = stage.completed().id();
  REQUIRE(stage.judge->held);
  CHECK(stage.engine->stats().sessions_loaded == 1);
  stage.judge->holds = false;
  stage.judge->answer_held();
  stage.engine->run_until_idle();
  stage.engine->poll();
  CHECK(stage.engine->stats().sessions_loaded == 0);
  CHECK(stage.engine->session(id).analysis().source == "model");
}

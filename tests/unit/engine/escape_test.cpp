#include <doctest/doctest.h>

#include <scena/analytics.hpp>

#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

using Steps = std::map<std::string, std::uint32_t>;

Preset survey() {
  return Preset::from_json(R"({"id":"survey","title":"Survey",
    "characters":[{"id":"clerk","name":"Clerk"},{"id":"guest","name":"Guest","played_by":"human"}],
    "escape_phrases":["surprise me"],
    "questions":[{"id":"budget","text":"What is the budget of the kitchen project?","asked_by":"clerk"},
                 {"id":"colour","text":"Which colour do the cupboards have?"}]})")
      .value_or_throw();
}

Session begin(Engine& engine) {
  engine.put_preset(survey());
  return engine.create_session("survey");
}

const char* const kQuestions =
    R"(["What budget does your kitchen project have?","Which colour do you want for the cupboards?","Fine."])";

}  // namespace

TEST_CASE("a message that skips something is counted at the planned question asked last") {
  Engine engine = Engine::open(scripted(kQuestions));
  Session session = begin(engine);
  auto events = session.events();
  session.send_wait("Skip the questions, just build it.");
  CHECK(session.info().escapes == Steps{{"active", 1}});
  session.send_wait("Skip this one.");  // which the first reply asked
  session.send_wait("Surprise me!");
  session.send_wait("I do not want to skip anything.");
  CHECK(session.info().escapes == Steps{{"active", 1}, {"budget", 1}, {"colour", 1}});
  std::vector<std::string> told;
  for (const auto& event : drain(engine, events)) {
    if (event.type != "escape.used") continue;
    told.push_back(event.data);
    CHECK(event.audience.kind == Audience::Kind::hosts);
  }
  REQUIRE(told.size() == 3);
  CHECK(
      told[1] ==
      R"({"step":"budget","by":"message","participant":"guest","message":"m3","phrase":"skip this"})");
  CHECK(engine.rebuild(session.id()));
}

TEST_CASE("a host flags what a message does not say, under a step of its own") {
  Engine engine = Engine::open(scripted(kQuestions));
  Session session = begin(engine);
  session.flag_escape().get();
  session.flag_escape({.step = "tour", .reason = "button", .command_id = "c1"}).get();
  session.flag_escape({.step = "tour", .reason = "button", .command_id = "c1"}).get();
  CHECK(session.info().escapes == Steps{{"pending", 1}, {"tour", 1}});
  CHECK(code_of([&] { session.flag_escape({.participant = "nobody"}).get(); }) ==
        ErrorCode::not_found);
  CHECK(code_of([&] { session.flag_escape({.step = std::string(201, 'a')}).get(); }) ==
        ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.flag_escape({.reason = "a\nb"}).get(); }) ==
        ErrorCode::invalid_argument);
  session.send_wait("Hello.");
  session.complete().get();
  CHECK(code_of([&] { session.flag_escape().get(); }) == ErrorCode::wrong_state);
  CHECK(session.info().escapes == Steps{{"pending", 1}, {"tour", 1}});
}

TEST_CASE("escapes stand in the analysis, the analytics and the stored session") {
  Engine engine = Engine::open(scripted(kQuestions));
  Session session = begin(engine);
  session.send_wait("Hello.");
  session.send_wait("Pass.");
  session.flag_escape({.step = "tour"}).get();
  session.complete().get();
  engine.run_until_idle();
  const auto analysis = session.analysis();
  CHECK(analysis.escapes == std::vector<AnalysisEscape>{{"budget", 1}, {"tour", 1}});
  CHECK(Analysis::from_json(analysis.to_json()).value_or_throw() == analysis);
  const auto rows = session_analytics(engine);
  CHECK(rows.at(0).escapes == std::map<std::string, std::uint64_t>{{"budget", 1}, {"tour", 1}});
  CHECK(analytics_to_jsonl(rows, {}).find(R"("escapes":{"budget":1,"tour":1})") !=
        std::string::npos);
  CHECK(analytics_to_csv(rows, {}).find(",escape.budget,escape.tour\r\n") != std::string::npos);
  CHECK(engine.sessions().sessions.at(0).escapes == Steps{{"budget", 1}, {"tour", 1}});
  CHECK(session.fork().get().info().escapes.empty());  // it counts from there
}

TEST_CASE("names of steps are bounded: beyond a hundred they count as others") {
  Engine engine = Engine::open(scripted(kQuestions));
  Session session = begin(engine);
  for (int i = 0; i < 105; ++i) session.flag_escape({.step = "s" + std::to_string(i)}).get();
  CHECK(session.info().escapes.size() == 101);
  CHECK(session.info().escapes.at("other") == 5);
}

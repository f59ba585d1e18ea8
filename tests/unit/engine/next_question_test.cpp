#include <doctest/doctest.h>

#include <scena/ext/filter.hpp>
#include <scena/ext/provider.hpp>

#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

Preset interview(const std::string& maker) {
  return Preset::from_json(R"({"id":"intake","title":"Intake",
    "characters":[{"id":"clerk","name":"Clerk"},{"id":"guest","name":"Guest","played_by":"human"}],
    "questions":[{"id":"budget","text":"What is the budget of the kitchen project?"},
                 {"id":"colour","text":"Which colour do the cupboards have?"}])" +
                           maker + "}")
      .value_or_throw();
}

constexpr const char* kMaker =
    R"(,"next_question":{"instructions":"Go deeper.","time_limit_ms":5000})";

std::string answer(const std::string& question, const std::string& covers) {
  return R"({"json":{"question":")" + question + R"(","covers":")" + covers + R"("}})";
}

struct NextAsked {
  NextQuestion question;
  std::vector<std::string> events;
};

// One question of a new session, after its first turn, whose reply is the first of `replies`.
NextAsked ask(Config config, const std::string& maker = kMaker, Dependencies dependencies = {}) {
  Engine engine = Engine::open(config, std::move(dependencies));
  engine.put_preset(interview(maker));
  Session session = engine.create_session("intake");
  session.send_wait("Hello.");
  auto events = session.events({.after = "live"});
  drain(engine, events);
  NextAsked asked{session.next_question().get(), {}};
  for (const auto& event : drain(engine, events)) {
    if (event.type == "question.chosen") asked.events.push_back(event.data);
  }
  CHECK(session.messages().size() == 2);  // it leaves no message
  CHECK(engine.rebuild(session.id()));
  return asked;
}

}  // namespace

TEST_CASE("a model's question that follows the schema and is new is the next one") {
  Config config = scripted("[\"Welcome.\"," + answer("How much may it cost?", "budget") + "]");
  config.prices["*"] = {.request = *Money::parse("0.01")};
  const NextAsked asked = ask(config);
  CHECK(asked.question.text == "How much may it cost?");
  CHECK(asked.question.covers == "budget");
  CHECK_FALSE(asked.question.fallback);
  CHECK(asked.question.cost == *Money::parse("0.01"));
  CHECK(asked.events ==
        std::vector<std::string>{R"({"question":"How much may it cost?","covers":"budget",)"
                                 R"("fallback":false,"character":"clerk","aside":"a1"})"});
}

TEST_CASE("an answer that is no good gives way to the next planned question, and says why") {
  const auto fallback = [](const std::string& replies) { return ask(scripted(replies)).question; };
  const std::string planned = "Which colour do the cupboards have?";
  const std::string first = R"("What budget does the kitchen project have?")";
  for (const std::string replies :
       {R"(["Hi.",{"json":"Ask about money."}])", R"(["Hi.",{"json":{"covers":"budget"}}])",
        R"(["Hi.",{"json":{"question":"","covers":""}}])",
        R"(["Hi.",{"json":{"question":" \n ","covers":""}}])"}) {
    const NextQuestion question = fallback(replies);
    CAPTURE(replies);
    CHECK(question.fallback);
    CHECK(question.reason == "schema");
    CHECK(question.text == "What is the budget of the kitchen project?");
    CHECK(question.usage.output_tokens > 0);  // it was paid for all the same
  }
  for (const std::string& again : {answer("What budget does the kitchen project have?", ""),
                                   answer("And the kitchen project: what is its budget?", ""),
                                   answer("Anything?", "budget")}) {
    CAPTURE(again);
    const NextQuestion question = fallback("[" + first + "," + again + "]");
    CHECK(question.fallback);
    CHECK(question.reason == "repeat");
    CHECK(question.text == planned);
    CHECK(question.covers == "colour");
  }
}

TEST_CASE("a model that is late is cut, and the planned question is there in time") {
  Config config = scripted();
  config.providers["model"].options = R"({"replies":["Welcome."]})";
  config.providers["slow"] = {.url = "script:",
                              .options = R"({"replies":["x"],"delay_ms":[60000,60000]})"};
  Engine engine = Engine::open(config);
  engine.put_preset(
      interview(R"(,"next_question":{"time_limit_ms":5000,"model":{"provider":"slow"}})"));
  Session session = engine.create_session("intake");
  session.send_wait("Hello.");
  const auto before = engine.clock().now();
  const NextQuestion question = session.next_question().get();
  CHECK(question.reason == "timeout");
  CHECK(question.covers == "budget");
  CHECK(engine.clock().now() - before == std::chrono::seconds(5));
  CHECK(engine.rebuild(session.id()));
  CHECK(session.send_wait("Still there?").outcome == Outcome::complete);
}

TEST_CASE("without a model, money or a provider the plan decides, with the reason in the log") {
  CHECK(ask(scripted(), "").question.reason == "no_model");
  Config poor = scripted();
  poor.prices["*"] = {.request = *Money::parse("1")};
  poor.session_budget = *Money::parse("1.5");
  const NextAsked asked = ask(poor);
  CHECK(asked.question.reason == "budget");
  CHECK(asked.question.cost == Money{});
  CHECK(asked.events ==
        std::vector<std::string>{R"({"question":"What is the budget of the kitchen project?",)"
                                 R"("covers":"budget","fallback":true,"reason":"budget",)"
                                 R"("character":"clerk"})"});
  CHECK(ask(scripted(), R"(,"next_question":{"model":{"provider":"nobody"}})").question.reason ==
        "failed");
}

TEST_CASE("when everything was asked, no question is left") {
  Engine engine = Engine::open(scripted(
      R"(["What budget does the kitchen project have?","Which colour should the cupboards have?"])"));
  engine.put_preset(interview(""));
  Session session = engine.create_session("intake");
  CHECK(code_of([&] { session.next_question().get(); }) == ErrorCode::wrong_state);
  session.send_wait("Hello.");
  CHECK(session.next_question().get().covers == "colour");
  session.send_wait("Ten thousand.");
  CHECK(session.next_question().get().text.empty());
  CHECK(code_of([&] { session.next_question({.character = "nobody"}).get(); }) ==
        ErrorCode::not_found);
}

TEST_CASE("a command id gets the first question again, and nothing is asked twice") {
  Config config =
      scripted("[\"Welcome.\"," + answer("How much may it cost?", "budget") + ",\"No.\"]");
  config.prices["*"] = {.request = *Money::parse("0.01")};
  Engine engine = Engine::open(config);
  engine.put_preset(interview(kMaker));
  Session session = engine.create_session("intake");
  session.send_wait("Hello.");
  const auto first = session.next_question({.command_id = "q1"});
  const auto at_once = session.next_question({.command_id = "q1"});
  const NextQuestion question = first.get();
  CHECK(at_once.get() == question);
  CHECK(session.next_question({.command_id = "q1"}).get() == question);
  CHECK(session.info().cost == *Money::parse("0.02"));
  CHECK(engine.costs({}, {}).at(0).calls == 2);
}

TEST_CASE("the engine's end while a question is asked leaves the books to be closed by the next") {
  const TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("talks.db");
  config.prices["*"] = {.request = *Money::parse("0.01")};
  config.providers["slow"] = {.url = "script:",
                              .options = R"({"replies":["x"],"delay_ms":[60000,60000]})"};
  std::string id;
  {
    Engine engine = Engine::open(config);
    engine.put_preset(interview(R"(,"next_question":{"model":{"provider":"slow"}})"));
    Session session = engine.create_session("intake");
    session.send_wait("Hello.");
    id = session.id();
    const auto never = session.next_question();
    engine.advance(std::chrono::seconds(1));
    engine.close();
  }
  Engine engine = Engine::open(config);
  Session session = engine.session(id);
  CHECK(session.send_wait("Hello again.").outcome == Outcome::complete);
  CHECK(engine.rebuild(id));
}

TEST_CASE("what makes questions is checked when the preset is read, and written as it was read") {
  const auto fault = [](const std::string& maker) {
    return code_of([&] { interview(R"(,"next_question":)" + maker); });
  };
  CHECK(fault(R"({"schema":{"type":"array"}})") == ErrorCode::invalid_argument);
  CHECK(fault(R"({"schema":{"type":"nothing"}})") == ErrorCode::invalid_argument);
  CHECK(fault(R"({"schema":{"type":"object"}})") == ErrorCode::invalid_argument);
  CHECK(fault(R"({"time_limit_ms":0})") == ErrorCode::invalid_argument);
  CHECK(fault(R"({"instructions":"{{unknown}}"})") == ErrorCode::invalid_argument);
  const Preset preset = interview(
      R"(,"next_question":{"instructions":"Deeper.","schema":{"type":"object","required":["question"],)"
      R"("properties":{"question":{"type":"string"}}},"time_limit_ms":20,"model":{"model":"m"}},)"
      R"("escape_phrases":["surprise me"])");
  CHECK(Preset::from_json(preset.to_json()).value_or_throw() == preset);
}

TEST_CASE("the same seed gives the same log, questions and escapes included") {
  const auto log = [] {
    Config config = scripted("[\"Welcome.\"," + answer("How much may it cost?", "budget") + "]");
    config.prices["*"] = {.request = *Money::parse("0.01")};
    Engine engine = Engine::open(config);
    engine.put_preset(interview(kMaker));
    Session session = engine.create_session("intake");
    session.send_wait("Skip this.");
    session.next_question().get();
    session.next_question().get();
    session.complete().get();
    engine.run_until_idle();
    return engine.export_session(session.id(), ExportFormat::jsonl);
  };
  const std::string first = log();
  CHECK(first == log());
  CHECK(first.find("\"question.chosen\"") != std::string::npos);
}

#include <doctest/doctest.h>

#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

Preset adapting(std::vector<std::string> metrics) {
  Preset preset = conformance::two_in_a_room();
  preset.adapt = std::move(metrics);
  return preset;
}

bool tells(const Session& session, const std::string& message, const std::string& words) {
  return session.explain(message).request.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a detected profile changes the next prompt and nothing earlier") {
  Engine engine = Engine::open(scripted(R"(["I see.","Go on.","Really?","Fine."])"));
  Session session = engine.create_session(adapting({"industry"}));
  const std::string first = session.send_wait("Hello, nice to meet you.").message;
  const std::string before = session.explain(first).request;
  CHECK(before.find("impressions") == std::string::npos);
  const std::string second =
      session
          .send_wait(
              "I am a nurse at a hospital, our patients wait for surgery and the clinic "
              "lacks doctors.")
          .message;
  CHECK(tells(session, second, "industry healthcare"));
  CHECK(session.explain(first).request == before);
  const std::string third =
      session
          .send_wait(
              "Before that I was a lawyer: courts, lawsuits, contracts, attorneys, judges, "
              "litigation, the law firm, and clients who sued; legal advice all day long, "
              "plaintiffs, defendants, verdicts, statutes and appeals in court.")
          .message;
  CHECK(tells(session, third, "industry legal"));
  CHECK_FALSE(tells(session, third, "industry healthcare"));
  CHECK(tells(session, second, "industry healthcare"));
}

TEST_CASE("an impression goes when the message it came from is edited or undone") {
  Engine engine = Engine::open(scripted(R"(["I see.","Go on.","Really?","Fine."])"));
  Session session = engine.create_session(adapting({"sentiment"}));
  session.send_wait("What a wonderful, lovely, great day! I love it here.");
  const std::string sour = session.send_wait("This is awful, horrible and disgusting.").message;
  CHECK(tells(session, sour, "sentiment negative"));
  session.undo().get();
  const std::string later = session.prompt({.character = "host"}).wait().message;
  CHECK(tells(session, later, "sentiment positive"));
}

TEST_CASE("a whisper that the character did not hear leaves no impression on it") {
  Engine engine = Engine::open(scripted(R"(["I see.","Go on."])"));
  Session session = engine.create_session(adapting({"toxicity"}));
  session.send_wait("Good morning.");
  SendOptions whisper;
  whisper.audience = Audience{Audience::Kind::named, {"guest"}};
  whisper.reply = false;
  session.send_wait("You are all stupid worthless idiots, I will kill you.", whisper);
  const std::string reply = session.prompt({.character = "host"}).wait().message;
  CHECK(tells(session, reply, "toxicity none"));
  CHECK_FALSE(tells(session, reply, "toxicity toxic"));
}

TEST_CASE("without metrics, or without a wish, prompts tell no impressions") {
  Config config = scripted(R"(["I see."])");
  config.metrics = {"engagement"};
  for (const auto& metrics : {std::vector<std::string>{}, std::vector<std::string>{"sentiment"}}) {
    Engine engine = Engine::open(config);
    Session session = engine.create_session(adapting(metrics));
    CHECK_FALSE(tells(session, session.send_wait("Lovely.").message, "impressions"));
  }
}

TEST_CASE("a session completes with the reply or message whose metric passes the preset's bound") {
  Preset preset = conformance::two_in_a_room();
  preset.end_conditions = {{.kind = EndCondition::Kind::metric,
                            .speaker = "host",
                            .metric = "sentiment",
                            .below = -0.3}};
  Engine engine = Engine::open(
      scripted(R"(["That is lovely, thank you.","This is awful, horrible, disgusting."])"));
  Session session = engine.create_session(preset);
  session.send_wait("This is awful, horrible and disgusting.");  // another speaker's
  CHECK(session.info().state == SessionState::active);
  session.send_wait("And now?");
  CHECK(session.info().state == SessionState::completed);
  Events events = session.events();
  std::string reason;
  for (const auto& event : drain(engine, events)) {
    if (event.type == "session.completed") reason = event.data;
  }
  CHECK(reason == R"({"reason":"metric"})");
}

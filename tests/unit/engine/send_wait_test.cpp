#include <doctest/doctest.h>

#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

Live joined_into(std::string& text) {
  return {.text = [&text](std::string_view piece) { text += piece; }};
}

}  // namespace

TEST_CASE("send_wait tells a reply while it comes and returns how the turn ended") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  std::vector<std::string> pieces;
  const auto result =
      session.send_wait("Hello.", {}, {.text = [&](std::string_view piece) {
                          CHECK(session.info().last_seq > 0);  // the turn is under way
                          pieces.emplace_back(piece);
                        }});
  std::string whole;
  for (const auto& piece : pieces) whole += piece;
  CHECK(pieces.size() > 1);
  CHECK(whole == "Good morning.");
  CHECK(result.text == whole);
  CHECK(result.outcome == Outcome::complete);
}

TEST_CASE("send_wait tells what the model thinks aloud apart from the text") {
  auto model = std::make_shared<HostModel>([](auto sink) {
    sink->on_reasoning("Be kind.");
    say(*sink, "Good morning.");
  });
  Engine engine = Engine::open(hosted(ClockKind::virtual_time), with_model(model));
  Session session = open_stage(engine);
  std::string text, thoughts;
  Live live = joined_into(text);
  live.reasoning = [&](std::string_view piece) { thoughts += piece; };
  session.send_wait("Hello.", {}, live);
  CHECK(text == "Good morning.");
  CHECK(thoughts == "Be kind.");
}

TEST_CASE("send_wait hands out the whole text where a viewer's queue was too small for it") {
  Config config = scripted(R"(["Good morning to you and to everybody who came along with you."])");
  config.limits.viewer_events = 2;
  config.providers["model"].options =
      R"({"replies":["Good morning to you and to everybody who came along."],"instant":true})";
  Engine engine = Engine::open(config);
  Session session = engine.create_session("job-interview");
  std::string text;
  const auto result = session.send_wait("Hello.", {}, joined_into(text));
  CHECK(text == result.text);
  CHECK(text == "Good morning to you and to everybody who came along.");
}

TEST_CASE("send_wait throws what its listener throws, and the turn goes on") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  const auto gives_up = [](std::string_view) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(session.send_wait("Hello.", {}, {.text = gives_up}), "enough");
  engine.run_until_idle();
  CHECK(session.messages().back().text() == "Good morning.");
}

TEST_CASE("send_wait tells nothing of a message that is refused") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.start().get();
  session.pause().get();
  std::string text;
  CHECK(code_of([&] { session.send_wait("Hello.", {}, joined_into(text)); }) ==
        ErrorCode::wrong_state);
  CHECK(text.empty());
}

TEST_CASE("inside a callback send_wait is refused and sends nothing") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  Session other = engine.create_session("job-interview");
  ErrorCode code = ErrorCode::ok;
  session.send("Hello.").then(
      [&](const Result<TurnResult>&) { code = code_of([&] { other.send_wait("Never sent."); }); });
  engine.run_until_idle();
  CHECK(code == ErrorCode::wrong_state);
  CHECK(other.messages().empty());
}

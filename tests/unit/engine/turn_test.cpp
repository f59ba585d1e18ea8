#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

class Censor final : public Filter {
 public:
  std::size_t hold_back() const noexcept override { return 8; }
  void check_input(const FilterContext&, std::string_view text, Answer answer) override {
    if (text.find("forbidden") != std::string_view::npos)
      return answer({FilterVerdict::Action::block, {}, "word"});
    answer({});
  }
  void check_output(const FilterContext&, std::string_view text, Answer answer) override {
    const auto at = text.find("secret");
    if (at == std::string_view::npos) return answer({});
    std::string rewritten(text);
    rewritten.replace(at, 6, "******");
    answer({FilterVerdict::Action::rewrite, rewritten, "word"});
  }
};

}  // namespace

TEST_CASE("cancel ends the turn within one poll, keeps the partial text and the session goes on") {
  Engine engine =
      Engine::open(scripted(R"(["One two three four five six seven eight nine ten.","Fine."])"));
  Session session = engine.create_session("job-interview");
  Events events = session.events();
  Turn turn = session.send("Hello.");
  turn.wait_accepted();
  Event event;
  while (event.type != "delta") REQUIRE(events.next_wait(event));
  turn.cancel();
  const auto result = turn.wait();
  CHECK(result.outcome == Outcome::cancelled);
  CHECK_FALSE(result.text.empty());
  CHECK(session.messages().back().outcome == Outcome::cancelled);
  CHECK(session.state() == SessionState::active);
  CHECK(session.send_wait("Again?").outcome == Outcome::complete);
}

TEST_CASE("regenerate supersedes, never erases, and an alternative can be chosen again") {
  Engine engine = Engine::open(scripted(R"(["First answer.","Second answer."])"));
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  const auto before = session.messages();
  const auto again = session.regenerate().wait();
  CHECK(session.messages().size() == before.size());
  CHECK(session.messages(true).size() == before.size() + 1);
  CHECK(session.alternatives(again.message).size() == 2);
  session.choose(before.back().id).get();
  CHECK(session.messages().back().id == before.back().id);
  CHECK(session.alternatives(again.message).size() == 2);
}

TEST_CASE("edit and undo change the line, not the log") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  const auto line = session.messages();
  const auto human = std::find_if(line.rbegin(), line.rend(),
                                  [](const Message& message) { return message.from_human; });
  session.edit(human->id, "Good evening.").wait();
  const auto edited = session.messages();
  CHECK(edited.size() == line.size());
  CHECK(edited[edited.size() - 2].text() == "Good evening.");
  CHECK(edited[edited.size() - 2].replaces == human->id);
  session.undo().get();
  CHECK(session.messages().size() == line.size() - 2);
  CHECK(session.messages(true).size() == line.size() + 2);
}

TEST_CASE("continue appends to a cut reply and the viewer's offsets go on") {
  Engine engine = Engine::open(
      scripted(R"(["One two three four five six seven eight nine ten.","And eleven."])"));
  Session session = engine.create_session("job-interview");
  Events events = session.events();
  Turn turn = session.send("Count.");
  Event event;
  while (event.type != "delta") REQUIRE(events.next_wait(event));
  turn.cancel();
  const auto cut = turn.wait();
  const auto whole = session.continue_reply().wait();
  CHECK(whole.text.starts_with(cut.text));
  CHECK(whole.text.size() > cut.text.size());
  CHECK(session.messages().back().replaces == cut.message);
}

TEST_CASE("a side question leaves no trace in the history and its cost is booked") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  const auto before = session.messages(true).size();
  const auto usage = session.info().usage;
  const auto answer =
      session.ask_aside(session.messages().back().speaker, "Do you like the candidate?").get();
  CHECK_FALSE(answer.text.empty());
  CHECK(session.messages(true).size() == before);
  CHECK(session.info().usage.output_tokens > usage.output_tokens);
}

TEST_CASE("a filter blocks input, and rewrites output over the cut of tokens") {
  Dependencies dependencies;
  dependencies.filter = std::make_shared<Censor>();
  Engine engine =
      Engine::open(scripted(R"(["This is a secret that nobody knows."])"), dependencies);
  Session session = engine.create_session("job-interview");
  CHECK(code_of([&] { session.send_wait("a forbidden word"); }) == ErrorCode::content_filtered);
  Events events = session.events();
  const auto result = session.send_wait("Tell me.");
  CHECK(result.text == "This is a ****** that nobody knows.");
  CHECK(joined_text(drain(engine, events)) == result.text);
}

TEST_CASE("two AI characters talk until the end condition, twice the same with one seed") {
  auto run = [](std::uint64_t seed) {
    Config config;
    config.clock = ClockKind::virtual_time;
    config.seed = seed;
    Engine engine = Engine::open(config);
    SessionOptions options;
    for (const auto& character : engine.preset("job-interview").characters)
      options.played_by[character.id] = "ai";
    Session session = engine.create_session("job-interview", options);
    const auto ended = session.run().get();
    CHECK(ended.turns >= 6);
    CHECK(session.state() == SessionState::completed);
    return engine.export_session(session.id(), ExportFormat::jsonl);
  };
  const auto first = run(7);
  CHECK(first == run(7));
  CHECK(first != run(8));
}

TEST_CASE("bad input names the field and changes nothing") {
  Engine engine = Engine::open(scripted());
  CHECK(code_of([&] { engine.create_session("no-such-preset"); }) == ErrorCode::not_found);
  SessionOptions options;
  options.variables["no_such_variable"] = "x";
  CHECK(code_of([&] { engine.create_session("job-interview", options); }) ==
        ErrorCode::invalid_argument);
  Session session = engine.create_session("job-interview");
  session.start().get();
  const auto before = session.state_json();
  CHECK(code_of([&] { session.send("   "); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.send("\xC3"); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.send(std::string(1 << 20, 'x')); }) == ErrorCode::too_large);
  CHECK(code_of([&] { session.set_variable("nope", "1").get(); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.events({.after = "12x"}); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.edit("m99", "text").wait(); }) == ErrorCode::not_found);
  CHECK(session.state_json() == before);
}

TEST_CASE("the host's time limit holds whatever a preset or a deadline asks for") {
  const auto time_of_reply = [](std::chrono::milliseconds total, std::chrono::milliseconds preset,
                                std::chrono::milliseconds deadline) {
    Config config = scripted();
    config.providers["model"].options =
        R"({"replies":["One two three four five six seven eight."],"delay_ms":0,"token_ms":1000})";
    config.timeouts.total = total;
    Preset room = conformance::two_in_a_room();
    room.limits.reply_time = preset;
    Engine engine = Engine::open(config);
    Session session = engine.create_session(room);
    const auto before = engine.clock().now();
    const auto result = session.send_wait("Count.", {.deadline = deadline});
    CHECK(result.outcome == Outcome::truncated);
    CHECK(engine.clock().now() - before < 5s);
    return std::chrono::duration_cast<std::chrono::milliseconds>(engine.clock().now() - before);
  };
  CHECK(time_of_reply(3s, 0s, 0s) == 3s);
  CHECK(time_of_reply(3s, 1h, 0s) == 3s);
  CHECK(time_of_reply(3s, 0s, 1h) == 3s);
  CHECK(time_of_reply(3s, 2s, 0s) == 2s);
  CHECK(time_of_reply(10min, 2s, 4s) == 4s);  // the message's goes before the preset's
  CHECK(time_of_reply(0s, 2s, 0s) == 2s);     // no limit of the host's
  CHECK(time_of_reply(0s, 1h, 4s) == 4s);
}

TEST_CASE("a reply without any text is a message where it used tokens, and none where it did not") {
  for (const auto& [kind, stored] :
       {std::pair("stall_head", true), std::pair("401", false), std::pair("429x9", false)}) {
    const std::string fault = kind;
    CAPTURE(fault);
    Config config = faulty(fault);
    config.max_retries = 0;
    Engine engine = Engine::open(config);
    Session session = open_stage(engine);
    const auto result = session.send_wait("Hello.");
    CHECK(result.outcome == Outcome::failed);
    CHECK(result.text.empty());
    CHECK(result.message.empty() == !stored);
    REQUIRE(session.messages().size() == (stored ? 2 : 1));
    CHECK((session.messages().back().usage != Usage{}) == stored);
  }
  Engine engine = Engine::open(scripted());
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  turn.wait_accepted();
  turn.cancel();
  const auto cancelled = turn.wait();
  CHECK(cancelled.outcome == Outcome::cancelled);
  REQUIRE(session.messages().size() == 2);
  CHECK(session.messages().back().text().empty());
  CHECK(session.messages().back().usage != Usage{});
  const auto next = session.send_wait("Again?");
  CHECK(next.outcome == Outcome::complete);
  const std::string request = session.explain(next.message).request;
  CHECK(request.find("Hello.") != std::string::npos);
  CHECK(request.find(R"("")") == std::string::npos);  // nobody said nothing
}

TEST_CASE("engine threads give the same turns without polling") {
  Config config = scripted();
  config.clock = ClockKind::real;
  config.threads = 2;
  config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
  Engine engine = Engine::open(config);
  std::vector<Session> sessions;
  std::vector<Turn> turns;
  for (int i = 0; i < 20; ++i) {
    sessions.push_back(engine.create_session("job-interview"));
    turns.push_back(sessions.back().send("Hello."));
  }
  for (auto& turn : turns) CHECK(turn.wait(20s).text == "Good morning.");
  CHECK(code_of([&] { engine.poll(); }) == ErrorCode::wrong_state);
}

TEST_CASE("a budget refuses the reply that could pass it") {
  Config config = scripted();
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  config.session_budget = Money{1'000'000};
  Engine engine = Engine::open(config);
  Session session = engine.create_session("job-interview");
  CHECK(code_of([&] { session.send_wait("Hello."); }) == ErrorCode::budget_exhausted);
  CHECK(session.info().turns == 0);
}

TEST_CASE("a closed engine refuses calls, and handles outlive it") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  Turn turn = session.send("Hello.");
  turn.wait_accepted();
  engine.close();
  CHECK(code_of([&] { session.send("More."); }) == ErrorCode::closed);
  CHECK(turn.done());
}

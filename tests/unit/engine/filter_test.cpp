#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include "conformance/stage.hpp"
#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// A filter that does what a test says, and remembers what it was asked.
class TestFilter final : public Filter {
 public:
  using Judge = std::function<void(std::string_view, Answer)>;
  struct Asked {
    std::string speaker, text;
    bool is_final, input;
  };

  std::size_t hold_back() const noexcept override { return hold; }
  void check_input(const FilterContext& context, std::string_view text, Answer answer) override {
    asked.push_back({context.speaker, std::string(text), context.is_final, true});
    input ? input(text, std::move(answer)) : answer({});
  }
  void check_output(const FilterContext& context, std::string_view text, Answer answer) override {
    asked.push_back({context.speaker, std::string(text), context.is_final, false});
    output ? output(text, std::move(answer)) : answer({});
  }

  std::size_t hold = 0;
  Judge input, output;
  std::vector<Asked> asked;
};

struct Stage {
  explicit Stage(const std::string& replies = R"(["One two three four five six."])",
                 Config config = {}) {
    config = scripted(replies);
    Dependencies dependencies;
    dependencies.filter = filter;
    engine.emplace(Engine::open(config, dependencies));
    session.emplace(engine->create_session(conformance::two_in_a_room()));
  }
  std::shared_ptr<TestFilter> filter = std::make_shared<TestFilter>();
  std::optional<Engine> engine;
  std::optional<Session> session;
};

const auto block = [](std::string_view, Filter::Answer answer) {
  answer({FilterVerdict::Action::block, {}, "word"});
};

}  // namespace

TEST_CASE("every text that enters or leaves a model is shown to the filter, with its speaker") {
  Stage stage;
  stage.session->send_wait("a message");
  stage.session->send_wait("a note", {.reply = false});
  stage.session->edit("m1", "an edit").wait();
  stage.session->ask_aside("host", "a question").get();
  std::vector<std::string> in, out;
  for (const auto& asked : stage.filter->asked) {
    (asked.input ? in : out).push_back(asked.speaker + ": " + asked.text);
  }
  CHECK(in == std::vector<std::string>{"guest: a message", "guest: a note", "guest: an edit",
                                       "host: a question"});
  CHECK(out.back().starts_with("host: "));
  CHECK(stage.filter->asked.back().is_final);
}

TEST_CASE("a blocked message changes nothing, and a rewritten one is stored as rewritten") {
  Stage stage;
  stage.session->start().get();
  const auto before = stage.session->state_json();
  stage.filter->input = block;
  CHECK(code_of([&] { stage.session->send_wait("no"); }) == ErrorCode::content_filtered);
  CHECK(code_of([&] { stage.session->ask_aside("host", "no").get(); }) ==
        ErrorCode::content_filtered);
  CHECK(stage.session->state_json() == before);
  stage.filter->input = [](std::string_view, Filter::Answer answer) {
    answer({FilterVerdict::Action::rewrite, "rewritten \xFF", ""});
  };
  stage.session->send_wait("yes");
  CHECK(stage.session->messages()[0].text() == "rewritten \xEF\xBF\xBD");
  // A rewrite that empties the message is no message.
  stage.filter->input = [](std::string_view, Filter::Answer answer) {
    answer({FilterVerdict::Action::rewrite, "  ", ""});
  };
  CHECK(code_of([&] { stage.session->send_wait("yes"); }) == ErrorCode::invalid_argument);
}

TEST_CASE(
    "a reply that is blocked in the middle ends there, keeps what was passed, and is marked") {
  Stage stage;
  Events events = stage.session->events();
  stage.filter->output = [](std::string_view text, Filter::Answer answer) {
    if (text.find("four") != std::string_view::npos)
      return answer({FilterVerdict::Action::block, {}, "word"});
    answer({});
  };
  const auto result = stage.session->send_wait("Count.");
  CHECK(result.outcome == Outcome::truncated);
  CHECK(result.finish_reason == FinishReason::content_filter);
  REQUIRE(result.error);
  CHECK(result.error->code() == ErrorCode::content_filtered);
  CHECK(result.text.find("One") == 0);
  CHECK(result.text.find("four") == std::string::npos);
  CHECK(joined_text(drain(*stage.engine, events)) == result.text);
  CHECK(stage.session->state() == SessionState::active);
}

TEST_CASE("text is held back as long as the filter wants, at any number of bytes and any cuts") {
  for (const std::size_t hold : {0u, 1u, 3u, 7u, 30u, 500u}) {
    for (const int token_ms : {0, 20}) {
      CAPTURE(hold);
      Config config = scripted();
      config.providers["model"].options =
          R"({"replies":["Grüße: das Geheimnis ist hier, das Geheimnis ist dort."],"token_ms":)" +
          std::to_string(token_ms) + "}";
      auto filter = std::make_shared<TestFilter>();
      filter->hold = hold;
      filter->output = [](std::string_view text, Filter::Answer answer) {
        std::string rewritten(text);
        for (auto at = rewritten.find("Geheimnis"); at != std::string::npos;
             at = rewritten.find("Geheimnis"))
          rewritten.replace(at, 9, "Ding");
        rewritten == text ? answer({})
                          : answer({FilterVerdict::Action::rewrite, rewritten, "word"});
      };
      Dependencies dependencies;
      dependencies.filter = filter;
      Engine engine = Engine::open(config, dependencies);
      Session session = engine.create_session(conformance::two_in_a_room());
      Events events = session.events();
      const auto result = session.send_wait("Hello.");
      CHECK(result.outcome == Outcome::complete);
      CHECK(joined_text(drain(engine, events)) == result.text);
      if (hold >= 9) CHECK(result.text == "Grüße: das Ding ist hier, das Ding ist dort.");
    }
  }
}

TEST_CASE("behind its verdict a filter keeps what it holds back, until the reply has ended") {
  std::shared_ptr<ReplySink> sink;
  auto filter = std::make_shared<TestFilter>();
  filter->hold = 4;
  Dependencies dependencies =
      with_model(std::make_shared<HostModel>([&](auto given) { sink = std::move(given); }));
  dependencies.filter = filter;
  Engine engine = Engine::open(hosted(), dependencies);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  Events events = session.events();
  const Turn turn = session.send("Go.");
  std::string seen;
  const auto look = [&] {
    for (int i = 0; i < 20; ++i) engine.poll();
    for (Event event; events.next(event);) seen += event.type == "delta" ? event.text : "";
    return seen;
  };
  look();
  REQUIRE(sink);
  sink->on_start({"host", "model", ""});
  sink->on_text("0123456789");
  sink->on_flush();
  CHECK(look() == "012345");
  sink->on_text("ab");
  sink->on_flush();
  CHECK(look() == "01234567");
  sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  CHECK(look() == "0123456789ab");
  CHECK(turn.wait().text == "0123456789ab");
}

TEST_CASE("a turn that is cancelled while its model speaks does not wait for the filter") {
  for (const bool by_session : {true, false}) {
    Stage stage;
    std::vector<Filter::Answer> kept;
    stage.filter->output = [&](std::string_view, Filter::Answer answer) {
      kept.push_back(std::move(answer));
    };
    const Turn turn = stage.session->send("Hello.");
    for (int i = 0; i < 100 && kept.empty(); ++i) stage.engine->advance(10ms);
    REQUIRE(kept.size() == 1);
    REQUIRE_FALSE(turn.done());
    by_session ? stage.session->cancel() : turn.cancel();
    for (int i = 0; i < 3; ++i) stage.engine->poll();
    REQUIRE(turn.done());
    CHECK(turn.wait().outcome == Outcome::cancelled);
    CHECK(turn.wait().text.empty());
    for (const auto& answer : kept) answer({});
  }
}

TEST_CASE("a filter may answer late and from another thread, and what follows waits for it") {
  Stage stage;
  std::vector<std::function<void()>> late;
  const auto later = [&](std::string_view, Filter::Answer answer) {
    late.push_back([answer] { answer({}); });
  };
  stage.filter->input = later;
  stage.filter->output = later;
  const Turn turn = stage.session->send("Hello.");
  const auto mark = stage.session->annotate("mark", "{}");
  stage.engine->advance(5s);
  CHECK_FALSE(turn.accepted());
  CHECK_FALSE(mark.ready());
  while (!turn.done()) {
    REQUIRE_FALSE(late.empty());
    const auto answers = std::exchange(late, {});
    for (const auto& answer : answers) std::thread(answer).join();
    stage.engine->advance(1s);
  }
  CHECK(turn.wait().text == "One two three four five six.");
}

TEST_CASE("a turn is cancelled although the filter does not answer: message or reply, at once") {
  for (const bool input : {true, false}) {
    for (const bool by_session : {true, false}) {
      CAPTURE(input);
      CAPTURE(by_session);
      Stage stage;
      Filter::Answer kept;
      const auto never = [&](std::string_view, Filter::Answer answer) { kept = std::move(answer); };
      (input ? stage.filter->input : stage.filter->output) = never;
      const Turn turn = stage.session->send("Hello.");
      stage.engine->advance(20s);
      REQUIRE_FALSE(turn.done());
      by_session ? stage.session->cancel() : turn.cancel();
      stage.engine->poll();
      stage.engine->poll();
      REQUIRE(turn.done());
      if (input) {
        CHECK(code_of([&] { (void)turn.wait(); }) == ErrorCode::cancelled);
      } else {
        CHECK(turn.wait().outcome == Outcome::cancelled);
      }
      kept({});  // too late: nobody listens
      stage.engine->advance(1s);
      (input ? stage.filter->input : stage.filter->output) = {};
      CHECK(stage.session->send_wait("Again?").outcome == Outcome::complete);
    }
  }
}

TEST_CASE("a filter that never answers lets nothing through and holds nobody up for ever") {
  for (const bool input : {true, false}) {
    CAPTURE(input);
    Stage stage;
    Filter::Answer kept;
    (input ? stage.filter->input : stage.filter->output) =
        [&](std::string_view, Filter::Answer answer) { kept = std::move(answer); };
    const Turn turn = stage.session->send("Hello.");
    stage.engine->advance(1h);
    REQUIRE(turn.done());
    if (input) {
      CHECK(code_of([&] { (void)turn.wait(); }) == ErrorCode::content_filtered);
    } else {
      CHECK(turn.wait().finish_reason == FinishReason::content_filter);
    }
  }
}

TEST_CASE("an engine closes although its filter never answers, and late answers harm nothing") {
  for (const bool input : {true, false}) {
    Filter::Answer kept;
    Stage stage;
    (input ? stage.filter->input : stage.filter->output) =
        [&](std::string_view, Filter::Answer answer) { kept = std::move(answer); };
    const Turn turn = stage.session->send("Hello.");
    const auto aside = stage.session->ask_aside("host", "Well?");
    stage.engine->advance(10s);
    stage.engine->close();
    CHECK(turn.done());
    CHECK(aside.ready());
    stage.session.reset();
    stage.engine.reset();
    REQUIRE(kept);
    kept({});
  }
}

TEST_CASE("a blocked answer to a side question is refused, booked and not told") {
  Stage stage;
  stage.session->start().get();
  stage.filter->output = block;
  CHECK(code_of([&] { stage.session->ask_aside("host", "Well?").get(); }) ==
        ErrorCode::content_filtered);
  CHECK(stage.session->info().usage.output_tokens > 0);
  stage.filter->output = [](std::string_view, Filter::Answer answer) {
    answer({FilterVerdict::Action::rewrite, "Something else.", ""});
  };
  CHECK(stage.session->ask_aside("host", "Well?").get().text == "Something else.");
}

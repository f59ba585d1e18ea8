#include <doctest/doctest.h>

#include <stdexcept>

#include "engine_fixture.hpp"

using namespace scena;
using namespace std::chrono_literals;
using test::code_of;
using test::scripted;

namespace {

ReplyRequest question() {
  ReplyRequest request;
  request.messages.emplace_back().text = "Good day.";
  return request;
}

Config failing(const std::string& steps) {
  Config config = scripted();
  config.providers["model"] = {.url = "fault:" + steps,
                               .options = R"({"replies":["one two three four"],"instant":true})"};
  config.max_retries = 0;
  return config;
}

struct Listener final : ReplySink {
  void on_start(const ReplyStart& start) override { model = start.model; }
  void on_text(std::string_view delta) override {
    text += delta;
    if (throws) throw std::runtime_error("host");
  }
  void on_done(const ReplyEnd&) override { ++ends; }

  std::string model, text;
  int ends = 0;
  bool throws = false;
};

// Keeps its sink without a word, and lets go of it when told to.
struct Silent final : Provider {
  std::string_view name() const noexcept override { return "silent"; }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> given,
             std::stop_token) override {
    sink = std::move(given);
  }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string(); }

  std::shared_ptr<ReplySink> sink;
};

}  // namespace

TEST_CASE("a completion is collected, priced, and leaves nothing in the store") {
  Config config = scripted();
  config.prices["*"] = {.output = {1'000'000'000'000}};
  Engine engine = Engine::open(config);
  const Completion reply = engine.complete("model", question()).get();
  CHECK(reply.outcome == Outcome::complete);
  CHECK(reply.text == "Good morning.");
  CHECK(reply.finish_reason == FinishReason::stop);
  CHECK_FALSE(reply.error.has_value());
  CHECK(reply.start.provider == "script");
  CHECK(reply.usage.output_tokens > 0);
  CHECK(reply.reported.output_tokens == reply.usage.output_tokens);
  CHECK(reply.cost.pico_usd == reply.usage.output_tokens * 1'000'000);
  CHECK(engine.sessions().sessions.empty());
}

TEST_CASE("whoever listens hears a completion as it comes, with one end") {
  Engine engine = Engine::open(scripted());
  const auto listener = std::make_shared<Listener>();
  const Completion reply = engine.complete("model", question(), listener).get();
  CHECK(listener->text == reply.text);
  CHECK(listener->ends == 1);
  CHECK(listener.use_count() == 1);
}

TEST_CASE("a listener that throws is let go of, and the completion goes on") {
  Engine engine = Engine::open(scripted());
  const auto listener = std::make_shared<Listener>();
  listener->throws = true;
  const Completion reply = engine.complete("model", question(), listener).get();
  CHECK(reply.text == "Good morning.");
  CHECK(listener->ends == 0);
  CHECK(listener->text.size() < reply.text.size());
}

TEST_CASE("a completion that fails is an answer with its error and what came before it") {
  Engine engine = Engine::open(failing("error_after=2"));
  const Completion reply = engine.complete("model", question()).get();
  CHECK(reply.outcome == Outcome::failed);
  REQUIRE(reply.error.has_value());
  CHECK(reply.error->code() == ErrorCode::overloaded);
  CHECK(reply.text == "one two");
  CHECK_FALSE(reply.finish_reason.has_value());
}

TEST_CASE("completions go through the layers of their provider") {
  Config config = failing("503x2,ok");
  config.max_retries = 2;
  Engine engine = Engine::open(config);
  CHECK(engine.complete("model", question()).get().text == "one two three four");
}

TEST_CASE("a completion needs a provider that can be used, and the host's rights") {
  Engine engine = Engine::open(scripted());
  CHECK(code_of([&] { engine.complete("nobody:x", question()); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { engine.complete("openai:gpt-4o", question()); }) ==
        ErrorCode::unauthenticated);
  Engine guest = engine.as({.subject = "ann", .roles = {"participant"}});
  CHECK(code_of([&] { guest.complete("model", question()); }) == ErrorCode::permission_denied);
}

TEST_CASE("a stop request ends a completion as cancelled") {
  Engine engine = Engine::open(failing("stall_after=2"));
  std::stop_source stop;
  const auto listener = std::make_shared<Listener>();
  const auto answer = engine.complete("model", question(), listener, stop.get_token());
  // Virtual time would run on to the time limit while it is waited for.
  for (int i = 0; i < 1'000 && listener->text != "one two"; ++i) engine.poll();
  CHECK_FALSE(answer.ready());
  stop.request_stop();
  const Completion reply = answer.get();
  CHECK(reply.outcome == Outcome::cancelled);
  CHECK(reply.error->code() == ErrorCode::cancelled);
  CHECK(reply.text == "one two");
  CHECK(listener->ends == 1);
}

TEST_CASE("closing the engine ends its completions, each with one end") {
  const auto listener = std::make_shared<Listener>();
  std::optional<Pending<Completion>> answer;
  {
    Engine engine = Engine::open(failing("stall_head"));
    answer = engine.complete("model", question(), listener);
    engine.poll();
  }
  CHECK(listener->ends == 1);
  REQUIRE(answer->ready());
  CHECK(answer->wait()->outcome == Outcome::cancelled);
  CHECK(listener.use_count() == 1);
}

TEST_CASE("a provider that lets go of its reply without an end has failed") {
  const auto silent = std::make_shared<Silent>();
  Dependencies dependencies;
  dependencies.providers["mine"] = silent;
  Engine engine = Engine::open(scripted(), dependencies);
  const auto answer = engine.complete("mine", question());
  while (!silent->sink) engine.poll();
  CHECK_FALSE(answer.ready());
  silent->sink.reset();
  CHECK(answer.get().error->code() == ErrorCode::provider_error);
}

TEST_CASE("the engine is not idle while a completion is on its way") {
  Engine engine = Engine::open(scripted());
  const auto answer = engine.complete("model", question());
  CHECK_FALSE(answer.ready());
  engine.run_until_idle();
  CHECK(answer.ready());
}

TEST_CASE("completions run on the engine's own threads as well") {
  Config config = failing("ok");
  config.clock = ClockKind::real;
  config.threads = 2;
  Engine engine = Engine::open(config);
  std::vector<Pending<Completion>> answers;
  for (int i = 0; i < 8; ++i) answers.push_back(engine.complete("model", question()));
  for (const auto& answer : answers) CHECK(answer.get(10s).text == "one two three four");
}

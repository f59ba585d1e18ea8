#include <doctest/doctest.h>

#include "base/json.hpp"
#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

// A service that keeps what it was asked, and answers the same to everything.
class Asked final : public Provider {
 public:
  explicit Asked(std::string name) : name_(std::move(name)) {}
  std::string_view name() const noexcept override { return name_; }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return name_ + "/" + request.model;
  }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    requests.push_back(*request);
    sink->on_start({name_, request->model, ""});
    sink->on_text("Yes.");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }
  std::string models() const {
    std::string all;
    for (const auto& request : requests) all += (all.empty() ? "" : " ") + request.model;
    return all;
  }
  bool asked_for(Purpose purpose, const std::string& model) const {
    return std::any_of(requests.begin(), requests.end(), [&](const ReplyRequest& request) {
      return request.context.purpose == purpose && request.model == model;
    });
  }

  std::vector<ReplyRequest> requests;

 private:
  std::string name_;
};

// "fast" and "smart" are models of "there"; whoever names nothing asks "here".
struct AliasStage {
  std::shared_ptr<Asked> here = std::make_shared<Asked>("here");
  std::shared_ptr<Asked> there = std::make_shared<Asked>("there");
  Config config = hosted();
  std::optional<Engine> engine;

  AliasStage() {
    config.provider = "here";
    config.max_retries = 0;
    config.policy.aliases = {{"fast", {"there", "small-1"}}, {"smart", {"there", "large-1"}}};
    config.prices = {{"small-1", {.output = *Money::parse("1")}},
                     {"large-1", {.output = *Money::parse("1000")}}};
  }
  Engine& open() {
    Dependencies dependencies;
    dependencies.providers = {{"here", here}, {"there", there}};
    return engine.emplace(Engine::open(config, dependencies));
  }
  Session stage(SessionOptions options = {}, Preset preset = conformance::two_in_a_room()) {
    Session session = engine->create_session(preset, options);
    session.start().get();
    return session;
  }
  Json event(Session& session, const std::string& type) {
    Events events = session.events();
    Json found;
    for (const auto& one : drain(*engine, events)) {
      if (one.type == type) found = *parse_json(one.data);
    }
    return found;
  }
};

}  // namespace

TEST_CASE("an alias is asked for by its real name, wherever a model is named for a turn") {
  AliasStage world;
  world.config.model = "fast";
  world.open();
  SUBCASE("configuration") {
    world.stage().send_wait("Hello.");
  }
  SUBCASE("session") {
    world.stage({.provider = "here", .model = "fast"}).send_wait("Hello.");
  }
  SUBCASE("call") {
    world.stage().send_wait("Hello.", {.model = "fast"});
  }
  SUBCASE("preset") {
    Preset preset = conformance::two_in_a_room();
    preset.model.model = "fast";
    world.stage({}, preset).send_wait("Hello.");
  }
  SUBCASE("character") {
    Preset preset = conformance::two_in_a_room();
    for (auto& character : preset.characters) character.model.model = "fast";
    world.stage({}, preset).send_wait("Hello.");
  }
  CHECK(world.there->models() == "small-1");
  CHECK(world.here->requests.empty());
}

TEST_CASE("events and books name the real model, and the turn's start the alias") {
  AliasStage world;
  Engine& engine = world.open();
  Session session = world.stage({.model = "fast"});
  session.send_wait("Hello.");
  const Json started = world.event(session, "turn.started");
  CHECK(started.value("provider", "") == "there");
  CHECK(started.value("model", "") == "small-1");
  CHECK(started.value("alias", "") == "fast");
  CHECK(started.value("model_source", "") == "session");
  CHECK(world.event(session, "budget.settled").value("model", "") == "small-1");
  const auto rows = engine.costs({}, {CostBy::provider, CostBy::model});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].group == std::vector<std::string>{"there", "small-1"});
  // What it stands for from now on changes nothing of what was asked.
  engine.update_policy(R"({"aliases":{"fast":{"provider":"there","model":"other"}}})");
  CHECK(session.explain(session.messages().back().id).request == "there/small-1");
  session.send_wait("Hello again.");
  CHECK(world.there->models() == "small-1 other");
}

TEST_CASE("an alias that comes while a turn's tool is at work is for the turns afterwards") {
  ToolStage stage({{.calls = {weather_call()}}, {.text = "Cold."}});
  SlowTool slow;
  stage.with(slow.tool);
  stage.config.model = "fast";
  const auto there = std::make_shared<Asked>("there");
  stage.dependencies.providers["there"] = there;
  Engine engine = stage.open();
  Session session = engine.create_session(room_with_tools());
  session.start().get();
  Turn turn = session.send("How is the weather?");
  for (int i = 0; i < 1'000 && slow.answers.empty(); ++i) engine.poll();
  REQUIRE(slow.answers.size() == 1);
  engine.update_policy(R"({"aliases":{"fast":{"provider":"there","model":"small-1"}}})");
  slow.answers[0]->succeed("Rain.");
  CHECK(turn.wait().text == "Cold.");
  CHECK(stage.model->requests.size() == 2);
  CHECK(there->requests.empty());
  session.send_wait("And tomorrow?");
  CHECK(there->models() == "small-1");
}

TEST_CASE("analysis and judge, side questions, completions and embeddings take aliases") {
  AliasStage world;
  world.config.analysis.provider = "here";
  world.config.analysis.model = "smart";
  world.config.judge.provider = "here";
  world.config.judge.model = "fast";
  world.config.judge.below_confidence = 1;
  Engine& engine = world.open();
  Session session = world.stage({.model = "smart"});
  session.send_wait("I would rather not say.");
  session.ask_aside("host", "What now?").get();
  session.complete().get();
  engine.run_until_idle();
  CHECK(world.there->asked_for(Purpose::aside, "large-1"));
  CHECK(world.there->asked_for(Purpose::judge, "small-1"));
  CHECK(world.there->asked_for(Purpose::analysis, "large-1"));
  world.there->requests.clear();
  const Completion reply = engine.complete("here", {.model = "fast"}).get();
  CHECK(reply.start.provider == "there");
  CHECK(reply.start.model == "small-1");
}

TEST_CASE("an embedding's alias leads to the service that has the model") {
  struct Words final : Embedder {
    std::string_view name() const noexcept override { return "words"; }
    void start(EmbeddingRequest request, Done done, std::stop_token) override {
      done(Embeddings{.model = request.model, .dimensions = 1, .values = {1}});
    }
  };
  AliasStage world;
  world.config.policy.aliases["near"] = {"words", "near-2"};
  Dependencies dependencies;
  dependencies.providers = {{"here", world.here}, {"there", world.there}};
  dependencies.embedders["words"] = std::make_shared<Words>();
  Engine engine = Engine::open(world.config, dependencies);
  CHECK(engine.embed("", {.model = "near", .texts = {"a"}}).get().model == "near-2");
}

TEST_CASE("where a budget ends, the alias of the cheaper model is the model it stands for") {
  AliasStage world;
  world.config.model = "smart";
  world.config.policy.budgets = {
      {.limit = *Money::parse("0.01"), .at_limit = AtLimit::cheaper, .cheaper = {.model = "fast"}}};
  world.open();
  Session session = world.stage();
  session.send_wait("Hello.");
  CHECK(world.there->models() == "small-1");
  const Json started = world.event(session, "turn.started");
  CHECK(started.value("model_source", "") == "budget");
  CHECK(started.value("alias", "") == "fast");
}

TEST_CASE("a cheaper model without a provider is one of the alias's service, as a rule's is") {
  for (const bool by_rule : {false, true}) {
    CAPTURE(by_rule);
    AliasStage world;
    world.config.model = "smart";
    if (by_rule) {
      world.config.policy.routes = {{.name = "all", .to = {{.model = "small-1"}}}};
    } else {
      world.config.policy.budgets = {{.limit = *Money::parse("0.01"),
                                      .at_limit = AtLimit::cheaper,
                                      .cheaper = {.model = "small-1"}}};
    }
    world.open();
    world.stage().send_wait("Hello.");
    CHECK(world.there->models() == "small-1");
    CHECK(world.here->requests.empty());
  }
}

TEST_CASE("a rule's alias is priced and asked as the model it stands for") {
  AliasStage world;
  world.config.policy.routes = {{.name = "all", .to = {{.model = "smart"}}}};
  world.open();
  Session session = world.stage();
  session.send_wait("Hello.");
  CHECK(world.there->models() == "large-1");
  const Json end = world.event(session, "turn.finished");
  CHECK(end.value("route", "") == "all; alias smart");
  CHECK(Money::parse(world.event(session, "turn.started").value("reserved", "0"))->pico_usd >=
        1'024'000'000'000);
}

TEST_CASE("an alias of an unknown provider, or with the name of one, keeps the engine shut") {
  const auto pointer_of = [](const std::string& name, const ModelAlias& alias) {
    AliasStage world;
    world.config.policy.aliases = {{name, alias}};
    try {
      world.open();
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      return std::string(error.pointer());
    }
    return std::string("opened");
  };
  CHECK(pointer_of("fast", {.provider = "there"}) == "opened");
  CHECK(pointer_of("fast", {.provider = "nobody", .model = "m"}) ==
        "/policy/aliases/fast/provider");
  CHECK(pointer_of("here", {.model = "m"}) == "/policy/aliases/here");
  AliasStage world;
  Engine& engine = world.open();
  CHECK(code_of([&] { engine.update_policy(R"({"aliases":{"there":{"model":"m"}}})"); }) ==
        ErrorCode::invalid_argument);
}

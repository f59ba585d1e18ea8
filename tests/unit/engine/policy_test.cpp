#include <doctest/doctest.h>

#include "base/json.hpp"
#include "faults/fault_fixture.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

// A model that says its own name, or fails.
class Named final : public Provider {
 public:
  Named(std::string name, std::optional<ErrorCode> failure = {})
      : name_(std::move(name)), failure_(failure) {}
  std::string_view name() const noexcept override { return name_; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    ++calls;
    requests.push_back(*request);
    if (holds) {
      held = std::move(sink);
      return;
    }
    if (failure_) {
      return sink->on_done(
          {.outcome = Outcome::failed, .error = Error::fixed(*failure_, "as told")});
    }
    sink->on_start({name_, request->model.empty() ? name_ : request->model, ""});
    sink->on_text("I am " + name_ + ".");
    sink->on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }

  void mend() { failure_.reset(); }

  int calls = 0;
  bool holds = false;
  std::shared_ptr<ReplySink> held;
  std::vector<ReplyRequest> requests;

 private:
  std::string name_;
  std::optional<ErrorCode> failure_;
};

struct Models {
  std::shared_ptr<Named> first = std::make_shared<Named>("first");
  std::shared_ptr<Named> second = std::make_shared<Named>("second");
  std::shared_ptr<Named> broken = std::make_shared<Named>("broken", ErrorCode::network);

  Dependencies dependencies() const {
    Dependencies all;
    all.providers = {{"first", first}, {"second", second}, {"broken", broken}};
    return all;
  }
};

Config with(const std::string& provider, Policy policy = {}) {
  Config config = hosted();
  config.provider = provider;
  config.max_retries = 0;
  config.policy = std::move(policy);
  return config;
}

Session stage_of(Engine& engine, const std::string& owner = {}) {
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = owner});
  session.start().get();
  return session;
}

Json last_end(Engine& engine, Session& session) {
  Events events = session.events();
  Json end;
  for (const auto& event : drain(engine, events)) {
    if (event.type == "turn.finished") end = *parse_json(event.data);
  }
  return end;
}

}  // namespace

TEST_CASE(
    "a turn that starts after a change of policy goes by it, a running one ends as it began") {
  const Models models;
  Engine engine = Engine::open(with("broken"), models.dependencies());
  Session running = stage_of(engine), later = stage_of(engine);
  models.broken->holds = true;
  Turn turn = running.send("Hello.");
  while (!models.broken->held) engine.poll();
  engine.update_policy(R"({"fallbacks":[{"from":"broken","provider":"second"}]})");
  models.broken->holds = false;
  CHECK(later.send_wait("Hello.").text == "I am second.");
  models.broken->held->on_done(
      {.outcome = Outcome::failed, .error = Error::fixed(ErrorCode::network, "down")});
  const TurnResult old = turn.wait();
  CHECK(old.outcome == Outcome::failed);
  CHECK(old.fallback_for.empty());
}

TEST_CASE("other providers under the same names serve the turns that start afterwards") {
  Config config = scripted(R"(["old","old","old"])");
  Engine engine = Engine::open(config);
  Session session = stage_of(engine);
  CHECK(session.send_wait("Hello.").text == "old");
  engine.set_providers({{"model", {.url = "script:", .options = R"({"replies":["new","new"]})"}}});
  CHECK(session.send_wait("Hello.").text == "new");
  CHECK(code_of([&] {
          engine.set_providers({{"model", {.url = "nothing:"}}});
        }) == ErrorCode::invalid_argument);
  CHECK(session.send_wait("Hello.").text == "new");
}

TEST_CASE(
    "a provider's query that its address has already keeps the engine shut, with its pointer") {
  const auto pointer_of = [](const ProviderConfig& provider) {
    Config config = with("a/b");
    config.providers["a/b"] = provider;
    try {
      Engine::open(config);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      return std::string(error.pointer());
    }
    return std::string("opened");
  };
  const std::map<std::string, Secret> version = {{"api-version", "preview"}};
  const char* resource = "azure:m@https://r.openai.azure.com";
  CHECK(pointer_of({.url = "gemini:m", .query = {{"alt", "json"}, {"tag", "x"}}}) ==
        "/providers/a~1b/query/alt");
  CHECK(pointer_of({.url = resource, .query = version}) == "/providers/a~1b/query/api-version");
  CHECK(pointer_of({.url = "azure:m@https://r.openai.azure.com/openai/v1", .query = version}) ==
        "opened");
  CHECK(pointer_of({.url = "azure:m@https://r.openai.azure.com/openai/v1",
                    .query = version,
                    .options = R"({"api_version":"2024-10-21"})"}) ==
        "/providers/a~1b/query/api-version");
  CHECK(pointer_of({.url = "gemini:m", .query = {{"tag", "x"}}}) == "opened");
  CHECK(pointer_of({.url = "openai:m", .query = version}) == "opened");

  Engine engine = Engine::open(scripted());
  CHECK(code_of([&] {
          engine.set_providers(
              {{"model", {.url = "script:"}}, {"g", {.url = "gemini:m", .query = {{"alt", "x"}}}}});
        }) == ErrorCode::invalid_argument);
}

TEST_CASE("a policy at fault is refused whole, and only the host may change it") {
  const Models models;
  Engine engine = Engine::open(with("first"), models.dependencies());
  for (const char* bad :
       {"[]", "{", R"({"fallbacks":[{"provider":"nobody"}]})", R"({"cache":{"max_bytes":-1}})",
        R"({"routes":[{"name":"x","to":[{"provider":"nobody"}]}]})"}) {
    CAPTURE(std::string(bad));
    CHECK(code_of([&] { engine.update_policy(bad); }) == ErrorCode::invalid_argument);
  }
  Engine guest = engine.as({.subject = "ada"});
  CHECK(code_of([&] { guest.update_policy("{}"); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { guest.set_prices({}); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { guest.set_providers({}); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { guest.cache_figures(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { guest.service_health(); }) == ErrorCode::permission_denied);
}

TEST_CASE("an answer of the fallback is named, and the user's text is not doubled") {
  const Models models;
  Policy policy;
  policy.fallbacks = {{"broken", "second", "small"}};
  Engine engine = Engine::open(with("broken", policy), models.dependencies());
  Session session = stage_of(engine);
  const TurnResult result = session.send_wait("Hello.");
  CHECK(result.text == "I am second.");
  CHECK(result.fallback_for == "broken");
  CHECK(last_end(engine, session).value("fallback_for", "") == "broken");
  CHECK(models.second->requests.at(0).model == "small");
  CHECK(session.messages().size() == 2);
  int said = 0;
  for (const auto& message : models.second->requests.at(0).messages)
    said += message.text.find("Hello.") != std::string::npos;
  CHECK(said == 1);
}

TEST_CASE("a rule picks the model by the session's facts, and the event says why") {
  const Models models;
  Policy policy;
  policy.routes = {{.name = "gold", .tiers = {"gold"}, .to = {{"second", "large"}}},
                   {.name = "short", .tokens_below = 100'000, .to = {{.model = "small"}}}};
  Engine engine = Engine::open(with("first", policy), models.dependencies());
  Session session = stage_of(engine, "ada");
  CHECK(session.send_wait("Hello.").text == "I am first.");
  CHECK(models.first->requests.at(0).model == "small");
  CHECK(last_end(engine, session).value("route", "").starts_with("short: "));
  // A change of tier counts from the next call on.
  Session gold = engine.as({.subject = "ada", .tier = "gold"}).session(session.info().id);
  CHECK(gold.send_wait("Hello.").route == "gold: tier gold");
  CHECK(models.second->requests.at(0).model == "large");
}

TEST_CASE("a rule is told the session's language, its tools and what is left of its budget") {
  const Models models;
  Policy policy;
  policy.routes = {
      {.name = "german", .languages = {"de"}, .to = {{.model = "lang"}}},
      {.name = "armed", .tools = true, .to = {{.model = "tools"}}},
      {.name = "poor", .budget_below = Money{3'000'000'000'000}, .to = {{.model = "cheap"}}}};
  Config config = with("first", policy);
  config.session_budget = Money{4'000'000'000'000};
  config.prices["*"] = {.request = Money{1'500'000'000'000}};
  Dependencies dependencies = models.dependencies();
  dependencies.tools = {std::make_shared<TestTool>("look")};
  Engine engine = Engine::open(config, std::move(dependencies));
  const auto picked = [&](const Preset& preset) {
    Session session = engine.create_session(preset);
    session.send_wait("Hello.");
    return models.first->requests.back().model;
  };
  Preset preset = conformance::two_in_a_room();
  preset.language = "de-AT";
  CHECK(picked(preset) == "lang");
  preset.language = "en";
  preset.tools = {"look"};
  CHECK(picked(preset) == "tools");
  preset.tools.clear();
  Session session = engine.create_session(preset);
  CHECK(session.send_wait("Hello.").route.empty());
  CHECK(session.send_wait("Hello.").route.starts_with("poor: "));
  CHECK(models.first->requests.back().model == "cheap");
}

TEST_CASE("the same request again is answered from the cache, marked, for nothing") {
  const Models models;
  Config config = with("first", {});
  config.policy.cache.max_bytes = 1u << 20;
  config.prices["*"] = {.input = Money{1'000'000'000'000}, .output = Money{1'000'000'000'000}};
  config.seed.reset();
  Engine engine = Engine::open(config, models.dependencies());
  Session first = stage_of(engine), second = stage_of(engine);
  const TurnResult paid = first.send_wait("Hello.");
  const TurnResult free = second.send_wait("Hello.");
  CHECK(models.first->calls == 1);
  CHECK(free.text == paid.text);
  CHECK(free.cached);
  CHECK(free.usage.cached);
  CHECK(free.cost == Money{});
  CHECK(paid.cost.pico_usd > 0);
  CHECK(last_end(engine, second).value("cached", false));
  CHECK(engine.cache_figures().at("first").hits == 1);
  CHECK(engine.costs().at(0).cached == 1);
  // So is a side question.
  const Money before = engine.costs().at(0).cost;
  first.ask_aside("host", "And?").get();
  const Money asked = engine.costs().at(0).cost;
  CHECK(asked > before);
  second.ask_aside("host", "And?").get();
  CHECK(engine.costs().at(0).cost == asked);
  CHECK(engine.costs().at(0).cached == 2);
}

TEST_CASE("with every service down the configured answer comes within a millisecond") {
  const Models models;
  Policy policy;
  policy.degraded = "Service temporarily unavailable.";
  Engine engine = Engine::open(with("broken", policy), models.dependencies());
  Session session = stage_of(engine);
  for (int i = 0; i < 6; ++i) {
    const TimePoint before = engine.clock().now();
    const TurnResult result = session.send_wait("Hello.");
    CHECK(engine.clock().now() - before < 1ms);
    CHECK(result.text == "Service temporarily unavailable.");
    CHECK(result.degraded);
    CHECK(result.cost == Money{});
  }
  CHECK(models.broken->calls == 3);
  CHECK(last_end(engine, session).value("degraded", false));
}

TEST_CASE("the health of the services tells what their breakers saw, call by call") {
  const Models models;
  Engine engine = Engine::open(with("broken"), models.dependencies());
  CHECK(engine.service_health().empty());
  Session session = stage_of(engine);
  for (int i = 0; i < 5; ++i) session.send_wait("Hello.");
  ServiceHealth health = engine.service_health().at("broken");
  CHECK_FALSE(health.last_error.empty());
  CHECK(health == ServiceHealth{"open", 20s, 1, 0, 3, 2, 0, health.last_error});
  engine.advance(5s);
  CHECK(engine.service_health().at("broken").wait == 15s);
  engine.advance(15s);
  health = engine.service_health().at("broken");
  CHECK(health.breaker == "half_open");
  CHECK(health.wait == 0s);
  models.broken->mend();
  session.send_wait("Hello.");
  CHECK(engine.service_health().at("broken") ==
        ServiceHealth{"closed", 0s, 1, 1, 3, 2, 0, health.last_error});
  CHECK_FALSE(engine.service_health().contains("first"));
}

TEST_CASE("the 101st turn of a user in any minute is refused with the time to wait") {
  const Models models;
  Engine engine = Engine::open(with("first"), models.dependencies());
  Session mine = stage_of(engine, "ada");
  Engine ada = engine.as({.subject = "ada"});
  Session session = ada.session(mine.info().id);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(code_of([&] { session.send_wait("Hello."); }) == ErrorCode::ok);
    engine.advance(100ms);
  }
  std::optional<Error> refused;
  try {
    session.send_wait("Hello.");
  } catch (const Error& error) {
    refused = error;
  }
  REQUIRE(refused.has_value());
  CHECK(refused->code() == ErrorCode::rate_limited);
  REQUIRE(refused->retry_after().has_value());
  CHECK(*refused->retry_after() == 50s);
  CHECK(models.first->calls == 100);
  // The host and other classes are not counted with it.
  CHECK(code_of([&] { mine.send_wait("Hello."); }) == ErrorCode::ok);
  CHECK(code_of([&] { ada.create_session(conformance::two_in_a_room()).start().get(); }) ==
        ErrorCode::ok);
  engine.advance(*refused->retry_after());
  CHECK(code_of([&] { session.send_wait("Hello."); }) == ErrorCode::ok);
}

TEST_CASE("each class of calls is limited by itself, and what makes a session is one") {
  const Models models;
  Policy policy;
  policy.rates = {{RateKind::create, RateOf::user, "", {}, 2, 60s},
                  {RateKind::api, RateOf::user, "", {}, 3, 60s},
                  {RateKind::ai, RateOf::user, "", {}, 1, 60s}};
  Engine engine = Engine::open(with("first", policy), models.dependencies());
  Engine ada = engine.as({.subject = "ada"});
  Session session = ada.session(stage_of(engine, "ada").info().id);
  const auto limited = [&](auto call) { return code_of(call) == ErrorCode::rate_limited; };
  CHECK_FALSE(limited([&] { session.send_wait("Hello."); }));
  CHECK(limited([&] { session.send_wait("Hello."); }));
  CHECK(limited([&] { session.ask_aside("host", "Well?").get(); }));
  CHECK(limited([&] { session.regenerate().wait(); }));
  // Those are of the class "ai": the others have all their calls left.
  CHECK_FALSE(limited([&] { session.fork().get(); }));
  CHECK_FALSE(limited([&] { session.fork().get(); }));
  CHECK(limited([&] { session.fork().get(); }));
  CHECK(limited([&] { ada.create_session("job-interview").start().get(); }));
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(limited([&] { session.update({.title = "A title"}).get(); }));
  CHECK(limited([&] { session.update({.title = "A title"}).get(); }));
  CHECK(limited([&] { session.undo().get(); }));
  engine.advance(60s);
  CHECK_FALSE(limited([&] { session.send_wait("Hello."); }));
  CHECK_FALSE(limited([&] { session.fork().get(); }));
}

TEST_CASE("guests are limited by their address, and a tier's own limit at its next call") {
  const Models models;
  Policy policy;
  policy.rates.insert(policy.rates.begin(), {RateKind::ai, RateOf::user, "gold", {}, 2, 60s});
  Engine engine = Engine::open(with("first", policy), models.dependencies());
  const std::string id = stage_of(engine, "ada").info().id;
  Session silver = engine.as({.subject = "ada", .tier = "silver"}).session(id);
  for (int i = 0; i < 3; ++i) CHECK(code_of([&] { silver.send_wait("Hello."); }) == ErrorCode::ok);
  Session gold = engine.as({.subject = "ada", .tier = "gold"}).session(id);
  CHECK(code_of([&] { gold.send_wait("Hello."); }) == ErrorCode::rate_limited);
  CHECK(code_of([&] { silver.send_wait("Hello."); }) == ErrorCode::ok);

  Principal guest{.subject = "g1", .roles = {"guest"}, .address = "10.0.0.1"};
  const std::string theirs = stage_of(engine, "g1").info().id;
  Session visitor = engine.as(guest).session(theirs);
  for (int i = 0; i < 30; ++i)
    REQUIRE(code_of([&] { visitor.send_wait("Hello."); }) == ErrorCode::ok);
  CHECK(code_of([&] { visitor.send_wait("Hello."); }) == ErrorCode::rate_limited);
  guest.address = "10.0.0.2";
  Session elsewhere = engine.as(guest).session(theirs);
  CHECK(code_of([&] { elsewhere.send_wait("Hello."); }) == ErrorCode::ok);
  // Who is known is not counted with the guests of the same address.
  Session known =
      engine.as({.subject = "ada", .tier = "silver", .address = "10.0.0.1"}).session(id);
  CHECK(code_of([&] { known.send_wait("Hello."); }) == ErrorCode::ok);
}

TEST_CASE("one provider that stalls delays no session of another") {
  const Models models;
  Engine engine = Engine::open(with("first"), models.dependencies());
  models.second->holds = true;
  Session stalled = engine.create_session(conformance::two_in_a_room(), {.provider = "second"});
  Turn turn = stalled.send("Hello.");
  while (!models.second->held) engine.poll();
  Session session = stage_of(engine);
  for (int i = 0; i < 50; ++i) {
    const TimePoint before = engine.clock().now();
    CHECK(session.send_wait("Hello.").text == "I am first.");
    CHECK(engine.clock().now() == before);
  }
  CHECK_FALSE(turn.done());
  turn.cancel();
}

TEST_CASE("capabilities tell which services were reachable when they were asked last") {
  const Models models;
  Engine engine = Engine::open(with("broken"), models.dependencies());
  const auto of = [&](const char* name) { return engine.capabilities().services.at(name); };
  CHECK(of("broken") == Reachability{"unknown", 0ms, ""});
  Session session = stage_of(engine);
  session.send_wait("Hello.");
  const Reachability failing = of("broken");
  CHECK(failing.state == "failing");
  CHECK_FALSE(failing.last_error.empty());
  engine.advance(5s);
  CHECK(of("broken").failing_for == failing.failing_for + 5s);
  CHECK(of("first").state == "unknown");
  const Capabilities all = engine.capabilities();
  const auto has = [](const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const char* kind : {"openai", "openai_responses", "azure", "anthropic", "gemini", "cohere",
                           "ollama", "script", "fault"})
    CHECK(has(all.providers, kind));
  CHECK(all.storages == std::vector<std::string>{"memory", "sqlite"});
  CHECK(has(all.configured_providers, "first"));
  CHECK_FALSE(has(all.configured_providers, "third"));
  const std::string json = all.to_json();
  CHECK(json.find("\"broken\":{\"state\":\"failing\",\"failing_for_ms\":") != std::string::npos);
  models.broken->mend();
  engine.advance(60s);
  session.send_wait("Hello.");
  CHECK(of("broken") == Reachability{"ok", 0ms, ""});
}

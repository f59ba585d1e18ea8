#include <doctest/doctest.h>

#include <array>
#include <latch>
#include <map>
#include <memory>
#include <scena/fault_server.hpp>
#include <set>
#include <thread>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

constexpr std::array kKinds = {"openai", "anthropic", "gemini", "cohere", "ollama"};

/// Five services, each with a wire format and a strict validator of its own, in this process.
struct FiveServices {
  std::vector<std::unique_ptr<FaultServer>> servers;

  FiveServices() {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      auto server = FaultServer::open({.seed = i, .api_key = key(i)});
      REQUIRE(server);
      servers.push_back(std::move(*server));
    }
  }

  static std::string key(std::size_t i) { return "key-of-" + std::string(kKinds[i]); }

  /// The service under the name that the session uses.
  std::map<std::string, ProviderConfig> only(std::size_t i) const {
    const bool versioned = std::string_view(kKinds[i]) == "openai";
    return {{"model",
             {.url = std::string(kKinds[i]) + ":m",
              .base_url = servers[i]->url() + (versioned ? "/v1" : ""),
              .api_key = key(i)}}};
  }

  /// Runs engine and services until `ready`, at most for a while.
  template <class Ready>
  bool run(Engine& engine, Ready ready) {
    for (int i = 0; i < 20'000 && !ready(); ++i) {
      std::size_t ran = engine.poll();
      for (auto& server : servers) ran += server->poll();
      if (ran == 0) servers[static_cast<std::size_t>(i) % servers.size()]->run_once(1ms);
    }
    return ready();
  }
};

}  // namespace

TEST_CASE("one session over five services in five turns, swapped while turns run, suits them all") {
  FiveServices services;
  Config config;
  config.seed = 7;
  config.provider = "model";
  config.max_retries = 0;
  config.providers = services.only(0);
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  std::set<std::string> replies;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    CAPTURE(kKinds[i]);
    const Turn turn = session.send("What did you say before, and what next?");
    REQUIRE(services.run(engine, [&] { return services.servers[i]->requests() > 0; }));
    // The turn that runs keeps its service; the next one has another.
    REQUIRE_FALSE(turn.done());
    engine.set_providers(services.only((i + 1) % kKinds.size()));
    REQUIRE(services.run(engine, [&] { return turn.done(); }));
    const TurnResult result = turn.wait();
    if (result.error) MESSAGE(result.error->what());
    CHECK(result.outcome == Outcome::complete);
    CHECK(result.usage.output_tokens > 0);
    replies.insert(result.text);
  }
  for (const auto& server : services.servers) CHECK(server->requests() == 1);
  CHECK(session.messages().size() == 2 * kKinds.size());
  CHECK(replies.size() > 1);
}

TEST_CASE("a session with tools goes on at another service, whatever ids its calls had before") {
  FiveServices services;
  for (const char* id : {"functions.weather:0", "call_0"}) {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      CAPTURE(id);
      CAPTURE(kKinds[i]);
      ToolStage stage({{"", {weather_call("Oslo", id)}},
                       {"Mild.", {}},
                       {"", {weather_call("Rome", id), weather_call("Bern", id)}},
                       {"Mild, too.", {}}});
      stage.config.clock = ClockKind::real;
      stage.config.max_retries = 0;
      stage.config.providers["other"] = services.only(i).at("model");
      stage.config.policy.aliases["swapped"] = {.provider = "other", .model = "m"};
      Engine engine = stage.with(std::make_shared<TestTool>()).open();
      Session session = engine.create_session(room_with_tools());
      for (const char* model : {"", "", "swapped"}) {
        const Turn turn = session.send("And now?", {.model = model});
        REQUIRE(services.run(engine, [&] { return turn.done(); }));
        const TurnResult result = turn.wait();
        if (result.error) MESSAGE(result.error->what());
        CHECK(result.outcome == Outcome::complete);
      }
    }
  }
}

TEST_CASE(
    "a turn that names no model is reserved by the price of the entry's, also behind a swap") {
  const auto entry = [](const std::string& model) {
    return std::map<std::string, ProviderConfig>{
        {"model", {.url = "script:", .model = model, .options = R"({"replies":["Well."]})"}}};
  };
  Config config = scripted();
  config.providers = entry("cheap");
  config.prices["cheap"] = {.output = Money{1'000'000}};  // the smallest amount for each token
  config.prices["dear"] = {.output = Money{1'000'000'000}};
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  const auto reserved = [&] {
    Events events = session.events({.after = std::to_string(session.info().last_seq)});
    session.send_wait("Hello.");
    Money money;
    for (const auto& event : drain(engine, events)) {
      if (event.type == "turn.started")
        money = *Money::parse(parse_json(event.data)->value("reserved", ""));
    }
    return money;
  };
  const Money cheap = reserved();
  CHECK(cheap > Money{});
  engine.set_providers(entry("dear"));
  CHECK(reserved() == Money{cheap.pico_usd * 1'000});
}

TEST_CASE("embeddings that are asked for behind a swap go to the new service of that name") {
  const auto first = FaultServer::open({}).value_or_throw();
  const auto second = FaultServer::open({}).value_or_throw();
  const auto at = [](const FaultServer& server) {
    return std::map<std::string, ProviderConfig>{
        {"vectors", {.url = "cohere:m", .base_url = server.url(), .api_key = "key"}}};
  };
  Config config;
  config.providers = at(*first);
  Engine engine = Engine::open(config);
  const auto ask = [&] {
    const auto asked = engine.embed("vectors", {.texts = {"a"}});
    for (int i = 0; i < 20'000 && !asked.ready(); ++i) {
      if (engine.poll() + first->poll() + second->poll() == 0) first->run_once(1ms);
    }
    REQUIRE(asked.ready());
    return code_of([&] { (void)asked.get(); });
  };
  CHECK(ask() == ErrorCode::not_found);  // these servers have no embeddings, and say so
  CHECK(ask() == ErrorCode::not_found);
  CHECK(first->requests() == 2);
  engine.set_providers(at(*second));
  CHECK(ask() == ErrorCode::not_found);
  CHECK(first->requests() == 2);
  CHECK(second->requests() == 1);
}

TEST_CASE("services and policy that two threads change at once both hold") {
  Config config;
  config.providers["base"].url = "script:";
  config.provider = "base";
  Engine engine = Engine::open(config);
  for (int i = 0; i < 200; ++i) {
    CAPTURE(i);
    const std::string name = "p" + std::to_string(i);
    auto providers = config.providers;
    providers[name].url = "script:";
    std::latch both(2);
    std::jthread other([&] {
      both.arrive_and_wait();
      engine.update_policy(R"({"retry": {"max_retries": 3}})");
    });
    both.arrive_and_wait();
    engine.set_providers(providers);
    other.join();
    SessionOptions options;
    options.provider = name;
    REQUIRE_NOTHROW(engine.create_session(conformance::two_in_a_room(), options));
  }
}

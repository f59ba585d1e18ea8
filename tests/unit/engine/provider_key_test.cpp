#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <scena/ext/log_sink.hpp>
#include <scena/ext/secret_source.hpp>
#include <scena/fault_server.hpp>

#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

// Where a provider's key goes: to the address that it was meant for, and into no line of the log.

namespace {

constexpr std::string_view kPlainKey = "harbour-kite-blue-42";  // of no well-known form

struct LogText final : LogSink {
  void write(const LogRecord& record) noexcept override {
    text.append(record.message);
    for (const auto& field : record.fields) text.append(" ").append(field.value);
  }
  std::string text;
};

/// An engine whose log tells the model's name: a budget binds a model that has no price.
struct LoggedStage {
  std::shared_ptr<LogText> log = std::make_shared<LogText>();
  Config config = scripted();
  Dependencies dependencies;

  LoggedStage() {
    config.policy.budgets = {{.of = BudgetOf::session, .limit = Money{1'000'000}}};
    dependencies.log = log;
  }
  /// What stands in the log where the model is called as the key is.
  std::string logged(Engine& engine, std::string_view key = kPlainKey) const {
    engine.create_session(conformance::two_in_a_room())
        .send_wait("Hello.", {.model = std::string(key)});
    return log->text;
  }
};

ReplyRequest hello() {
  return {.messages = {{PromptRole::user, "Hello.", ""}}};
}

Completion complete(Engine& engine, FaultServer& service, const std::string& provider) {
  const auto answer = engine.complete(provider, hello());
  for (int i = 0; i < 20'000 && !answer.ready(); ++i) {
    if (engine.poll() + service.poll() == 0) service.run_once(1ms);
  }
  REQUIRE(answer.ready());
  return answer.get();
}

std::shared_ptr<SecretSource> plain_key_for(std::string wanted) {
  return callback_secrets([wanted](std::string_view name) {
    return name == wanted ? std::optional(std::string(kPlainKey)) : std::nullopt;
  });
}

}  // namespace

TEST_CASE("a key or secret is taken out of the log's lines, wherever it came from") {
  const auto service = FaultServer::open({}).value_or_throw();
  const Secret key(kPlainKey);
  const std::map<std::string, std::function<void(ProviderConfig&)>> members = {
      {"api_key", [&](ProviderConfig& entry) { entry.api_key = key; }},
      {"more_keys", [&](ProviderConfig& entry) { entry.more_keys = {key}; }},
      {"headers", [&](ProviderConfig& entry) { entry.headers["X-Account"] = key; }},
      {"query", [&](ProviderConfig& entry) { entry.query["api_key"] = key; }}};
  for (const auto& member : members) {
    CAPTURE(member.first);
    ProviderConfig entry{.url = "openai:m", .api_key = "another"};
    member.second(entry);
    LoggedStage stage;
    Engine later = Engine::open(stage.config, stage.dependencies);
    auto providers = stage.config.providers;
    providers["other"] = entry;
    later.set_providers(providers);
    CHECK(stage.logged(later).find("***") != std::string::npos);
    CHECK(stage.log->text.find(kPlainKey) == std::string::npos);
  }

  LoggedStage named;
  named.dependencies.secrets = plain_key_for("OPENAI_API_KEY");
  Engine engine = Engine::open(named.config, named.dependencies);
  const auto asked = engine.complete("openai+" + service->url() + "/v1", hello());
  CHECK(named.logged(engine).find("***") != std::string::npos);
  CHECK(named.log->text.find(kPlainKey) == std::string::npos);

  LoggedStage tooled;
  tooled.dependencies.secrets = plain_key_for("WEATHER");
  tooled.config.tools["weather"] = {.description = "The weather.",
                                    .url = "https://api.example.com/weather",
                                    .headers = {{"X-Key", "{{secret}}"}},
                                    .secret = "WEATHER"};
  Engine with_tool = Engine::open(tooled.config, tooled.dependencies);
  CHECK(tooled.logged(with_tool).find("***") != std::string::npos);
  CHECK(tooled.log->text.find(kPlainKey) == std::string::npos);

  static constexpr std::string_view kHookKey = "whsec_plJ3nmyCDGBKInavdOK15jslbkTq2bQb";
  LoggedStage hooked;
  hooked.dependencies.secrets =
      callback_secrets([](std::string_view) { return std::optional(std::string(kHookKey)); });
  hooked.config.webhooks["audit"] = {
      .url = "https://example.com/hook", .secret = "AUDIT_SECRET", .events = {"analysis.stored"}};
  Engine with_hook = Engine::open(hooked.config, hooked.dependencies);
  CHECK(hooked.logged(with_hook, kHookKey).find("***") != std::string::npos);
  CHECK(hooked.log->text.find(kHookKey) == std::string::npos);
}

TEST_CASE("what is no secret stands in the log as it is") {
  LoggedStage stage;
  Engine engine = Engine::open(stage.config, stage.dependencies);
  CHECK(stage.logged(engine).find(kPlainKey) != std::string::npos);
}

TEST_CASE("an entry's key goes to its own address, and to no other that a call names") {
  const std::string key = "the-entry's-key";
  const auto own = FaultServer::open({.api_key = key}).value_or_throw();
  const auto other = FaultServer::open({.api_key = key}).value_or_throw();
  Config config;
  config.max_retries = 0;
  config.provider = "openai";
  config.providers["openai"] = {
      .url = "openai:m", .base_url = own->url() + "/v1", .api_key = Secret(key), .model = "own"};
  Engine engine = Engine::open(config);
  const std::pair<const char*, const char*> kModels[] = {
      {"openai", "own"}, {"openai:", "own"}, {"openai:another", "another"}};
  for (const auto& named : kModels) {
    CAPTURE(named.first);
    const auto reply = complete(engine, *own, named.first);
    CHECK(reply.outcome == Outcome::complete);
    CHECK(reply.start.model == named.second);
  }
  CHECK(own->requests() == 3);
  // The same kind at another address is asked without a key, and says so.
  const auto refused = complete(engine, *other, "openai+" + other->url() + "/v1");
  REQUIRE(refused.error);
  CHECK(refused.error->code() == ErrorCode::unauthenticated);
  CHECK(other->requests() == 1);
  CHECK(own->requests() == 3);
}

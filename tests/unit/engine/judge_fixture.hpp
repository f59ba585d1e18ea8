#pragma once

#include <optional>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "unit/engine/answering_model.hpp"
#include "unit/engine/engine_fixture.hpp"

namespace scena::test {

inline constexpr const char* kUnsure = "It went more or less as one would have thought.";

inline std::string opinion(const std::string& quote, double value = 0.5,
                           const std::string& label = "ambivalent") {
  Json json;
  json["evasiveness"] = {{"value", value}, {"label", label}, {"quote", quote}};
  return dump_json(json);
}

/// A configuration in which everybody's evasiveness is judged by AnsweringModel.
inline Config judged_config() {
  Config config = scripted(R"(["How did the last project go?"])");
  config.max_retries = 0;  // so that requests are those of attempts
  config.judge.provider = "judge";
  config.judge.model = "judge-1";
  config.judge.metrics = {"evasiveness"};
  config.judge.below_confidence = 0.7;
  config.prices["judge-1"] = {.input = *Money::parse("10"), .output = *Money::parse("30")};
  return config;
}

struct JudgeStage {
  explicit JudgeStage(Config config = judged_config(), std::shared_ptr<Storage> storage = nullptr) {
    Dependencies dependencies;
    dependencies.providers["judge"] = judge;
    dependencies.storage = std::move(storage);
    engine.emplace(Engine::open(config, dependencies));
  }
  /// A session in which the host asked; what is said next is an answer.
  Session asked() {
    Session session = engine->create_session(conformance::two_in_a_room());
    session.prompt().wait();
    engine->run_until_idle();
    return session;
  }
  /// A message without a reply.
  Session said(const std::string& text = kUnsure) {
    Session session = asked();
    say(session, text);
    return session;
  }
  void say(Session& session, const std::string& text) {
    session.send(text, {.reply = false}).wait_accepted();
    if (!judge->holds) engine->run_until_idle();
    for (int round = 0; judge->holds && !judge->held && round < 1'000; ++round) engine->poll();
  }
  std::vector<Event> events(Session& session) {
    Events events = session.events();
    return drain(*engine, events);
  }
  std::vector<Event> events(Session& session, std::string_view type) {
    std::vector<Event> found;
    for (Event& event : events(session)) {
      if (event.type == type) found.push_back(std::move(event));
    }
    return found;
  }

  std::shared_ptr<AnsweringModel> judge = std::make_shared<AnsweringModel>();
  std::optional<Engine> engine;
};

inline Json data_of(const Event& event) {
  return *parse_json(event.data);
}

}  // namespace scena::test

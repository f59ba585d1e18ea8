#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

namespace scena::test {

/// Is asked about messages: answers in order, the last one again and again. Without any it fails
/// with `failure`.
class JudgingModel final : public Provider {
 public:
  std::string_view name() const noexcept override { return "judge"; }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    requests.push_back(*request);
    if (asked) asked();
    if (holds) {
      held = std::move(sink);
      return;
    }
    answer(*sink);
  }
  void answer(ReplySink& sink) {
    if (answers.empty()) {
      return sink.on_done({.outcome = Outcome::failed, .error = Error(failure, "as told")});
    }
    sink.on_start({"judge", "judge-1", ""});
    sink.on_usage({.input_tokens = 1'000, .output_tokens = 100});
    sink.on_text(answers.front());
    if (answers.size() > 1) answers.pop_front();
    sink.on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
  }
  void answer_held() {
    const auto sink = std::exchange(held, nullptr);
    answer(*sink);
  }

  std::deque<std::string> answers;
  std::vector<ReplyRequest> requests;
  ErrorCode failure = ErrorCode::unavailable;
  bool holds = false;
  std::shared_ptr<ReplySink> held;
  std::function<void()> asked;
};

inline constexpr const char* kUnsure = "It went more or less as one would have thought.";

inline std::string opinion(const std::string& quote, double value = 0.5,
                           const std::string& label = "ambivalent") {
  Json json;
  json["evasiveness"] = {{"value", value}, {"label", label}, {"quote", quote}};
  return dump_json(json);
}

/// A configuration in which everybody's evasiveness is judged by JudgingModel.
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

  std::shared_ptr<JudgingModel> judge = std::make_shared<JudgingModel>();
  std::optional<Engine> engine;
};

inline Json data_of(const Event& event) {
  return *parse_json(event.data);
}

}  // namespace scena::test

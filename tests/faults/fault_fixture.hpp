#pragma once

#include <atomic>
#include <functional>
#include <scena/engine.hpp>
#include <string>
#include <thread>
#include <vector>

#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

namespace scena::test {

/// An engine on the virtual clock whose model fails by a schedule (docs/reference/fault.md).
inline Config faulty(const std::string& schedule,
                     const std::string& texts = R"(["One two three four five six."])") {
  Config config = scripted();
  config.providers["model"] = {
      .url = "fault:" + schedule,
      .api_key = "sk-very-secret-key-0123456789",
      .options = "{\"delay_ms\":100,\"token_ms\":50,\"replies\":" + texts + "}"};
  return config;
}

inline Session open_stage(Engine& engine) {
  return engine.create_session(conformance::two_in_a_room());
}

/// A host's provider that does what it is told.
class HostModel : public Provider {
 public:
  using Reply = std::function<void(std::shared_ptr<ReplySink>)>;
  explicit HostModel(Reply reply) : reply_(std::move(reply)) {}

  std::string_view name() const noexcept override { return "host"; }
  void start(std::shared_ptr<const ReplyRequest>, std::shared_ptr<ReplySink> sink,
             std::stop_token token) override {
    if (calls++ == 0) stop = std::move(token);
    reply_(std::move(sink));
  }
  Result<std::string> request_body(const ReplyRequest&) const override { return std::string("{}"); }

  std::atomic<int> calls{0};
  std::stop_token stop;  ///< Of the first call.

 private:
  Reply reply_;
};

inline void say(ReplySink& sink, std::string_view text) {
  sink.on_start({"host", "model", ""});
  sink.on_text(text);
  sink.on_done({.outcome = Outcome::complete, .reason = FinishReason::stop});
}

/// Dependencies whose "model" is this one.
inline Dependencies with_model(std::shared_ptr<Provider> provider) {
  Dependencies dependencies;
  dependencies.providers["model"] = std::move(provider);
  return dependencies;
}

inline Config hosted(ClockKind clock = ClockKind::virtual_time) {
  Config config;
  config.clock = clock;
  config.seed = 7;
  config.provider = "model";
  return config;
}

}  // namespace scena::test

#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <scena/engine.hpp>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

namespace scena::test {

/// A tool that does what the test says.
class TestTool final : public Tool {
 public:
  using Call = std::function<void(const ToolRequest&, std::shared_ptr<ToolAnswer>)>;

  explicit TestTool(std::string name = "weather", Call act = {})
      : does(std::move(act)), name_(std::move(name)) {
    if (does) return;
    does = [](const ToolRequest&, const auto& answer) { answer->succeed("18 degrees"); };
  }

  ToolSpec spec() const override {
    return {name_, "The weather in a city.",
            R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"};
  }
  ToolOptions options() const override { return how; }
  void call(ToolRequest request, std::shared_ptr<ToolAnswer> answer,
            std::stop_token stop) override {
    requests.push_back(request);
    stops.push_back(stop);
    does(request, std::move(answer));
  }

  ToolOptions how;
  Call does;
  std::vector<ToolRequest> requests;
  std::vector<std::stop_token> stops;

 private:
  std::string name_;
};

/// A tool that keeps every answer for later.
struct SlowTool {
  std::vector<std::shared_ptr<ToolAnswer>> answers;
  std::shared_ptr<TestTool> tool;

  explicit SlowTool(const std::string& name = "weather")
      : tool(std::make_shared<TestTool>(name, [this](const ToolRequest&, auto answer) {
          answers.push_back(std::move(answer));
        })) {}
};

/// One reply of a model: what it says, and what it asks for.
struct AskedReply {
  std::string text;
  std::vector<ToolCall> calls;
  FinishReason reason = FinishReason::stop;
  std::string state;
  std::string reasoning;
  bool fails = false;
};

inline ToolCall weather_call(const std::string& city = "Oslo", const std::string& id = "c1") {
  return {id, "weather", R"({"city":")" + city + R"("})"};
}

/// A model that gives the test's replies in order (then the last again) and keeps the requests.
class AskingModel final : public Provider {
 public:
  explicit AskingModel(std::vector<AskedReply> lines) : replies(std::move(lines)) {}

  std::string_view name() const noexcept override { return "asking"; }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token) override {
    const AskedReply reply = replies[std::min(requests.size(), replies.size() - 1)];
    requests.push_back(*request);
    sink->on_start({"asking", "m-1", {}});
    if (!reply.reasoning.empty()) sink->on_reasoning(reply.reasoning);
    if (!reply.text.empty()) sink->on_text(reply.text);
    for (std::size_t i = 0; i < reply.calls.size(); ++i) {
      sink->on_tool_start(i, reply.calls[i].id, reply.calls[i].name);
      sink->on_tool_args(i, reply.calls[i].arguments);
      sink->on_tool_end(i, reply.calls[i]);
    }
    if (!reply.state.empty()) sink->on_state(reply.state);
    sink->on_usage({.input_tokens = 100, .output_tokens = 10});
    if (reply.fails) {
      return sink->on_done({.outcome = Outcome::failed,
                            .error = Error(ErrorCode::provider_error, "the service broke")});
    }
    const bool asks = !reply.calls.empty() && reply.reason == FinishReason::stop;
    sink->on_done(
        {.outcome = Outcome::complete, .reason = asks ? FinishReason::tool_calls : reply.reason});
  }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    std::string body = request.system;
    for (const auto& message : request.messages) {
      body += std::string("\n") + to_string(message.role) + ": " + message.text + message.state;
      for (const auto& call : message.tool_calls) body += " " + call.id + call.arguments;
    }
    for (const auto& tool : request.tools) body += "\ntool " + tool.name;
    return body;
  }

  std::vector<AskedReply> replies;
  std::vector<ReplyRequest> requests;
};

inline Preset room_with_tools(std::vector<std::string> names = {"weather"}) {
  Preset preset = conformance::two_in_a_room();
  preset.tools = std::move(names);
  return preset;
}

/// An engine on the virtual clock with that model and those tools.
struct ToolStage {
  std::shared_ptr<AskingModel> model;
  Config config;
  Dependencies dependencies;

  explicit ToolStage(std::vector<AskedReply> replies)
      : model(std::make_shared<AskingModel>(std::move(replies))) {
    config.clock = ClockKind::virtual_time;
    config.seed = 7;
    config.provider = "model";
    dependencies.providers["model"] = model;
  }
  ToolStage& with(std::shared_ptr<Tool> tool) {
    dependencies.tools.push_back(std::move(tool));
    return *this;
  }
  Engine open() const { return Engine::open(config, dependencies); }
};

/// The data of the events of one type, in order.
inline std::vector<Json> data_of(const std::vector<Event>& events, std::string_view type) {
  std::vector<Json> all;
  for (const auto& event : events) {
    if (event.type == type) all.push_back(*parse_json(event.data));
  }
  return all;
}

/// Results as the last request holds them, in order.
inline std::vector<PromptMessage> results_in(const ReplyRequest& request) {
  std::vector<PromptMessage> results;
  for (const auto& message : request.messages) {
    if (message.role == PromptRole::tool) results.push_back(message);
  }
  return results;
}

}  // namespace scena::test

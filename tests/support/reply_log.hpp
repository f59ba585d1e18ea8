#pragma once

#include <scena/ext/provider.hpp>
#include <string>
#include <vector>

namespace scena::test {

/// A ReplySink that writes down what it gets: one line an event.
struct ReplyLog final : ReplySink {
  std::vector<std::string> lines;
  std::string text;
  std::string reasoning;
  UsageUpdate usage;
  std::vector<ToolCall> calls;
  std::string state;
  std::vector<ReplyEnd> ends;
  int flushes = 0;
  int late = 0;  ///< Calls after on_done.

  void on_start(const ReplyStart& start) override {
    add("start " + start.provider + " " + start.model + " " + start.request_id);
  }
  void on_text(std::string_view delta) override {
    text += delta;
    add("text " + std::string(delta));
  }
  void on_reasoning(std::string_view delta) override {
    reasoning += delta;
    add("reasoning " + std::string(delta));
  }
  void on_refusal(std::string_view delta) override { add("refusal " + std::string(delta)); }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    add("tool " + std::to_string(index) + " " + std::string(id) + " " + std::string(name));
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    add("args " + std::to_string(index) + " " + std::string(delta));
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    calls.push_back(call);
    add("call " + std::to_string(index) + " " + call.id + " " + call.name + " " + call.arguments +
        (call.valid ? "" : " invalid"));
  }
  void on_citation(const Citation& citation) override {
    add("citation " + citation.text + " " + citation.title + " " + citation.url);
  }
  void on_state(std::string_view json) override {
    state = json;
    add("state " + state);
  }
  void on_usage(const UsageUpdate& update) override {
    usage.merge(update);
    auto field = [](const std::optional<std::int64_t>& value) {
      return value ? std::to_string(*value) : "-";
    };
    add("usage " + field(update.input_tokens) + " " + field(update.output_tokens) + " " +
        field(update.cached_input_tokens) + " " + field(update.cache_write_tokens) + " " +
        field(update.reasoning_tokens) +
        (update.billed_input_tokens || update.billed_output_tokens
             ? " billed " + field(update.billed_input_tokens) + " " +
                   field(update.billed_output_tokens)
             : ""));
  }
  void on_warning(std::string_view code, std::string_view) override {
    add("warning " + std::string(code));
  }
  void on_flush() override {
    ++flushes;
    late += !ends.empty();
  }
  void on_done(const ReplyEnd& end) override {
    std::string line = std::string("done ") + to_string(end.outcome);
    if (end.outcome == Outcome::complete) line += std::string(" ") + to_string(end.reason);
    line += " raw=" + end.raw_reason;
    if (end.error) line += std::string(" error=") + to_string(end.error->code());
    add(line);
    ends.push_back(end);
  }

  const ReplyEnd& end() const { return ends.at(0); }

 private:
  void add(std::string line) {
    late += !ends.empty();
    lines.push_back(std::move(line));
  }
};

}  // namespace scena::test

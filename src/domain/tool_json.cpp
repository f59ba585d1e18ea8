#include "domain/tool_json.hpp"

namespace scena {
namespace {

// Arguments that are no JSON object stand as the text that they are.
void write_call(JsonWriter& writer, const ToolCall& call) {
  writer.member("call", call.id).member("name", call.name).key("arguments");
  if (call.valid) {
    writer.raw(call.arguments);
  } else {
    writer.value(call.arguments);
  }
}

void write_result(JsonWriter& writer, const ToolUse& use) {
  if (use.failed) writer.member("failed", true);
  if (use.cached) writer.member("cached", true);
  writer.member("result", use.result);
  writer.member("duration_ms", static_cast<std::int64_t>(use.duration.count()));
}

}  // namespace

std::string requested_tool_data(std::string_view turn, const RequestedTool& tool) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object()
      .member("turn", turn)
      .member("round", static_cast<std::uint64_t>(tool.round));
  write_call(writer, tool.call);
  if (tool.opens_round) writer.member("text", tool.text);
  if (!tool.state.empty()) writer.member("state", tool.state);
  writer.end_object();
  return data;
}

RequestedTool read_requested_tool(const Json& data) {
  RequestedTool tool;
  tool.round = data.at("round").get<std::uint32_t>();
  tool.call.id = data.at("call").get<std::string>();
  tool.call.name = data.at("name").get<std::string>();
  const Json& arguments = data.at("arguments");
  tool.call.valid = arguments.is_object();
  tool.call.arguments = tool.call.valid ? dump_json(arguments) : arguments.get<std::string>();
  tool.opens_round = data.contains("text");
  tool.text = data.value("text", "");
  tool.state = data.value("state", "");
  return tool;
}

std::string finished_tool_data(std::string_view turn, std::string_view name,
                               const FinishedTool& tool) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("turn", turn).member("call", tool.call).member("name", name);
  write_result(writer, tool.use);
  writer.end_object();
  return data;
}

FinishedTool read_finished_tool(const Json& data) {
  FinishedTool tool;
  tool.call = data.at("call").get<std::string>();
  tool.use.finished = true;
  tool.use.failed = data.value("failed", false);
  tool.use.cached = data.value("cached", false);
  tool.use.result = data.at("result").get<std::string>();
  tool.use.duration = std::chrono::milliseconds(data.at("duration_ms").get<std::int64_t>());
  return tool;
}

void write_tool_rounds(JsonWriter& writer, std::string_view name,
                       const std::vector<ToolRound>& rounds) {
  if (rounds.empty()) return;
  writer.key(name).begin_array();
  for (const auto& round : rounds) {
    writer.begin_object().member("text", round.text);
    if (!round.state.empty()) writer.member("state", round.state);
    writer.key("uses").begin_array();
    for (const auto& use : round.uses) {
      writer.begin_object();
      write_call(writer, use.call);
      if (use.finished) write_result(writer, use);
      writer.end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

}  // namespace scena

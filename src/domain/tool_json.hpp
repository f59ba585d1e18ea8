#pragma once

#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "domain/session_model.hpp"

namespace scena {

/// The data of tool.requested and tool.finished, see docs/reference/events.md.
std::string requested_tool_data(std::string_view turn, const RequestedTool& tool);
RequestedTool read_requested_tool(const Json& data);
std::string finished_tool_data(std::string_view turn, std::string_view name,
                               const FinishedTool& tool);
FinishedTool read_finished_tool(const Json& data);

/// A member `name` with the rounds; nothing when there are none.
void write_tool_rounds(JsonWriter& writer, std::string_view name,
                       const std::vector<ToolRound>& rounds);

}  // namespace scena

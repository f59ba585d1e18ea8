#pragma once

#include <scena/ext/provider.hpp>
#include <string>

namespace scena::llm {

/// The schema of a tool's arguments with what services insist on: `type` and `properties`, which a
/// schema without any may leave out.
std::string tool_parameters(const ToolSpec& tool);

}  // namespace scena::llm

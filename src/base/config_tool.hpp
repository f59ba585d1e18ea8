#pragma once

#include <scena/config.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// True for a name that every model service takes: 1 to 64 of A-Z a-z 0-9 _ -.
bool is_tool_name(std::string_view name) noexcept;

/// Notes the faults of one configured tool: name, schema, address, slots.
void check_http_tool(const std::string& name, const HttpToolConfig& tool,
                     const std::string& pointer, std::vector<Fault>& faults);

}  // namespace scena

#include "shell/tools_file.hpp"

#include <fmt/format.h>

#include "shell/files.hpp"
#include "shell/json_value.hpp"

namespace scena::shell {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

[[noreturn]] void refuse(std::string_view what) {
  throw Error(ErrorCode::invalid_argument,
              fmt::format("--tools-file: {}; write [{{\"name\": \"...\", \"description\": \"...\", "
                          "\"parameters\": {{...}}}}]",
                          what));
}

ToolSpec read_tool(const JsonValue& entry, std::size_t number) {
  ToolSpec tool;
  tool.name = entry["name"].text();
  tool.description = entry["description"].text();
  const JsonValue parameters = entry["parameters"];
  if (tool.name.empty()) refuse(fmt::format("entry {} has no name", number));
  if (!parameters.exists() || parameters.raw() == "null") return tool;
  if (!parameters.raw().starts_with('{') || !parameters.raw().ends_with('}'))
    refuse(fmt::format("\"parameters\" of entry {} is no JSON object", number));
  tool.parameters = parameters.raw();
  return tool;
}

}  // namespace

std::vector<ToolSpec> read_tools(const std::string& path) {
  std::vector<ToolSpec> tools;
  if (path.empty()) return tools;
  const auto read = read_file(path);
  if (!read) refuse(read.error().what());
  const std::string& text = *read;
  const JsonValue list(text);
  const auto behind = static_cast<std::size_t>(list.raw().data() - text.data()) + list.raw().size();
  if (!list.raw().starts_with('[') || !list.raw().ends_with(']') ||
      text.find_first_not_of(kBlanks, behind) != std::string::npos)
    refuse("it is no JSON list");
  for (const JsonValue& entry : list.items()) tools.push_back(read_tool(entry, tools.size() + 1));
  return tools;
}

}  // namespace scena::shell

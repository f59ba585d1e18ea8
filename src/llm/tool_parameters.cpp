#include "llm/tool_parameters.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

namespace scena::llm {

std::string tool_parameters(const ToolSpec& tool) {
  const std::string_view text = trim(tool.parameters);
  if (text.empty()) return R"({"type":"object","properties":{}})";
  const auto schema = parse_json(text);
  if (!schema || !schema->is_object()) return tool.parameters;
  // A definition elsewhere has both.
  const bool has_type = schema->contains("type") || schema->contains("$ref");
  const bool has_properties = schema->contains("properties") || schema->contains("$ref");
  if (has_type && has_properties) return tool.parameters;
  // The host's own text stays as it is: order, numbers and blanks.
  std::string whole = "{";
  if (!has_type) whole += R"("type":"object",)";
  if (!has_properties) whole += R"("properties":{},)";
  if (schema->empty()) whole.pop_back();
  whole += text.substr(1);
  return whole;
}

}  // namespace scena::llm

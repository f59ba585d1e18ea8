#include "engine/tools/tool_set.hpp"

#include <algorithm>

#include "base/config_tool.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"

namespace scena::engine {
namespace {

constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";

Error fault(const std::string& name, const std::string& what) {
  return Error(ErrorCode::invalid_argument, "tool \"" + utf8_repair(name) + "\": " + what);
}

// Names at `pointer` that no tool has.
void check_names(const std::vector<std::string>& names, const std::string& pointer,
                 const std::vector<std::string_view>& known, std::vector<Fault>& faults) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(known.begin(), known.end(), names[i]) != known.end()) continue;
    std::string message = "names \"" + names[i] + "\", which is no tool of this engine";
    if (const auto meant = closest(names[i], known); !meant.empty())
      message += "; did you mean \"" + std::string(meant) + "\"?";
    faults.push_back({pointer + "/tools/" + std::to_string(i), std::move(message),
                      "the name of a tool given to the engine or configured"});
  }
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_options(const std::string& name, const ToolOptions& options, bool can_approve) {
  if (options.time_limit.count() <= 0) return fault(name, "time_limit must be above zero");
  if (options.cache_for.count() < 0) return fault(name, "cache_for must be zero or more");
  if (options.max_result_bytes == 0) return fault(name, "max_result_bytes must be above zero");
  if (options.max_result_tokens == 0) return fault(name, "max_result_tokens must be above zero");
  if (!options.needs_approval || can_approve) return {};
  return fault(name, "needs approval; give the engine a tool approval");
}

}  // namespace

Result<void> ToolSet::add(std::shared_ptr<Tool> tool, bool can_approve) {
  if (!tool) return Error::fixed(ErrorCode::invalid_argument, "tools: one of them is null");
  ToolSpec spec;
  ToolOptions options;
  try {
    spec = tool->spec();
    options = tool->options();
  } catch (...) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "tools: one of them threw an exception in spec() or options()");
  }
  const std::string name = spec.name;
  if (!is_tool_name(name))
    return fault(name, "its name must be 1 to 64 letters, digits, \"_\" and \"-\"");
  if (!is_valid_utf8(spec.description)) return fault(name, "its description is not UTF-8");
  if (spec.parameters.empty()) spec.parameters = kNoArguments;
  auto schema = JsonSchema::parse(spec.parameters);
  if (!schema)
    return fault(name, std::string("its parameters are no JSON schema: ") + schema.error().what());
  if (!schema->is_for_object())
    return fault(name, "its parameters must describe an object: {\"type\":\"object\", ...}");
  if (auto good = check_options(name, options, can_approve); !good) return good;
  const bool is_new = tools_
                          .emplace(name, RegisteredTool{std::move(spec), options,
                                                        std::move(*schema), std::move(tool)})
                          .second;
  if (is_new) return {};
  return Error(ErrorCode::already_exists,
               "tool \"" + name + "\" is there twice; give each its own");
}

const RegisteredTool* ToolSet::find(std::string_view name) const noexcept {
  const auto found = tools_.find(name);
  return found == tools_.end() ? nullptr : &found->second;
}

std::vector<ToolSpec> ToolSet::offer(const Preset& preset, const Character& character) const {
  std::vector<ToolSpec> offered;
  for (const auto& [name, tool] : tools_) {
    if (tool.options.everywhere || contains(preset.tools, name) || contains(character.tools, name))
      offered.push_back(tool.spec);
  }
  return offered;
}

std::vector<Fault> ToolSet::check(const Preset& preset) const {
  std::vector<std::string_view> known(absent_.begin(), absent_.end());
  for (const auto& [name, tool] : tools_) known.push_back(name);
  std::vector<Fault> faults;
  check_names(preset.tools, "", known, faults);
  for (std::size_t i = 0; i < preset.characters.size(); ++i)
    check_names(preset.characters[i].tools, "/characters/" + std::to_string(i), known, faults);
  return faults;
}

std::vector<std::string> ToolSet::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tool] : tools_) names.push_back(name);
  return names;
}

}  // namespace scena::engine

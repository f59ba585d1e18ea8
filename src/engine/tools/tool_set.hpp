#pragma once

#include <map>
#include <memory>
#include <scena/ext/tool.hpp>
#include <scena/preset.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_schema.hpp"

namespace scena::engine {

/// One tool that an engine has, as it was read when the engine opened.
struct RegisteredTool {
  ToolSpec spec;
  ToolOptions options;
  JsonSchema schema;
  std::shared_ptr<Tool> tool;
};

/// The tools of an engine by name. A value; copies share the tools.
class ToolSet {
 public:
  /// Reads a tool. @return invalid_argument for a bad name, a schema that is none or describes no
  /// object, or options at fault; already_exists for a name that is taken.
  Result<void> add(std::shared_ptr<Tool> tool, bool can_approve);

  /// Notes a tool that is configured, but cannot be offered: presets may name it.
  void add_absent(std::string name) { absent_.insert(std::move(name)); }
  /// The names in a preset that no tool has, neither offered nor absent.
  std::vector<Fault> check(const Preset& preset) const;

  const RegisteredTool* find(std::string_view name) const noexcept;
  /// What a character may use, by name: those that preset or character name, and those for all.
  std::vector<ToolSpec> offer(const Preset& preset, const Character& character) const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, RegisteredTool, std::less<>> tools_;
  std::set<std::string> absent_;
};

}  // namespace scena::engine

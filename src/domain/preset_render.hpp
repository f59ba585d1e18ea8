#pragma once

#include <functional>
#include <map>
#include <scena/preset.hpp>
#include <span>
#include <string>
#include <vector>

#include "domain/prompt_part.hpp"

namespace scena {

/// A preset whose templates were evaluated, once, with a session's variables. Its texts are plain:
/// braces in them are just braces. Make it anew when a variable changes.
class RenderedPreset {
 public:
  /// Evaluates every template. Values win over defaults; a variable without either is empty.
  ///
  /// @return invalid_argument with all faults of the values (check_variables), or with the names of
  ///         missing required variables, or when a template is malformed.
  static Result<RenderedPreset> make(const Preset& preset, const VariableValues& values);

  const Preset& preset() const noexcept { return preset_; }
  /// Every variable of the preset: the given value or its default.
  const VariableValues& values() const noexcept { return values_; }
  /// Options of the `script:` provider for one character, as a JSON object; "" without a script.
  std::string script_options(std::string_view character_id) const;
  /// The parts of the character's system prompt that do not depend on who is there
  /// (domain/prompt_system.hpp); empty for an unknown one.
  std::span<const PromptPart> system_parts(std::string_view character_id) const;

 private:
  RenderedPreset() = default;
  Preset preset_;
  VariableValues values_;
  std::map<std::string, std::string, std::less<>> scripts_;  // by character, as JSON
  std::map<std::string, std::vector<PromptPart>, std::less<>> system_parts_;  // by character
};

/// What is said before the first turn: the openings, else the opening line of the first character
/// that has one.
std::vector<Opening> scene_openings(const Preset& preset);

}  // namespace scena

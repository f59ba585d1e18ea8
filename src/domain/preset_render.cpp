#include "domain/preset_render.hpp"

#include <fmt/format.h>

#include "domain/choice_text.hpp"
#include "domain/preset_json.hpp"
#include "domain/preset_write.hpp"
#include "domain/prompt_system.hpp"
#include "domain/template.hpp"

namespace scena {
namespace {

Error variables_error(const std::vector<Fault>& faults) {
  std::string text = "variables: ";
  for (const auto& fault : faults) {
    if (&fault != &faults.front()) text += '\n';
    text += fmt::format("{} {}", fault.pointer, fault.message);
  }
  Error error(ErrorCode::invalid_argument, std::move(text));
  error.with_pointer(faults.front().pointer);
  return error;
}

Error missing_error(const std::vector<std::string>& missing) {
  Error error(ErrorCode::invalid_argument,
              fmt::format("the preset needs a value for: {}; set these variables before the start",
                          fmt::join(missing, ", ")));
  error.with_pointer("/variables/" + missing.front());
  return error;
}

}  // namespace

Result<RenderedPreset> RenderedPreset::make(const Preset& preset, const VariableValues& values) {
  if (const auto faults = check_variables(preset, values); !faults.empty())
    return variables_error(faults);
  if (const auto missing = missing_variables(preset, values); !missing.empty())
    return missing_error(missing);
  RenderedPreset rendered;
  rendered.preset_ = preset;
  for (const auto& variable : preset.variables) {
    const auto given = values.find(variable.name);
    rendered.values_[variable.name] =
        given == values.end() ? variable.default_value : given->second;
  }
  VariableValues scripted = rendered.values_;
  for (auto& [name, value] : scripted) value = escape_choices(value);
  const TemplateEngine engine(preset, rendered.values_);
  const TemplateEngine script_engine(preset, scripted);
  std::string fault;
  visit_templates(rendered.preset_, [&](const std::string& pointer, std::string& text) {
    const bool in_script = pointer.find("/script/") != std::string::npos;
    const TemplateEngine& fitting = in_script ? script_engine : engine;
    if (fault.empty() && !fitting.render(text, PresetBounds::kRenderedBytes)) fault = pointer;
  });
  if (!fault.empty()) {
    Error error(ErrorCode::invalid_argument,
                "the template at " + fault +
                    " is malformed or grows over 64 KiB; shorten it or its variables");
    error.with_pointer(fault);
    return error;
  }
  for (const auto& character : rendered.preset_.characters) {
    if (character.script) rendered.scripts_[character.id] = script_to_json(*character.script);
    rendered.system_parts_[character.id] = scena::system_parts(rendered.preset_, character);
  }
  return rendered;
}

std::string RenderedPreset::script_options(std::string_view character_id) const {
  const auto found = scripts_.find(character_id);
  return found == scripts_.end() ? std::string() : found->second;
}

std::span<const PromptPart> RenderedPreset::system_parts(std::string_view character_id) const {
  const auto found = system_parts_.find(character_id);
  if (found == system_parts_.end()) return {};
  return found->second;
}

std::vector<Opening> scene_openings(const Preset& preset) {
  if (!preset.openings.empty()) return preset.openings;
  for (const auto& character : preset.characters) {
    if (!character.opening_line.empty()) return {{character.id, character.opening_line}};
  }
  return {};
}

}  // namespace scena

// Any bytes as a preset document: never a crash, faults and reading agree, what was read is written
// and read back equal, and it composes a prompt for each of its characters. Its seeds are the
// files of src/domain/presets/.
#include <cstdint>
#include <cstdlib>
#include <scena/preset.hpp>

#include "domain/prompt.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_rendering(const scena::Preset& preset) {
  scena::VariableValues values;
  for (const auto& name : scena::missing_variables(preset, values)) {
    const auto* variable = preset.find_variable(name);
    values[name] = variable->type == scena::VariableType::number    ? "1"
                   : variable->type == scena::VariableType::boolean ? "true"
                   : variable->type == scena::VariableType::choice  ? variable->choices.front()
                                                                    : "{{> x}}{{";
  }
  const auto rendered = scena::RenderedPreset::make(preset, values);
  if (!rendered) return;
  for (const auto& character : preset.characters) {
    const auto prompt = scena::compose_prompt(
        {.preset = *rendered, .character = character.id, .participants = {}, .line = {}});
    require(prompt.has_value());
    require(!prompt->system.empty() && prompt->messages.size() == 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto faults = scena::check_preset(text);
  const auto preset = scena::Preset::from_json(text);
  require(faults.empty() == preset.has_value());
  if (!preset) return 0;
  const std::string written = preset->to_json();
  const auto again = scena::Preset::from_json(written);
  require(again.has_value() && *again == *preset && again->to_json() == written);
  check_rendering(*preset);
  return 0;
}

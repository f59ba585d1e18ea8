#pragma once

#include <scena/preset.hpp>
#include <string_view>

#include "base/json.hpp"
#include "domain/object_reader.hpp"

namespace scena {

/// Bounds of a preset; docs/reference/presets.md lists them.
struct PresetBounds {
  static constexpr std::size_t kDocumentBytes = 1u << 20;
  static constexpr std::size_t kIdBytes = 64;
  static constexpr std::size_t kLineBytes = 200;    ///< Names, titles, roles.
  static constexpr std::size_t kTextBytes = 4'000;  ///< Personas, scripted lines, list items.
  static constexpr std::size_t kSceneBytes = 16'000;
  static constexpr std::size_t kValueBytes = 4'096;         ///< One value of a variable.
  static constexpr std::size_t kRenderedBytes = 64u << 10;  ///< One text after its variables.
  static constexpr std::size_t kCharacters = 16;
  static constexpr std::size_t kItems = 50;  ///< Goals, knowledge, variables, criteria, ...
  static constexpr std::size_t kScriptRules = 200;
};

/// Reads a preset document; every fault goes to `faults`, those between members included. The
/// result means something only when there is none.
Preset read_preset(const Json& json, FaultList& faults);

/// Faults that concern several members: unknown speakers, double ids, templates, defaults.
void check_references(const Preset& preset, FaultList& faults);

/// Whether a text form is a value of the variable's type; the reason when it is not.
std::optional<std::string> check_value(const Variable& variable, std::string_view value);

/// Text form of a JSON string, number or boolean; nullopt for anything else.
std::optional<std::string> value_text(const Json& json);

}  // namespace scena

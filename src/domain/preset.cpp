#include <array>
#include <fstream>
#include <scena/preset.hpp>

#include "domain/preset_json.hpp"

namespace scena {
namespace {

template <class T>
const T* find_by(const std::vector<T>& items, std::string T::*member,
                 std::string_view wanted) noexcept {
  for (const auto& item : items) {
    if (item.*member == wanted) return &item;
  }
  return nullptr;
}

Error preset_error(const std::vector<Fault>& faults) {
  std::string text = "preset: ";
  for (const auto& fault : faults) {
    if (&fault != &faults.front()) text += '\n';
    text += fault.pointer.empty() ? "(document)" : fault.pointer;
    text += ' ' + fault.message;
    if (!fault.example.empty()) text += "; e.g. " + fault.example;
  }
  Error error(ErrorCode::invalid_argument, std::move(text));
  error.with_pointer(faults.front().pointer);
  return error;
}

Preset read_document(std::string_view text, FaultList& faults) {
  const auto json = parse_json(
      text, {.max_bytes = PresetBounds::kDocumentBytes, .max_depth = 16, .careful = true});
  if (!json) {
    faults.add("", json.error().what());
    return {};
  }
  return read_preset(*json, faults);
}

}  // namespace

Result<Preset> Preset::from_json(std::string_view json) {
  FaultList list;
  Preset preset = read_document(json, list);
  if (const auto faults = list.take(); !faults.empty()) return preset_error(faults);
  return preset;
}

Result<Preset> Preset::from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error(ErrorCode::not_found,
                 "preset file \"" + path + "\" cannot be opened; check the path");
  // One byte over the limit is enough to know: the reader refuses it by size.
  std::string text(PresetBounds::kDocumentBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad())
    return Error(ErrorCode::unavailable, "preset file \"" + path + "\" cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return from_json(text);
}

const Character* Preset::find_character(std::string_view character_id) const noexcept {
  return find_by(characters, &Character::id, character_id);
}

const Variable* Preset::find_variable(std::string_view name) const noexcept {
  return find_by(variables, &Variable::name, name);
}

std::vector<Fault> check_preset(std::string_view json) {
  FaultList faults;
  read_document(json, faults);
  return faults.take();
}

const Preset* find_builtin_preset(std::string_view id) {
  return find_by(builtin_presets(), &Preset::id, id);
}

const char* to_string(VariableType type) noexcept {
  constexpr std::array<const char*, 4> kNames = {"string", "number", "boolean", "choice"};
  return kNames[static_cast<std::size_t>(type)];
}

const char* to_string(PlayedBy played_by) noexcept {
  return played_by == PlayedBy::human ? "human" : "ai";
}

const char* to_string(TurnPolicy::Kind kind) noexcept {
  constexpr std::array<const char*, 3> kNames = {"alternate", "round_robin", "host"};
  return kNames[static_cast<std::size_t>(kind)];
}

const char* to_string(EndCondition::Kind kind) noexcept {
  constexpr std::array<const char*, 5> kNames = {"turns", "time", "phrase", "variable", "metric"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace scena

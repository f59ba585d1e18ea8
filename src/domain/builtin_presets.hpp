#pragma once

#include <span>
#include <string_view>

namespace scena {

/// A preset document that is compiled in from src/domain/presets/.
struct BuiltinPresetSource {
  std::string_view name;  ///< File name without ".json".
  std::string_view json;
};

/// Made by cmake/EmbedJson.cmake.
std::span<const BuiltinPresetSource> builtin_preset_sources() noexcept;

}  // namespace scena

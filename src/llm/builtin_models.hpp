#pragma once

#include <span>
#include <string_view>

namespace scena::llm {

/// A catalog document that is compiled in: src/llm/models.json.
struct BuiltinModelSource {
  std::string_view name;  ///< File name without ".json".
  std::string_view json;
};

/// Made by cmake/EmbedJson.cmake.
std::span<const BuiltinModelSource> builtin_model_sources() noexcept;

}  // namespace scena::llm

#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::llm::gemini {

inline constexpr std::string_view kOfficialBase = "https://generativelanguage.googleapis.com";

/// True for an address of Vertex, which names the models' publisher.
bool is_vertex(std::string_view base);
/// What a model's path is put behind: the base with a version, unless it brings one.
std::string model_root(const std::string& base);
/// "models/gemini-2.5-pro" for "gemini-2.5-pro"; names with a folder of their own, such as
/// "tunedModels/mine", stay. invalid_argument for what is no name.
Result<std::string> model_path(std::string_view model);

}  // namespace scena::llm::gemini

#pragma once

#include <scena/ext/provider.hpp>
#include <string>
#include <vector>

namespace scena::shell {

/// The tools of a file that holds a JSON list of {"name", "description", "parameters"}; an empty
/// path: none. Throws Error invalid_argument that names what is wrong.
std::vector<ToolSpec> read_tools(const std::string& path);

}  // namespace scena::shell

#pragma once

#include <string>
#include <string_view>

namespace scena::shell {

/// `text` as a JSON string with its quotes. UTF-8 stays as it is.
std::string json_text(std::string_view text);

}  // namespace scena::shell

#pragma once

#include <cstddef>
#include <string_view>

namespace scena::shell {

/// Bytes of the UTF-8 character that `text`, which is not empty, begins with; 0 when it is broken.
std::size_t utf8_length(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}  // namespace scena::shell

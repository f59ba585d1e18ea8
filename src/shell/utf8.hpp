#pragma once

#include <cstddef>
#include <string_view>

namespace scena::shell {

/// What some programs begin a text with; it is no part of it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Bytes of the UTF-8 character that `text`, which is not empty, begins with; 0 when it is broken.
std::size_t utf8_length(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}  // namespace scena::shell

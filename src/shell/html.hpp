#pragma once

#include <string>
#include <string_view>

namespace scena::shell {

/// Text for an HTML page, also inside quoted attributes: no character of it can end an element or
/// an attribute. Control characters and broken UTF-8 become U+FFFD.
std::string html(std::string_view text);

/// <tag class="...">content</tag>; the content is HTML already.
std::string element(std::string_view tag, std::string_view classes, std::string_view content);

}  // namespace scena::shell

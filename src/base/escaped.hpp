#pragma once

#include <cstddef>
#include <string_view>

namespace scena {

/// Where `needle` ends that starts at `at`, each of its bytes plain or escaped as addresses ("%2F",
/// a blank as "+") and JSON ("\/", "\u002f") have them; `at` where it does not start there.
std::size_t escaped_end(std::string_view text, std::size_t at, std::string_view needle) noexcept;

}  // namespace scena

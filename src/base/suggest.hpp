#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace scena {

/// Changes (insert, remove, replace or swap one character; ASCII case ignored) between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `word` was probably meant to be, or empty when none is near.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

/// `"a", "b" or "c"`: how errors list what is allowed.
std::string quoted_list(std::span<const std::string_view> words);

}  // namespace scena

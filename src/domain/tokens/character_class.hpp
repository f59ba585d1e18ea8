#pragma once

#include <cstdint>

namespace scena {

/// What cutting a text needs to know of a character: its general category in Unicode, put together.
/// `sign` is whatever is not named here.
enum class CharacterClass : std::uint8_t { sign, upper, lower, letter, mark, number, space };

/// `upper` is Lu and Lt, `lower` Ll, `letter` Lm and Lo, `mark` M, `number` N, `space` White_Space.
CharacterClass character_class(char32_t code_point) noexcept;

}  // namespace scena

#pragma once

#include <optional>
#include <string_view>

namespace scena {

/// The piece of `text` that a quote names, or nothing. Blanks of any length and kind are equal, as
/// are the forms of quotation marks, of dashes, and "..." and its one character; marks and dots
/// around the quote are no part of it. All else must be there, letter for letter, in whole words;
/// without any letter or digit it is no quote.
std::optional<std::string_view> find_quote(std::string_view text, std::string_view quote);

/// True when words found in `text` tell a place in it: two words or ten letters at least, or all
/// that was said. A letter of a script that writes without blanks counts as three.
bool is_telling_quote(std::string_view text, std::string_view found);

}  // namespace scena

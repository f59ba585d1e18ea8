#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scena {

/// The words by which a person wants to skip something, as they stand in a fixed list or among
/// `phrases`; nothing when there are none. Phrases of the scenario count as whole words anywhere in
/// the text. The engine's own are English: clear ones ("skip this question", "just build it") count
/// in any sentence that does not deny them, short ones ("skip", "next") only as a whole sentence.
///
/// @param english  False: the scenario's phrases alone.
std::optional<std::string> find_escape(std::string_view text, std::span<const std::string> phrases,
                                       bool english);

}  // namespace scena

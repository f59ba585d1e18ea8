#pragma once

#include <optional>
#include <scena/preset.hpp>
#include <span>
#include <string>
#include <vector>

#include "domain/prompt.hpp"

namespace scena {

/// The parts of a character's system prompt that do not depend on who is there; others_part()
/// stands before the last. The texts of all joined are the prompt.
std::vector<PromptPart> system_parts(const Preset& preset, const Character& character);

/// Who else is there, with name, role and appearance alone; nothing when nobody is.
std::optional<PromptPart> others_part(const Preset& preset, const Character& character,
                                      std::span<const PromptParticipant> participants);

/// Text as it may stand inside a tag: `&`, `<` and `>` are written as entities, control characters
/// other than line break and tab are left out. So no field can close its frame or open another.
std::string encode_field(std::string_view text);

/// The same on one line, as it may stand in an attribute or in front of a colon.
std::string encode_line(std::string_view text);

}  // namespace scena

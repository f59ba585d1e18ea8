#pragma once

#include <scena/preset.hpp>
#include <span>
#include <string>
#include <vector>

#include "domain/prompt.hpp"

namespace scena {

/// The parts of a character's system prompt; their texts joined are the prompt. Nothing of other
/// characters but name, role and appearance gets in.
std::vector<PromptPart> system_parts(const Preset& preset, const Character& character,
                                     std::span<const PromptParticipant> participants);

/// Text as it may stand inside a tag: `&`, `<` and `>` are written as entities, control characters
/// other than line break and tab are left out. So no field can close its frame or open another.
std::string encode_field(std::string_view text);

}  // namespace scena

#pragma once

#include <optional>
#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <span>

#include "domain/prompt.hpp"
#include "domain/prompt_history.hpp"

namespace scena {

/// How the others come across by the metrics in Preset::adapt: of each, the newest of their
/// messages that `perceiver` could perceive and that has such a score. The class where the metric
/// has classes, else the value to one decimal, so that a prompt changes only where the impression
/// does. Nothing while nobody was measured.
std::optional<PromptPart> impressions_part(const Preset& preset, const Perceiver& perceiver,
                                           std::span<const PromptParticipant> participants,
                                           std::span<const Message* const> messages);

}  // namespace scena

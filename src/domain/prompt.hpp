#pragma once

#include <cstdint>
#include <scena/ext/provider.hpp>
#include <scena/message.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/preset_render.hpp"
#include "domain/prompt_history.hpp"
#include "domain/prompt_part.hpp"

namespace scena {

/// Somebody present, as far as a prompt needs to know.
struct PromptParticipant {
  std::string id;
  std::string name;
  std::string role;  ///< Role for audiences ("role:<name>"), not the character's profession.
};

struct PromptLimits {
  std::size_t history_items = 50;
  std::size_t history_tokens = 16'000;  ///< Of the whole prompt, estimated.
};

/// What the character is asked to do.
enum class PromptTask {
  reply,
  continuation,  ///< Its last message was cut: go on where it stopped.
  aside,         ///< Answer `question` outside of the scene.
};

struct PromptInput {
  const RenderedPreset& preset;
  std::string_view character;  ///< Whose prompt it is; a character of the preset.
  std::span<const PromptParticipant> participants;  ///< Empty: the preset's characters.
  /// The chosen line in the order of the log; superseded ones are skipped, and what the audience of
  /// a message keeps from this character never gets in.
  const Line& line;
  PromptLimits limits = {};
  PromptTask task = PromptTask::reply;
  std::string_view question = {};  ///< For an aside.
  bool tools = false;  ///< The request offers tools: earlier calls and results stand in it.
  /// False: parts name only what is included, without its text; long lines cost no more then.
  bool list_dropped = true;
  MessageCounter count = {};  ///< See select_history().
};

struct Prompt {
  std::string system;
  std::vector<PromptMessage> messages;
  std::vector<PromptPart> parts;
  std::int64_t tokens = 0;  ///< Estimated, of all included parts.
};

/// Composes what a model sees when `character` speaks. Pure: the same input gives the same bytes.
///
/// - System: a fixed frame around the preset's fields, encoded so that none can close its tag.
/// Other
///   characters appear with name, role and appearance alone.
/// - Impressions: what Preset::adapt tells of the others; impressions_part().
/// - Messages: own ones are `assistant`, all others `user`, with the speaker's name in front when
///   more than two take part. Neighbours of one role are merged, with an empty line between. The
///   first and the last are always `user`: "(The scene begins.)" and "(continue)" stand in.
/// - Tools: a reply of its own that used some is told call by call, with the results, where the
///   request offers tools; elsewhere its text alone.
/// - History: over `history_items` or `history_tokens` the oldest whole turns are left out, never
///   pinned messages nor the newest turn.
///
/// @return invalid_argument when the preset has no such character.
Result<Prompt> compose_prompt(const PromptInput& input);

/// Tokens of a text, estimated without a model's vocabulary: a word of up to 6 letters counts 1 and
/// one more per further 4; digits 1 per 3, punctuation marks 1 each, a line break 1, other scripts
/// 1 per character above U+2E7F, else 1 per 2 characters. Linear and deterministic; a rough guide,
/// not calibrated on any vendor's tokenizer.
std::int64_t estimate_tokens(std::string_view text) noexcept;

}  // namespace scena

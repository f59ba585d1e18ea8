#pragma once

#include <cstdint>
#include <string>

namespace scena {

/// One item that was considered for a prompt, in the order of the prompt.
struct PromptPart {
  std::string id;  ///< "frame", "scene", "character", ...; a message's id; "engine:begin", ...
  std::string
      source;  ///< "engine", "preset:<id>@<version>", "character:<id>", "metrics" or "message".
  std::string text;         ///< As it stands in the prompt; empty when not included, or not wanted.
  std::int64_t tokens = 0;  ///< Estimated; of dropped items too.
  bool included = true;
  /// Included: "always", "adapt", "pinned", "recent", "current_turn", "alternation", "asked".
  /// Dropped: "history_items", "history_tokens", "audience", "absent", "superseded", "empty".
  /// Of messages that the character could not perceive the token count is 0: not even their length
  /// is told.
  std::string reason;
  bool operator==(const PromptPart&) const = default;
};

}  // namespace scena

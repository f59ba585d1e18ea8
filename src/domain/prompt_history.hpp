#pragma once

#include <functional>
#include <scena/message.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace scena {

/// What becomes of one message in a prompt.
struct HistoryItem {
  const Message* message = nullptr;
  bool included = false;
  std::string_view reason;   ///< See PromptPart::reason.
  std::int64_t tokens = -1;  ///< -1: not counted.
};

struct HistoryLimits {
  std::size_t items = 50;
  std::int64_t tokens = 0;
};

/// Tokens that a wire format adds around each message, in estimates.
inline constexpr std::int64_t kMessageOverheadTokens = 4;

/// Who looks at the history.
struct Perceiver {
  std::string_view id;
  std::string_view role;  ///< For audiences; "host" counts as none, no character is a host.
};

/// What a message takes in a prompt. Each turn looks at its whole history: who keeps messages keeps
/// their counts too. Empty: message_tokens() itself.
using MessageCounter = std::function<std::int64_t(const Message&)>;

/// Decides about each message: what the perceiver may not see, superseded and empty ones are out;
/// of the rest the newest whole turns stay while they fit, pinned ones and the newest turn always.
/// Neighbours with the same turn id are one turn.
std::vector<HistoryItem> select_history(std::span<const Message* const> messages,
                                        const Perceiver& perceiver, const HistoryLimits& limits,
                                        const MessageCounter& count = {});

/// False for what select_history() leaves out whatever the limits are.
bool belongs_in_prompt(const Perceiver& perceiver, const Message& message);

std::int64_t message_tokens(const Message& message);

}  // namespace scena

#pragma once

#include <functional>
#include <scena/message.hpp>
#include <string_view>
#include <vector>

#include "domain/line.hpp"

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

/// What a message takes in a prompt. Each turn looks at its history: who keeps messages keeps their
/// counts too. Empty: message_tokens() itself.
using MessageCounter = std::function<std::int64_t(const Message&)>;

/// Decides about each message: what the perceiver may not see, superseded and empty ones are out;
/// of the rest the newest whole turns stay while they fit, pinned ones and the newest turn always.
/// Neighbours with the same turn id are one turn.
/// @param list_dropped  False: what is older than all that may be included is not looked at, and
/// missing in the answer. Then the cost grows with the limits, not with the line.
std::vector<HistoryItem> select_history(const Line& line, const Perceiver& perceiver,
                                        const HistoryLimits& limits, const MessageCounter& count,
                                        bool list_dropped);

/// False for what select_history() leaves out whatever the limits are.
bool belongs_in_prompt(const Perceiver& perceiver, const Message& message);

std::int64_t message_tokens(const Message& message);

}  // namespace scena

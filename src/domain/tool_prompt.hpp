#pragma once

#include <cstdint>
#include <scena/ext/provider.hpp>
#include <scena/message.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Stands in a reply between the texts of two rounds and belongs to neither.
inline constexpr std::string_view kRoundBreak = "\n\n";

/// What a model reads of a call that was under way when the engine went away.
std::string_view unknown_outcome(bool idempotent) noexcept;

/// Appends one round as a request has it: `text` that was said with the calls, then each result. A
/// call without a result has an unknown outcome. The provider's state is left to the caller.
void append_tool_round(std::vector<PromptMessage>& messages, const ToolRound& round,
                       std::string_view text, const std::string& name);
/// Appends a stored reply as a later request has it: its rounds, then what it said last.
void append_tool_reply(std::vector<PromptMessage>& messages, const Message& reply,
                       const std::string& name);

/// Estimated tokens of calls and results, beside those of the reply's text.
std::int64_t tool_tokens(const std::vector<ToolRound>& rounds) noexcept;

}  // namespace scena

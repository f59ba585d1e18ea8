#include "domain/tool_prompt.hpp"

#include "domain/prompt.hpp"
#include "domain/prompt_history.hpp"

namespace scena {
namespace {

constexpr std::string_view kBrokeOff = "(This reply broke off here.)";

// Of texts of which no round tells where they began.
std::string_view without_breaks(std::string_view text) noexcept {
  while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  return text;
}

}  // namespace

std::string_view unknown_outcome(bool idempotent) noexcept {
  return idempotent ? "The outcome of this call is unknown: the program stopped while it ran. It "
                      "may be called again without harm."
                    : "The outcome of this call is unknown: the program stopped while it ran. It "
                      "may have had its effect, and was not made again.";
}

void append_tool_round(std::vector<PromptMessage>& messages, const ToolRound& round,
                       std::string_view text, const std::string& name) {
  PromptMessage asked;
  asked.role = PromptRole::assistant;
  asked.text = text;
  asked.name = name;
  for (const auto& use : round.uses) asked.tool_calls.push_back(use.call);
  messages.push_back(std::move(asked));
  for (const auto& use : round.uses) {
    PromptMessage result;
    result.role = PromptRole::tool;
    result.text = use.finished ? use.result : std::string(unknown_outcome(false));
    result.name = use.call.name;
    result.tool_call_id = use.call.id;
    result.tool_failed = use.failed || !use.finished;
    messages.push_back(std::move(result));
  }
}

// A reply that goes on from an earlier one holds text between its rounds that is in none of them:
// it goes with the round behind it.
void append_tool_reply(std::vector<PromptMessage>& messages, const Message& reply,
                       const std::string& name) {
  const std::string text = reply.text();
  std::string_view rest = text;
  for (const auto& round : reply.tool_rounds) {
    std::string_view said = round.text;
    if (const auto found = rest.find(said); !said.empty() && found != std::string_view::npos) {
      const bool own = found == 0 || rest.substr(0, found) == kRoundBreak;
      const std::size_t end = found + said.size();
      if (!own) said = without_breaks(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    append_tool_round(messages, round, said, name);
  }
  rest = without_breaks(rest);
  messages.push_back({PromptRole::assistant, std::string(rest.empty() ? kBrokeOff : rest), name});
}

std::int64_t tool_tokens(const std::vector<ToolRound>& rounds) noexcept {
  std::int64_t tokens = 0;
  for (const auto& round : rounds) {
    for (const auto& use : round.uses) {
      tokens += 2 * kMessageOverheadTokens + estimate_tokens(use.call.name) +
                estimate_tokens(use.call.arguments) + estimate_tokens(use.result);
    }
  }
  return tokens;
}

}  // namespace scena

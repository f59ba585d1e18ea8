#pragma once

#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/usage.hpp>
#include <string>
#include <vector>

namespace scena {

/// One reply of a model service, collected: what came, how it ended, what it cost.
struct Completion {
  ReplyStart start;                   ///< Provider and model are set even when nothing came.
  Outcome outcome = Outcome::failed;  ///< `complete` only when the provider's end mark was seen.
  std::optional<FinishReason> finish_reason;  ///< Of a complete reply; not set: none was given.
  std::string raw_reason;  ///< The provider's own word for it, of failed replies too; may be empty.
  std::string text;        ///< What came before a failure, too. Under a schema: JSON by it, else
                           ///< `error` is `protocol`; refusals and tool calls are not judged.
  std::string reasoning;   ///< What the service shows of it; may be empty.
  std::string refusal;     ///< The model's words for why it does not answer; may be empty.
  std::vector<ToolCall> tool_calls;  ///< In the order in which they began; whole ones only.
  std::vector<Citation> citations;   ///< In the order in which they came.
  std::string state;                 ///< For PromptMessage::state of the next request; empty: none.
  UsageUpdate reported;              ///< What the provider counted; what it left out is not set.
  Usage usage;                 ///< The same with estimates, marked so, where it counted nothing.
  Money cost;                  ///< Of `usage`, by the configured prices.
  std::optional<Error> error;  ///< Set unless the reply is complete.
  std::uint32_t ignored = 0;   ///< As ReplyEnd::ignored.
  std::string extra;           ///< As ReplyEnd::extra.
};

}  // namespace scena

#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/reply_reader.hpp"

namespace scena::llm::anthropic {

/// Sent when the request sets no limit: the service requires one.
inline constexpr std::int64_t kDefaultMaxTokens = 4096;

/// The body of POST {base}/v1/messages. The same request gives the same bytes.
///
/// Neighbouring messages of one role are joined by a blank line, and a conversation that begins
/// with the assistant gets a first user message, because the service wants both.
Result<std::string> write_request(const ReplyRequest& request, std::string_view default_model);

/// Reads the message events and whole messages. Complete when a stop reason and message_stop were
/// seen. Blocks are told apart by index; those that hold no text of the answer are skipped.
class Reader final : public ReplyReader {
 public:
  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  enum class Block { text, thinking, tool, other };
  struct OpenBlock {
    std::int64_t index;
    Block kind;
  };
  /// The vendor's counting: cached tokens stand beside the input, not in it.
  struct Tokens {
    std::optional<std::int64_t> input, cache_write, cache_read, output;
  };
  /// What one event said, whatever the order of its members.
  struct Seen {
    std::string_view type, id, model, error;
    std::int64_t index = 0;
    JsonText delta_type, text, thinking;
    JsonText block_type, block_text, block_thinking;
    JsonText tool_id, tool_name, tool_input;
    JsonText stop_reason;
    Tokens tokens;
  };

  bool read(std::string_view json, Seen& seen) const;
  EventReading take(const Seen& seen, ReplyProgress& reply);
  void start_message(const Seen& seen, ReplyProgress& reply);
  void start_block(const Seen& seen, ReplyProgress& reply);
  EventReading take_delta(const Seen& seen, ReplyProgress& reply);
  void take_tokens(const Tokens& tokens, ReplyProgress& reply);
  Block block_at(std::int64_t index) const noexcept;

  std::vector<OpenBlock> blocks_;
  std::string message_id_;
  bool started_ = false;
  Tokens tokens_;
};

}  // namespace scena::llm::anthropic

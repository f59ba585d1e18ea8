#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/model_catalog.hpp"
#include "llm/reply_reader.hpp"

namespace scena::llm::anthropic {

/// Sent when the request sets no limit: the service requires one.
inline constexpr std::int64_t kDefaultMaxTokens = 4096;

/// The body of POST {base}/v1/messages. The same request gives the same bytes. Settings that the
/// model refuses are out already (fit_request).
///
/// Neighbouring messages of one role become one, since the service wants roles to alternate, and
/// all results of a turn's calls to stand in one message; a conversation that begins with the
/// assistant gets a first user message. An effort becomes thinking in the way that the model's
/// record tells.
Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const ModelRecord& record);

/// Reads the message events and whole messages. Complete when a stop reason and message_stop, or a
/// gateway's [DONE], were seen. Blocks are told apart by index; those of tools that the service
/// runs itself, and those of unknown types, are skipped and counted.
class Reader final : public ReplyReader {
 public:
  /// `signs`: the service signs its reasoning, as the vendor's own does; what is unsigned is not
  /// wanted back. Others may not sign, and refuse a call's result without the reasoning behind it.
  explicit Reader(bool signs = true) noexcept : signs_(signs) {}

  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  enum class Kind { text, thinking, redacted, tool, other };
  struct Block {
    std::int64_t index = 0;
    std::int64_t call = 0;  // of a tool: the index that its call began at
    Kind kind = Kind::other;
    bool has_input = false;  // of a tool: arguments came
    std::string input;       // of a tool, as its start has it; pieces count in its place
    std::string thinking;    // as it stands in the document, escapes and all
    std::string signature;
    std::string data;
  };
  /// The vendor's counting: cached tokens stand beside the input, not in it.
  struct Tokens {
    std::optional<std::int64_t> input, cache_write, cache_read, output;
  };
  /// What a content block says, in a stream or in a whole message.
  struct Content {
    JsonText type, text, thinking, signature, data, id, name;
    std::string_view input;
    std::vector<std::string_view> citations;
  };
  /// What one event said, whatever the order of its members.
  struct Seen {
    std::string_view type, document, id, model, citation, explanation;
    std::int64_t index = 0;
    JsonText delta_type, text, thinking, signature;
    std::optional<std::string> tool_input;
    Content block;
    std::vector<Content> whole;  // of a message with its content in it
    JsonText stop_reason;
    Tokens tokens;
    Tokens metrics;  // Bedrock's own count
    bool has_error = false;
  };

  bool read(std::string_view json, Seen& seen) const;
  EventReading take(const Seen& seen, ReplyProgress& reply);
  void start_message(const Seen& seen, ReplyProgress& reply);
  void start_block(std::int64_t index, const Content& content, ReplyProgress& reply);
  EventReading take_delta(const Seen& seen, ReplyProgress& reply);
  void end_block(std::int64_t index, ReplyProgress& reply);
  void end_message(ReplyProgress& reply);
  void take_tokens(const Tokens& tokens, ReplyProgress& reply);
  void fill_tokens(Tokens metrics, ReplyProgress& reply);
  void take_reason(const Seen& seen, ReplyProgress& reply);
  void pass_state(ReplyProgress& reply);
  std::string thoughts(bool with_unsigned) const;
  Block& block_at(std::int64_t index);
  void take_input(Block& block, const std::string& piece, ReplyProgress& reply);
  static Content read_content(JsonCursor& json);
  static std::string_view delta_type(const Seen& seen) noexcept;
  static void read_delta(JsonCursor& json, Seen& seen);

  bool signs_;
  std::vector<Block> blocks_;
  std::string message_id_;
  bool started_ = false;
  Tokens tokens_;
};

}  // namespace scena::llm::anthropic

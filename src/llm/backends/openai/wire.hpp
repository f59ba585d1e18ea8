#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/reply_reader.hpp"

namespace scena::llm::openai {

/// What one endpoint expects or leaves out; values, not branches, so that a compatible server is a
/// line of configuration.
struct Dialect {
  /// Complete answers end without any finish_reason: then [DONE] alone is the end mark.
  bool no_finish_reason = false;
  /// Ask for usage in the stream; off for servers that refuse unknown members.
  bool ask_usage = true;
  /// Ask to leave out the random padding of each event (the vendor's own service has it).
  bool ask_no_padding = false;
  /// Refuse a request that names no model. Servers of one model know what is meant.
  bool needs_model = true;
  /// Reasoning models: `max_completion_tokens`, no temperature. Automatic by the model's name.
  enum class Family { automatic, classic, reasoning } family = Family::automatic;
};

/// The body of POST {base}/chat/completions. The same request gives the same bytes.
Result<std::string> write_request(const ReplyRequest& request, std::string_view default_model,
                                  const Dialect& dialect);

/// Reads chat.completion chunks and whole chat.completion answers.
///
/// Text and reasoning come from `content` (a string or parts), `reasoning_content`, `reasoning` or
/// `reasoning_details`; usage from any chunk; an `error` anywhere fails the reply. Complete when a
/// choice carried a finish_reason, or by [DONE] where the dialect has none.
class Reader final : public ReplyReader {
 public:
  explicit Reader(const Dialect& dialect) noexcept : dialect_(dialect) {}

  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  enum class Channel { text, reasoning, refusal };
  struct Piece {
    Channel channel;
    JsonText text;
  };
  /// What one document said, before any of it is passed on.
  struct Seen {
    std::string_view model, id, error, padding;
    JsonText finish;
    std::vector<Piece> pieces;
    UsageUpdate usage;
    std::vector<ToolPiece> tools;
    bool other_choice = false;
    void clear();
  };

  bool read(std::string_view json, ReplyProgress& reply);
  void read_choice(JsonCursor& json);
  void read_delta(JsonCursor& json);
  void read_tool(JsonCursor& json);
  void read_function(JsonCursor& json, ToolPiece& piece);
  void read_content(JsonCursor& json, Channel channel);
  void read_usage(JsonCursor& json);
  void read_error(JsonCursor& json);
  void add(Channel channel, const JsonText& text);
  void pass_on(ReplyProgress& reply);
  void finish_reason(const JsonText& finish, ReplyProgress& reply);

  Dialect dialect_;
  Seen seen_;
  UsageUpdate reported_;
};

}  // namespace scena::llm::openai

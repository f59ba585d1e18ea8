#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/backends/openai/dialect.hpp"
#include "llm/model_catalog.hpp"
#include "llm/reply_reader.hpp"
#include "llm/think_splitter.hpp"

namespace scena::llm::openai {

/// The body of POST {base}/chat/completions. The same request gives the same bytes. Settings that
/// the model refuses are out already (fit_request).
Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const ModelRecord& record, const Dialect& dialect);

/// Whether the model takes `max_completion_tokens`: by the dialect's family, else by the record.
bool is_reasoning(const ModelRecord& record, const Dialect& dialect) noexcept;

/// The member in which that goes back; not for Echo::none.
std::string_view echo_member(Dialect::Echo echo) noexcept;

/// Reads chat.completion chunks and whole chat.completion answers.
///
/// Text and reasoning come from `content` (a string or parts), `reasoning_content`, `reasoning`,
/// `reasoning_details` or <think> tags; usage from any chunk; an `error` anywhere fails the reply.
/// Only choice 0 and the host's own tools count. Complete when a choice carried a finish_reason, or
/// by [DONE] where the dialect has none.
class Reader final : public ReplyReader {
 public:
  explicit Reader(const Dialect& dialect) : dialect_(dialect) {}

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
    UsageUpdate timings;
    std::vector<ToolPiece> tools;
    std::vector<Citation> citations;
    std::string_view details;                                           // reasoning_details, raw
    std::vector<std::pair<std::string, std::string_view>> call_extras;  // extra_content by call id
    std::vector<std::pair<std::string_view, std::string_view>> others;
    std::uint32_t ignored = 0;
    bool other_choice = false;
    bool message_alone = false;  // the choice has a message and no delta
    bool is_chunk = false;       // has a member that only an answer has
    void clear();
  };

  bool read(std::string_view json, ReplyProgress& reply);
  void read_member(JsonCursor& json, std::string_view name, std::string_view document);
  void read_choice(JsonCursor& json);
  void read_delta(JsonCursor& json);
  void read_delta_member(JsonCursor& json, std::string_view name);
  void read_tools(JsonCursor& json);
  bool is_next_call(const ToolPiece& piece) const;
  void read_function(JsonCursor& json, ToolPiece& piece);
  void read_function_member(JsonCursor& json, std::string_view name, ToolPiece& piece);
  void read_content(JsonCursor& json, Channel channel);
  void read_part(JsonCursor& json, Channel channel);
  void read_annotation(JsonCursor& json);
  void read_usage(JsonCursor& json);
  void read_timings(JsonCursor& json);
  void read_error(JsonCursor& json, std::string_view document);
  void add(Channel channel, const JsonText& text);
  void pass_on(ReplyProgress& reply);
  void pass_usage(ReplyProgress& reply);
  bool repeats_all(const ReplyProgress& reply) const;
  std::size_t text_bytes_seen() const;
  void pass_text(const JsonText& text, ReplyProgress& reply);
  void keep_echo();
  void end_text(ReplyProgress& reply);
  void finish_reason(const JsonText& finish, ReplyProgress& reply);

  Dialect dialect_;
  Seen seen_;
  UsageUpdate reported_;
  bool whole_ = false;       // an answer that was not streamed
  bool has_deltas_ = false;  // a chunk had one
  ThinkSplitter splitter_;
  std::string echo_;  // what state is made of: the inside of a string, a list or an object
};

}  // namespace scena::llm::openai

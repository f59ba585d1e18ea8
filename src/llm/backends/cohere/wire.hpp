#pragma once

#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/reply_reader.hpp"
#include "llm/request_fit.hpp"

namespace scena::llm::cohere {

/// The body of POST {base}/v2/chat. The same request gives the same bytes.
Result<std::string> write_request(const ReplyRequest& request, std::string_view model);
/// Adds what write_request() has no member for.
void add_unsupported(const ReplyRequest& request, Unsupported& unsupported);

/// Reads the events of a streamed chat, and whole answers.
///
/// Thinking and the plan for tools are reasoning; the plan becomes the reply's state, since the
/// service wants it back. Tokens count as usage, billed units apart from them. Complete with
/// `message-end`; the words ERROR and TIMEOUT in it are failures.
class Reader final : public ReplyReader {
 public:
  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  /// What a message, or a piece of one, holds.
  struct Message {
    std::vector<JsonText> texts;
    std::vector<JsonText> thoughts;
    JsonText plan;
    std::vector<ToolPiece> tools;
    std::vector<std::string_view> citations;
  };
  /// What one document said, before any of it is passed on.
  struct Seen {
    JsonText type, id, finish, failure;
    std::string_view error;
    std::optional<std::int64_t> index;
    Message message;
    UsageUpdate usage;
    std::vector<std::pair<std::string_view, std::string_view>> others;
    void clear();
  };

  bool read(std::string_view document);
  void read_delta(JsonCursor& json);
  void read_failure(JsonCursor& json);
  void read_message(JsonCursor& json);
  void read_content(JsonCursor& json);
  void read_part(JsonCursor& json);
  void read_calls(JsonCursor& json);
  void read_call(JsonCursor& json);
  void read_citations(JsonCursor& json);
  void read_usage(JsonCursor& json);
  void pass_message(bool whole, ReplyProgress& reply);
  void end_message(ReplyProgress& reply);
  void take_reason(ReplyProgress& reply);

  Seen seen_;
  std::string plan_;  // the inside of a JSON string
};

}  // namespace scena::llm::cohere

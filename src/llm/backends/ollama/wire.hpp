#pragma once

#include <cstdint>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/reply_reader.hpp"
#include "llm/request_fit.hpp"
#include "llm/think_splitter.hpp"

namespace scena::llm::ollama {

struct Settings {
  /// Tokens of prompt and reply together. Sent always: the server's own default is so small that
  /// it cuts prompts without a word.
  std::int64_t num_ctx = 16'384;
  std::string keep_alive;  ///< JSON; empty: the server's default.
};

/// The body of POST {base}/api/chat. The same request gives the same bytes.
Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const Settings& settings);
/// Adds what write_request() has no member for.
void add_unsupported(const ReplyRequest& request, Unsupported& unsupported);

/// Reads the lines of a streamed chat, and whole answers.
///
/// Thinking is reasoning, also where the model wrote it between <think> tags into its text; calls
/// come whole, with arguments that are an object. Counts stand in the last line only and may be
/// absent, which is not zero. Complete with `done`. Warns with "prompt_truncated" when the server
/// counted far fewer tokens of prompt than were expected.
class Reader final : public ReplyReader {
 public:
  /// `prompt_tokens`: what the prompt is estimated to have; 0: not known. `think_open`: the reply
  /// begins inside its reasoning.
  explicit Reader(std::int64_t prompt_tokens = 0, bool think_open = false) noexcept
      : prompt_tokens_(prompt_tokens), splitter_(think_open) {}

  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  struct Call {
    std::string id, name, arguments;
  };
  /// What one document said, before any of it is passed on.
  struct Seen {
    std::string_view model, error, time;
    JsonText thinking, reason;
    std::vector<JsonText> texts;
    std::vector<Call> calls;
    std::vector<std::pair<std::string_view, std::string_view>> others;
    UsageUpdate usage;
    bool done = false;
    void clear();
  };

  bool read(std::string_view document);
  void read_message(JsonCursor& json);
  void read_content(JsonCursor& json);
  void read_call(JsonCursor& json);
  void pass_on(ReplyProgress& reply);
  void end_text(ReplyProgress& reply);
  void end(ReplyProgress& reply);

  std::int64_t prompt_tokens_;
  Seen seen_;
  ThinkSplitter splitter_;
};

}  // namespace scena::llm::ollama

#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/backends/openai/chunk.hpp"
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

/// Passes on what chat.completion chunks and whole chat.completion answers say.
///
/// Text and reasoning come from `content` (a string or parts), `reasoning_content`, `reasoning`,
/// `reasoning_details` or <think> tags; usage from any chunk; an `error` anywhere fails the reply.
/// Only choice 0 and the host's own tools count. What comes of another choice before choice 0 said
/// anything is held back, and is the answer when it ends first: a service may number its one choice
/// as it likes. Complete when the choice carried a finish_reason, or by [DONE] where the dialect
/// has none.
class Reader final : public ReplyReader {
 public:
  explicit Reader(const Dialect& dialect) : dialect_(dialect) {}

  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  static constexpr std::size_t kMaxHeld = 64u << 10;  // of a choice that may not be the answer

  bool read(std::string_view document, bool whole, ReplyProgress& reply);
  void hold(std::string_view document, ReplyProgress& reply);
  void release(ReplyProgress& reply);
  Chunk& seen() noexcept { return chunks_.chunk(); }
  const Chunk& seen() const noexcept { return chunks_.chunk(); }
  void pass_on(ReplyProgress& reply);
  void pass_usage(ReplyProgress& reply);
  bool repeats_all(const ReplyProgress& reply) const;
  std::size_t text_bytes_seen() const;
  void pass_text(const JsonText& text, ReplyProgress& reply);
  void keep_echo();
  void end_text(ReplyProgress& reply);
  void finish_reason(const JsonText& finish, ReplyProgress& reply);

  Dialect dialect_;
  ChunkReader chunks_{dialect_};
  UsageUpdate reported_;
  ThinkSplitter splitter_{dialect_.think_open};
  std::vector<std::string> held_;  // documents, until it is known which choice is the answer
  std::size_t held_bytes_ = 0;
  std::int64_t held_choice_ = 0;
  bool answered_ = false;  // the answer's choice said something
  std::string echo_;       // what state is made of: the inside of a string, a list or an object
};

}  // namespace scena::llm::openai

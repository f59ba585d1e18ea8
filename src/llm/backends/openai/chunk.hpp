#pragma once

#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_cursor.hpp"
#include "llm/backends/openai/dialect.hpp"
#include "llm/tool_calls.hpp"

namespace scena::llm::openai {

enum class Channel { text, reasoning, refusal };

/// What one document said, a chunk or a whole answer, before any of it is passed on. Its views are
/// parts of the document.
struct Chunk {
  struct Piece {
    Channel channel;
    JsonText text;
  };
  std::string_view model, id, error, padding;
  JsonText finish;
  std::vector<Piece> pieces;
  UsageUpdate usage;    ///< Empty where every count was 0.
  UsageUpdate timings;  ///< What llama.cpp measured; the same.
  std::vector<ToolPiece> tools;
  std::vector<Citation> citations;
  std::string_view details;                                           ///< reasoning_details, raw.
  std::vector<std::pair<std::string, std::string_view>> call_extras;  ///< extra_content by call id.
  std::vector<std::pair<std::string_view, std::string_view>> others;
  std::uint32_t ignored = 0;
  bool has_answer = false;                   ///< Has the choice that is the answer.
  std::optional<std::int64_t> other_choice;  ///< The lowest index of those that are not the answer.
  bool other_ended = false;                  ///< One of them has a finish reason.
  bool message_alone = false;                ///< The choice has a message and no delta.
  bool has_choices = false;                  ///< Has the list, be it empty.
  bool is_answer = false;                    ///< Has a member that only an answer has.
  void clear();
};

/// Reads documents into a Chunk, all the ways in which services of this format write them. Only
/// one choice, usually 0, and the host's own tools count. An answer without choices that has one
/// inside a member (gateways: `data`, `result`, `response`) is read from there, one level deep.
class ChunkReader {
 public:
  explicit ChunkReader(const Dialect& dialect) : dialect_(dialect) {}

  /// From now on the choice of this index is the answer.
  void choose(std::int64_t index) noexcept { answer_ = index; }
  /// Reads one; `whole`: an answer that was not streamed. False: it is no JSON that may be one.
  bool read(std::string_view document, bool whole);
  /// What read() saw last. The caller may drop pieces of it.
  Chunk& chunk() noexcept { return chunk_; }
  const Chunk& chunk() const noexcept { return chunk_; }
  /// It was an answer that was not streamed.
  bool is_whole() const noexcept { return whole_; }
  /// Some chunk so far had a delta, or a whole answer its message.
  bool has_deltas() const noexcept { return has_deltas_; }

 private:
  void open_envelope();
  bool is_empty_envelope() const;
  bool holds_answer(std::string_view object) const;
  void read_member(JsonCursor& json, std::string_view name, std::string_view document);
  bool read_plain_answer(JsonCursor& json, std::string_view name);
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

  Dialect dialect_;
  Chunk chunk_;
  std::int64_t answer_ = 0;
  bool whole_ = false;
  bool has_deltas_ = false;
  bool has_envelopes_ = false;
};

}  // namespace scena::llm::openai

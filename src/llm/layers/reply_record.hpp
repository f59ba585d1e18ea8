#pragma once

#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "domain/reply_tokens.hpp"

namespace scena::llm {

/// A whole reply as bytes: the same calls in the same order, flushes included. The form is our own
/// and may change with any version, which its first byte tells.
class ReplyRecord {
 public:
  ReplyRecord() = default;
  /// Stands behind `front`, which take() gives together with it.
  explicit ReplyRecord(std::string front) : bytes_(std::move(front)), front_(bytes_.size()) {}

  void start(const ReplyStart& start);
  void text(char kind, std::string_view piece);
  void tool_start(std::size_t index, std::string_view id, std::string_view name);
  void tool_args(std::size_t index, std::string_view piece);
  void tool_end(std::size_t index, const ToolCall& call);
  void citation(const Citation& citation);
  void usage(const UsageUpdate& update);
  void warning(std::string_view code, std::string_view detail);
  void flush();
  void done(const ReplyEnd& end);

  static constexpr char kText = 't', kReasoning = 'r', kRefusal = 'f', kState = 's';

  /// Of the record alone.
  std::size_t size() const noexcept { return bytes_.size() - front_; }
  std::string take() noexcept { return std::move(bytes_); }

 private:
  void op(char kind);
  void number(std::uint64_t value);
  void string(std::string_view text);

  std::string bytes_;
  std::size_t front_ = 0;
};

/// Plays a record into a sink, with ReplyStart::cached set. False, without having called the sink,
/// when the bytes are no record of this version or of one before it.
bool play_record(std::string_view bytes, ReplySink& sink);

/// What an answer in the record was, for the books.
struct RecordFacts {
  std::string model;
  std::string asked_model;  ///< As in ReplyStart.
  UsageUpdate usage;
  ReplyTokens came;  ///< Counted only where the service told no output.
};
std::optional<RecordFacts> record_facts(std::string_view bytes);

}  // namespace scena::llm

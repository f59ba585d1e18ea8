#pragma once

#include <memory>
#include <scena/ext/analyzer.hpp>
#include <string>
#include <vector>

#include "metrics/history.hpp"
#include "metrics/reading.hpp"
#include "metrics/reading_memory.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// One session's memory: hashes of its last 50 messages.
class BuiltinSession final : public AnalyzerSession {
 public:
  /// `memories` may be shared with any other session of the same knowledge.
  BuiltinSession(std::shared_ptr<const Knowledge> knowledge,
                 std::shared_ptr<ReadingMemories> memories, std::uint8_t wanted) noexcept
      : knowledge_(std::move(knowledge)), memories_(std::move(memories)), wanted_(wanted) {}

  std::unique_ptr<Measurement> begin(const MessageInfo& message) override;
  void keep(std::unique_ptr<Measurement> measurement) override;
  void forget_from(std::string_view message_id) override { history_.forget_from(message_id); }

  const History& history() const noexcept { return history_; }
  const Knowledge& knowledge() const noexcept { return *knowledge_; }
  ReadingMemories& memories() const noexcept { return *memories_; }
  std::uint8_t wanted() const noexcept { return wanted_; }

 private:
  std::shared_ptr<const Knowledge> knowledge_;
  std::shared_ptr<ReadingMemories> memories_;
  History history_;
  std::uint8_t wanted_;
};

/// add() only appends bytes; scores() reads each whole chunk once, and what stands behind the last
/// blank on a copy of the sums. So the cuts of the text leave no trace.
class BuiltinMeasurement final : public Measurement {
 public:
  BuiltinMeasurement(const BuiltinSession& session, const MessageInfo& message);

  void add(std::string_view text) override { text_.append(text); }
  void scores(std::vector<MetricScore>& out) override;
  /// What the session remembers of the message.
  KeptMessage finish();

 private:
  void restart();
  /// Where a reading stands: behind the last whole chunk, or tried up to the end.
  struct State {
    ScanPosition position;
    Sentence open;
    Tally tally;
  };
  void read(bool final, State& state, std::uint8_t wanted, MessageClauses* clauses);
  void append(const Tally& tally, std::vector<MetricScore>& out) const;

  const BuiltinSession& session_;
  std::string id_;
  std::uint32_t speaker_;
  std::int64_t latency_ms_;
  std::string text_;

  // What was read so far, against the history of this generation.
  std::uint64_t generation_ = ~std::uint64_t{0};
  Topic topic_;
  State state_;
  MessageClauses clauses_;  // those read so far
  ComparedClauses compared_;
};

}  // namespace scena::metrics

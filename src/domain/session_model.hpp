#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/rarely.hpp"

namespace scena {

/// A turn that has started and not finished: at most one a session.
struct OpenTurn {
  std::string id;
  std::string speaker;
  std::string kind;      ///< "reply", "prompt", "regenerate", "continue".
  std::string replaces;  ///< The message it will supersede; may be empty.
  std::string cause;     ///< The command that started it.
  std::string provider;
  std::string model;
  std::uint64_t started_seq = 0;
  std::uint32_t attempt = 0;
  Money reserved;
  bool operator==(const OpenTurn&) const = default;
};

/// A side question, or a request of the analysis, that was sent and is not booked yet.
struct OpenAside {
  std::string id;
  std::string cause;
  Money reserved;
  std::string purpose = "aside";  ///< Or "analysis", "judge".
  bool operator==(const OpenAside&) const = default;
};

/// What the log tells of the session's analysis.
struct AnalysisFacts {
  std::string job;               ///< The last one queued.
  bool open = false;             ///< It was neither stored nor failed yet.
  std::string stored_job;        ///< That of the analysis stored last.
  std::uint64_t stored_seq = 0;  ///< Of its analysis.stored; 0: there is none.
  bool operator==(const AnalysisFacts&) const = default;
};

/// A message whose unsure scores wait for a model's opinion.
struct OpenJudgement {
  std::string job;
  std::string message;
  bool operator==(const OpenJudgement&) const = default;
};

/// What the log tells of second opinions on scores.
struct JudgeFacts {
  std::uint32_t asked = 0;  ///< Messages that were to be judged.
  std::uint32_t failed = 0;
  bool at_limit = false;            ///< One more was told that it is over the session's bound.
  std::vector<OpenJudgement> open;  ///< Neither judged nor failed, and on the line ever since.
  Money cost;
  bool operator==(const JudgeFacts&) const = default;
};

/// The part of a session's usage and cost that belongs to no message.
struct AsideSpending {
  Usage usage;
  Money cost;
};

/// When a session completed, failed or was deleted, whichever came first since it ran last.
struct SessionEnd {
  std::uint64_t seq = 0;  ///< Of the event.
  WallTime time{};
  bool operator==(const SessionEnd&) const = default;
};

/// What a session is besides its messages: small, copied to look one commit ahead.
struct SessionFacts {
  SessionInfo info;
  std::shared_ptr<const OpenTurn> open_turn;  ///< Never changed: copies of the facts share it.
  std::vector<OpenAside> open_asides;
  std::uint32_t asides = 0;  ///< Side questions, requests of analyses and judges ever asked.
  Rarely<AnalysisFacts> analysis;
  Rarely<JudgeFacts> judge;
  Rarely<AsideSpending> aside_spending;
  std::uint32_t last_turn = 0;  ///< The highest number that a turn or a message's turn has.
  std::string preset_sha256;
  std::string provider;  ///< Chosen at creation; empty: the configuration's.
  std::string model;
  std::uint64_t seed = 0;
  std::uint32_t messages_stored = 0;
  /// How long the session was active while an engine had it, as its last turn or pause told; the
  /// time in which no engine ran, and pauses, are not in it.
  std::chrono::milliseconds ran{0};
  std::optional<bool> satisfied;  ///< What the host told last of how people liked it.
  std::optional<double> rating;   ///< The same.
  bool removed = false;
  /// Erased so long after its end; nullopt: kept. A fork has it of its parent.
  std::optional<std::chrono::milliseconds> retention;
  std::optional<SessionEnd> ended;  ///< Since when there is nothing to come.
};

/// The scores of one message, as metrics.stored has them.
struct StoredScores {
  std::string message;
  std::vector<MetricScore> scores;
};

/// What was really used and paid for, as budget.settled has it.
struct Settlement {
  Usage usage;
  Money cost;
  std::optional<std::string> aside;  ///< Id of the side question, or of the request of an analysis
                                     ///< or a judge; nullopt: a turn.
  bool judges = false;
};

/// What turn.finished means for the session: this turn is open no more.
struct EndedTurn {
  std::string turn;
  std::optional<std::int64_t> ran_ms;  ///< See SessionFacts::ran.
};

/// What tool.requested says: one more call of the running turn.
struct RequestedTool {
  std::uint32_t round = 1;
  bool opens_round = false;  ///< The first call of its round: text and state stand here.
  std::string text;
  std::string state;
  ToolCall call;
};

/// What tool.finished says of a call of the running turn.
struct FinishedTool {
  std::string call;
  ToolUse use;  ///< Without the call itself.
};

/// Of an event that changes nothing but the session's last number and time.
struct NoChange {};

/// What an event of an ordinary turn says, while its writer still has it in memory: message.stored,
/// metrics.stored, turn.started (cause and number stand in the event), budget.settled,
/// turn.finished, budget.reserved, tool.requested, tool.finished. Reading the event's JSON again
/// gives the same.
using EventValue = std::variant<std::monostate, Message, StoredScores, OpenTurn, Settlement,
                                EndedTurn, NoChange, RequestedTool, FinishedTool>;

/// An event with its data parsed once, or not at all: when `value` says it, `data` is null.
struct ParsedEvent {
  Event event;
  Json data;
  EventValue value;

  bool has_value() const noexcept { return !std::holds_alternative<std::monostate>(value); }
};
/// @return storage_corrupt unless the data is a JSON object.
Result<ParsedEvent> parse_event(Event event);

/// A session as its events make it: the fold of its log, and nothing else. The running engine, a
/// fork, `rebuild` and another process all get their session from here.
///
/// Pure: no clock, no I/O. Not thread-safe.
class SessionModel {
 public:
  /// Applies the next event. Live-only and unknown types change nothing but last_seq.
  /// @return storage_corrupt when the event's seq leaves a hole or its data is not what its type
  /// needs.
  Result<void> apply(const ParsedEvent& event);
  Result<void> apply(const Event& event);

  /// The facts as they will be when these events are committed; the model itself stays as it is.
  Result<SessionFacts> preview(const std::vector<ParsedEvent>& events) const;

  const SessionFacts& facts() const noexcept { return facts_; }
  const SessionInfo& info() const noexcept { return facts_.info; }
  SessionState state() const noexcept { return facts_.info.state; }
  std::uint64_t last_seq() const noexcept { return facts_.info.last_seq; }
  /// Null when no turn is open.
  const std::shared_ptr<const OpenTurn>& open_turn() const noexcept { return facts_.open_turn; }
  /// The calls of tools that the open turn has made so far.
  const std::vector<ToolRound>& open_rounds() const noexcept { return open_rounds_; }

  /// Every message ever stored, oldest first.
  const std::vector<Message>& all_messages() const noexcept { return messages_; }
  /// The chosen line, oldest first.
  std::vector<const Message*> line() const;
  const Message* find(std::string_view message) const noexcept;
  const Message* last_on_line() const noexcept;
  /// True for a message of the prefix that a fork shares: its seq counts in another stream.
  bool is_inherited(const Message& message) const noexcept;
  /// Messages that were, or are, in the same place of the line, oldest first.
  std::vector<const Message*> alternatives(std::string_view message) const;
  const Participant* participant(std::string_view id) const noexcept;
  /// message_tokens() of it, counted once for each message of the model.
  std::int64_t prompt_tokens(const Message& message);
  /// From the last message on the line to `now`.
  Duration latency(WallTime now) const noexcept;

  /// Ids count what was ever stored, superseded ones included.
  std::string next_turn_id() const;
  std::string next_message_id(std::uint32_t offset = 0) const;
  std::string next_aside_id() const;

  /// Everything, as one JSON text with a fixed member order.
  std::string to_json() const;

 private:
  void advance(SessionFacts& facts, const ParsedEvent& event) const;
  void become_fork(SessionFacts& facts, const ParsedEvent& event) const;
  std::int64_t superseded_change(const Json& data) const;
  Result<void> store_message(const ParsedEvent& event);
  Result<void> store(const ParsedEvent& event);
  void store_scores(const ParsedEvent& event);
  void store_judged(const Json& data);
  void store_tool(const ParsedEvent& event);
  void take_tools(Message& reply);
  void mark(const Json& ids, bool superseded);

  SessionFacts facts_;
  std::vector<Message> messages_;
  std::vector<std::int64_t> prompt_tokens_;  // of the first so many messages; -1: not counted
  std::vector<ToolRound> open_rounds_;
  std::size_t inherited_ = 0;  // messages of the shared prefix
};

/// JSON of a session's facts in the one order that every language prints.
void write_session_info(std::string& out, const SessionInfo& info);
Result<SessionInfo> read_session_info(std::string_view json);

}  // namespace scena

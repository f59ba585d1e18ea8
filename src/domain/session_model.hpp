#pragma once

#include <cstdint>
#include <memory>
#include <scena/session.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/line.hpp"
#include "domain/session_facts.hpp"

namespace scena {

/// A session as its events make it: the fold of its log, and nothing else. The running engine, a
/// fork, `rebuild` and another process all get their session from here.
///
/// Pure: no clock, no I/O. Not thread-safe.
class SessionModel {
 public:
  /// Applies the next event. Live-only and unknown types change nothing but last_seq. What a parsed
  /// event's `value` holds moves into the model; its event and data stay.
  /// @return storage_corrupt when the event's seq leaves a hole or its data is not what its type
  /// needs.
  Result<void> apply(ParsedEvent& event);
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
  /// The chosen line. It holds until the next event is applied.
  Line line() const;
  const LineCounts& line_counts() const noexcept { return counts_; }  ///< Those of line().
  const Message* find(std::string_view message) const noexcept;
  const Message* last_on_line() const noexcept;
  /// True for a message of the prefix that a fork shares: its seq counts in another stream.
  bool is_inherited(const Message& message) const noexcept;
  /// True where the event stores a message that the participant missed, see was_absent(); it is one
  /// of the events that made the model. False for the host's eyes, an empty name.
  bool was_missed(std::string_view participant, const Event& event) const;
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
  /// By how many messages an event changes the line; `fresh` are the ids of those that join it
  /// before, and that the model does not have yet; those that leave it again are taken out.
  std::int64_t line_change(const ParsedEvent& event, std::vector<std::string_view>& fresh) const;
  Result<void> store_message(ParsedEvent& event);
  Result<void> store(ParsedEvent& event);
  void store_scores(ParsedEvent& event);
  void store_judged(const Json& data);
  void store_tool(const ParsedEvent& event);
  void take_tools(Message& reply);
  void mark(const Json& ids, bool superseded);
  void make_line();
  void add_to_line(const Message& message);

  SessionFacts facts_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> line_;          // places of those that are not superseded
  LineCounts counts_;                        // of those
  std::vector<std::int64_t> prompt_tokens_;  // of the first so many messages; -1: not counted
  std::vector<ToolRound> open_rounds_;
  std::size_t inherited_ = 0;  // messages of the shared prefix
};

/// JSON of a session's facts in the one order that every language prints.
void write_session_info(std::string& out, const SessionInfo& info);
Result<SessionInfo> read_session_info(std::string_view json);

}  // namespace scena

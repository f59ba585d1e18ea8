#pragma once

#include <cstdint>
#include <optional>
#include <scena/session.hpp>
#include <string>
#include <variant>
#include <vector>

#include "base/json.hpp"

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

/// storage_corrupt: what is wrong with an event of a log.
Error corrupt_event(const Event& event, const char* what);

/// The text of a member of an event's data; empty where there is none.
std::string member_text(const Json& data, const char* name);

}  // namespace scena

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/rarely.hpp"
#include "domain/parsed_event.hpp"

namespace scena {

/// The stream of a session has this and the session's id for a name.
inline constexpr std::string_view kSessionStreams = "session:";

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

/// What the next event makes of the facts; `line_change` is by how many messages the line grows or
/// shrinks with an event message.superseded. After an event of an ordinary turn (EventValue) that
/// throws std::bad_alloc, nothing has changed.
/// @throws nlohmann::json::exception when the data is not what the type needs.
void advance(SessionFacts& facts, const ParsedEvent& event, std::int64_t line_change);

}  // namespace scena

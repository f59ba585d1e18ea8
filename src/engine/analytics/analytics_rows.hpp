#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <scena/analytics.hpp>
#include <scena/ext/storage.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/session_model.hpp"

namespace scena::engine {

/// Kinds of the documents: one of each session for a while, one of each day, preset and set of AI
/// characters for good, and an empty one of each session that was counted: it has no row again,
/// whatever the clock says.
inline constexpr std::string_view kAnalyticsRow = "analytics";
inline constexpr std::string_view kAnalyticsCounts = "analytics_counts";
inline constexpr std::string_view kAnalyticsCounted = "analytics_counted";

/// What is counted of one session. Without its words, title, owner and labels.
struct AnalyticsFacts {
  std::string session;
  std::string preset;
  std::string day;                      ///< Of its creation, in UTC.
  std::vector<std::string> characters;  ///< Everybody's participant id.
  std::vector<std::string> ai;          ///< Of them those whom a model plays.
  SessionState state = SessionState::pending;
  std::string end_reason;
  std::uint64_t messages = 0;
  Money cost;
  std::optional<bool> satisfied;
  std::optional<double> rating;
  std::map<std::string, std::uint64_t> escapes;
  WallTime until{};  ///< When the row goes.
  bool operator==(const AnalyticsFacts&) const = default;
};

/// Sessions added up; they cannot be told apart any more.
struct AnalyticsCounts {
  std::string preset;
  std::string day;
  std::vector<std::string> ai;  ///< Sorted. Ids of humans may be names: they are not kept.
  std::uint64_t sessions = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::map<std::string, std::uint64_t> ends;
  std::map<std::string, std::uint64_t> escapes;
  std::uint64_t messages = 0;
  Money cost;
  std::uint64_t asked = 0;  ///< Sessions of which satisfaction was told.
  std::uint64_t satisfied = 0;
  std::uint64_t ratings = 0;
  double rating_mean = 0;
  double rating_deviations = 0;  ///< Sum of the squared distances from the mean.

  void add(const AnalyticsFacts& facts);
  void add(const AnalyticsCounts& others);
  AnalyticsRow row(std::vector<std::string> group) const;
  bool operator==(const AnalyticsCounts&) const = default;
};

/// When the row of a session made at `created` goes: the day after its last one begins.
WallTime analytics_until(WallTime created, int retention_days) noexcept;
/// "2026-11-27", in UTC.
std::string analytics_day(WallTime time);

/// The row as a document; `facts` without an open turn.
RecordWrite analytics_record(const std::string& tenant, const SessionFacts& facts, WallTime until);
Result<AnalyticsFacts> read_analytics_row(const Record& record);

/// Counts of no session yet for where that row belongs, with the document's id.
AnalyticsCounts empty_counts(const AnalyticsFacts& facts);
RecordKey counts_key(const std::string& tenant, const AnalyticsCounts& counts);
std::string counts_to_json(const AnalyticsCounts& counts);
Result<AnalyticsCounts> read_counts(const Record& record);

}  // namespace scena::engine

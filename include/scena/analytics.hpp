#pragma once

#include <cstdint>
#include <map>
#include <scena/batch_row.hpp>
#include <scena/engine.hpp>
#include <string>
#include <vector>

namespace scena {

/// Which stored sessions a question is about. Empty members: all of them.
struct AnalyticsQuery {
  std::string preset;     ///< The scenario's id.
  std::string character;  ///< Sessions in which this participant took part.
  std::string from;       ///< First day of their creation, "2026-11-01", in UTC.
  std::string to;         ///< Last day, inclusive.
  std::string owner;      ///< Sessions of this owner that are stored and have a row still: counts
                          ///< know no owner, and rows hold none.
  bool distributions = false;  ///< session_analytics(): AnalyticsRow::metrics, too. Reads every
                               ///< message of the sessions.
};

/// How the values of a metric are spread over messages.
struct Distribution {
  std::uint64_t count = 0;  ///< Messages with such a score.
  double mean = 0;          ///< Of their values.
  double p10 = 0;           ///< A tenth of the values lies below; between two values, linear.
  double p50 = 0;           ///< The median.
  double p90 = 0;           ///< A tenth lies above.
  bool operator==(const Distribution&) const = default;
};

/// What a row of a report stands for.
enum class AnalyticsBy { preset, character, day, month };

/// How sessions of the same preset, character, ... ended, and what their people thought of them.
///
/// A host tells that by Session::annotate("feedback", ...) with the members "satisfied" (true or
/// false) and "rating" (a number), both optional; of several the last counts.
struct AnalyticsRow {
  std::vector<std::string> group;                ///< The values, in the order of the question.
  std::uint64_t sessions = 0;                    ///< All of them.
  std::uint64_t completed = 0;                   ///< In state completed.
  std::uint64_t failed = 0;                      ///< In state error.
  std::map<std::string, std::uint64_t> ends;     ///< Completed ones by why: "turns", "host", ...
  std::map<std::string, std::uint64_t> escapes;  ///< Times people skipped, by step: EscapeOptions.
  std::uint64_t messages = 0;                    ///< On the chosen lines.
  Money cost;                                    ///< Sum.
  Interval completion;                           ///< Share of completed ones.
  Interval satisfied;                            ///< Share among those of whom it was told.
  Interval rating;                               ///< Mean among those of whom it was told.
  /// With AnalyticsQuery::distributions: of the messages on chosen lines, by metric; by character
  /// those of this one alone. Of sessions that have a row: counts know no scores.
  std::map<std::string, Distribution> metrics;
  bool operator==(const AnalyticsRow&) const = default;
};

/// One row for each combination of `by` that has sessions, sorted by it; without `by` one of
/// everything. By character a session counts once for each participant. Reads the store.
/// @throws Error invalid_argument for a day that is none; permission_denied unless it is the host;
///         storage errors.
std::vector<AnalyticsRow> session_analytics(Engine& engine, const AnalyticsQuery& query = {},
                                            const std::vector<AnalyticsBy>& by = {});

/// How many sessions of a preset went from one speaker to the next at one step. Step 1 leads from
/// "(start)" to who speaks first; the last one of a session to how it stands there: "(completed)",
/// "(failed)" or, of all others, "(dropped)". Steps beyond 200 count as 200.
struct FlowRow {
  std::string preset;          ///< The scenario's id.
  std::uint32_t step = 0;      ///< From 1: the number of the message that follows.
  std::string from;            ///< Who spoke last.
  std::string to;              ///< Who speaks next, or how it ended.
  std::uint64_t sessions = 0;  ///< How many.
  Interval share;              ///< Among the sessions that were at `from` at this step.
  bool operator==(const FlowRow&) const = default;
};

/// The steps of all sessions, sorted by preset, step, from and to: rows to "(dropped)" tell where
/// people leave. @throws as session_analytics().
std::vector<FlowRow> session_flow(Engine& engine, const AnalyticsQuery& query = {});

/// How far a model's opinions agree with the measured scores, over the sessions of a preset.
struct AgreementRow {
  std::string preset;          ///< The scenario's id.
  std::uint64_t sessions = 0;  ///< Those with opinions on this metric.
  MetricAgreement agreement;   ///< Of the messages on their chosen lines.
  bool operator==(const AgreementRow&) const = default;
};

/// One row for each preset and metric that a model judged, sorted by both. @throws as
/// session_analytics().
std::vector<AgreementRow> judge_agreement(Engine& engine, const AnalyticsQuery& query = {});

/// As JSON Lines; members of the group have the names of `by`.
std::string analytics_to_jsonl(const std::vector<AnalyticsRow>& rows,
                               const std::vector<AnalyticsBy>& by);
/// As CSV, see rows_to_csv(); a column "end.NAME" for each end that occurs, and "metric.NAME.n",
/// ".mean", ".p10", ".p50" and ".p90" for each metric.
std::string analytics_to_csv(const std::vector<AnalyticsRow>& rows,
                             const std::vector<AnalyticsBy>& by);
/// As JSON Lines.
std::string flow_to_jsonl(const std::vector<FlowRow>& rows);
/// As CSV, see rows_to_csv().
std::string flow_to_csv(const std::vector<FlowRow>& rows);
/// As JSON Lines.
std::string agreement_to_jsonl(const std::vector<AgreementRow>& rows);
/// As CSV, see rows_to_csv().
std::string agreement_to_csv(const std::vector<AgreementRow>& rows);

/// The name as it stands in rows, e.g. "preset". Never null.
const char* to_string(AnalyticsBy by) noexcept;

}  // namespace scena

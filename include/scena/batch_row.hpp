#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <scena/message.hpp>
#include <scena/result.hpp>
#include <scena/session.hpp>
#include <scena/usage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// One finished session of a batch, or of a store, as one row.
struct BatchRow {
  std::string key;     ///< Names the run within its plan; of a stored session: its id.
  std::string digest;  ///< Of everything that the run was made of; empty for stored sessions.
  std::string preset;  ///< Id of the preset.
  std::string
      characters;         ///< Name of the set of changed characters; empty: as the preset has them.
  std::string model;      ///< Name in the plan, else the one configured; of a stored session those
                          ///< that answered, joined by "+".
  std::string variables;  ///< Name of the set of values; empty: none.
  std::uint64_t seed = 0;  ///< Of the run.
  std::string session;     ///< Id of the session; empty when it could not be made.
  std::string outcome;     ///< The first outcome of the plan that fits, else `end`.
  std::string end;  ///< An end condition's kind, "max_turns", "failed", "human", "host", ...; of a
                    ///< stored session that goes on: its state.
  bool completed = false;         ///< It came to an end of its own: a condition of the preset held.
  std::string error;              ///< Code of what went wrong, e.g. "timeout"; empty: nothing.
  std::string error_message;      ///< Its words.
  std::uint32_t turns = 0;        ///< Since the beginning, or since the fork.
  std::uint32_t messages = 0;     ///< The same, on the chosen line.
  std::int64_t input_tokens = 0;  ///< See Usage.
  std::int64_t output_tokens = 0;         ///< See Usage.
  Money cost;                             ///< By the prices configured.
  std::chrono::milliseconds duration{0};  ///< On the engine's clock.
  std::map<std::string, double> metrics;  ///< Mean of each metric over the messages that have it.
  /// The same by the speaker's id.
  std::map<std::string, std::map<std::string, double>> speakers;

  /// One line of JSON, members in this order.
  std::string to_json() const;
  bool operator==(const BatchRow&) const = default;
};

/// The row of a stored session: what a batch would have written of it, without a plan's names.
BatchRow session_row(const SessionInfo& info, const std::vector<Message>& messages);

/// Rows as JSON Lines.
std::string rows_to_jsonl(const std::vector<BatchRow>& rows);
/// Reads them. @return invalid_argument with the number of the line at fault.
Result<std::vector<BatchRow>> rows_from_jsonl(std::string_view text);

/// Rows as CSV by RFC 4180: a header, CRLF line ends, a column for each metric and each speaker's
/// metric that occurs. A text that a spreadsheet would take for a formula (it begins with = + - @,
/// tab or CR) gets an apostrophe before it; numbers stay numbers.
std::string rows_to_csv(const std::vector<BatchRow>& rows);

/// A value with the interval that holds the true one in 95 of 100 repetitions.
struct Interval {
  std::size_t count = 0;  ///< Sessions it was computed from; 0: there is no value.
  double value = 0;       ///< Mean or share.
  double low = 0;         ///< Equal to `value` for the mean of one session: nothing is known.
  double high = 0;        ///< As `low`.
  bool operator==(const Interval&) const = default;
};

/// Mean with Student's interval: mean +- t(n - 1) s / sqrt(n). Exact for normal values, close for
/// others from about 30 sessions on.
Interval mean_interval(const std::vector<double>& values);
/// Share of `hits` in `count` with Wilson's score interval, which stays within 0..1 and holds for
/// few sessions and for shares near 0 and 1 too.
Interval share_interval(std::size_t hits, std::size_t count);

/// Rows of the same preset, characters, model and variables.
struct BatchGroup {
  std::string preset;      ///< These four as in BatchRow; all empty in the group of all rows.
  std::string characters;  ///< See `preset`.
  std::string model;       ///< See `preset`.
  std::string variables;   ///< See `preset`.
  std::size_t rows = 0;    ///< Failed ones included.
  Interval failed;         ///< Share of rows with an error; they count in nothing below but cost.
  /// How many rows have each code of BatchRow::error.
  std::map<std::string, std::size_t> errors;
  Interval completed;                        ///< Share that came to an end of its own.
  std::map<std::string, Interval> outcomes;  ///< Share of each outcome of the whole list of rows.
  std::map<std::string, Interval> metrics;   ///< Mean of each session's value.
  Interval turns;                            ///< Mean.
  Money cost;                                ///< Sum.
  bool operator==(const BatchGroup&) const = default;
};

/// The groups in the order in which they occur; before them the group of all rows.
std::vector<BatchGroup> group_rows(const std::vector<BatchRow>& rows);
/// The groups as one JSON object: {"groups": [...]}, an item a line.
std::string groups_to_json(const std::vector<BatchGroup>& groups);

}  // namespace scena

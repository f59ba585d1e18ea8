#pragma once

#include <memory>
#include <scena/ext/analyzer.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// What was said before a message that is measured.
struct EarlierMessage {
  bool self = false;      ///< By the one who wrote the message that is measured.
  std::string_view text;  ///< UTF-8; what is not valid counts as U+FFFD.
};

/// A message to measure, outside of a session.
struct MeasureInput {
  std::string_view question;            ///< What the message answers; may be empty.
  std::vector<EarlierMessage> history;  ///< Oldest first; the last 50 count.
  std::string_view text;                ///< The message. UTF-8, as above.
};

/// Measures single messages with the built-in metrics: the same scores that a session's messages
/// get, without an engine.
///
/// A Meter is immutable and may be shared by any number of threads. Making one builds the word
/// tables (about a millisecond); measuring a short message takes microseconds.
class Meter {
 public:
  Meter();
  Meter(Meter&& other) noexcept;
  Meter& operator=(Meter&& other) noexcept;
  ~Meter();

  /// The scores of `input.text`. A metric that is not computed (text that is not English, nothing
  /// to compare with) has no score. Evidence names "text", "question", or the index of a message
  /// of the history.
  std::vector<MetricScore> measure(const MeasureInput& input) const;

  /// The same from and to JSON, in one line: `{"id", "question", "history": [{"role": "self" or
  /// "other", "text"}], "text"}` gives `{"id", "sentiment", "evasiveness", ...}`, where a metric
  /// that is not computed is null. Only "text" is needed. Escaped surrogates without a partner
  /// count as U+FFFD. docs/reference/metrics.md has the format.
  ///
  /// Fails with invalid_argument, naming the member, when the line is not such an object.
  Result<std::string> measure_json(std::string_view line) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace scena

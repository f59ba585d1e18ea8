#pragma once

#include <cstddef>
#include <memory>
#include <scena/ext/clock.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// A place in a message that supports a score: bytes [begin, end) of that message's text.
struct Evidence {
  std::string message;    ///< Id of the message the span lies in.
  std::size_t begin = 0;  ///< First byte.
  std::size_t end = 0;    ///< One past the last byte.
  std::string reason;     ///< A fixed word such as "negated", "counter_question".

  bool operator==(const Evidence&) const = default;
};

/// One measurement of one message. Values are rounded to 4 decimals when they enter an event.
struct MetricScore {
  std::string metric;              ///< "sentiment", "evasiveness", ...
  double value = 0;                ///< In the metric's own range; docs/reference/metrics.md.
  double confidence = 0;           ///< 0..1.
  std::string label;               ///< A class name where the metric has classes; may be empty.
  std::vector<Evidence> evidence;  ///< Where in which message it shows.

  bool operator==(const MetricScore&) const = default;
};

/// What an analyzer is told of a message besides its text.
struct MessageInfo {
  std::string id;           ///< Message id.
  std::string speaker;      ///< Participant id: contradictions are looked for within one speaker.
  bool from_human = false;  ///< Not written by a model.
  WallTime time{};          ///< When it began; of a reply measured again, when it was complete.
  Duration latency{};       ///< From the end of the message before to the start of this one.
};

/// One message being measured. add() takes the text piece by piece, in time proportional to the
/// piece; pieces are whole UTF-8 characters. However the text was cut, scores() is the same.
class Measurement {
 public:
  virtual ~Measurement() = default;
  /// Takes the next piece.
  virtual void add(std::string_view text) = 0;
  /// Appends the scores of the text so far; may be called at any time, also in mid-stream.
  virtual void scores(std::vector<MetricScore>& out) = 0;
};

/// An analyzer's memory of one session. Not thread-safe: used on the session's strand only.
class AnalyzerSession {
 public:
  virtual ~AnalyzerSession() = default;
  /// Starts measuring a message; several may be measured at once.
  virtual std::unique_ptr<Measurement> begin(const MessageInfo& message) = 0;
  /// The measured message was stored and becomes history. `measurement` came from begin() here.
  virtual void keep(std::unique_ptr<Measurement> measurement) = 0;
  /// Messages at and after this one left the conversation (edit, undo, regenerate).
  virtual void forget_from(std::string_view message_id) = 0;
};

/// A metric, or several that share their work. Deterministic: the same transcript gives the same
/// scores on every compiler and machine.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  /// Its name, as scores have it and Config::metrics names the built-in ones; fixed. A host's is
  /// none of those.
  virtual std::string_view name() const noexcept = 0;
  /// A memory for one session, empty. Any thread.
  virtual std::unique_ptr<AnalyzerSession> open_session() const = 0;
};

}  // namespace scena

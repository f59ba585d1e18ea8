#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "llm/delta_template.hpp"
#include "llm/reply_progress.hpp"
#include "net/sse.hpp"

namespace scena::llm {

/// What one event meant for how later ones may be read.
struct EventReading {
  /// Its text is set when the event was one text delta and nothing else, whatever its text, but for
  /// the numbers that read_numbers() takes. Such events may be read by a DeltaTemplate.
  DeltaFrame frame;
  /// The event changed what text deltas mean: forget the template.
  bool new_state = false;
};

/// Knows one vendor's answers: JSON in, progress of the reply out. No I/O; one per reply.
class ReplyReader {
 public:
  virtual ~ReplyReader() = default;
  /// An event that a template read.
  void read_match(const DeltaTemplate::Match& match, ReplyProgress& reply) {
    reply.text(match.text);
    if (match.number_count != 0)
      read_numbers(std::span(match.numbers).first(match.number_count), reply);
  }
  /// One event of a streamed answer.
  virtual EventReading read_event(std::string_view type, std::string_view data,
                                  ReplyProgress& reply) = 0;
  /// The numbers of an event that a template read.
  virtual void read_numbers(std::span<const DeltaNumber> /*numbers*/, ReplyProgress& /*reply*/) {}
  /// A whole answer that was not streamed.
  virtual void read_whole(std::string_view body, ReplyProgress& reply) = 0;
};

}  // namespace scena::llm

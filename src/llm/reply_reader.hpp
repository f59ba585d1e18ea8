#pragma once

#include <string_view>

#include "llm/reply_progress.hpp"
#include "net/sse.hpp"

namespace scena::llm {

/// What one event meant for how later ones may be read.
struct EventReading {
  /// Set when the event was one text delta and nothing else, whatever its text: the inside of that
  /// JSON string, pointing into the event's data. Such events may be read by a DeltaTemplate.
  std::string_view only_text;
  /// With only_text: the inside of a string that means nothing and changes from event to event.
  std::string_view padding;
  /// With only_text: the digits of a number that means nothing and changes from event to event.
  std::string_view counter;
  /// The event changed what text deltas mean: forget the template.
  bool new_state = false;
};

/// Knows one vendor's answers: JSON in, progress of the reply out. No I/O; one per reply.
class ReplyReader {
 public:
  virtual ~ReplyReader() = default;
  /// One event of a streamed answer.
  virtual EventReading read_event(std::string_view type, std::string_view data,
                                  ReplyProgress& reply) = 0;
  /// A whole answer that was not streamed.
  virtual void read_whole(std::string_view body, ReplyProgress& reply) = 0;
};

}  // namespace scena::llm

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "llm/delta_template.hpp"
#include "llm/reply_reader.hpp"
#include "net/sse.hpp"

namespace scena::llm {

/// Reads a streamed answer: event framing, then each event by the learned template where it fits,
/// else by the vendor's reader. No I/O, linear, one virtual call to the sink for each delta.
class SseReply final : private net::SseVisitor {
 public:
  /// Both are borrowed and outlive this object.
  SseReply(ReplyReader& reader, ReplyProgress& reply, std::size_t max_event_bytes) noexcept
      : reader_(reader), reply_(reply), decoder_(max_event_bytes) {}

  void feed(std::string_view bytes);
  /// The stream's end: an event without its blank line is tried once. `orderly`: nothing broke it
  /// off, so that what it held is judged: lines that are no events are no reply.
  void finish(bool orderly = true);

 private:
  bool on_event(const net::SseEvent& event) override;
  bool read(std::string_view type, std::string_view data, std::string_view raw);
  bool on_error_field(std::string_view value) override;
  bool on_other_line(std::string_view line) override;
  std::size_t on_boundary(std::string_view rest) override;

  ReplyReader& reader_;
  ReplyProgress& reply_;
  net::SseDecoder decoder_;
  DeltaTemplate template_;
  std::string learned_type_;  // of the event that the template was learned from
  bool has_event_ = false;
  bool foreign_ = false;  // lines that belong to no event stream
  std::string foreign_text_;
  bool at_end_ = false;
};

}  // namespace scena::llm

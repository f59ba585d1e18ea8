#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::net {

/// One dispatched event of a server-sent event stream. Views are valid during the call only.
struct SseEvent {
  std::string_view type;     ///< "message" unless the event named another.
  std::string_view data;     ///< The data lines, joined by LF; bytes as they came.
  std::string_view last_id;  ///< The stream's last event id at this event.
  /// All bytes of the event, blank line included, when it lay in one piece; else empty. When it is
  /// set and the event has one data line, `data` points into it.
  std::string_view raw;
};

/// Receives what an SseDecoder finds.
class SseVisitor {
 public:
  virtual ~SseVisitor() = default;
  /// False ends the decoding: every later byte is dropped.
  virtual bool on_event(const SseEvent& event) = 0;
  /// A line `error: value`, which the standard ignores and model servers send. False as above.
  virtual bool on_error_field(std::string_view /*value*/) { return true; }
  /// Any other line that is no field of the standard, which ignores it. False as above.
  virtual bool on_other_line(std::string_view /*line*/) { return true; }
  /// Between two events: `rest` is what follows in this read. A visitor that knows how the next
  /// events look may use whole ones itself; it returns how many bytes it took.
  virtual std::size_t on_boundary(std::string_view /*rest*/) { return 0; }
};

/// What becomes of an event that the stream's end cut off before its blank line.
enum class SseRest { discard, deliver };

/// Server-sent events by the HTML standard, from bytes cut anywhere: LF, CRLF and CR, one leading
/// byte-order mark, comments, several data lines, id and retry. Linear in the bytes; an event that
/// lies in one piece is not copied, only the one at a cut is kept.
class SseDecoder {
 public:
  /// `max_event_bytes` bounds one line and the data of one event; more is ErrorCode::too_large.
  explicit SseDecoder(std::size_t max_event_bytes = kDefaultMaxEventBytes) noexcept
      : max_event_bytes_(max_event_bytes) {}

  /// After an error every further call returns it again.
  Result<void> feed(std::string_view bytes, SseVisitor& visitor);
  /// The end of the stream: `discard` is the standard's rule, `deliver` reads the rest once.
  Result<void> finish(SseRest rest, SseVisitor& visitor);

  /// The reconnection time that the stream asked for.
  std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }
  std::string_view last_id() const noexcept { return last_id_; }
  /// True between two events: a visitor that knows how they look may take whole ones itself,
  /// without feeding them.
  bool at_boundary() const noexcept {
    return fresh_ && mark_ == kMarkDone && carry_.empty() && !skip_lf_ && !stopped_ && !too_large_;
  }

  static constexpr std::size_t kDefaultMaxEventBytes = 1u << 20;

 private:
  struct Read;  // one feed() in progress
  static constexpr unsigned kMarkDone = 4;

  std::size_t skip_mark(std::string_view bytes);
  bool take_line(std::string_view line, Read& read);
  bool take_field(std::string_view name, std::string_view value, const Read& read);
  void add_data(std::string_view value, bool stable);
  bool dispatch(Read& read);
  void keep_data();

  std::size_t max_event_bytes_;
  std::string carry_;      // the unfinished line
  std::string data_;       // data lines that no read holds any more
  std::string_view view_;  // the only data line, still in the read
  std::string type_;
  std::string id_;
  std::string last_id_;
  std::optional<std::chrono::milliseconds> retry_;
  bool has_data_ = false;
  bool in_view_ = false;
  bool fresh_ = true;     // no line of the next event was seen
  bool skip_lf_ = false;  // the line ended with CR; an LF right behind belongs to it
  bool stopped_ = false;
  bool too_large_ = false;
  unsigned mark_ = 0;  // bytes of the byte-order mark seen; 4: not looked for any more
};

}  // namespace scena::net

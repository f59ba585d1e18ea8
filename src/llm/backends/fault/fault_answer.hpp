#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <scena/result.hpp>
#include <string>
#include <vector>

#include "llm/backends/fault/fault_wire.hpp"
#include "net/http.hpp"

namespace scena::fault {

/// Bytes to write after a wait that begins when the piece before them was written.
struct FaultPiece {
  std::chrono::milliseconds wait{0};
  std::string bytes;

  bool operator==(const FaultPiece&) const = default;
};

/// What becomes of the connection behind the last piece.
enum class FaultEnding { keep_alive, close, reset, hang };

/// A whole answer as the bytes of a connection.
struct FaultAnswer {
  std::vector<FaultPiece> pieces;
  FaultEnding ending = FaultEnding::keep_alive;
  std::optional<std::size_t> repeat_from;  ///< The pieces from here on go on for ever.

  /// Every byte, once.
  std::string bytes() const;
};

enum class BodyFraming { chunked, length, close, none };

/// An answer in parts, which cases and steps change before it is rendered.
struct FaultDraft {
  Dialect dialect = Dialect::chat_completions;
  WireReply reply;

  // Lines of the event stream.
  Events events;
  std::string line_end = "\n";
  bool space_after_colon = true;
  bool lines = false;         ///< JSON lines in place of events.
  std::string before_events;  ///< Raw bytes in front of the first event.
  std::string after_events;

  // The HTTP answer around it.
  std::string before_head;  ///< Raw bytes, e.g. an interim answer.
  int status = 200;
  net::HttpFields fields;
  std::optional<std::string> whole_body;  ///< In place of the events.
  std::optional<std::string> raw;         ///< In place of the whole answer.
  BodyFraming framing = BodyFraming::chunked;
  std::optional<std::size_t> announced_length;  ///< A content-length that lies.
  bool gzip = false;
  bool last_chunk = true;                 ///< The end mark of the chunked framing.
  std::string trailers;                   ///< Lines behind the last chunk.
  std::optional<std::size_t> body_limit;  ///< The connection ends behind so many bytes of the body.
  std::size_t split = 0;                  ///< Bytes a piece; 0: one piece an event.
  bool one_piece = false;

  std::chrono::milliseconds head_wait{0};
  std::optional<std::size_t> repeat_event;  ///< Events from here on go on for ever.
  FaultEnding ending = FaultEnding::keep_alive;

  void set_field(std::string name, std::string value);
};

/// One event as bytes.
std::string frame_event(const FaultDraft& draft, const SseEvent& event);

/// Error internal when compressing fails.
Result<FaultAnswer> render(const FaultDraft& draft);

/// All bytes as one gzip member.
Result<std::string> gzip(std::string_view bytes);

}  // namespace scena::fault

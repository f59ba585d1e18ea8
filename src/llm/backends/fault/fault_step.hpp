#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::fault {

enum class FaultKind : std::uint8_t {
  ok,
  status,        ///< An HTTP status in place of an answer.
  quota,         ///< 429 that waiting does not heal.
  context,       ///< 400: the prompt is longer than the model's context.
  refuse,        ///< Nobody listens (over HTTP: closed before a byte).
  reset,         ///< Connection reset, after `after` tokens or before the head.
  cut,           ///< The stream ends after `after` tokens, without its end mark.
  stall_head,    ///< Nothing comes, not even a head.
  stall,         ///< Nothing more comes after `after` tokens.
  drip,          ///< One token every `pause`.
  comments,      ///< Keep-alives and nothing else.
  error_event,   ///< The service reports an error after `after` tokens.
  bad_utf8,      ///< Bytes that are no UTF-8 after `after` tokens.
  bad_json,      ///< An event that is no JSON after `after` tokens.
  endless,       ///< The text again and again.
  empty,         ///< A whole answer without text.
  slow,          ///< `pause` before the first byte.
  wrong_finish,  ///< A finish reason that no documentation knows.
  cut_byte,      ///< Over HTTP: the connection closes after `after` bytes of the body.
  wire_case,     ///< Over HTTP: the named case of the reference.
};

/// What happens to one call.
struct FaultStep {
  FaultKind kind = FaultKind::ok;
  int status = 0;
  std::int64_t after = 0;  ///< Tokens (bytes for cut_byte) that still get through.
  std::chrono::milliseconds pause{0};
  std::optional<std::chrono::milliseconds> retry_after;
  std::string name;  ///< Of a wire_case.

  /// True when the step has a meaning without a connection.
  bool in_process() const noexcept {
    return kind != FaultKind::cut_byte && kind != FaultKind::wire_case;
  }
  bool operator==(const FaultStep&) const = default;
};

/// Reads one step, e.g. "ok", "429@2s", "cut_after=3", "drip@200ms", "case=D5". Error:
/// invalid_argument with the words that would be right.
Result<FaultStep> parse_fault_step(std::string_view text);

}  // namespace scena::fault

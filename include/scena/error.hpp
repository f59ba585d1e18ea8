#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scena {

/// What went wrong, in terms a caller can act on. One list for C++, C, Python and Node: append new
/// ones, never renumber. docs/reference/errors.md says for each whether a retry may help.
enum class ErrorCode : std::int32_t {
  ok = 0,
  invalid_argument = 1,   ///< This input can never succeed.
  wrong_state = 2,        ///< A legal call at the wrong moment.
  unavailable = 3,        ///< The other side did not answer; later may work.
  not_found = 4,          ///< No such session, preset, message or model.
  conflict = 5,           ///< Somebody else changed it first.
  already_exists = 6,     ///< The id is taken.
  unauthenticated = 7,    ///< The key or token was refused.
  permission_denied = 8,  ///< Known, but not allowed.
  rate_limited = 9,       ///< Too many calls; see retry_after().
  quota_exhausted = 10,   ///< The account has no quota left; waiting does not help.
  budget_exhausted = 11,  ///< A budget of this engine is used up.
  timeout = 12,           ///< A time limit passed.
  cancelled = 13,         ///< The caller asked to stop.
  network = 14,           ///< Connecting, TLS or the connection itself failed.
  protocol = 15,          ///< The other side sent what its protocol forbids.
  provider_error = 16,    ///< The model service reported a failure of its own.
  overloaded = 17,        ///< The model service has no capacity now.
  circuit_open = 18,      ///< Not tried: the service failed too often lately.
  context_overflow = 19,  ///< The prompt is longer than the model's context.
  content_filtered = 20,  ///< A filter blocked the text.
  too_large = 21,         ///< Over a size limit.
  tool_failed = 22,       ///< A tool reported a failure.
  limit_reached = 23,     ///< A limit of the session or engine was reached.
  storage_full = 24,      ///< The disk has no space; nothing was lost.
  storage_failed = 25,    ///< Reading or writing the store failed.
  storage_corrupt = 26,   ///< The store's content is damaged; it was left untouched.
  version_mismatch = 27,  ///< Written by a newer version.
  unsupported = 28,       ///< Not offered by this build or backend.
  out_of_memory = 29,     ///< An allocation failed.
  closed = 30,            ///< The engine or handle is closed.
  internal = 31,          ///< A defect in scena; please report it.
};

/// The name of a code as it stands in JSON, e.g. "wrong_state". Never null.
const char* to_string(ErrorCode code) noexcept;

/// How far a call of a model service came before it failed: tells apart what one code covers.
enum class FailurePoint : std::uint8_t {
  none,    ///< No answer began, or it was no such call.
  status,  ///< The answer's HTTP status refuses the call.
  body,    ///< A whole answer with a status of success reports a failure, or is no reply.
  stream,  ///< An event of a stream that began well.
  finish,  ///< The word for why the model stopped.
  cut,     ///< The connection or the stream ended before the provider's end mark.
};

/// The word of a point as it stands in JSON, e.g. "stream"; empty for none. Never null.
const char* to_string(FailurePoint point) noexcept;

/// One failure. Blocking calls throw it, asynchronous ones hand it over.
///
/// Copying never allocates. The text never holds a secret or a message's text.
class Error : public std::exception {
 public:
  /// A failure with a fixed text, which must live for ever (a literal); allocates nothing.
  static Error fixed(ErrorCode code, const char* literal) noexcept;

  /// A failure with a composed text: what was wrong and what to do.
  Error(ErrorCode code, std::string message);

  /// What went wrong.
  ErrorCode code() const noexcept { return code_; }
  const char* what() const noexcept override;

  /// How long to wait before a retry, where the other side said so.
  std::optional<std::chrono::milliseconds> retry_after() const noexcept { return retry_after_; }
  /// The HTTP status of the provider's answer, or 0.
  int provider_status() const noexcept { return provider_status_; }
  /// Where in the provider's answer the failure lies.
  FailurePoint point() const noexcept { return point_; }
  /// The JSON pointer of the member at fault, e.g. "/limits/history"; empty when there is none.
  std::string_view pointer() const noexcept;
  /// The provider's own words, at most 4 KiB, without secrets; empty when it said nothing. May
  /// hold line ends.
  std::string_view provider_message() const noexcept;

  Error& with_retry_after(std::chrono::milliseconds delay) noexcept;  ///< Sets retry_after().
  Error& with_provider_status(int status) noexcept;                   ///< Sets provider_status().
  Error& with_point(FailurePoint point) noexcept;                     ///< Sets point().
  Error& with_pointer(std::string pointer);                           ///< Sets pointer().
  Error& with_provider_message(std::string words);                    ///< Sets provider_message().

  bool operator==(const Error& other) const noexcept;

 private:
  struct Text {
    std::string message;
    std::string pointer;
    std::string provider_message;
  };
  Error() noexcept = default;

  ErrorCode code_ = ErrorCode::internal;
  FailurePoint point_ = FailurePoint::none;
  int provider_status_ = 0;
  std::optional<std::chrono::milliseconds> retry_after_;
  const char* literal_ = nullptr;
  std::shared_ptr<const Text> text_;
};

}  // namespace scena

#pragma once

#include <scena/error.hpp>

namespace scena {

/// The error of a reply that is longer than ReplyRequest::max_bytes.
inline Error reply_too_large() noexcept {
  return Error::fixed(
      ErrorCode::too_large,
      "the reply passed the limit \"limits.answer_bytes\"; raise it or ask for less");
}

/// The error of a reply with more tokens than `limits.answer_tokens`, reasoning and tool calls
/// included.
inline Error reply_has_too_many_tokens() noexcept {
  return Error::fixed(
      ErrorCode::too_large,
      "the reply passed the limit \"limits.answer_tokens\"; raise it or ask for less");
}

}  // namespace scena

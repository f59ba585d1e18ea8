#pragma once

#include <scena/error.hpp>

namespace scena {

/// The error of a reply that is longer than ReplyRequest::max_bytes.
inline Error reply_too_large() noexcept {
  return Error::fixed(
      ErrorCode::too_large,
      "the reply passed the limit \"limits.answer_bytes\"; raise it or ask for less");
}

}  // namespace scena

#include "shell/exit_code.hpp"

#include <algorithm>
#include <iterator>

namespace scena::shell {

Exit exit_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::ok:
      return Exit::ok;
    case ErrorCode::invalid_argument:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
      return Exit::invalid;
    case ErrorCode::not_found:
      return Exit::not_found;
    case ErrorCode::unauthenticated:
    case ErrorCode::permission_denied:
    case ErrorCode::rate_limited:
    case ErrorCode::quota_exhausted:
    case ErrorCode::timeout:
    case ErrorCode::network:
    case ErrorCode::protocol:
    case ErrorCode::provider_error:
    case ErrorCode::overloaded:
    case ErrorCode::circuit_open:
    case ErrorCode::context_overflow:
    case ErrorCode::content_filtered:
      return Exit::provider;
    case ErrorCode::unavailable:
    case ErrorCode::conflict:
    case ErrorCode::already_exists:
    case ErrorCode::storage_full:
    case ErrorCode::storage_failed:
    case ErrorCode::storage_corrupt:
    case ErrorCode::version_mismatch:
      return Exit::storage;
    default:
      return Exit::other;
  }
}

Exit exit_of_reply(std::string_view code_name) noexcept {
  constexpr ErrorCode kNotStored[] = {ErrorCode::storage_full, ErrorCode::storage_failed,
                                      ErrorCode::storage_corrupt};
  const bool stored = std::none_of(std::begin(kNotStored), std::end(kNotStored),
                                   [&](ErrorCode code) { return code_name == to_string(code); });
  return stored ? Exit::provider : Exit::storage;
}

}  // namespace scena::shell

#include "llm/layers/failure_class.hpp"

#include <array>
#include <string_view>

#include "llm/failure_code.hpp"

namespace scena::llm {

bool allows_fallback(const Error& error) noexcept {
  switch (error.code()) {
    case ErrorCode::network:
    case ErrorCode::unavailable:
    case ErrorCode::overloaded:
    case ErrorCode::provider_error:
    case ErrorCode::timeout:
    case ErrorCode::protocol:
    case ErrorCode::rate_limited:
    case ErrorCode::quota_exhausted:
    case ErrorCode::circuit_open:
    case ErrorCode::unauthenticated:
    case ErrorCode::permission_denied:
    case ErrorCode::not_found:         // the model is missing there
    case ErrorCode::context_overflow:  // another model may hold more
    case ErrorCode::limit_reached:     // too many calls at once
      return true;
    default:
      return false;
  }
}

bool allows_other_key(const Error& error) noexcept {
  switch (error.code()) {
    case ErrorCode::unauthenticated:
    case ErrorCode::permission_denied:
    case ErrorCode::rate_limited:
    case ErrorCode::quota_exhausted:
      return true;
    default:
      return false;
  }
}

bool is_outage(const Error& error) noexcept {
  switch (error.code()) {
    case ErrorCode::network:
    case ErrorCode::unavailable:
    case ErrorCode::overloaded:
    case ErrorCode::provider_error:
    case ErrorCode::timeout:
    case ErrorCode::protocol:
    case ErrorCode::rate_limited:
    case ErrorCode::quota_exhausted:
    case ErrorCode::circuit_open:
    case ErrorCode::limit_reached:
      return true;
    default:
      return false;
  }
}

bool is_models_fault(const ReplyEnd& end) noexcept {
  // Ollama's words, and Groq's, which has them under a 400.
  constexpr std::array kUnread = std::to_array<std::string_view>({"error parsing tool call"});
  constexpr std::array kUnwritten =
      std::to_array<std::string_view>({"failed to call a function", "tool call validation failed"});
  if (!end.error) return false;
  if (end.error->code() == ErrorCode::invalid_argument)
    return says(end.error->provider_message(), kUnwritten);
  if (end.error->code() != ErrorCode::provider_error) return false;
  return end.raw_reason.starts_with("MALFORMED_") || says(end.error->provider_message(), kUnread);
}

Health health_of(const ReplyEnd& end) noexcept {
  if (end.outcome == Outcome::complete) return Health::good;
  if (end.outcome == Outcome::cancelled || end.outcome == Outcome::interrupted || !end.error)
    return Health::unknown;
  if (is_models_fault(end)) return Health::unknown;
  switch (end.error->code()) {
    case ErrorCode::network:
    case ErrorCode::unavailable:
    case ErrorCode::overloaded:
    case ErrorCode::provider_error:
    case ErrorCode::timeout:
    case ErrorCode::protocol:
      return Health::bad;
    default:
      return Health::unknown;  // it answered: a refusal of this request, this key or this pace
  }
}

}  // namespace scena::llm

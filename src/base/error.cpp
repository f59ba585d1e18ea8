#include <scena/error.hpp>

namespace scena {

const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::ok:
      return "ok";
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::wrong_state:
      return "wrong_state";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::quota_exhausted:
      return "quota_exhausted";
    case ErrorCode::budget_exhausted:
      return "budget_exhausted";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::network:
      return "network";
    case ErrorCode::protocol:
      return "protocol";
    case ErrorCode::provider_error:
      return "provider_error";
    case ErrorCode::overloaded:
      return "overloaded";
    case ErrorCode::circuit_open:
      return "circuit_open";
    case ErrorCode::context_overflow:
      return "context_overflow";
    case ErrorCode::content_filtered:
      return "content_filtered";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::tool_failed:
      return "tool_failed";
    case ErrorCode::limit_reached:
      return "limit_reached";
    case ErrorCode::storage_full:
      return "storage_full";
    case ErrorCode::storage_failed:
      return "storage_failed";
    case ErrorCode::storage_corrupt:
      return "storage_corrupt";
    case ErrorCode::version_mismatch:
      return "version_mismatch";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::closed:
      return "closed";
    case ErrorCode::internal:
      return "internal";
  }
  return "unknown";
}

const char* to_string(FailurePoint point) noexcept {
  switch (point) {
    case FailurePoint::none:
      return "";
    case FailurePoint::status:
      return "status";
    case FailurePoint::body:
      return "body";
    case FailurePoint::stream:
      return "stream";
    case FailurePoint::finish:
      return "finish";
    case FailurePoint::cut:
      return "cut";
  }
  return "";
}

Error Error::fixed(ErrorCode code, const char* literal) noexcept {
  Error error;
  error.code_ = code;
  error.literal_ = literal;
  return error;
}

Error::Error(ErrorCode code, std::string message)
    : code_(code), text_(std::make_shared<const Text>(Text{std::move(message), {}, {}})) {}

const char* Error::what() const noexcept {
  if (text_) return text_->message.c_str();
  return literal_ ? literal_ : to_string(code_);
}

std::string_view Error::pointer() const noexcept {
  return text_ ? std::string_view(text_->pointer) : std::string_view();
}

std::string_view Error::provider_message() const noexcept {
  return text_ ? std::string_view(text_->provider_message) : std::string_view();
}

Error& Error::with_retry_after(std::chrono::milliseconds delay) noexcept {
  retry_after_ = delay;
  return *this;
}

Error& Error::with_provider_status(int status) noexcept {
  provider_status_ = status;
  return *this;
}

Error& Error::with_point(FailurePoint point) noexcept {
  point_ = point;
  return *this;
}

Error& Error::with_pointer(std::string pointer) {
  text_ = std::make_shared<const Text>(
      Text{what(), std::move(pointer), std::string(provider_message())});
  return *this;
}

Error& Error::with_provider_message(std::string words) {
  text_ =
      std::make_shared<const Text>(Text{what(), std::string(this->pointer()), std::move(words)});
  return *this;
}

bool Error::operator==(const Error& other) const noexcept {
  return code_ == other.code_ && point_ == other.point_ &&
         provider_status_ == other.provider_status_ && retry_after_ == other.retry_after_ &&
         pointer() == other.pointer() && provider_message() == other.provider_message() &&
         std::string_view(what()) == other.what();
}

}  // namespace scena

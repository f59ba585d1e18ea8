#include "shell/completion_json.hpp"

#include <fmt/format.h>

#include "shell/json_text.hpp"

namespace scena::shell {
namespace {

bool is_refusal_of(const Error& error, int from, int to) noexcept {
  return error.point() == FailurePoint::status && error.provider_status() >= from &&
         error.provider_status() < to;
}

// What the service says of itself: by a status, by an event of its stream, or in its answer.
std::string_view kind_of_provider_error(const Error& error) noexcept {
  switch (error.point()) {
    case FailurePoint::status:
      return "server";
    case FailurePoint::stream:
      return "stream";
    default:
      return "provider";
  }
}

std::string_view finish_word(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::context_overflow:
      return "length";
    case FinishReason::pause:
      return "other";
    default:
      return to_string(reason);
  }
}

// "error" only where the service itself named the failure as the reason of the end.
std::string finish_json(const Completion& reply) {
  if (reply.finish_reason) return json_text(finish_word(*reply.finish_reason));
  const bool named = reply.error && (reply.error->point() == FailurePoint::finish ||
                                     reply.raw_reason == "error" || reply.raw_reason == "ERROR");
  return named ? "\"error\"" : "null";
}

std::string calls_json(const Completion& reply) {
  std::string out;
  for (const ToolCall& call : reply.tool_calls) {
    if (!out.empty()) out += ',';
    out += fmt::format("{{\"name\":{},\"arguments\":{}}}", json_text(call.name),
                       call.valid ? call.arguments : json_text(call.arguments));
  }
  return "[" + out + "]";
}

// Some services count only what they bill.
std::int64_t counted(std::optional<std::int64_t> tokens, std::optional<std::int64_t> billed) {
  return tokens ? *tokens : billed.value_or(0);
}

std::string error_json(const Error& error) {
  const std::string_view words = error.provider_message();
  const auto wait = error.retry_after();
  return fmt::format(
      R"({{"kind":"{}","status":{},"message":{},"retry_after_ms":{}}})", kind_of(error),
      error.provider_status() != 0 ? std::to_string(error.provider_status()) : "null",
      json_text(words.empty() ? std::string_view(error.what()) : words),
      wait ? std::to_string(wait->count()) : "null");
}

}  // namespace

std::string_view kind_of(const Error& error) noexcept {
  switch (error.code()) {
    case ErrorCode::unauthenticated:
      return "auth";
    case ErrorCode::permission_denied:
      return "permission";
    case ErrorCode::quota_exhausted:
    case ErrorCode::budget_exhausted:
      return "quota";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::context_overflow:
      return "context_length";
    case ErrorCode::content_filtered:
      return "content_filter";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::rate_limited:
      return "rate_limit";
    case ErrorCode::overloaded:
      return "overloaded";
    case ErrorCode::timeout:
      return is_refusal_of(error, 500, 600) ? "server" : "timeout";
    case ErrorCode::network:
      return error.point() == FailurePoint::cut ? "incomplete" : "network";
    case ErrorCode::cancelled:
      return "incomplete";
    case ErrorCode::protocol:
      return error.point() == FailurePoint::body ? "invalid_response" : "protocol";
    case ErrorCode::provider_error:
      return kind_of_provider_error(error);
    case ErrorCode::unavailable:
      return is_refusal_of(error, 400, 500) ? "invalid_request" : "server";
    case ErrorCode::circuit_open:
    case ErrorCode::closed:
    case ErrorCode::internal:
    case ErrorCode::out_of_memory:
      return "provider";
    default:
      return "invalid_request";
  }
}

std::string completion_json(const Completion& reply) {
  return fmt::format(
      R"({{"text":{},"finish_reason":{},"tool_calls":{},"usage":{{"input_tokens":{},"output_tokens":{}}},"error":{}}})",
      json_text(reply.text), finish_json(reply), calls_json(reply),
      counted(reply.reported.input_tokens, reply.reported.billed_input_tokens),
      counted(reply.reported.output_tokens, reply.reported.billed_output_tokens),
      reply.error ? error_json(*reply.error) : "null");
}

std::string completion_json(const Error& refused) {
  Completion reply;
  reply.error = refused;
  return completion_json(reply);
}

}  // namespace scena::shell

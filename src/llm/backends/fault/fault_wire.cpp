#include "llm/backends/fault/fault_wire.hpp"

#include "base/json_writer.hpp"

namespace scena::fault {
namespace {

struct StatusWords {
  int status;
  const char* chat_type;
  const char* messages_type;
  const char* state;  // Gemini's
  const char* message;
};

constexpr StatusWords kStatusWords[] = {
    {400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT",
     "The request is not valid."},
    {401, "invalid_request_error", "authentication_error", "UNAUTHENTICATED",
     "Incorrect API key provided."},
    {402, "billing_error", "billing_error", "FAILED_PRECONDITION",
     "The account has no credit left."},
    {403, "invalid_request_error", "permission_error", "PERMISSION_DENIED",
     "The key may not do this."},
    {404, "invalid_request_error", "not_found_error", "NOT_FOUND", "The model does not exist."},
    {408, "timeout_error", "timeout_error", "DEADLINE_EXCEEDED", "The request took too long."},
    {413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT",
     "The request is too large."},
    {422, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT",
     "The request cannot be processed."},
    {429, "requests", "rate_limit_error", "RESOURCE_EXHAUSTED", "Rate limit reached."},
    {503, "server_error", "api_error", "UNAVAILABLE", "The server had an error."},
    {504, "server_error", "timeout_error", "DEADLINE_EXCEEDED", "The service took too long."},
    {529, "server_error", "overloaded_error", "UNAVAILABLE", "Overloaded"},
};

StatusWords words_of(int status) {
  for (const StatusWords& words : kStatusWords) {
    if (words.status == status) return words;
  }
  if (status < 500) {
    return {status, "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION",
            "Refused."};
  }
  return {status, "server_error", "api_error", "INTERNAL", "The server had an error."};
}

const char* type_of(Dialect dialect, const StatusWords& words) {
  if (dialect == Dialect::gemini) return words.state;
  return dialect == Dialect::messages ? words.messages_type : words.chat_type;
}

}  // namespace

WireError worded(Dialect dialect, WireError error) {
  const StatusWords words = words_of(error.status);
  if (error.code.empty() && error.type.empty()) {
    if (error.status == 401) error.code = "invalid_api_key";
    if (error.status == 404) error.code = "model_not_found";
    if (error.status == 429) error.code = "rate_limit_exceeded";
  }
  if (error.type.empty()) error.type = type_of(dialect, words);
  if (error.message.empty()) error.message = words.message;
  return error;
}

std::string json_quoted(std::string_view text) {
  std::string out;
  JsonWriter::quote(out, text);
  return out;
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

}  // namespace scena::fault

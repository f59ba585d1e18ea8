#include "llm/provider_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "llm/failure_code.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxQuote = 300;    // inside an error's text
constexpr std::size_t kMaxWords = 4'096;  // the provider's words by themselves

// Only of such a failure a wait is told: a sentence about waiting may stand in any.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::rate_limited || code == ErrorCode::overloaded ||
         code == ErrorCode::unavailable || code == ErrorCode::provider_error;
}

std::string_view advice(ErrorCode code, std::string_view message) {
  constexpr std::array kNoModel = std::to_array<std::string_view>(
      {"provide a model", "model is required", "missing model", "model is missing"});
  switch (code) {
    case ErrorCode::invalid_argument:
      return says(message, kNoModel) ? "; set \"model\" in the configuration" : "";
    case ErrorCode::unauthenticated:
      return "; check the provider's api_key";
    case ErrorCode::permission_denied:
      return "; the key may not use this model or service";
    case ErrorCode::not_found:
      return "; check the model's name and base_url";
    case ErrorCode::quota_exhausted:
      return "; the account needs credit or a higher quota";
    case ErrorCode::context_overflow:
      return "; shorten the prompt or choose a model with a longer context";
    case ErrorCode::protocol:
      return "; redirects are not followed: set base_url to the final address";
    default:
      return "";
  }
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '*';
}

// What begins like a key is one, whoever's it is; "task-3" does not begin so. What the provider has
// masked itself may be told.
void redact_key_like(std::string& text) {
  constexpr std::string_view kMask = "****";
  for (std::size_t at = 0; (at = text.find("sk-", at)) != std::string::npos;) {
    if (at > 0 && is_key_character(text[at - 1])) {
      at += 3;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_key_character(text[end])) ++end;
    if (std::string_view(text).substr(at, end - at).find(kMask) != std::string_view::npos) {
      at = end;
      continue;
    }
    text.replace(at, end - at, "***");
    at += 3;
  }
}

// The provider's own words, line ends included, without secrets.
std::string words_of(std::string_view message, const SecretWords& secrets) {
  std::string text = utf8_repair(message);
  secrets.take_out_of(text);
  redact_key_like(text);
  for (char& c : text) {
    const bool line = c == '\n' || c == '\t';
    if ((static_cast<unsigned char>(c) < 0x20 && !line) || c == 0x7F) c = ' ';
  }
  return std::string(utf8_truncate(trim(text), kMaxWords));
}

std::string quotable(std::string_view message, const SecretWords& secrets) {
  std::string text = words_of(message, secrets);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return std::string(utf8_truncate(text, kMaxQuote));
}

}  // namespace

Error provider_failure(int status, const FailureBody& body, const SecretWords& secrets,
                       std::optional<std::chrono::milliseconds> retry_after) {
  const ErrorCode code = failure_code(status, body);
  if (!retry_after && may_pass(code)) retry_after = body.retry_after;
  const int shown = status != 0 ? status : body.status;
  std::string text = "the provider reported a failure";
  if (shown != 0) text += fmt::format(" (HTTP {})", shown);
  const std::string& word = !body.code.empty() && body.status == 0 ? body.code : body.type;
  if (!word.empty()) text += fmt::format(" [{}]", utf8_truncate(quotable(word, secrets), 64));
  std::string words = words_of(body.message, secrets);
  const std::string quote = quotable(body.message, secrets);
  if (!quote.empty()) text += ": " + quote;
  text += advice(code, body.message);
  if (retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*retry_after).count();
    text += fmt::format("; it asks to wait {} s", seconds);
  }
  Error error(code, std::move(text));
  if (retry_after) error.with_retry_after(*retry_after);
  if (shown != 0) error.with_provider_status(shown);
  if (status != 0) error.with_point(FailurePoint::status);
  if (!words.empty()) error.with_provider_message(std::move(words));
  return error;
}

Error missing_key(std::string_view service, std::string_view names) {
  return Error(ErrorCode::unauthenticated,
               fmt::format("{}: no key; set api_key, or {} where the engine's secrets come from",
                           service, names));
}

namespace {

Error protocol_error(std::string what, std::string_view body, const SecretWords& secrets) {
  const std::string message = parse_failure(body).message;
  std::string words = words_of(message, secrets);
  if (!words.empty()) what += ": " + quotable(message, secrets);
  Error error(ErrorCode::protocol, std::move(what));
  if (!words.empty()) error.with_provider_message(std::move(words));
  return error;
}

}  // namespace

Error not_a_reply(std::string what, std::string_view body, const SecretWords& secrets) {
  return protocol_error(std::move(what) + "; check base_url", body, secrets);
}

Error not_json(std::string what, std::string_view words) {
  return protocol_error(std::move(what), words, {});
}

Error without_secret(const Error& error, const SecretWords& secrets) {
  std::string text = error.what();
  if (!secrets.occur_in(text) && !secrets.occur_in(error.provider_message())) return error;
  secrets.take_out_of(text);
  Error clean(error.code(), std::move(text));
  clean.with_point(error.point());
  if (std::string words(error.provider_message()); !words.empty()) {
    secrets.take_out_of(words);
    clean.with_provider_message(std::move(words));
  }
  if (error.provider_status() != 0) clean.with_provider_status(error.provider_status());
  if (error.retry_after()) clean.with_retry_after(*error.retry_after());
  return clean;
}

}  // namespace scena::llm

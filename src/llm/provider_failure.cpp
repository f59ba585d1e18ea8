#include "llm/provider_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxQuote = 300;    // inside an error's text
constexpr std::size_t kMaxWords = 4'096;  // the provider's words by themselves

struct Word {
  std::string_view word;
  ErrorCode code;
};

// Words that say more than the status they come with.
constexpr std::array kStrongWords = {
    Word{"insufficient_quota", ErrorCode::quota_exhausted},
    Word{"billing_error", ErrorCode::quota_exhausted},
    Word{"billing_not_active", ErrorCode::quota_exhausted},
    Word{"billing_hard_limit_reached", ErrorCode::quota_exhausted},
    Word{"credit_balance_exhausted", ErrorCode::quota_exhausted},
    Word{"project_spend_limit_exceeded", ErrorCode::quota_exhausted},
    Word{"quota_exceeded", ErrorCode::quota_exhausted},
    Word{"insufficient_user_quota", ErrorCode::quota_exhausted},
    Word{"exceeded_current_quota_error", ErrorCode::quota_exhausted},
    Word{"Arrearage", ErrorCode::quota_exhausted},
    Word{"AccountOverdueError", ErrorCode::quota_exhausted},
    Word{"budget_exceeded", ErrorCode::quota_exhausted},
    Word{"token_quota_reached", ErrorCode::quota_exhausted},
    Word{"AllocationQuota.FreeTierOnly", ErrorCode::quota_exhausted},
    Word{"1113", ErrorCode::quota_exhausted},  // Zhipu: an account in arrears
    Word{"context_length_exceeded", ErrorCode::context_overflow},
    Word{"exceed_context_size_error", ErrorCode::context_overflow},
    Word{"too_many_prompt_tokens", ErrorCode::context_overflow},
    Word{"1261", ErrorCode::context_overflow},  // Zhipu
    Word{"content_filter", ErrorCode::content_filtered},
    Word{"content_policy_violation", ErrorCode::content_filtered},
    Word{"moderation_blocked", ErrorCode::content_filtered},
    Word{"data_inspection_failed", ErrorCode::content_filtered},
    Word{"DataInspectionFailed", ErrorCode::content_filtered},
    Word{"sensitive_words_detected", ErrorCode::content_filtered},
    Word{"SensitiveContentDetected", ErrorCode::content_filtered},
    Word{"image_content_policy_violation", ErrorCode::content_filtered},
    Word{"1301", ErrorCode::content_filtered},  // Zhipu
    Word{"overloaded_error", ErrorCode::overloaded},
    Word{"capacity_exceeded", ErrorCode::overloaded},
    Word{"daily_quota", ErrorCode::quota_exhausted},
    Word{"invalid_api_key", ErrorCode::unauthenticated},
    Word{"API_KEY_INVALID", ErrorCode::unauthenticated},
    Word{"BILLING_DISABLED", ErrorCode::quota_exhausted},
    Word{"QUOTA_EXHAUSTED", ErrorCode::quota_exhausted},
};

// Words that decide where there is no status: inside a stream.
constexpr std::array kWords = {
    Word{"rate_limit_exceeded", ErrorCode::rate_limited},
    Word{"rate_limit_error", ErrorCode::rate_limited},
    Word{"too_many_requests", ErrorCode::rate_limited},
    Word{"throttlingException", ErrorCode::rate_limited},
    Word{"ThrottlingException", ErrorCode::rate_limited},
    Word{"authentication_error", ErrorCode::unauthenticated},
    Word{"UNAUTHENTICATED", ErrorCode::unauthenticated},
    Word{"PERMISSION_DENIED", ErrorCode::permission_denied},
    Word{"NOT_FOUND", ErrorCode::not_found},
    Word{"RESOURCE_EXHAUSTED", ErrorCode::rate_limited},
    Word{"UNAVAILABLE", ErrorCode::overloaded},
    Word{"INVALID_ARGUMENT", ErrorCode::invalid_argument},
    Word{"DEADLINE_EXCEEDED", ErrorCode::timeout},
    Word{"BadRequestError", ErrorCode::invalid_argument},
    Word{"permission_error", ErrorCode::permission_denied},
    Word{"not_found_error", ErrorCode::not_found},
    Word{"model_not_found", ErrorCode::not_found},
    Word{"request_too_large", ErrorCode::too_large},
    Word{"invalid_request_error", ErrorCode::invalid_argument},
    Word{"invalid_prompt", ErrorCode::invalid_argument},
    Word{"validation", ErrorCode::invalid_argument},
    Word{"timeout_error", ErrorCode::timeout},
    Word{"vector_store_timeout", ErrorCode::timeout},
    Word{"overloaded", ErrorCode::overloaded},
    Word{"server_is_overloaded", ErrorCode::overloaded},
    Word{"slow_down", ErrorCode::overloaded},
    Word{"engine_overloaded", ErrorCode::overloaded},
    Word{"engine_overloaded_error", ErrorCode::overloaded},
    Word{"rate_limit_reached_error", ErrorCode::rate_limited},
    Word{"insufficient_system_resource", ErrorCode::overloaded},
};

template <std::size_t N>
std::optional<ErrorCode> find_word(const std::array<Word, N>& words, const FailureBody& body) {
  for (const auto& [word, code] : words) {
    if (body.code == word || body.type == word) return code;
  }
  return std::nullopt;
}

// Phrases are in lower case.
bool says(std::string_view message, std::span<const std::string_view> phrases) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return std::search(message.begin(), message.end(), phrase.begin(), phrase.end(),
                       [&](char a, char b) { return lower(a) == b; }) != message.end();
  });
}

bool says_overflow(std::string_view message) {
  constexpr std::array kPhrases =
      std::to_array<std::string_view>({"prompt is too long",
                                       "exceeds the available context size",
                                       "maximum context length",
                                       "exceeds the context window",
                                       "exceed context limit",
                                       "exceeds the maximum number of tokens",
                                       "number of tokens in the prompt",
                                       "input is too long",
                                       "exceeds the model's context",
                                       "longer than the model's context",
                                       "maximum prompt length",
                                       "exceeded max context length",
                                       "context size has been exceeded",
                                       "context length exceeded",
                                       "the context overflows",
                                       "context the overflows",
                                       "is loaded with context length of only",
                                       "initial prompt is greater than the context length",
                                       "reduce the length of",
                                       "`max_new_tokens` must be",
                                       "longer than the maximum model length",
                                       "range of input length",
                                       "context window exceeds limit",
                                       "prompt exceeds max length",
                                       "exceed max message tokens",
                                       "exceeded model token limit",
                                       "exceed context window of",
                                       "but model only supports up to",
                                       "input token length too long",
                                       "prompt token count of",
                                       "prompt too long",
                                       "exceeds the context length",
                                       "exceeded this model context window limit",
                                       "exceeds maximum input length",
                                       "maximum allowed input length",
                                       "number of input tokens exceeds maximum length",
                                       "tokens in request more than max tokens allowed",
                                       "configured context size",
                                       "max_seq_len",
                                       "should not exceed max_num_tokens",
                                       "`inputs` must have less than",
                                       "cannot exceed the total tokens limit",
                                       "contextwindowexceedederror"});
  // Of what is too long, not of what came in a minute.
  constexpr std::array kTooMany = std::to_array<std::string_view>({"too many tokens"});
  constexpr std::array kOfWhat = std::to_array<std::string_view>({"prompt", "context", "input"});
  return says(message, kPhrases) || (says(message, kTooMany) && says(message, kOfWhat));
}

bool says_overload(std::string_view message) {
  constexpr std::array kPhrases = std::to_array<std::string_view>(
      {"overloaded", "at capacity", "over capacity", "high demand"});
  return says(message, kPhrases);
}

bool says_busy(std::string_view message) {
  constexpr std::array kPhrases = std::to_array<std::string_view>({"busy"});
  return says(message, kPhrases);
}

bool says_bad_key(std::string_view message) {
  constexpr std::array kPhrases = std::to_array<std::string_view>(
      {"api key not valid", "incorrect api key", "invalid api key", "api key expired"});
  return says(message, kPhrases);
}

bool says_no_credit(std::string_view message) {
  constexpr std::array kPhrases = std::to_array<std::string_view>(
      {"credit balance is too low", "insufficient balance", "insufficient credits",
       "insufficient account balance", "balance is insufficient", "not enough balance",
       "used all available credits", "doesn't have any credits", "credits are depleted",
       "monthly spending limit", "reached your specified api usage limits",
       "used up your daily free allocation", "is in arrears"});
  return says(message, kPhrases);
}

bool says_filtered(std::string_view message) {
  constexpr std::array kPhrases = std::to_array<std::string_view>(
      {"content exists risk", "inappropriate content", "content filtering policy",
       "rejected as a result of our safety system", "unsafe or sensitive content",
       "your input was flagged", "your prompt was flagged", "violating our usage policy",
       "content management policy", "contentpolicyviolationerror", "new_sensitive"});
  return says(message, kPhrases);
}

bool says_too_large(std::string_view message) {
  constexpr std::array kPhrases =
      std::to_array<std::string_view>({"request payload size exceeds the limit"});
  return says(message, kPhrases);
}

bool says_limited(std::string_view message) {
  constexpr std::array kPhrases =
      std::to_array<std::string_view>({"rate limit", "too many requests"});
  return says(message, kPhrases);
}

bool says_no_model(std::string_view message) {
  constexpr std::array kPhrases = std::to_array<std::string_view>(
      {"provide a model", "model is required", "missing model", "model is missing"});
  return says(message, kPhrases);
}

ErrorCode code_of_status(int status) {
  switch (status) {
    case 401:
    case 498:  // Cohere: the token is not valid
      return ErrorCode::unauthenticated;
    case 402:
      return ErrorCode::quota_exhausted;
    case 403:
      return ErrorCode::permission_denied;
    case 404:
      return ErrorCode::not_found;
    case 408:
    case 504:
      return ErrorCode::timeout;
    case 409:
      return ErrorCode::unavailable;
    case 413:
      return ErrorCode::too_large;
    case 429:
      return ErrorCode::rate_limited;
    case 529:
      return ErrorCode::overloaded;
    default:
      break;
  }
  if (status >= 300 && status < 400) return ErrorCode::protocol;
  if (status >= 400 && status < 500) return ErrorCode::invalid_argument;
  return status >= 500 || status == 0 ? ErrorCode::provider_error : ErrorCode::protocol;
}

ErrorCode classify(int status, const FailureBody& body) {
  if (const auto strong = find_word(kStrongWords, body)) return *strong;
  const int known = status != 0 ? status : body.status;
  // Without a status the code or the type stands for it, or a sentence about a rate, which may
  // speak of long prompts as well.
  std::optional<ErrorCode> told;
  if (known == 0) {
    told = find_word(kWords, body);
    if (!told && says_limited(body.message)) told = ErrorCode::rate_limited;
  }
  const bool open = known == 0 && !told;
  const bool request = known == 400 || known == 413 || known == 422 ||
                       told == ErrorCode::invalid_argument || told == ErrorCode::too_large;
  // Fireworks has 412 for an account that it suspended.
  const bool forbidden = known == 403 || known == 412 || told == ErrorCode::permission_denied;
  const bool limited = known == 429 || told == ErrorCode::rate_limited;
  // Some servers answer a prompt over the context as a failure of their own.
  if ((open || request || known >= 500) && says_overflow(body.message))
    return ErrorCode::context_overflow;
  if ((open || request) && says_bad_key(body.message)) return ErrorCode::unauthenticated;
  if ((open || request) && says_too_large(body.message)) return ErrorCode::too_large;
  if ((open || request || forbidden || limited) && says_no_credit(body.message))
    return ErrorCode::quota_exhausted;
  if ((open || request || forbidden) && says_filtered(body.message))
    return ErrorCode::content_filtered;
  if ((open || (known >= 500 && known != 504)) && says_overload(body.message))
    return ErrorCode::overloaded;
  if (known == 503 && says_busy(body.message)) return ErrorCode::overloaded;
  if (known == 400 && (body.code == "model_not_found" || body.code == "unknown_model"))
    return ErrorCode::not_found;
  if (known != 0) return code_of_status(known);
  return told.value_or(ErrorCode::provider_error);
}

// Only of such a failure a wait is told: a sentence about waiting may stand in any.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::rate_limited || code == ErrorCode::overloaded ||
         code == ErrorCode::unavailable || code == ErrorCode::provider_error;
}

std::string_view advice(ErrorCode code, std::string_view message) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return says_no_model(message) ? "; set \"model\" in the configuration" : "";
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
  const ErrorCode code = classify(status, body);
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

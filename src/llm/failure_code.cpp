#include "llm/failure_code.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

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
    Word{"context_length_exceeded", ErrorCode::context_overflow},
    Word{"exceed_context_size_error", ErrorCode::context_overflow},
    Word{"too_many_prompt_tokens", ErrorCode::context_overflow},
    Word{"content_filter", ErrorCode::content_filtered},
    Word{"content_policy_violation", ErrorCode::content_filtered},
    Word{"moderation_blocked", ErrorCode::content_filtered},
    Word{"data_inspection_failed", ErrorCode::content_filtered},
    Word{"DataInspectionFailed", ErrorCode::content_filtered},
    Word{"sensitive_words_detected", ErrorCode::content_filtered},
    Word{"SensitiveContentDetected", ErrorCode::content_filtered},
    Word{"image_content_policy_violation", ErrorCode::content_filtered},
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
    Word{"unknown_model", ErrorCode::not_found},
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

constexpr std::array kOverflow =
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
constexpr std::array kTooManyTokens = std::to_array<std::string_view>({"too many tokens"});
constexpr std::array kOfAPrompt = std::to_array<std::string_view>({"prompt", "context", "input"});
constexpr std::array kBadKey = std::to_array<std::string_view>(
    {"api key not valid", "incorrect api key", "invalid api key", "api key expired"});
constexpr std::array kTooLarge =
    std::to_array<std::string_view>({"request payload size exceeds the limit"});
constexpr std::array kNoCredit = std::to_array<std::string_view>(
    {"credit balance is too low", "insufficient balance", "insufficient credits",
     "insufficient account balance", "balance is insufficient", "not enough balance",
     "used all available credits", "doesn't have any credits", "credits are depleted",
     "monthly spending limit", "reached your specified api usage limits",
     "used up your daily free allocation", "is in arrears", "已欠费", "余额不足"});
constexpr std::array kFiltered = std::to_array<std::string_view>(
    {"content exists risk", "inappropriate content", "content filtering policy",
     "rejected as a result of our safety system", "unsafe or sensitive content",
     "your input was flagged", "your prompt was flagged", "violating our usage policy",
     "content management policy", "contentpolicyviolationerror", "new_sensitive",
     "不安全或敏感内容"});
constexpr std::array kOverload =
    std::to_array<std::string_view>({"overloaded", "at capacity", "over capacity", "high demand"});
constexpr std::array kBusy = std::to_array<std::string_view>({"busy"});
constexpr std::array kLimited =
    std::to_array<std::string_view>({"rate limit", "too many requests"});

// Where a failure stands, as its status says or what is in its place.
enum Place : unsigned {
  kUnplaced = 1,    // nothing says it
  kOfRequest = 2,   // the request is at fault
  kOfAccess = 4,    // the key or the account may not
  kOfRate = 8,      // too many requests
  kOfService = 16,  // the service failed
  kOfGateway = 32,  // a gateway's patience ended
  kOf503 = 64,      // besides kOfService
};

// A sentence that says more than the status does, in the places where it is to be believed.
struct Saying {
  std::span<const std::string_view> phrases;
  ErrorCode code;
  unsigned places;
  std::span<const std::string_view> beside = {};  // one of these must be there, too
};

// The first one counts.
constexpr std::array kSayings = {
    // Some servers answer a prompt over the context as a failure of their own.
    Saying{kOverflow, ErrorCode::context_overflow,
           kUnplaced | kOfRequest | kOfService | kOfGateway},
    Saying{kTooManyTokens, ErrorCode::context_overflow,
           kUnplaced | kOfRequest | kOfService | kOfGateway, kOfAPrompt},
    Saying{kBadKey, ErrorCode::unauthenticated, kUnplaced | kOfRequest},
    Saying{kTooLarge, ErrorCode::too_large, kUnplaced | kOfRequest},
    Saying{kNoCredit, ErrorCode::quota_exhausted, kUnplaced | kOfRequest | kOfAccess | kOfRate},
    Saying{kFiltered, ErrorCode::content_filtered, kUnplaced | kOfRequest | kOfAccess},
    Saying{kOverload, ErrorCode::overloaded, kUnplaced | kOfService},
    Saying{kBusy, ErrorCode::overloaded, kOf503},
};

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

// `told` is what stands for a status where there is none.
unsigned places_of(int status, std::optional<ErrorCode> told) {
  if (status == 0 && !told) return kUnplaced;
  unsigned places = 0;
  if (status == 400 || status == 413 || status == 422 || told == ErrorCode::invalid_argument ||
      told == ErrorCode::too_large)
    places |= kOfRequest;
  // Fireworks has 412 for an account that it suspended.
  if (status == 403 || status == 412 || told == ErrorCode::permission_denied) places |= kOfAccess;
  if (status == 429 || told == ErrorCode::rate_limited) places |= kOfRate;
  if (status >= 500) places |= status == 504 ? kOfGateway : kOfService;
  if (status == 503) places |= kOf503;
  return places;
}

}  // namespace

bool says(std::string_view text, std::span<const std::string_view> phrases) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return std::search(text.begin(), text.end(), phrase.begin(), phrase.end(),
                       [&](char a, char b) { return lower(a) == b; }) != text.end();
  });
}

ErrorCode failure_code(int status, const FailureBody& body) {
  if (const auto strong = find_word(kStrongWords, body)) return *strong;
  const int known = status != 0 ? status : body.status;
  // Without a status the code or the type stands for it, or a sentence about a rate, which may
  // speak of long prompts as well.
  std::optional<ErrorCode> told;
  if (known == 0) {
    told = find_word(kWords, body);
    if (!told && says(body.message, kLimited)) told = ErrorCode::rate_limited;
  }
  const unsigned places = places_of(known, told);
  for (const Saying& saying : kSayings) {
    if ((saying.places & places) == 0 || !says(body.message, saying.phrases)) continue;
    if (saying.beside.empty() || says(body.message, saying.beside)) return saying.code;
  }
  if (known == 400 && find_word(kWords, body) == ErrorCode::not_found) return ErrorCode::not_found;
  if (known != 0) return code_of_status(known);
  return told.value_or(ErrorCode::provider_error);
}

}  // namespace scena::llm

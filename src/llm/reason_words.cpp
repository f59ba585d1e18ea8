#include "llm/reason_words.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace scena::llm {
namespace {

// Of OpenAI and servers with its format, of Anthropic, Cohere and Gemini, and of other services
// behind gateways.
constexpr ReasonWord kShared[] = {
    {"stop", FinishReason::stop},
    {"length", FinishReason::length},
    {"tool_calls", FinishReason::tool_calls},
    {"function_call", FinishReason::tool_calls},
    {"tool_use", FinishReason::tool_calls},
    {"tool_call", FinishReason::tool_calls},
    {"content_filter", FinishReason::content_filter},
    {"content_filtered", FinishReason::content_filter},
    {"refusal", FinishReason::refusal},
    {"eos", FinishReason::stop},
    {"eos_token", FinishReason::stop},
    {"endoftext", FinishReason::stop},
    {"stop_sequence", FinishReason::stop},
    {"end_turn", FinishReason::stop},
    {"complete", FinishReason::stop},
    {"completed", FinishReason::stop},
    {"max_tokens", FinishReason::length},
    {"max_output_tokens", FinishReason::length},
    {"max_length", FinishReason::length},
    {"model_length", FinishReason::length},
    {"token_limit", FinishReason::length},
    {"safety", FinishReason::content_filter},
    {"recitation", FinishReason::content_filter},
    {"blocklist", FinishReason::content_filter},
    {"prohibited_content", FinishReason::content_filter},
    {"spii", FinishReason::content_filter},
    {"sensitive", FinishReason::content_filter},
    {"error_toxic", FinishReason::content_filter},
    {"guardrail_intervened", FinishReason::content_filter},
    {"pause_turn", FinishReason::pause},
    {"model_context_window_exceeded", FinishReason::context_overflow},
    {"context_length_exceeded", FinishReason::context_overflow},
    {"error_limit", FinishReason::context_overflow},
};

std::optional<FinishReason> find(std::span<const ReasonWord> words,
                                 std::string_view word) noexcept {
  const auto known = std::find_if(words.begin(), words.end(), [word](const ReasonWord& one) {
    return equals_ignore_case(word, one.word);
  });
  return known == words.end() ? std::nullopt : std::optional(known->reason);
}

}  // namespace

std::optional<FinishReason> reason_of(std::span<const ReasonWord> own,
                                      std::string_view word) noexcept {
  const auto known = find(own, word);
  return known ? known : find(kShared, word);
}

}  // namespace scena::llm

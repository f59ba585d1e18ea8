#pragma once

#include <scena/result.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "llm/backends/fault/fault_answer.hpp"

namespace scena::fault {

/// One named case of what real services send.
struct FaultCase {
  /// The services that it is a case of: all, those that stream events, or one of them.
  enum class Where { any, events, chat, messages, gemini, cohere, ollama };

  std::string_view id;  ///< As in "case=D5".
  Where where = Where::any;
  std::string_view meaning;  ///< What is odd about the answer.
  void (*shape)(FaultDraft& draft);
};

/// The path that such a case is asked for by, e.g. "messages"; "any", or "any with events".
std::string_view path_of(FaultCase::Where where) noexcept;
/// True when the dialect's answers have such a case.
bool concerns(FaultCase::Where where, Dialect dialect) noexcept;

/// Every case, sorted as in docs/reference/fault.md.
std::vector<FaultCase> all_fault_cases();

/// Changes a sound draft into that case. not_found for an unknown id, unsupported when the case
/// belongs to another dialect.
Result<void> apply_case(std::string_view id, FaultDraft& draft);

// The groups of the table, one file each.
std::span<const FaultCase> framing_cases() noexcept;
std::span<const FaultCase> chat_cases() noexcept;
std::span<const FaultCase> messages_cases() noexcept;
std::span<const FaultCase> service_cases() noexcept;
std::span<const FaultCase> http_cases() noexcept;

/// Position of the first event with text, and behind the last one; without any, where it would be.
std::size_t first_token(const Events& events) noexcept;
std::size_t behind_tokens(const Events& events) noexcept;
/// Drops everything behind the first `count` tokens.
void keep_tokens(Events& events, std::int64_t count);
/// Puts a copy of `event` in front of each event but the first.
void interleave(Events& events, const SseEvent& event);

}  // namespace scena::fault

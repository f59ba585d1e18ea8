#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <scena/usage.hpp>

namespace scena {

/// One count without a part of it, never below 0.
inline void take_off(std::int64_t& count, std::int64_t part) noexcept {
  count = std::max<std::int64_t>(count - part, 0);
}

/// The same for counts that may not be told.
inline void take_off(std::optional<std::int64_t>& count,
                     const std::optional<std::int64_t>& part) noexcept {
  if (count && part) take_off(*count, *part);
}

/// What is left of `whole` without `part`: both a Usage, or both a UsageUpdate. Where the part is
/// not billed by a count of its own, it is by its tokens. A count stays, also as 0: without its own
/// count what is left would be billed by its tokens.
template <class Counts>
Counts usage_without(Counts whole, const Counts& part) noexcept {
  const auto take_billed = [](auto& count, const auto& own, const auto& tokens) {
    take_off(count, own ? own : std::optional<std::int64_t>(tokens));
  };
  take_billed(whole.billed_input_tokens, part.billed_input_tokens, part.input_tokens);
  take_billed(whole.billed_output_tokens, part.billed_output_tokens, part.output_tokens);
  take_off(whole.input_tokens, part.input_tokens);
  take_off(whole.output_tokens, part.output_tokens);
  take_off(whole.cached_input_tokens, part.cached_input_tokens);
  take_off(whole.cache_write_tokens, part.cache_write_tokens);
  take_off(whole.reasoning_tokens, part.reasoning_tokens);
  return whole;
}

/// Whether a count is told that is not 0.
inline bool is_something(const UsageUpdate& usage) noexcept {
  for (const auto& count : {usage.input_tokens, usage.output_tokens, usage.cached_input_tokens,
                            usage.cache_write_tokens, usage.reasoning_tokens,
                            usage.billed_input_tokens, usage.billed_output_tokens}) {
    if (count.value_or(0) != 0) return true;
  }
  return false;
}

}  // namespace scena

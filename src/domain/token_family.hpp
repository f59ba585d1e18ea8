#pragma once

#include <cstdint>
#include <string_view>

namespace scena {

/// Models that cut text into tokens alike, and how their counts relate to estimate_tokens().
struct TokenFamily {
  std::string_view name;
  int per_mille = 1'000;  ///< Tokens of the family for a thousand estimated ones.
  /// Of prompts of conversations: 95 of 100 estimates err by at most that many per cent. Measured
  /// on tests/golden/tokens (of Claude with its published vocabulary, that of Claude 2); 0: not
  /// measured, the estimate is high rather than low.
  int error_percent = 0;
};

/// The family of a model by its name; an unknown one keeps the plain estimate.
const TokenFamily& token_family(std::string_view model) noexcept;

/// Estimated tokens of a text as that model counts them.
std::int64_t estimate_tokens_for(std::string_view model, std::int64_t estimated) noexcept;

}  // namespace scena

#include "engine/turn/usage_estimate.hpp"

#include "domain/prompt.hpp"

namespace scena::engine {

Usage settle_usage(const UsageUpdate& reported, std::int64_t prompt_tokens,
                   std::string_view written) {
  Usage usage;
  if (reported.empty() && written.empty()) return usage;
  usage.estimated = reported.estimated || !reported.input_tokens || !reported.output_tokens;
  usage.input_tokens = reported.input_tokens.value_or(prompt_tokens);
  usage.output_tokens = reported.output_tokens ? *reported.output_tokens : estimate_tokens(written);
  usage.cached_input_tokens = reported.cached_input_tokens.value_or(0);
  usage.cache_write_tokens = reported.cache_write_tokens.value_or(0);
  usage.reasoning_tokens = reported.reasoning_tokens.value_or(0);
  usage.billed_input_tokens = reported.billed_input_tokens;
  usage.billed_output_tokens = reported.billed_output_tokens;
  return usage;
}

}  // namespace scena::engine

#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {
namespace {

// Of a request that got no answer: the service may be at work on it, and bills that.
bool may_be_billed(const ReplyEnd& end) noexcept {
  if (end.unasked) return false;
  if (end.outcome != Outcome::failed) return true;
  return end.error && end.error->code() == ErrorCode::timeout && end.error->provider_status() == 0;
}

}  // namespace

Usage settle_usage(const UsageUpdate& reported, const ReplyTokens& came, std::int64_t prompt_tokens,
                   const ReplyEnd& end) {
  Usage usage;
  if (reported.empty() && came.total() == 0 && !may_be_billed(end)) return usage;
  const UsageUpdate whole = whole_usage(reported, came, prompt_tokens, end.outcome);
  usage.estimated = whole.estimated;
  usage.input_tokens = *whole.input_tokens;
  usage.output_tokens = *whole.output_tokens;
  usage.cached_input_tokens = whole.cached_input_tokens.value_or(0);
  usage.cache_write_tokens = whole.cache_write_tokens.value_or(0);
  usage.reasoning_tokens = whole.reasoning_tokens.value_or(0);
  usage.billed_input_tokens = whole.billed_input_tokens;
  usage.billed_output_tokens = whole.billed_output_tokens;
  return usage;
}

}  // namespace scena::engine

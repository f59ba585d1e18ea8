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

Usage usage_of(const UsageUpdate& told) noexcept {
  Usage usage;
  usage.input_tokens = told.input_tokens.value_or(0);
  usage.output_tokens = told.output_tokens.value_or(0);
  usage.cached_input_tokens = told.cached_input_tokens.value_or(0);
  usage.cache_write_tokens = told.cache_write_tokens.value_or(0);
  usage.reasoning_tokens = told.reasoning_tokens.value_or(0);
  usage.billed_input_tokens = told.billed_input_tokens;
  usage.billed_output_tokens = told.billed_output_tokens;
  usage.estimated = told.estimated;
  return usage;
}

Usage settle_usage(const UsageUpdate& reported, const ReplyTokens& came, std::int64_t prompt_tokens,
                   const ReplyEnd& end) {
  if (reported.empty() && came.total() == 0 && !may_be_billed(end)) return {};
  return usage_of(whole_usage(reported, came, prompt_tokens, end.outcome));
}

}  // namespace scena::engine

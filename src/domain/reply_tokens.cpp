#include "domain/reply_tokens.hpp"

#include <algorithm>

namespace scena {

UsageUpdate whole_usage(UsageUpdate told, const ReplyTokens& came, std::int64_t prompt_tokens,
                        Outcome outcome) noexcept {
  const std::int64_t written = came.total();
  const bool outgrown =
      outcome != Outcome::complete && came.passed_report() && told.output_tokens < written;
  told.estimated = told.estimated || !told.input_tokens || !told.output_tokens || outgrown;
  if (!told.input_tokens) told.input_tokens = prompt_tokens;
  if (!told.output_tokens || outgrown) {
    told.output_tokens = written;
    told.billed_output_tokens.reset();
  }
  const std::int64_t reasoned = told.reasoning_tokens.value_or(0);
  if (outgrown || (told.estimated && !told.reasoning_tokens))
    told.reasoning_tokens = std::max(reasoned, came.of_reasoning());
  return told;
}

}  // namespace scena

#pragma once

#include <cstdint>
#include <scena/ext/provider.hpp>
#include <scena/usage.hpp>

#include "domain/reply_tokens.hpp"

namespace scena::engine {

/// The counts as they are booked: what was not told is 0.
Usage usage_of(const UsageUpdate& told) noexcept;

/// The usage to book of a call that ended so: its whole_usage(). A failure of which nothing came
/// and that told nothing is not billed by anyone; a call that was given up after its request had
/// left is.
Usage settle_usage(const UsageUpdate& reported, const ReplyTokens& came, std::int64_t prompt_tokens,
                   const ReplyEnd& end);

}  // namespace scena::engine

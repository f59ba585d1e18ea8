#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <scena/ext/clock.hpp>
#include <string_view>

namespace scena::guard {

/// No wait that a service asks for counts as longer, in whatever form it asks: a quota of the month
/// is full again within it, and what names a later time has a wrong clock or means something else.
inline constexpr std::chrono::hours kLongestWait{31 * 24};

/// What one quota of a service has left, as it said with an answer.
struct QuotaLeft {
  std::int64_t remaining = 0;
  Duration reset{};  ///< Until it is full again, from the answer on.
  /// What it fills up to, bit by bit until then; 0: all of it comes back at once, at `reset`, or
  /// nobody knows.
  std::int64_t refills_to = 0;
  bool operator==(const QuotaLeft&) const = default;
};

/// How long until `quota` has room for so much, from the answer on: a part of the time to its reset
/// where it fills bit by bit, else all of it. Zero: it has room. More than it ever holds needs it
/// full.
Duration time_to_room(const QuotaLeft& quota, std::int64_t amount) noexcept;

/// The quotas a service told: requests, tokens of both kinds together, or each kind by itself.
struct QuotaNews {
  std::optional<QuotaLeft> requests;
  std::optional<QuotaLeft> tokens;
  std::optional<QuotaLeft> input_tokens;
  std::optional<QuotaLeft> output_tokens;
  bool empty() const noexcept { return !requests && !tokens && !input_tokens && !output_tokens; }
  bool operator==(const QuotaNews&) const = default;
};

/// Reads `x-ratelimit-*` and `anthropic-ratelimit-*` fields. `field` gives a head field's value, or
/// an empty text. Quotas whose limit stands beside them fill bit by bit if they are Anthropic's, or
/// tell their reset as a duration with units, as OpenAI does: its time is that to a full bucket.
/// Plain seconds and points in time are a window's end. What is absent, negative or in no known
/// form counts as not said.
QuotaNews read_quota(const std::function<std::string_view(std::string_view name)>& field,
                     WallTime now);

/// A reset time in any form that services use: a duration ("12ms", "6m0s", "1h2m3.5s"), seconds
/// ("30", "0.5"), Unix time in seconds or milliseconds, or an RFC 3339 time. Past times are zero;
/// more than kLongestWait is that.
std::optional<Duration> parse_reset(std::string_view text, WallTime now) noexcept;

}  // namespace scena::guard

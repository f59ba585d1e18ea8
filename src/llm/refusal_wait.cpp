#include "llm/refusal_wait.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "guard/quota_headers.hpp"
#include "llm/provider_failure.hpp"
#include "net/http.hpp"

namespace scena::llm {
namespace {

// A run of digits, or -1; a day may be padded with a space.
int digits(std::string_view text) noexcept {
  if (text.starts_with(' ')) text.remove_prefix(1);
  int value = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() ? value : -1;
}

std::optional<WallTime> wall_time(std::string_view year, std::string_view month,
                                  std::string_view day, std::string_view clock) noexcept {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t number = kMonths.find(month);
  if (number == std::string_view::npos || number % 3 != 0 || clock[2] != ':' || clock[5] != ':')
    return std::nullopt;
  int full_year = digits(year);
  if (year.size() == 2 && full_year >= 0) full_year += full_year < 70 ? 2000 : 1900;
  const std::chrono::year_month_day date{
      std::chrono::year(full_year), std::chrono::month(static_cast<unsigned>(number / 3 + 1)),
      std::chrono::day(static_cast<unsigned>(std::max(digits(day), 0)))};
  const int hour = digits(clock.substr(0, 2)), minute = digits(clock.substr(3, 2)),
            second = digits(clock.substr(6, 2));
  if (!date.ok() || full_year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60) {
    return std::nullopt;
  }
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// One of the three forms of RFC 9110, e.g. "Wed, 21 Oct 2015 07:28:00 GMT".
std::optional<WallTime> parse_http_date(std::string_view text) noexcept {
  const auto part = [&text](std::size_t at, std::size_t size) { return text.substr(at, size); };
  // asctime: "Sun Nov  6 08:49:37 1994".
  if (text.size() == 24 && text[3] == ' ' && text[19] == ' ')
    return wall_time(part(20, 4), part(4, 3), part(8, 2), part(11, 8));
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos || !text.ends_with(" GMT")) return std::nullopt;
  text.remove_prefix(comma + 2);
  // RFC 9110: "06 Nov 1994 08:49:37 GMT".
  if (text.size() == 24 && text[2] == ' ' && text[6] == ' ' && text[11] == ' ')
    return wall_time(part(7, 4), part(3, 3), part(0, 2), part(12, 8));
  // RFC 850: "06-Nov-94 08:49:37 GMT".
  if (text.size() == 22 && text[2] == '-' && text[6] == '-' && text[9] == ' ')
    return wall_time(part(7, 2), part(3, 3), part(0, 2), part(10, 8));
  return std::nullopt;
}

// "12", "0.5": unsigned decimal, in milliseconds after `scale`.
std::optional<std::chrono::milliseconds> parse_delay(std::string_view text, double scale) {
  double value = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (fault != std::errc() || end != text.data() + text.size() || !(value >= 0))
    return std::nullopt;
  constexpr auto kMost =
      static_cast<double>(std::chrono::milliseconds(guard::kLongestWait).count());
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(value * scale, kMost)));
}

// A window's end. How long a bucket of tokens takes to hold what the call needs, the pacing knows.
Duration until_tokens(const guard::QuotaLeft& quota) noexcept {
  const bool fills_bit_by_bit = quota.refills_to > quota.remaining;
  return quota.remaining > 0 || fills_bit_by_bit ? Duration::zero() : quota.reset;
}

// Some services tell the time alone.
std::optional<std::chrono::milliseconds> until_room(const net::HttpHead& head, WallTime now) {
  const auto field = [&head](std::string_view name) { return head.header(name); };
  const guard::QuotaNews quotas = guard::read_quota(field, now);
  Duration longest{};
  if (quotas.requests) longest = guard::time_to_room(*quotas.requests, 1);
  for (const auto& quota : {quotas.tokens, quotas.input_tokens, quotas.output_tokens}) {
    if (quota) longest = std::max(longest, until_tokens(*quota));
  }
  if (quotas.empty())
    longest = guard::parse_reset(head.header("x-ratelimit-reset"), now).value_or(Duration::zero());
  if (longest <= Duration::zero()) return std::nullopt;
  return std::chrono::ceil<std::chrono::milliseconds>(longest);
}

// retry-after-ms, else retry-after as seconds or as a date.
std::optional<std::chrono::milliseconds> asked_by(const net::HttpHead& head, WallTime now) {
  if (const auto exact = parse_delay(trim(head.header("retry-after-ms")), 1)) return exact;
  const std::string_view field = trim(head.header("retry-after"));
  if (const auto seconds = parse_delay(field, 1000)) return seconds;
  const auto date = parse_http_date(field);
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*date - now),
                    std::chrono::milliseconds(0), std::chrono::milliseconds(guard::kLongestWait));
}

}  // namespace

void RefusalWait::read_head(const net::HttpHead& head, WallTime now) {
  asked_ = asked_by(head, now);
  limited_ = head.status == 429;
  if (limited_) until_room_ = until_room(head, now);
}

std::optional<std::chrono::milliseconds> RefusalWait::beside(const FailureBody& body,
                                                             WallTime now) const {
  if (asked_ || body.retry_after || !limited_) return asked_;
  const auto reset = guard::parse_reset(body.reset, now);
  if (!reset || *reset <= Duration::zero()) return until_room_;
  return std::chrono::ceil<std::chrono::milliseconds>(*reset);
}

}  // namespace scena::llm

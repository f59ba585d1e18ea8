#include "guard/quota_headers.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

#include "base/text.hpp"

namespace scena::guard {
namespace {

using namespace std::chrono_literals;

// Larger numbers of seconds are points in time, not spans: 2001-09-09.
constexpr double kUnixSeconds = 1e9;
constexpr double kUnixMilliseconds = 1e12;

std::optional<double> take_number(std::string_view& text) noexcept {
  double value = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (fault != std::errc() || !(value >= 0 && value < 1e18)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

Duration span_of(double seconds) noexcept {
  const double most = std::chrono::duration<double>(kLongestWait).count();
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::clamp(seconds, 0.0, most)));
}

double unit_seconds(std::string_view& text) noexcept {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  static constexpr std::array kUnits = {Unit{"ms", 1e-3}, Unit{"us", 1e-6}, Unit{"ns", 1e-9},
                                        Unit{"h", 3600},  Unit{"m", 60},    Unit{"s", 1}};
  for (const auto& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.seconds;
  }
  return -1;
}

// "1h2m3.5s", as Go writes durations.
std::optional<Duration> parse_go_duration(std::string_view text) noexcept {
  double seconds = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const double unit = number ? unit_seconds(text) : -1;
    if (unit < 0) return std::nullopt;
    seconds += *number * unit;
  }
  return span_of(seconds);
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) noexcept {
  int value = 0;
  if (text.size() < at + count) return std::nullopt;
  const char* end = text.data() + at + count;
  const auto read = std::from_chars(text.data() + at, end, value);
  return read.ec == std::errc() && read.ptr == end && value >= 0 ? std::optional(value)
                                                                 : std::nullopt;
}

// The offset behind the seconds: "Z", "+02:00".
std::optional<std::chrono::minutes> parse_offset(std::string_view zone) noexcept {
  if (zone == "Z" || zone == "z") return 0min;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const auto hours = digits(zone, 1, 2), minutes = digits(zone, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return zone[0] == '+' ? offset : -offset;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) noexcept {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2),
             hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':' || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  std::string_view rest = text.substr(19);
  double fraction = 0;
  if (rest.starts_with('.')) {
    std::string_view number = rest;
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    number = rest.substr(0, end);
    const std::string whole = "0" + std::string(number.substr(0, 16));
    std::string_view view = whole;
    const auto read = take_number(view);
    if (!read || number.size() < 2) return std::nullopt;
    fraction = *read;
    rest.remove_prefix(number.size());
  }
  const auto offset = parse_offset(rest);
  if (!date.ok() || !offset) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) - *offset +
         std::chrono::microseconds(static_cast<std::int64_t>(fraction * 1e6));
}

std::optional<std::int64_t> parse_count(std::string_view text) noexcept {
  std::int64_t value = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() && value >= 0
             ? std::optional(value)
             : std::nullopt;
}

// "6m0s" but neither "360" nor a point in time.
bool is_span(std::string_view reset) noexcept {
  reset = trim(reset);
  return !reset.empty() && std::string_view("smh").find(reset.back()) != std::string_view::npos;
}

}  // namespace

Duration time_to_room(const QuotaLeft& quota, std::int64_t amount) noexcept {
  if (quota.remaining >= amount) return Duration::zero();
  if (quota.refills_to <= quota.remaining) return quota.reset;
  const double missing = static_cast<double>(std::min(amount, quota.refills_to) - quota.remaining);
  const double all = static_cast<double>(quota.refills_to - quota.remaining);
  const double part = static_cast<double>(quota.reset.count()) * missing / all;
  return std::min(quota.reset, Duration(static_cast<Duration::rep>(std::ceil(part))));
}

std::optional<Duration> parse_reset(std::string_view text, WallTime now) noexcept {
  text = trim(text);
  if (text.size() > 64) return std::nullopt;
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (number && rest.empty()) {
    if (*number < kUnixSeconds) return span_of(*number);
    const double passed = static_cast<double>(now.time_since_epoch().count()) / 1e6;
    const bool fine = *number >= kUnixMilliseconds;
    return span_of((fine ? *number / 1e3 : *number) - passed);
  }
  // In microseconds, as nanoseconds do not reach to every year of four digits.
  if (const auto time = parse_rfc3339(text))
    return std::clamp<std::chrono::microseconds>(*time - now, 0us, kLongestWait);
  return text.empty() ? std::nullopt : parse_go_duration(text);
}

QuotaNews read_quota(const std::function<std::string_view(std::string_view name)>& field,
                     WallTime now) {
  struct Names {
    std::string_view left, reset, limit;
    bool is_bucket = false;  // whatever form its reset has
  };
  const auto read = [&](const Names& names) -> std::optional<QuotaLeft> {
    const auto count = parse_count(trim(field(names.left)));
    if (!count) return std::nullopt;
    const std::string_view reset = field(names.reset);
    QuotaLeft quota{*count, parse_reset(reset, now).value_or(Duration::zero())};
    if (names.is_bucket || is_span(reset))
      quota.refills_to = parse_count(trim(field(names.limit))).value_or(0);
    return quota;
  };
  const auto first_of = [&](const Names& one, const Names& other) {
    auto quota = read(one);
    return quota ? quota : read(other);
  };
  QuotaNews news;
  news.requests =
      first_of({"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset",
                "anthropic-ratelimit-requests-limit", true},
               {"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
                "x-ratelimit-limit-requests"});
  news.tokens = first_of(
      {"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset",
       "anthropic-ratelimit-tokens-limit", true},
      {"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "x-ratelimit-limit-tokens"});
  news.input_tokens = first_of(
      {"anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset",
       "anthropic-ratelimit-input-tokens-limit", true},
      {"x-ratelimit-remaining-input-tokens", "x-ratelimit-reset-input-tokens",
       "x-ratelimit-limit-input-tokens"});
  news.output_tokens = first_of(
      {"anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset",
       "anthropic-ratelimit-output-tokens-limit", true},
      {"x-ratelimit-remaining-output-tokens", "x-ratelimit-reset-output-tokens",
       "x-ratelimit-limit-output-tokens"});
  if (!news.requests)
    news.requests = read({"x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit"});
  return news;
}

}  // namespace scena::guard

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "guard/quota_headers.hpp"
#include "guard/quota_pacer.hpp"

using namespace scena;
using namespace scena::guard;
using namespace std::chrono_literals;

namespace {

const TimePoint quota_start{};
// 2026-11-27T12:00:00Z
const WallTime noon = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 27)) + 12h;

QuotaNews read(const std::map<std::string, std::string, std::less<>>& head) {
  return read_quota(
      [&head](std::string_view name) {
        const auto field = head.find(name);
        return field == head.end() ? std::string_view() : std::string_view(field->second);
      },
      noon);
}

}  // namespace

TEST_CASE("reset times are read in every form that services use") {
  CHECK(parse_reset("12ms", noon) == 12ms);
  CHECK(parse_reset("1s", noon) == 1s);
  CHECK(parse_reset("6m0s", noon) == 6min);
  CHECK(parse_reset("1h2m3.5s", noon) == 1h + 2min + 3500ms);
  CHECK(parse_reset("45.837906927s", noon) > 45'837ms);
  CHECK(parse_reset("30", noon) == 30s);
  CHECK(parse_reset("0.5", noon) == 500ms);
  CHECK(parse_reset("0", noon) == 0s);
  CHECK(parse_reset("2026-11-27T12:00:30Z", noon) == 30s);
  CHECK(parse_reset("2026-11-27T14:00:30+02:00", noon) == 30s);
  CHECK(parse_reset("2026-11-27T12:00:30.250Z", noon) == 30'250ms);
  CHECK(parse_reset("2026-11-27T11:00:00Z", noon) == 0s);
  CHECK(parse_reset("1795780860", noon) == 60s);
  CHECK(parse_reset("1795780860250", noon) == 60'250ms);
  CHECK(parse_reset(" 7 ", noon) == 7s);
  CHECK(parse_reset("2026-12-20T12:00:00Z", noon) == 23 * 24h);
  CHECK(parse_reset("2099-01-01T00:00:00Z", noon) == 31 * 24h);
  CHECK(parse_reset("9999-12-31T23:59:60Z", noon) == 31 * 24h);
  CHECK(parse_reset("1000h", noon) == 31 * 24h);
  CHECK(parse_reset("999999999", noon) == 31 * 24h);
  CHECK(parse_reset("0000-11-27T12:00:30.250+02:00", noon) == 0s);
}

TEST_CASE("what is no reset time is not guessed at") {
  for (const std::string text :
       {"", "soon", "-1", "-1s", "1x", "1s2", "2026-11-27", "2026-13-27T12:00:30Z",
        "2026-11-27T25:00:30Z", "2026-11-27T12:00:30", "2026-11-27T12:00:30.Z", "nan", "inf",
        "1e3"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_reset(text, noon).has_value());
  }
  CHECK_FALSE(parse_reset(std::string(1'000, '1'), noon).has_value());
}

TEST_CASE("both families of fields are read, and what a service calls -1 counts as not said") {
  const QuotaNews openai = read({{"x-ratelimit-remaining-requests", "59"},
                                 {"x-ratelimit-reset-requests", "1s"},
                                 {"x-ratelimit-remaining-tokens", "149984"},
                                 {"x-ratelimit-reset-tokens", "6m0s"}});
  CHECK(openai.requests == QuotaLeft{59, 1s});
  CHECK(openai.tokens == QuotaLeft{149'984, 6min});
  const QuotaNews anthropic =
      read({{"anthropic-ratelimit-requests-remaining", "3"},
            {"anthropic-ratelimit-requests-reset", "2026-11-27T12:00:20Z"},
            {"anthropic-ratelimit-input-tokens-remaining", "40000"},
            {"anthropic-ratelimit-input-tokens-reset", "2026-11-27T12:01:00Z"},
            {"anthropic-ratelimit-output-tokens-remaining", "8000"},
            {"anthropic-ratelimit-output-tokens-reset", "2026-11-27T12:00:00Z"}});
  CHECK(anthropic.requests == QuotaLeft{3, 20s});
  CHECK(anthropic.input_tokens == QuotaLeft{40'000, 60s});
  CHECK(anthropic.output_tokens == QuotaLeft{8'000, 0s});
  CHECK(read({{"x-ratelimit-remaining-requests", "-1"}}).empty());
  CHECK(read({{"x-ratelimit-remaining-requests", "many"}}).empty());
  CHECK(read({}).empty());
}

TEST_CASE("calls pass while the quota has room, and wait for its reset when it has none") {
  QuotaPacer pacer;
  CHECK(pacer.take(1'000'000, 1'000'000, quota_start) == 0s);
  pacer.update({.requests = QuotaLeft{2, 10s}}, quota_start);
  CHECK(pacer.take(5, 5, quota_start) == 0s);
  CHECK(pacer.take(5, 5, quota_start) == 0s);
  CHECK(pacer.take(5, 5, quota_start + 4s) == 6s);
  CHECK(pacer.take(5, 5, quota_start + 10s) == 0s);
}

TEST_CASE("tokens are paced together and by kind, and the longest wait counts") {
  QuotaPacer pacer;
  pacer.update({.tokens = QuotaLeft{100, 10s}, .output_tokens = QuotaLeft{50, 30s}}, quota_start);
  CHECK(pacer.take(80, 20, quota_start) == 0s);
  CHECK(pacer.take(10, 10, quota_start) == 10s);
  CHECK(pacer.take(10, 40, quota_start) == 30s);
  CHECK(pacer.take(10, 10, quota_start + 10s) == 0s);
}

TEST_CASE("an answer that tells of room again ends the waiting") {
  QuotaPacer pacer;
  pacer.update({.requests = QuotaLeft{0, 60s}}, quota_start);
  CHECK(pacer.take(1, 1, quota_start) == 60s);
  pacer.update({.requests = QuotaLeft{5, 60s}}, quota_start + 1s);
  CHECK(pacer.take(1, 1, quota_start + 1s) == 0s);
}

TEST_CASE("a quota whose limit stands beside a time to full fills bit by bit") {
  const QuotaNews openai = read({{"x-ratelimit-limit-requests", "60"},
                                 {"x-ratelimit-remaining-requests", "0"},
                                 {"x-ratelimit-reset-requests", "1m0s"}});
  CHECK(openai.requests == QuotaLeft{0, 60s, 60});
  const QuotaNews anthropic =
      read({{"anthropic-ratelimit-input-tokens-limit", "50000"},
            {"anthropic-ratelimit-input-tokens-remaining", "40000"},
            {"anthropic-ratelimit-input-tokens-reset", "2026-11-27T12:00:10Z"}});
  CHECK(anthropic.input_tokens == QuotaLeft{40'000, 10s, 50'000});
  // Plain seconds and points in time are the end of a window.
  for (const char* reset : {"60", "1795780860", "2026-11-27T12:01:00Z"}) {
    CAPTURE(reset);
    const QuotaNews window = read({{"x-ratelimit-limit-requests", "60"},
                                   {"x-ratelimit-remaining-requests", "0"},
                                   {"x-ratelimit-reset-requests", reset}});
    CHECK(window.requests == QuotaLeft{0, 60s});
  }
}

TEST_CASE("a quota that fills bit by bit holds a call back for as long as it needs") {
  CHECK(time_to_room({0, 60s, 60}, 1) == 1s);
  CHECK(time_to_room({40'000, 10s, 50'000}, 45'000) == 5s);
  CHECK(time_to_room({40'000, 10s, 50'000}, 40'000) == 0s);
  CHECK(time_to_room({40'000, 10s, 50'000}, 1'000'000) == 10s);
  CHECK(time_to_room({0, 60s}, 1) == 60s);
  CHECK(time_to_room({50, 10s, 50}, 60) == 10s);

  QuotaPacer pacer;
  pacer.update({.tokens = QuotaLeft{100, 10s, 200}}, quota_start);
  CHECK(pacer.take(100, 50, quota_start) == 5s);
  CHECK(pacer.take(100, 50, quota_start + 3s) == 2s);
  CHECK(pacer.take(100, 50, quota_start + 5s) == 0s);
  // All that was there is taken: 10 tokens come in a second.
  CHECK(pacer.take(5, 5, quota_start + 5s) == 1s);
  CHECK(pacer.take(5, 5, quota_start + 6s) == 0s);
  CHECK(pacer.take(500, 500, quota_start + 6s) == 20s);
  CHECK(pacer.take(500, 500, quota_start + 26s) == 0s);
}

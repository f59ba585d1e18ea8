#include <doctest/doctest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "guard/rate_limiter.hpp"
#include "guard/sliding_window.hpp"

using namespace scena;
using namespace scena::guard;
using namespace std::chrono_literals;

namespace {

const TimePoint limit_start{};

RateLimits limits(std::optional<WindowLimit> user, std::optional<WindowLimit> address = {},
                  std::optional<WindowLimit> key = {}) {
  return {{user, address, key}};
}

}  // namespace

TEST_CASE("the 101st call in any span of 60 s is refused, the next one after it is not") {
  SlidingWindow window;
  const WindowLimit limit{100, 60s};
  for (int i = 0; i < 100; ++i) {
    CHECK(window.admits(limit, limit_start + i * 100ms));
    window.record(limit_start + i * 100ms);
  }
  CHECK_FALSE(window.admits(limit, limit_start + 10s));
  CHECK(window.wait(limit, limit_start + 10s) == 50s);
  CHECK(window.reset(limit, limit_start + 10s) == 59s + 900ms);
  CHECK_FALSE(window.admits(limit, limit_start + 60s - 1ns));
  CHECK(window.admits(limit, limit_start + 60s));
}

TEST_CASE("at random arrivals the window says what a reference that keeps every call says") {
  std::mt19937_64 random(11);
  for (int run = 0; run < 50; ++run) {
    CAPTURE(run);
    SlidingWindow window;
    std::vector<TimePoint> admitted;
    const WindowLimit limit{1 + static_cast<std::uint32_t>(random() % 100), 60s};
    TimePoint now = limit_start;
    for (int i = 0; i < 2'000; ++i) {
      // Bursts and pauses, and often exactly one span after an earlier call.
      now += random() % 4 == 0 ? Duration(0) : Duration(1ms) * static_cast<int>(random() % 2'000);
      if (!admitted.empty() && random() % 50 == 0)
        now = std::max(now, admitted[random() % admitted.size()] + 60s);
      std::uint32_t inside = 0;
      for (auto call = admitted.rbegin(); call != admitted.rend() && *call + 60s > now; ++call)
        ++inside;
      const bool expected = inside < limit.calls;
      REQUIRE(window.admits(limit, now) == expected);
      REQUIRE(window.remaining(limit, now) == limit.calls - inside);
      if (expected) {
        window.record(now);
        admitted.push_back(now);
      } else {
        const Duration wait = window.wait(limit, now);
        REQUIRE(wait > 0ns);
        SlidingWindow early = window, late = window;
        REQUIRE_FALSE(early.admits(limit, now + wait - 1ns));
        REQUIRE(late.admits(limit, now + wait));
      }
    }
  }
}

TEST_CASE("another limit holds from the next call on") {
  SlidingWindow window;
  for (int i = 0; i < 5; ++i) window.record(limit_start + i * 1s);
  CHECK_FALSE(window.admits({5, 60s}, limit_start + 5s));
  CHECK(window.remaining({8, 60s}, limit_start + 5s) == 3);
  CHECK(window.wait({3, 60s}, limit_start + 5s) == 57s);
  CHECK_FALSE(window.admits({0, 60s}, limit_start + 500s));
}

TEST_CASE("each class is limited by itself") {
  RateLimiter limiter;
  const RateLimits two = limits(WindowLimit{2, 60s});
  for (const RateClass kind : {RateClass::api, RateClass::ai, RateClass::create}) {
    CAPTURE(to_string(kind));
    const RateCall call{.kind = kind, .tenant = "t", .user = "ada"};
    CHECK(limiter.take(call, two, limit_start).remaining == 1);
    CHECK(limiter.take(call, two, limit_start).admitted);
    const RateDecision refused = limiter.take(call, two, limit_start + 10s);
    CHECK_FALSE(refused.admitted);
    CHECK(refused.retry_after == 50s);
    CHECK(refused.limit == 2);
  }
}

TEST_CASE("user, address and key each refuse, and a refused call counts nowhere") {
  RateLimiter limiter;
  const RateLimits all = limits(WindowLimit{3, 60s}, WindowLimit{2, 60s}, WindowLimit{9, 60s});
  const RateCall ada{RateClass::api, "t", "ada", "10.0.0.1", "k"};
  CHECK(limiter.take(ada, all, limit_start).admitted);
  const RateDecision second = limiter.take(ada, all, limit_start);
  CHECK(second.admitted);
  CHECK(second.subject == RateSubject::address);
  CHECK(second.remaining == 0);
  for (int i = 0; i < 5; ++i) {
    const RateDecision refused = limiter.take(ada, all, limit_start);
    CHECK_FALSE(refused.admitted);
    CHECK(refused.subject == RateSubject::address);
  }
  const RateCall elsewhere{RateClass::api, "t", "ada", "10.0.0.2", "k"};
  CHECK(limiter.take(elsewhere, all, limit_start).admitted);
  CHECK(limiter.take(elsewhere, all, limit_start).subject == RateSubject::user);
  CHECK_FALSE(
      limiter.take({RateClass::api, "t", "ada", "10.0.0.3", ""}, all, limit_start).admitted);
}

TEST_CASE("the time to wait is the longest of the windows that refuse") {
  RateLimiter limiter;
  const RateLimits both = limits(WindowLimit{1, 60s}, WindowLimit{1, 3600s});
  const RateCall call{RateClass::api, "t", "ada", "10.0.0.1", ""};
  CHECK(limiter.take(call, both, limit_start).admitted);
  const RateDecision refused = limiter.take(call, both, limit_start + 10s);
  CHECK(refused.retry_after == 3590s);
  CHECK(refused.subject == RateSubject::address);
}

TEST_CASE("tenants with the same user names do not share a window") {
  RateLimiter limiter;
  const RateLimits one = limits(WindowLimit{1, 60s});
  CHECK(limiter.take({RateClass::api, "a", "b/c", "", ""}, one, limit_start).admitted);
  CHECK(limiter.take({RateClass::api, "a/b", "c", "", ""}, one, limit_start).admitted);
  CHECK(limiter.take({RateClass::api, "a", "c", "", ""}, one, limit_start).admitted);
  CHECK_FALSE(limiter.take({RateClass::api, "a", "c", "", ""}, one, limit_start).admitted);
}

TEST_CASE("without a limit nothing is counted or kept") {
  RateLimiter limiter;
  for (int i = 0; i < 1'000; ++i) CHECK(limiter.take({.user = "ada"}, {}, limit_start).admitted);
  CHECK(limiter.windows() == 0);
}

TEST_CASE("memory is bounded: the window that was quiet the longest is forgotten, and counted") {
  RateLimiter limiter(10);
  const RateLimits one = limits(WindowLimit{1, 60s});
  for (int i = 0; i < 1'000; ++i) {
    const std::string user = "user-" + std::to_string(i);
    CHECK(limiter.take({.user = user}, one, limit_start + i * 1ms).admitted);
  }
  CHECK(limiter.windows() == 10);
  CHECK(limiter.forgotten() == 990);
  CHECK_FALSE(limiter.take({.user = "user-999"}, one, limit_start + 1s).admitted);
  RateLimiter calm(10);
  for (int i = 0; i < 100; ++i) {
    const std::string user = "user-" + std::to_string(i);
    CHECK(calm.take({.user = user}, one, limit_start + i * 60s).admitted);
  }
  CHECK(calm.forgotten() == 0);
}

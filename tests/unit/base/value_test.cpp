#include <doctest/doctest.h>

#include <limits>
#include <scena/result.hpp>
#include <scena/usage.hpp>

#include "base/clock.hpp"
#include "base/id.hpp"

using namespace scena;
using namespace std::chrono_literals;

TEST_CASE("money is exact decimal text") {
  CHECK(Money::parse("1.000000000001")->pico_usd == 1'000'000'000'001);
  CHECK(Money{1'500'000'000'000}.to_string() == "1.5");
  CHECK(Money{-1}.to_string() == "-0.000000000001");
  CHECK_FALSE(Money::parse("1.0000000000001"));
  CHECK_FALSE(Money::parse("1e3"));
  CHECK_FALSE(Money::parse("."));
  CHECK_FALSE(Money::parse("99999999999999"));
  CHECK((Money{INT64_MAX} + Money{1}).pico_usd == INT64_MAX);
}

TEST_CASE("usage merges by field, never adds") {
  UsageUpdate usage{.input_tokens = 5, .output_tokens = 1};
  usage.merge({.output_tokens = 9});
  usage.merge({});
  usage.merge({.input_tokens = 5, .output_tokens = 0});  // a last report that counts nothing
  CHECK(usage.input_tokens == 5);
  CHECK(usage.output_tokens == 9);
}

TEST_CASE("a sum of usage is cached only where all of its parts are") {
  const Usage paid{.input_tokens = 5, .output_tokens = 1};
  Usage kept = paid;
  kept.cached = true;
  const auto sum = [](std::initializer_list<Usage> parts) {
    Usage whole;
    for (const Usage& part : parts) whole += part;
    return whole.cached;
  };
  CHECK(sum({kept}));
  CHECK(sum({kept, kept}));
  CHECK(sum({kept, Usage{}}));
  CHECK(sum({Usage{.cached = true}}));
  CHECK(sum({Usage{.cached = true}, kept}));
  CHECK_FALSE(sum({paid, kept}));
  CHECK_FALSE(sum({kept, paid}));
  CHECK_FALSE(sum({kept, paid, kept}));
  CHECK_FALSE(sum({paid, Usage{.cached = true}}));
  CHECK_FALSE(sum({paid}));
}

TEST_CASE("sums of usage saturate, and counts that no call can have are forgotten") {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Usage sum{.input_tokens = kMost - 1, .output_tokens = kMost - 1};
  sum += Usage{.input_tokens = 5, .output_tokens = 1};
  CHECK(sum.input_tokens == kMost);
  CHECK(sum.output_tokens == kMost);
  UsageUpdate update;
  update.input_tokens = -1;
  update.output_tokens = 1'000'000'000'000;
  update.cached_input_tokens = 1'000'000'000'001;
  update.drop_impossible();
  CHECK_FALSE(update.input_tokens);
  CHECK(update.output_tokens == 1'000'000'000'000);
  CHECK_FALSE(update.cached_input_tokens);
}

TEST_CASE("one seed gives one sequence, another ordinal another") {
  Random a = Random::for_session(7, 1), b = Random::for_session(7, 1),
         c = Random::for_session(7, 2);
  CHECK(a.next() == b.next());
  CHECK(a.next() != c.next());
  const std::string id = uuid_v7(VirtualClock::kDefaultStart, a);
  CHECK(id.size() == 36);
  CHECK(id[14] == '7');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
}

TEST_CASE("a wall clock that jumps does not move engine time") {
  VirtualClock clock;
  clock.advance(5s);
  const auto before = clock.now();
  clock.jump_wall(-3'600s);
  CHECK(clock.now() == before);
  CHECK(clock.wall() == VirtualClock::kDefaultStart + 5s - 3'600s);
}

TEST_CASE("an error copies without losing its details") {
  Error error(ErrorCode::rate_limited, "slow down");
  error.with_retry_after(1500ms).with_provider_status(429).with_point(FailurePoint::status);
  error.with_pointer("/a");
  const Error copy = error;
  CHECK(copy == error);
  CHECK(copy.retry_after() == 1500ms);
  CHECK(copy.pointer() == "/a");
  CHECK(copy.point() == FailurePoint::status);
  CHECK_FALSE(Error(copy).with_point(FailurePoint::cut) == error);
  CHECK(std::string(Error::fixed(ErrorCode::closed, "closed").what()) == "closed");
}

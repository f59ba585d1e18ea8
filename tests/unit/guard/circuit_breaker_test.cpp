#include "guard/circuit_breaker.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena;
using namespace scena::guard;
using namespace std::chrono_literals;

namespace {

const TimePoint breaker_start{};

CircuitBreaker opened_at(TimePoint when) {
  CircuitBreaker breaker({.failures_to_open = 1, .open_for = 20s});
  breaker.record_failure(*breaker.allow(when), when);
  return breaker;
}

}  // namespace

TEST_CASE("a half-open breaker lets exactly one trial through") {
  CircuitBreaker breaker({.failures_to_open = 2, .open_for = 20s});
  breaker.record_failure(*breaker.allow(breaker_start), breaker_start);
  CHECK(breaker.state(breaker_start) == BreakerState::closed);
  breaker.record_failure(*breaker.allow(breaker_start), breaker_start);
  CHECK(breaker.state(breaker_start) == BreakerState::open);
  CHECK(breaker.wait(breaker_start + 5s) == 15s);
  CHECK_FALSE(breaker.allow(breaker_start + 20s - 1ns).has_value());
  CHECK(breaker.allow(breaker_start + 20s).has_value());
  CHECK_FALSE(breaker.allow(breaker_start + 20s).has_value());
  CHECK(breaker.state(breaker_start + 20s) == BreakerState::half_open);
}

TEST_CASE("every state and every result of a call give the next state of the table") {
  struct Row {
    BreakerState from;
    std::string result;
    BreakerState to;
    bool passes_next;
  };
  const Row rows[] = {
      {BreakerState::closed, "success", BreakerState::closed, true},
      {BreakerState::closed, "failure", BreakerState::open, false},
      {BreakerState::closed, "nothing", BreakerState::closed, true},
      {BreakerState::half_open, "success", BreakerState::closed, true},
      {BreakerState::half_open, "failure", BreakerState::open, false},
      {BreakerState::half_open, "nothing", BreakerState::half_open, true},
      {BreakerState::half_open, "pending", BreakerState::half_open, false},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.from));
    CAPTURE(row.result);
    const TimePoint now = row.from == BreakerState::half_open ? breaker_start + 20s : breaker_start;
    CircuitBreaker breaker = row.from == BreakerState::half_open
                                 ? opened_at(breaker_start)
                                 : CircuitBreaker({.failures_to_open = 1, .open_for = 20s});
    const auto pass = breaker.allow(now);
    REQUIRE(pass.has_value());
    if (row.result == "success") breaker.record_success(*pass);
    if (row.result == "failure") breaker.record_failure(*pass, now);
    if (row.result == "nothing") breaker.record_nothing(*pass);
    CHECK(breaker.state(now) == row.to);
    CHECK(breaker.allow(now).has_value() == row.passes_next);
  }
}

TEST_CASE("a success between failures starts the count again") {
  CircuitBreaker breaker({.failures_to_open = 2, .open_for = 20s});
  for (int i = 0; i < 5; ++i) {
    breaker.record_failure(*breaker.allow(breaker_start), breaker_start);
    breaker.record_success(*breaker.allow(breaker_start));
  }
  CHECK(breaker.state(breaker_start) == BreakerState::closed);
}

TEST_CASE("a trial that fails keeps the breaker open for the whole time again") {
  CircuitBreaker breaker = opened_at(breaker_start);
  breaker.record_failure(*breaker.allow(breaker_start + 20s), breaker_start + 25s);
  CHECK(breaker.wait(breaker_start + 25s) == 20s);
  CHECK_FALSE(breaker.allow(breaker_start + 44s).has_value());
  CHECK(breaker.allow(breaker_start + 45s).has_value());
  CHECK(breaker.times_opened() == 2);
}

TEST_CASE("late results of calls from before the breaker opened change nothing") {
  CircuitBreaker breaker({.failures_to_open = 1, .open_for = 20s});
  const auto early = breaker.allow(breaker_start), other = breaker.allow(breaker_start),
             third = breaker.allow(breaker_start);
  breaker.record_failure(*early, breaker_start);
  breaker.record_success(*other);
  CHECK(breaker.state(breaker_start) == BreakerState::open);
  const auto trial = breaker.allow(breaker_start + 20s);
  breaker.record_failure(*third, breaker_start + 21s);
  CHECK(breaker.state(breaker_start + 21s) == BreakerState::half_open);
  breaker.record_success(*trial);
  CHECK(breaker.state(breaker_start + 21s) == BreakerState::closed);
}

TEST_CASE("without a number of failures the breaker never opens") {
  CircuitBreaker breaker({.failures_to_open = 0});
  for (int i = 0; i < 100; ++i)
    breaker.record_failure(*breaker.allow(breaker_start), breaker_start);
  CHECK(breaker.allow(breaker_start).has_value());
}

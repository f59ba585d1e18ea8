#include "guard/concurrency_limit.hpp"

#include <doctest/doctest.h>

using namespace scena::guard;
using Entry = ConcurrencyLimit::Entry;

TEST_CASE("so many run, so many wait in order, the next is refused") {
  ConcurrencyLimit limit({.running = 2, .waiting = 2});
  CHECK(limit.enter(1) == Entry::runs);
  CHECK(limit.enter(2) == Entry::runs);
  CHECK(limit.enter(3) == Entry::waits);
  CHECK(limit.enter(4) == Entry::waits);
  CHECK(limit.enter(5) == Entry::refused);
  CHECK(limit.leave() == 3u);
  CHECK(limit.leave() == 4u);
  CHECK(limit.running() == 2);
  CHECK_FALSE(limit.leave().has_value());
  CHECK(limit.enter(6) == Entry::runs);
}

TEST_CASE("one that gives up while it waits takes nobody's place") {
  ConcurrencyLimit limit({.running = 1, .waiting = 5});
  CHECK(limit.enter(1) == Entry::runs);
  CHECK(limit.enter(2) == Entry::waits);
  CHECK(limit.enter(3) == Entry::waits);
  CHECK(limit.give_up(2));
  CHECK_FALSE(limit.give_up(1));
  CHECK(limit.leave() == 3u);
}

TEST_CASE("zero running means no limit") {
  ConcurrencyLimit limit({.running = 0});
  for (ConcurrencyLimit::Id id = 0; id < 1'000; ++id) CHECK(limit.enter(id) == Entry::runs);
}

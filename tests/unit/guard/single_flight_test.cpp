#include "guard/single_flight.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena::guard;

TEST_CASE("the first leads, the others wait and are handed out once") {
  SingleFlight<int> flights;
  CHECK(flights.join("a", 1));
  CHECK_FALSE(flights.join("a", 2));
  CHECK_FALSE(flights.join("a", 3));
  CHECK(flights.join("b", 4));
  CHECK(flights.land("a") == std::vector<int>{2, 3});
  CHECK(flights.land("a").empty());
  CHECK(flights.join("a", 5));
  CHECK(flights.flights() == 2);
}

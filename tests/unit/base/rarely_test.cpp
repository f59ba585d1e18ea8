#include "base/rarely.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena;

namespace {

struct Facts {
  std::string job = "none";
  int asked = 0;
};

}  // namespace

TEST_CASE("what was never changed reads as a fresh value and takes a pointer") {
  const Rarely<Facts> facts;
  CHECK(facts->job == "none");
  CHECK((*facts).asked == 0);
  static_assert(sizeof facts == sizeof(void*));
}

TEST_CASE("a change stays with its owner and goes with a reset") {
  Rarely<Facts> facts;
  facts.change().job = "a1";
  ++facts.change().asked;
  Rarely<Facts> copy = facts;
  copy.change().asked = 7;
  CHECK(facts->asked == 1);
  CHECK(copy->job == "a1");
  copy = Rarely<Facts>();
  CHECK(copy->asked == 0);
  copy = facts;
  const Rarely<Facts>& itself = copy;
  copy = itself;
  CHECK(copy->job == "a1");
  facts.reset();
  CHECK(facts->job == "none");
  CHECK(copy->asked == 1);
}

#include "metrics/words/word_table.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace scena::metrics;

namespace {

constexpr TableWords<unsigned> kGroups[] = {{1, "apple pear"}, {2, "pear plum"}, {4, "fig"}};
constexpr WordTable<unsigned, 8> kFruit(kGroups);  // half of it filled: words meet in it

}  // namespace

TEST_CASE("a word of several groups tells what all of them do, an unknown one nothing") {
  CHECK(kFruit.of(hash_word("apple")) == 1);
  CHECK(kFruit.of(hash_word("pear")) == 3);
  CHECK(kFruit.of(hash_word("plum")) == 2);
  CHECK(kFruit.of(hash_word("fig")) == 4);
  for (const std::string_view other : {"quince", "cherry", "app", "pears", ""})
    CHECK(kFruit.of(hash_word(other)) == 0);
}

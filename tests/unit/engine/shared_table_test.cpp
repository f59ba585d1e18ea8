#include "engine/shared_table.hpp"

#include <doctest/doctest.h>

using scena::engine::SharedTable;

TEST_CASE("what somebody holds is shared, whatever came since") {
  SharedTable<int> table;
  const auto held = table.insert("held", std::make_shared<const int>(1));
  for (int i = 0; i < 1'000; ++i)
    table.insert("k" + std::to_string(i), std::make_shared<const int>(i));
  CHECK(table.find("held") == held);
  CHECK(table.insert("held", std::make_shared<const int>(2)) == held);
}

TEST_CASE("the last few stay though nobody holds them, older ones go") {
  SharedTable<int> table;
  for (int i = 0; i < 20; ++i)
    table.insert("k" + std::to_string(i), std::make_shared<const int>(i));
  REQUIRE(table.find("k19") != nullptr);
  CHECK(*table.find("k19") == 19);
  CHECK(table.find("k0") == nullptr);
}

TEST_CASE("after letting go only what somebody holds is there, and no key of another") {
  SharedTable<int> table;
  const auto held = table.insert("held", std::make_shared<const int>(1));
  table.insert("last", std::make_shared<const int>(2));
  table.let_go();
  CHECK(table.size() == 1);
  CHECK(table.find("held") == held);
  CHECK(table.find("last") == nullptr);
}

TEST_CASE("values that nobody holds take no room for long") {
  SharedTable<int> table;
  for (int i = 0; i < 100'000; ++i)
    table.insert("k" + std::to_string(i), std::make_shared<const int>(i));
  CHECK(table.size() <= 100);
}

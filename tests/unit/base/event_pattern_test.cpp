#include "base/event_pattern.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace scena;

TEST_CASE("an event pattern is a type, or its beginning and a star") {
  for (const std::string good : {"turn.finished", "message.*", "*", "a_b-C.9"})
    CHECK(is_event_pattern(good));
  for (const std::string bad : {"", "a b", "*.finished", "a*b", "**", "t\xc3\xb6n", "a\n"})
    CHECK_FALSE(is_event_pattern(bad));
  CHECK(is_event_pattern(std::string(200, 'a')));
  CHECK_FALSE(is_event_pattern(std::string(201, 'a')));
}

TEST_CASE("an event is wanted by its type, by its beginning, or where nothing is named") {
  const auto wanted = [](const std::vector<std::string>& patterns, const char* type) {
    return wants_event(patterns, type);
  };
  CHECK(wanted({}, "anything"));
  CHECK(wanted({"turn.finished", "message.*"}, "message.stored"));
  CHECK(wanted({"message.stored"}, "message.stored"));
  CHECK(wanted({"*"}, "message.stored"));
  CHECK_FALSE(wanted({"turn.finished"}, "turn.finished.more"));
  CHECK_FALSE(wanted({"message.*"}, "message"));
}

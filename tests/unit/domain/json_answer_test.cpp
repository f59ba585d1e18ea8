#include "domain/json_answer.hpp"

#include <doctest/doctest.h>

using namespace scena;

namespace {

struct AnswerRow {
  std::string_view answer;
  std::string_view alone;
  std::string_view among_words;
};

}  // namespace

TEST_CASE("one fence around all of an answer is taken off, for every reader of JSON answers") {
  for (const AnswerRow& row : {
           AnswerRow{R"({"a":1})", R"({"a":1})", R"({"a":1})"},
           AnswerRow{"```json\n{\"a\":1}\n```", R"({"a":1})", R"({"a":1})"},
           AnswerRow{"\n``` JSON\r\n\n{\"a\":1}\n\n```  \n", R"({"a":1})", R"({"a":1})"},
           AnswerRow{"```\n[1]\n```", "[1]", "[1]"},
       }) {
    CAPTURE(row.answer);
    CHECK(json_part(row.answer, JsonPlace::alone) == row.alone);
    CHECK(json_part(row.answer, JsonPlace::among_words) == row.among_words);
  }
}

TEST_CASE("an object between words is found where words are allowed, and only there") {
  for (const std::string_view answer :
       {"Sure: {\"a\":{}} and that is all.", "Here:\n```json\n{\"a\":{}}\n```\nDone.",
        "```yaml\n{\"a\":{}}\n```"}) {
    CAPTURE(answer);
    CHECK(json_part(answer, JsonPlace::alone) == answer);
    CHECK(json_part(answer, JsonPlace::among_words) == R"({"a":{}})");
  }
  for (const std::string_view none : {"", "no", "} {", "{"})
    CHECK(json_part(none, JsonPlace::among_words) == none);
}

TEST_CASE("a member that a model says twice is told without its name") {
  const auto answer = json_answer(R"({"type":"object"})", R"({"the safe":1,"the safe":2})");
  REQUIRE_FALSE(answer);
  const std::string told = answer.error().what();
  CHECK(told.find("occurs twice") != std::string::npos);
  CHECK(told.find("safe") == std::string::npos);
}

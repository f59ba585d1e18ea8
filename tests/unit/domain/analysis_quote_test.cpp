#include <doctest/doctest.h>

#include "domain/analysis/quote_match.hpp"

namespace scena {
namespace {

std::string found(std::string_view text, std::string_view quote) {
  const auto piece = find_quote(text, quote);
  return piece ? std::string(*piece) : "nothing";
}

TEST_CASE("a quote is found as it stands in the message, byte for byte") {
  CHECK(found("I was at home all evening.", "at home all evening") == "at home all evening");
  CHECK(found("I was at home all evening.", "I was at home all evening.") ==
        "I was at home all evening.");
  CHECK(found("caf\u00e9 ol\u00e9", "caf\u00e9") == "caf\u00e9");
}

TEST_CASE("blanks, quotation marks, dashes and dots may have another form") {
  CHECK(found("It\u2019s  the\nsame \u2013 \u201cfine\u201d.", "It's the same - \"fine\".") ==
        "It\u2019s  the\nsame \u2013 \u201cfine\u201d.");
  CHECK(found("I don't know\u2026 maybe.", "\u201cI don\u2019t know... maybe\u201d") ==
        "I don't know\u2026 maybe");
  CHECK(found("Well, no, and so.", "'...Well, no...'") == "Well, no");
  CHECK(found("a\u00a0b", "a b") == "a\u00a0b");
}

TEST_CASE("words that are not there are not found") {
  CHECK(found("I was at home.", "I was not at home.") == "nothing");
  CHECK(found("I was at home.", "i was at home") == "nothing");
  CHECK(found("I was at home, then I left.", "I was at home ... I left") == "nothing");
  CHECK(found("I know nothing.", "no") == "nothing");
  CHECK(found("another one", "the one") == "nothing");
  CHECK(found("text", "") == "nothing");
  CHECK(found("text", " \"...\" ") == "nothing");
  CHECK(found("", "text") == "nothing");
}

TEST_CASE("a quote in a script without blanks is found, and broken UTF-8 harms nothing") {
  CHECK(found("\u6211\u5728\u5bb6\u3002", "\u5728\u5bb6") == "\u5728\u5bb6");
  CHECK(found("a \xff\xc3 b", "a \xff\xc3 b") == "a \xff\xc3 b");
  CHECK(found("abc", "\xe2\x80") == "nothing");
}

TEST_CASE("a quote without a letter or digit is none") {
  for (const char* nothing : {".", "?", " , ", "-", "\"!\""})
    CHECK(found("Well, yes. No?", nothing) == "nothing");
}

TEST_CASE("one short word tells no place in a message, unless it is all that was said") {
  CHECK_FALSE(is_telling_quote("I was at home.", "I"));
  CHECK_FALSE(is_telling_quote("I was at home.", "home."));
  CHECK_FALSE(is_telling_quote("I don't know.", "don't"));
  CHECK(is_telling_quote("I was at home.", "at home"));
  CHECK(is_telling_quote("It was unbelievable to me.", "unbelievable"));
  CHECK(is_telling_quote("No.", "No"));
  CHECK(is_telling_quote("\"Alone?\"", "Alone"));
  CHECK(is_telling_quote("\u6211\u6628\u5929\u665a\u4e0a\u5728\u5bb6\u3002",
                         "\u6628\u5929\u665a\u4e0a"));
  CHECK_FALSE(is_telling_quote("\u6211\u6628\u5929\u665a\u4e0a\u5728\u5bb6\u3002", "\u5728\u5bb6"));
}

}  // namespace
}  // namespace scena

#include "domain/escape.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace scena;

namespace {

bool escapes(std::string_view text) {
  return find_escape(text, {}, true).has_value();
}

}  // namespace

TEST_CASE("words that skip something are found as people write them") {
  for (const char* text :
       {"skip", "Skip!", "SKIP THIS QUESTION", "Can we skip this, please?", "just build it",
        "Enough. Just build it already.", "Let's skip ahead", "Let\u2019s skip that one.",
        "ok, next question", "I'd rather not answer that", "No more questions please",
        "Please just get on with it", "Fine. Pass.", "stop asking me", "Hm... next",
        "Ok, fine, skip then, please!", "I don't know, skip it"}) {
    CAPTURE(text);
    CHECK(escapes(text));
  }
}

TEST_CASE("talk about skipping is no escape, nor is its denial") {
  for (const char* text : {"",
                           "   ",
                           "I never skip breakfast.",
                           "Please don't skip this question.",
                           "We could not skip it.",
                           "Don't you ever skip this part.",
                           "My next job should be abroad.",
                           "I passed the exam.",
                           "She will pass the salt.",
                           "They skipped school.",
                           "I cannot just do it alone",
                           "the next questionnaire",
                           "A skipper's life",
                           "I just start crying then",
                           "My next question is about money",
                           "People just do it every day",
                           "Next, I moved to Berlin.",
                           "I design it, build it, test it.",
                           "Go ahead, I'm listening.",
                           "Go ahead."}) {
    CAPTURE(text);
    CHECK_FALSE(escapes(text));
  }
}

TEST_CASE("a scenario's own phrases count as whole words in every language") {
  const std::vector<std::string> phrases{"mach einfach", "surprise me"};
  CHECK(find_escape("Ach, mach einfach!", phrases, false) == "mach einfach");
  CHECK(find_escape("Surprise me.", phrases, false) == "surprise me");
  CHECK_FALSE(find_escape("mach einfaches", phrases, false));
  CHECK_FALSE(find_escape("skip this question", phrases, false));
  CHECK(find_escape("skip this question", phrases, true) == "skip this");
}

TEST_CASE("broken and very long texts are looked through as well") {
  CHECK_FALSE(escapes(std::string("\xC3\x28 skip\0me", 9)));
  CHECK(escapes(std::string("\xFF\xFE. skip it.", 12)));
  const std::string sea(1u << 20, 'a');
  CHECK_FALSE(escapes(sea));
  CHECK(escapes(sea + ". Skip this."));
}

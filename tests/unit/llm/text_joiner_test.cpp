#include "llm/text_joiner.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace scena;

namespace {

// What an unescaped "\ud83d" and "\ude00" are before they meet.
constexpr const char* kHigh = "\xED\xA0\xBD";
constexpr const char* kLow = "\xED\xB8\x80";

struct Joined {
  std::string text;
  bool sound = true;
  bool waits = false;
};

Joined join(const std::vector<std::string>& pieces) {
  llm::TextJoiner joiner;
  Joined all;
  for (const std::string& piece : pieces) {
    const auto joined = joiner.join(piece);
    all.text += joined.text;
    all.sound = all.sound && joined.sound;
  }
  all.waits = joiner.waiting();
  return all;
}

}  // namespace

TEST_CASE("halves of a character in neighbouring pieces become one, wherever it is cut") {
  const std::string smile = "\xF0\x9F\x98\x80";
  for (std::size_t cut = 0; cut <= smile.size(); ++cut) {
    CAPTURE(cut);
    const auto joined = join({"a" + smile.substr(0, cut), smile.substr(cut) + "b"});
    CHECK(joined.text == "a" + smile + "b");
    CHECK((joined.sound && !joined.waits));
  }
  const auto pair = join({std::string("a") + kHigh, std::string(kLow) + "b"});
  CHECK(pair.text == "a" + smile + "b");
  CHECK((pair.sound && !pair.waits));
}

TEST_CASE("half a surrogate pair that finds no other is one U+FFFD, and nothing else is lost") {
  struct Row {
    std::vector<std::string> pieces;
    std::string text;
    bool waits = false;
  };
  const std::string none = "\xEF\xBF\xBD";
  const std::string smile = "\xF0\x9F\x98\x80";
  for (const Row& row : {Row{{kHigh, "b"}, none + "b"}, Row{{kHigh, "bcdef"}, none + "bcdef"},
                         Row{{kHigh, kHigh}, none, true}, Row{{kLow, "b"}, none + "b"},
                         Row{{std::string("a") + kHigh + kHigh + kLow + kLow + "b"},
                             "a" + none + smile + none + "b"},
                         Row{{kHigh, std::string("\xC3\xA9") + kLow}, none + "\xC3\xA9" + none}}) {
    CAPTURE(row.text);
    const auto joined = join(row.pieces);
    CHECK(joined.text == row.text);
    CHECK(joined.sound);
    CHECK(joined.waits == row.waits);
  }
}

TEST_CASE("what still waits at the end is U+FFFD if it is half a pair") {
  llm::TextJoiner joiner;
  CHECK(joiner.rest().empty());
  CHECK(joiner.join(std::string("a") + kHigh).text == "a");
  CHECK(joiner.rest() == "\xEF\xBF\xBD");
  CHECK_FALSE(joiner.waiting());
  CHECK(joiner.join("\xF0\x9F").text.empty());
  CHECK(joiner.rest().empty());
  CHECK(joiner.waiting());
}

TEST_CASE("where broken bytes are repaired, the text goes on behind them") {
  llm::TextJoiner joiner(llm::TextJoiner::Broken::repaired);
  CHECK(joiner
            .join("a\x80"
                  "b")
            .text ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(joiner.join("\xC3").text.empty());
  CHECK(joiner.join("c").text ==
        "\xEF\xBF\xBD"
        "c");
  CHECK(joiner.join("\xC3").text.empty());
  CHECK(joiner.rest() == "\xEF\xBF\xBD");
}

TEST_CASE("half a UTF-8 sequence that finds no other is not sound") {
  for (const auto& pieces :
       std::vector<std::vector<std::string>>{{"\xF0\x9F", kLow}, {"\xC3", "b"}, {"a\x80", "b"}}) {
    CAPTURE(pieces[0].size());
    CAPTURE(pieces[1]);
    CHECK_FALSE(join(pieces).sound);
  }
  const auto waits = join({"a", kHigh});
  CHECK(waits.text == "a");
  CHECK((waits.sound && waits.waits));
  CHECK(join({"a", ""}).sound);
}

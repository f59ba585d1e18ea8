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

TEST_CASE("a half that finds no other is not sound, and nothing is taken from what follows") {
  for (const auto& pieces : std::vector<std::vector<std::string>>{{kHigh, "b"},
                                                                  {kHigh, "bcdef"},
                                                                  {kHigh, kHigh},
                                                                  {kLow, "b"},
                                                                  {"\xF0\x9F", kLow},
                                                                  {"\xC3", "b"}}) {
    CAPTURE(pieces[0].size());
    CAPTURE(pieces[1]);
    CHECK_FALSE(join(pieces).sound);
  }
  const auto waits = join({"a", kHigh});
  CHECK(waits.text == "a");
  CHECK((waits.sound && waits.waits));
  CHECK(join({"a", ""}).sound);
}

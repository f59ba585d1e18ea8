#include "llm/backends/script/script_player.hpp"

#include "base/text.hpp"
#include "llm/backends/script/phrases.hpp"
#include "llm/backends/script/schema_minimum.hpp"
#include "support.hpp"

using namespace scena;
using namespace scena::script;

namespace {

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const std::size_t length = token_length(text);
    REQUIRE(length > 0);
    tokens.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return tokens;
}

}  // namespace

TEST_CASE("tokens are words with their leading space, pieces of long words, and marks") {
  CHECK(tokens_of("Hello there, friend.") ==
        std::vector<std::string>{"Hello", " there", ",", " friend", "."});
  CHECK(tokens_of("extraordinarily") == std::vector<std::string>{"extraord", "inarily"});
  CHECK(tokens_of("don't  stop ") == std::vector<std::string>{"don't", "  stop", " "});
  CHECK(tokens_of("") == std::vector<std::string>{});
}

TEST_CASE("no token ends inside a character") {
  const std::string text =
      "Gr\xC3\xBC\xC3\x9F"
      "e \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xA7\xE3\x81\x99 "
      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80 ok";
  std::string joined;
  for (const std::string& token : tokens_of(text)) {
    CHECK(is_valid_utf8(token));
    joined += token;
  }
  CHECK(joined == text);
}

TEST_CASE("times stay in their ranges and repeat with the seed") {
  using namespace std::chrono_literals;
  const ScriptTiming timing{
      .delay_min = 300ms, .delay_max = 900ms, .token_min = 15ms, .token_max = 60ms};
  ScriptPlayer one("a b c d e f g h", timing, 3, {}, {});
  ScriptPlayer two("a b c d e f g h", timing, 3, {}, {});
  for (bool first = true; !one.done(); first = false) {
    const Duration wait = one.wait();
    CHECK(wait == two.wait());
    CHECK(wait >= (first ? 300ms : 15ms));
    CHECK(wait <= (first ? 900ms : 60ms));
    CHECK(one.next() == two.next());
  }
  CHECK(one.next().empty());
}

TEST_CASE("max_tokens ends a reply with reason length") {
  ScriptPlayer player("one two three", {}, 1, {.max_tokens = 2}, {});
  CHECK(player.next() == "one");
  CHECK(player.next() == " two");
  CHECK(player.done());
  CHECK(player.reason() == FinishReason::length);
  ScriptPlayer whole("one two three", {}, 1, {.max_tokens = 3}, {});
  while (!whole.done()) whole.next();
  CHECK(whole.reason() == FinishReason::stop);
}

TEST_CASE("the earliest stop sequence cuts the text in front of it") {
  ScriptPlayer player("one two three", {}, 1, {}, {"three", " two", ""});
  CHECK(player.next() == "one");
  CHECK(player.done());
  CHECK(player.reason() == FinishReason::stop);
}

TEST_CASE("text behind max_bytes is left out and told, on a character's edge") {
  ScriptPlayer player("ab\xC3\xA9", {}, 1, {.max_bytes = 3}, {});
  CHECK(player.next() == "ab");
  CHECK(player.done());
  CHECK(player.too_large());
}

TEST_CASE("phrases take up a word of the other side and differ from seed to seed") {
  CHECK(content_word("What do you think about the negotiation then?") == "negotiation");
  CHECK(content_word("Is it so?").empty());
  CHECK(compose_phrases(1, "hello") == compose_phrases(1, "hello"));
  CHECK(compose_phrases(1, "the contract").find("\"contract\"") != std::string::npos);
  std::vector<std::string> texts;
  for (std::uint64_t seed = 0; seed < 500; ++seed)
    texts.push_back(compose_phrases(seed, "the contract"));
  std::sort(texts.begin(), texts.end());
  CHECK(std::adjacent_find(texts.begin(), texts.end()) == texts.end());
}

TEST_CASE("the smallest value of a schema has its required members and no others") {
  const char* schema =
      R"({"type":"object","required":["a","b","c","d","e","f","g"],"$defs":{"s":{"type":"boolean"}},
    "properties":{"a":{"type":"string"},"b":{"type":"number"},"c":{"$ref":"#/$defs/s"},"d":{"type":"array","items":{"type":"integer"}},
    "e":{"enum":["x","y"]},"f":{"type":["null","integer"],"minimum":2},"g":{"type":"array","minItems":2,"items":{"const":5}},"h":{"type":"string"}}})";
  const auto value = minimal_json(schema, "t");
  REQUIRE(value.has_value());
  CHECK(*value == R"({"a":"t","b":0,"c":false,"d":[],"e":"x","f":2,"g":[5,5]})");
  CHECK_FALSE(minimal_json("{", "t").has_value());
  CHECK(minimal_json(R"({"$ref":"#"})", "t").has_value());
}

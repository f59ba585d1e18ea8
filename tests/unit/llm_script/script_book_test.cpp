#include "llm/backends/script/script_book.hpp"

#include <set>

#include "support.hpp"

using namespace scena;
using namespace scena::script;

namespace {

ScriptBook book_of(std::string_view json) {
  auto book = ScriptBook::parse(json);
  INFO(json);
  REQUIRE(book.has_value());
  return std::move(*book);
}

struct Talk {
  std::vector<PromptMessage> messages;
  std::uint64_t seed = 7;
  std::uint32_t attempt = 0;
  std::uint32_t replies = 0;
  bool json = false;

  std::string choose(const ScriptBook& book) const {
    const auto line = book.choose({.seed = seed,
                                   .reply_number = replies + 1,
                                   .attempt = attempt,
                                   .wants_json = json,
                                   .messages = messages});
    return line ? std::string(line->text) : std::string("(none)");
  }
  std::string hear(const ScriptBook& book, std::string user) {
    messages.push_back({.role = PromptRole::user, .text = std::move(user)});
    std::string reply = choose(book);
    messages.push_back({.role = PromptRole::assistant, .text = reply});
    ++replies;
    return reply;
  }
};

std::string pointer_of(std::string_view json) {
  const auto book = ScriptBook::parse(json);
  if (book) return "accepted";
  CHECK(book.error().code() == ErrorCode::invalid_argument);
  return std::string(book.error().pointer());
}

}  // namespace

TEST_CASE("plain replies are said in order and then from the start") {
  const auto book = book_of(R"({"replies":["One","Two","Three"]})");
  Talk talk;
  CHECK(talk.hear(book, "a") == "One");
  CHECK(talk.hear(book, "b") == "Two");
  CHECK(talk.hear(book, "c") == "Three");
  CHECK(talk.hear(book, "d") == "One");
}

TEST_CASE("a plain reply that is asked for again becomes the next one") {
  const auto book = book_of(R"({"replies":["One","Two"]})");
  Talk talk;
  talk.attempt = 1;
  CHECK(talk.choose(book) == "Two");
}

TEST_CASE("a rule of a turn beats the general pool on that turn only") {
  const auto book = book_of(R"({"replies":[{"turn":2,"text":"Second"},{"texts":["x","y","z"]}]})");
  Talk talk;
  CHECK(talk.hear(book, "a") != "Second");
  CHECK(talk.hear(book, "b") == "Second");
  CHECK(talk.hear(book, "c") != "Second");
}

TEST_CASE("the first rule that fits wins") {
  const auto book = book_of(
      R"({"replies":[{"match":"pay","text":"A"},{"match":"pay","text":"B"},{"text":"C"}]})");
  Talk talk;
  CHECK(talk.hear(book, "About the pay") == "A");
}

TEST_CASE("match means whole words of any case in the last user message") {
  CHECK(has_words("What about my SALARY?", "salary"));
  CHECK(has_words("(salary)", "salary"));
  CHECK(has_words("how much, how much is it", "how much is"));
  CHECK_FALSE(has_words("salaryman", "salary"));
  CHECK_FALSE(has_words("unpay", "pay"));
  CHECK_FALSE(has_words("pay\xC3\xA9", "pay"));
  CHECK(has_words("payday pay", "pay"));
  CHECK_FALSE(has_words("", "pay"));
}

TEST_CASE("turn and match in one rule must both hold") {
  const auto book =
      book_of(R"({"replies":[{"turn":2,"match":["pay"],"text":"Both"},{"texts":["x","y","z"]}]})");
  Talk talk;
  CHECK(talk.hear(book, "pay") != "Both");
  CHECK(talk.hear(book, "other") != "Both");
  Talk second;
  second.hear(book, "hello");
  CHECK(second.hear(book, "pay") == "Both");
}

TEST_CASE("the pool is not repeated before it is used up, and the oldest text comes back first") {
  const auto book = book_of(R"({"replies":[{"texts":["a","b","c","d"]},{"text":"e"}]})");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Talk talk;
    talk.seed = seed;
    std::vector<std::string> said;
    for (int i = 0; i < 10; ++i) said.push_back(talk.hear(book, "go"));
    CHECK(std::set<std::string>(said.begin(), said.begin() + 5).size() == 5);
    for (std::size_t i = 5; i < said.size(); ++i) CHECK(said[i] == said[i - 5]);
  }
}

TEST_CASE("seeds choose different orders and one seed always the same") {
  const auto book = book_of(R"({"replies":[{"texts":["a","b","c","d","e","f","g","h"]}]})");
  std::set<std::string> first;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Talk one, two;
    one.seed = two.seed = seed;
    const std::string reply = one.hear(book, "go");
    CHECK(reply == two.hear(book, "go"));
    first.insert(reply);
  }
  CHECK(first.size() > 3);
}

TEST_CASE("a matching rule whose texts were said gives way to something new unless it says again") {
  const auto book = book_of(R"({"replies":[{"match":"pay","text":"P"},{"text":"Q"}]})");
  Talk talk;
  CHECK(talk.hear(book, "pay") == "P");
  CHECK(talk.hear(book, "pay") == "Q");
  CHECK(talk.hear(book, "pay") == "P");
  const auto stubborn =
      book_of(R"({"replies":[{"match":"pay","text":"P","again":true},{"text":"Q"}]})");
  Talk other;
  CHECK(other.hear(stubborn, "pay") == "P");
  CHECK(other.hear(stubborn, "pay") == "P");
}

TEST_CASE("each attempt gives a text that was not tried before, until there is none") {
  const auto book = book_of(R"({"replies":[{"turn":1,"text":"T"},{"texts":["a","b","c"]}]})");
  Talk talk;
  std::set<std::string> seen;
  for (talk.attempt = 0; talk.attempt < 4; ++talk.attempt) seen.insert(talk.choose(book));
  CHECK(seen == std::set<std::string>{"T", "a", "b", "c"});
  CHECK(talk.choose(book) == "(none)");
}

TEST_CASE("json rules answer requests with a schema and no others") {
  const auto book = book_of(R"({"replies":[{"json":{"score":3}},{"text":"T"}]})");
  Talk talk;
  CHECK(talk.choose(book) == "T");
  talk.json = true;
  CHECK(talk.choose(book) == R"({"score":3})");
}

TEST_CASE("a wrong script is refused with the place of its fault") {
  CHECK(pointer_of(R"([])") == "");
  CHECK(pointer_of(R"({"reply":[]})") == "/reply");
  CHECK(pointer_of(R"({"replies":{}})") == "/replies");
  CHECK(pointer_of(R"({"replies":["a",7]})") == "/replies/1");
  CHECK(pointer_of(R"({"replies":[""]})") == "/replies");
  CHECK(pointer_of(R"({"replies":[{"turn":1}]})") == "/replies/0");
  CHECK(pointer_of(R"({"replies":[{"turn":0,"text":"a"}]})") == "/replies/0/turn");
  CHECK(pointer_of(R"({"replies":[{"text":"a","texts":["b"]}]})") == "/replies/0/texts");
  CHECK(pointer_of(R"({"replies":[{"txt":"a"}]})") == "/replies/0/txt");
  CHECK(pointer_of(R"({"delay_ms":[5,2]})") == "/delay_ms");
  CHECK(pointer_of(R"({"token_ms":-1})") == "/token_ms");
  CHECK(pointer_of(R"({"token_ms":99999999999999999999})") == "/token_ms");
  CHECK(pointer_of(R"({"instant":1})") == "/instant");
  CHECK(pointer_of(R"({"replies":["a"],"replies":["b"]})") != "accepted");
  CHECK(pointer_of(R"({"delay_ms":[1,2],"token_ms":3,"instant":true})") == "accepted");
}

TEST_CASE("choices differ by seed, reply and attempt, and repeat with them") {
  const auto book = book_of(
      R"({"replies":[{"turn":1,"text":"[[a|b|c|d]][[e|f|g|h]][[i|j|k|l]][[m|n|o|p]]"}, {"text":"x"}]})");
  std::set<std::string> said;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Talk talk;
    talk.seed = seed;
    said.insert(talk.choose(book));
    CHECK(talk.choose(book) == talk.choose(book));
  }
  CHECK(said.size() > 15);
  const auto plain = book_of(R"({"replies":["[[a|b|c|d]][[e|f|g|h]][[i|j|k|l]]"]})");
  Talk talk;
  const std::string first = talk.hear(plain, "a");
  CHECK(talk.hear(plain, "b") != first);
  talk.attempt = 1;
  const std::string regenerated = talk.choose(plain);
  talk.attempt = 2;
  CHECK(talk.choose(plain) != regenerated);
}

TEST_CASE("a text that was said counts as said in whatever way, whole or cut") {
  const auto pool = book_of(R"({"replies":[{"texts":["[[A|B]] one","[[A|B]] two"]}]})");
  Talk talk;
  talk.messages = {{.role = PromptRole::assistant, .text = "B on"}};
  CHECK(talk.choose(pool).ends_with("two"));
  talk.messages = {{.role = PromptRole::assistant, .text = "A two"}};
  CHECK(talk.choose(pool).ends_with("one"));
}

TEST_CASE("a script's wrong choice is refused with its place, and JSON has none") {
  CHECK(pointer_of(R"({"replies":[{"texts":["a","[[b"]}]})") == "/replies/0/texts/1");
  CHECK(pointer_of(R"({"replies":[{"text":"[[b]]"}]})") == "/replies/0/text");
  CHECK(pointer_of(R"({"replies":["a","[[]]"]})") == "/replies/1");
  CHECK(pointer_of(R"({"replies":[{"turn":1,"text":"a"},"[[]]"]})") == "/replies/1");
  const auto book = book_of(R"({"replies":[{"json":[[1],[2]]}]})");
  Talk talk;
  talk.json = true;
  CHECK(talk.choose(book) == "[[1],[2]]");
}

TEST_CASE("a rule asks for tools where they are offered, and another answers their result") {
  const auto book = book_of(R"({"replies":[
    {"match":"weather","tools":[{"name":"weather","arguments":{"city":"Oslo"}}],"text":"Let me look."},
    {"after":"weather","text":"It is %result%."},{"text":"I see."}]})");
  const std::vector<ToolSpec> tools = {{"weather", "", ""}};
  std::vector<PromptMessage> messages = {{.role = PromptRole::user, .text = "The weather?"}};
  const auto choose = [&](bool offered) {
    return book.choose(
        {.messages = messages,
         .tools = offered ? std::span<const ToolSpec>(tools) : std::span<const ToolSpec>()});
  };
  REQUIRE(choose(true));
  CHECK(choose(true)->text == "Let me look.");
  REQUIRE(choose(true)->tools.size() == 1);
  CHECK(choose(true)->tools[0].arguments == R"({"city":"Oslo"})");
  CHECK(choose(false)->text == "I see.");
  CHECK(choose(false)->tools.empty());
  messages.push_back({.role = PromptRole::tool, .text = "mild", .name = "weather"});
  CHECK(choose(true)->text == "It is %result%.");
  CHECK(choose(true)->tools.empty());
  messages.back().name = "other";
  CHECK_FALSE(choose(true));
}

TEST_CASE("tools of a rule that are none are refused with their pointer") {
  for (const char* tools : {"{}", "[]", "[1]", R"([{"arguments":{}}])",
                            R"([{"name":"a","arguments":[]}])", R"([{"name":"a","x":1}])"}) {
    const std::string json = R"({"replies":[{"tools":)" + std::string(tools) + "}]}";
    CAPTURE(json);
    CHECK(pointer_of(json) == "/replies/0/tools");
  }
  CHECK(pointer_of(R"({"replies":[{"after":7,"text":"a"}]})") == "/replies/0/after");
}

#include "metrics/words/word_memory.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "metrics/builtin.hpp"
#include "metrics/words/tokenizer.hpp"

using namespace scena;
using namespace scena::metrics;

namespace {

// Everything that is told of a text, as one list of numbers.
struct Told final : TextSink {
  std::vector<std::int64_t> numbers;

  void token(const Token& token, const WordSums* sums) override {
    for (const std::int64_t each :
         {std::int64_t{token.begin}, std::int64_t{token.end}, std::int64_t{token.word},
          std::int64_t{token.stem}, token.value, std::int64_t{token.info.classes},
          std::int64_t{token.info.polarity}, std::int64_t{token.flags}, std::int64_t{token.length},
          std::int64_t{token.syllables}, std::int64_t{token.familiarity},
          std::int64_t{token.toxicity}, std::int64_t{token.hostile}})
      numbers.push_back(each);
    numbers.push_back(sums == nullptr ? 0 : 1);
    if (sums == nullptr) return;
    for (const auto* each : {&sums->sentiment, &sums->toxicity}) {
      numbers.insert(numbers.end(), each->heads.begin(), each->heads.end());
      numbers.push_back(each->features);
    }
    for (const std::uint64_t bits : sums->letters)
      numbers.push_back(static_cast<std::int64_t>(bits));
  }
  void sentence(Sentence& complete) override {
    numbers.push_back(-1);
    numbers.push_back(static_cast<std::int64_t>(complete.tokens.size()));
  }
};

std::vector<std::int64_t> told(std::string_view text, const WordBook& book) {
  Told told;
  Sentence open;
  ScanPosition position;
  read_chunks(text, true, book, position, open, told);
  close_sentence(open, told);
  return told.numbers;
}

const Knowledge& knowledge() {
  static const std::shared_ptr<const Knowledge> all = Knowledge::builtin();
  return *all;
}

constexpr std::string_view kOddTexts[] = {
    "I don't know, dont ask. DON'T you dare! It's 3.5k at 9:30, or 12,000 dollars; not 3.",
    "Dr. Smith left the U.S. in 1999. caf\xC3\xA9 \xC3\x89tude na\xC3\xAFve O\xE2\x80\x99Neill "
    "x\xC3\xA9",
    "idiot kill you ;) :D <3 \xF0\x9F\x99\x82 a-b a.b a,b (word) \"word\" word's words' 'word",
    "pneumonoultramicroscopicsilicovolcanoconiosis abcdefghijklmnopqrstuvw "
    "abcdefghijklmnopqrstuvwx",
    "line\nline\r\n\nline\tline can't\ncannot won't",
};

}  // namespace

TEST_CASE("a word is the same remembered, made anew, and without a memory") {
  const auto memory = std::make_unique<WordMemory>();
  for (const std::string_view text : kOddTexts) {
    CAPTURE(text);
    const auto without = told(text, {knowledge()});
    CHECK(told(text, {knowledge(), memory.get()}) == without);
    CHECK(told(text, {knowledge(), memory.get()}) == without);
  }
}

TEST_CASE("two words of one place are both remembered, and the older one gives way to a third") {
  const auto memory = std::make_unique<WordMemory>();
  memory->renew(5, "one").token_count = 1;
  memory->renew(5, "two").token_count = 2;
  REQUIRE(memory->find(5, "two") != nullptr);
  REQUIRE(memory->find(5, "one") != nullptr);
  CHECK(memory->find(5, "one")->token_count == 1);
  memory->renew(5, "three").token_count = 1;
  CHECK(memory->find(5, "two") == nullptr);
  CHECK(memory->find(5, "one") != nullptr);
  CHECK(memory->find(5, "three") != nullptr);
  CHECK(memory->find(6, "one") == nullptr);
}

TEST_CASE("words that take turns in one place are not taken for each other") {
  // More words than there is room for, each twice.
  std::string text;
  for (std::size_t i = 0; i < 3 * WordMemory::kWords; ++i) {
    for (std::size_t rest = i + 30; rest > 0; rest /= 26)
      text += static_cast<char>('a' + rest % 26);
    text += i % 9 == 8 ? ". " : " ";
  }
  const auto memory = std::make_unique<WordMemory>();
  const auto without = told(text, {knowledge()});
  CHECK(told(text, {knowledge(), memory.get()}) == without);
  CHECK(told(text, {knowledge(), memory.get()}) == without);
}

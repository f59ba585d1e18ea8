// Clauses that a message says again, known by their words.
#include "metrics/claims/said_clauses.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/claims/reply_claim.hpp"
#include "metrics/knowledge.hpp"
#include "metrics/words/tokenizer.hpp"

using namespace scena::metrics;

namespace {

struct Said {
  std::uint64_t words = 0;
  Clause clause;
};

// Each clause of a text with its hash.
class Clauses final : public TextSink {
 public:
  explicit Clauses(std::string_view text) {
    Sentence open;
    ScanPosition position;
    read_chunks(text, true, {knowledge()}, position, open, *this);
    close_sentence(open, *this);
  }

  void sentence(Sentence& complete) override {
    each_clause(complete, {knowledge().weights.relations()}, nullptr, &said_,
                [&](const Clause&, bool, std::uint64_t) { ++handed_out; });
    for (std::size_t begin = 0, end = 0; begin < complete.tokens.size(); begin = end) {
      end = clause_end(complete, begin);
      found.push_back({hash_of_clause(complete, begin, end),
                       read_clause(complete, begin, end, knowledge().weights.relations())});
    }
  }

  std::vector<Said> found;
  int handed_out = 0;  // by each_clause(), which leaves out what was said before

 private:
  static const Knowledge& knowledge() {
    static const auto known = Knowledge::builtin();
    return *known;
  }

  SaidClauses said_;
};

std::uint64_t hash_of_last(std::string_view text) {
  return Clauses(text).found.back().words;
}

bool claim_the_same(const Clause& a, const Clause& b) {
  KeptClauses kept;
  kept.add(a);
  return kept.has(b);
}

constexpr std::string_view kContexts[] = {"",
                                          "Before the surgery, ",
                                          "In 2019, ",
                                          "If you pay at once, ",
                                          "Unless ",
                                          "I was ill and ",
                                          "My brother or ",
                                          "She called, but ",
                                          "Today, ",
                                          "At six; ",
                                          "No, ",
                                          "He said that "};
constexpr std::string_view kClauses[] = {
    "we deliver on Monday",    "could not walk",          "is in Paris",
    "never saw the car there", "the neighbour's dog bit", "the neighbour dog bit",
    "The gate was red",        "the gate was red",        "the gate was RED",
    "I have 3 children",       "I have 4 children",       "was not at home until ten"};

}  // namespace

TEST_CASE("clauses of the same words claim the same, whatever stands before them") {
  std::map<std::uint64_t, Clause> first;
  std::size_t again = 0;
  for (const std::string_view context : kContexts) {
    for (const std::string_view clause : kClauses) {
      const std::string text = std::string(context) + std::string(clause) + ".";
      CAPTURE(text);
      for (const Said& said : Clauses(text).found) {
        const auto [known, is_new] = first.emplace(said.words, said.clause);
        if (is_new) continue;
        ++again;
        CHECK(claim_the_same(known->second, said.clause));
      }
    }
  }
  CHECK(again > 40);
}

TEST_CASE("other words, and what clauses take from those before, are other clauses") {
  CHECK(hash_of_last("The gate is red.") == hash_of_last("I waited; The gate is red."));
  CHECK(hash_of_last("The gate is red.") != hash_of_last("The gate is green."));
  CHECK(hash_of_last("The gate is red.") != hash_of_last("The gate is not red."));
  CHECK(hash_of_last("The neighbour's dog bit.") != hash_of_last("The neighbours dog bit."));
  CHECK(hash_of_last("I was ill and could not walk.") !=
        hash_of_last("She was ill and could not walk."));
  CHECK(hash_of_last("Before May, I could not walk.") !=
        hash_of_last("After May, I could not walk."));
  CHECK(hash_of_last("The gate, was red.") != hash_of_last("The gate, (was red)."));
  CHECK(hash_of_last("Yesterday Rose was late.") != hash_of_last("Yesterday rose was late."));
  CHECK(hash_of_last("If it rains; the gate is red.") !=
        hash_of_last("It rains; the gate is red."));
}

TEST_CASE("a clause that is said again is not handed out again") {
  CHECK(Clauses("I saw the gate. The gate was red. I saw the gate.").handed_out == 2);
  CHECK(Clauses("I saw the gate. The gate was red. I saw the door.").handed_out == 3);
}

TEST_CASE("a clause is said once, and of two in one place the newer is known") {
  SaidClauses said;
  const std::uint64_t one = 0x0123456789ABCD05, other = 0x7777777789ABCD05;  // of one place
  CHECK(!said.say(one));
  CHECK(said.say(one));
  CHECK(!said.say(other));
  CHECK(said.say(other));
  CHECK(!said.say(one));
}

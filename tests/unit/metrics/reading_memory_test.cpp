// What readings remember of each other: nothing that could be told from their results.
#include "metrics/reading_memory.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/claims/reply_claim.hpp"
#include "metrics/knowledge.hpp"
#include "metrics/words/tokenizer.hpp"

using namespace scena::metrics;

namespace {

const Knowledge& built_in() {
  static const auto known = Knowledge::builtin();
  return *known;
}

// The clauses of a text, read with a memory or without.
class ReadClauses final : public TextSink {
 public:
  ReadClauses(std::string_view text, ClauseMemory* memory) : memory_(memory) {
    Sentence open;
    ScanPosition position;
    read_chunks(text, true, {built_in()}, position, open, *this);
    close_sentence(open, *this);
  }

  void sentence(Sentence& complete) override {
    each_clause(complete, {built_in().weights.relations(), memory_}, nullptr, nullptr,
                [&](const Clause& clause, bool, std::uint64_t words) {
                  found.push_back(clause);
                  words_of_last = words;
                });
  }

  std::vector<Clause> found;
  std::uint64_t words_of_last = 0;  // their hash

 private:
  ClauseMemory* memory_;
};

bool same(const Clause& a, const Clause& b) {
  KeptClauses kept;
  kept.add(a);
  return kept.has(b) && a.span.begin == b.span.begin && a.span.end == b.span.end &&
         a.signature == b.signature;
}

void check_same(std::string_view text, ClauseMemory& memory) {
  CAPTURE(text);
  const auto without = ReadClauses(text, nullptr).found;
  for (int time = 0; time < 2; ++time) {
    const auto with = ReadClauses(text, &memory).found;
    REQUIRE(with.size() == without.size());
    for (std::size_t i = 0; i < with.size(); ++i) CHECK(same(with[i], without[i]));
  }
}

}  // namespace

TEST_CASE("a clause is the same remembered, read anew, and without a memory") {
  const auto memory = std::make_unique<ClauseMemory>();
  for (const char* text :
       {"I was at home, and I saw nobody.", "Then I was at home, and I saw nobody, I swear.",
        "Was I at home? I was at home.", "I was at home?", "If I was at home, I saw nobody.",
        "Before May, I could not walk. After May, I could not walk.",
        "My brother was ill and could not walk; I was ill and could not walk.",
        "I have 3 children, and I have 4 children, 3 children.",
        "The neighbour's dog bit. The neighbours dog bit. The neighbour dog bit.",
        "Yesterday Rose was late. Yesterday rose was late.",
        "The gate, was red. The gate, (was red)."})
    check_same(text, *memory);
}

TEST_CASE("a clause is read once, and then as it is remembered") {
  const auto memory = std::make_unique<ClauseMemory>();
  const std::string_view text = "I saw the gate.";
  const ReadClauses first(text, memory.get());
  REQUIRE(first.found.size() == 1);
  const Clause* const known = memory->find(first.words_of_last);
  REQUIRE(known != nullptr);
  CHECK(same(*known, first.found[0]));
  Clause other = *known;
  other.flags ^= kNegated;
  memory->keep(first.words_of_last, other);
  CHECK(same(ReadClauses(text, memory.get()).found.at(0), other));
}

TEST_CASE("clauses that take each other's places are not taken for each other") {
  const auto memory = std::make_unique<ClauseMemory>();
  std::string text;
  for (std::size_t i = 0; i < 3 * ClauseMemory::kClauses; ++i)
    text += "We sold " + std::to_string(i + 1) + " houses. ";
  check_same(text, *memory);
}

TEST_CASE("a remembered clause is found again, and gives way to another of its place") {
  const auto memory = std::make_unique<ClauseMemory>();
  Clause clause;
  CHECK(memory->find(0) == nullptr);
  CHECK(memory->find(7) == nullptr);
  clause.stem_count = 3;
  memory->keep(7, clause);
  REQUIRE(memory->find(7) != nullptr);
  CHECK(memory->find(7)->stem_count == 3);
  CHECK(memory->find(7 + ClauseMemory::kClauses) == nullptr);
  memory->keep(7 + ClauseMemory::kClauses, clause);
  CHECK(memory->find(7) == nullptr);
}

TEST_CASE("who finds no memory free goes without, and one given back serves again") {
  ReadingMemories memories;
  std::vector<ReadingMemories::Lease> leases;
  while (leases.size() < 100) {
    leases.push_back(memories.take());
    if (leases.back() == nullptr) break;
  }
  REQUIRE(leases.back() == nullptr);
  REQUIRE(leases.size() > 2);
  const ReadingMemory* second = leases[1].get();
  leases[1].reset();
  CHECK(memories.take().get() == second);
}

// A claim beside earlier ones: what counts when the closer looks of one kind are used up.
#include "metrics/claims/compared_clauses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "metrics/claims/claim_pair.hpp"

using namespace scena::metrics;

namespace {

constexpr std::uint32_t kMe = 1;
// Words whose bits in a signature are the same; no claim has more than one of them.
constexpr std::uint32_t kWord = 5, kOtherWord = kWord + 64, kThirdWord = kWord + 128;
constexpr std::size_t kLooks = 8;  // of each kind, which one claim may take

Clause claim(std::uint32_t word, Subject subject = Subject::me, std::uint8_t flags = 0) {
  Clause clause;
  clause.stems[clause.stem_count++] = word;
  clause.subject = subject;
  clause.flags = flags;
  sign(clause);
  return clause;
}

// The claims of one message, in their order; each knows its place by its span.
History said(const std::vector<Clause>& claims) {
  KeptMessage message;
  message.speaker = kMe;
  message.english = true;
  for (Clause clause : claims) {
    const auto at = static_cast<std::uint32_t>(message.clauses.heads().size());
    clause.span = {at, at + 1};
    message.clauses.add(clause);
  }
  History history;
  history.push(std::move(message));
  return history;
}

// A score of claims that share nothing which differs with all that it may depend on, and is above
// any of claims that share a word.
LinearModel model_of_strangers() {
  Clause plain, denied, she;
  denied.flags = kNegated;
  she.subject = Subject::she;
  plain.subject = denied.subject = Subject::me;
  const Clause now = claim(kWord);
  const auto of_plain = unrelated_numbers(plain, now), of_denied = unrelated_numbers(denied, now),
             of_she = unrelated_numbers(she, now);
  const auto of_related = claim_numbers(ClaimPair(now, now), {});
  LinearModel::Head head;
  head.bias = -6;
  for (std::size_t i = 0; i < of_plain.size(); ++i) {
    float weight = 0;
    if (of_plain[i] != 0 && of_denied[i] != 0 && of_she[i] != 0 && of_related[i] == 0) weight = 4;
    if (of_plain[i] == 0 && of_denied[i] != 0) weight = 3;  // the signs of a denial
    if (of_plain[i] != 0 && of_she[i] == 0) weight = -2;    // the same subject
    head.numbers.push_back(weight);
  }
  static constexpr std::int8_t kNoTable[2] = {};
  return LinearModel(1, {head}, kNoTable);
}

ComparedClause compared(const std::vector<Clause>& earlier, const Clause& now) {
  static const LinearModel model = model_of_strangers();
  return compare_clause(now, said(earlier), kMe, &model, {});
}

std::vector<Clause> same_word(std::size_t count, std::uint8_t flags = 0) {
  return std::vector<Clause>(count, claim(kWord, Subject::me, flags));
}

}  // namespace

TEST_CASE("claims that share nothing count by whether they deny and by their subjects") {
  const Clause now = claim(kWord);
  const Clause plain = claim(kOtherWord), denied = claim(kThirdWord, Subject::me, kNegated),
               she = claim(kOtherWord, Subject::she);
  const int of_plain = compared({plain}, now).value, of_denied = compared({denied}, now).value,
            of_she = compared({she}, now).value;
  REQUIRE(of_plain > 0);
  CHECK(of_denied != of_plain);
  CHECK(of_she != of_plain);
  // Whatever stands before them: each is looked at as what it is.
  for (const auto& [first, second, one, other] :
       {std::tuple(plain, denied, of_plain, of_denied), std::tuple(plain, she, of_plain, of_she),
        std::tuple(she, denied, of_she, of_denied)}) {
    CHECK(compared({first, second}, now).value == std::max(one, other));
    CHECK(compared({second, first}, now).value == std::max(one, other));
  }
}

TEST_CASE("behind the last look of one kind, claims of the other kind count as before") {
  const Clause now = claim(kWord);
  const Clause plain = claim(kOtherWord), denied = claim(kThirdWord, Subject::me, kNegated);
  REQUIRE(compared({denied}, now).value > 0);
  auto earlier = same_word(kLooks);
  CHECK(compared(earlier, now).looks.others == kLooks);
  CHECK(compared(earlier, now).looks.clashes == 0);
  const int before = compared(earlier, now).value;
  // One that shares nothing and cannot clash is of the kind that is used up.
  earlier.push_back(plain);
  CHECK(compared(earlier, now).value == before);
  // One that may clash is told apart as a stranger, and takes no closer look.
  earlier.push_back(denied);
  const ComparedClause found = compared(earlier, now);
  CHECK(found.value == compared({denied}, now).value);
  CHECK(found.there.begin == kLooks + 1);
  CHECK(found.looks.others == kLooks);
  CHECK(found.looks.clashes == 0);
  // And one that shares the word, and denies it, takes one.
  earlier.push_back(claim(kWord, Subject::me, kNegated));
  CHECK(compared(earlier, now).looks.clashes == 1);
}

TEST_CASE("with looks of both kinds left, a claim that only shares a bit takes none") {
  const Clause now = claim(kWord);
  auto earlier = same_word(kLooks - 1);
  earlier.push_back(claim(kOtherWord));
  const ComparedClause found = compared(earlier, now);
  CHECK(found.looks.others == kLooks - 1);
  CHECK(found.there.begin == kLooks - 1);
  CHECK(found.value == compared({claim(kOtherWord)}, now).value);
}

TEST_CASE("behind the last look at claims that may clash nothing is compared any more") {
  const Clause now = claim(kWord);
  auto earlier = same_word(kLooks, kNegated);
  CHECK(compared(earlier, now).looks.clashes == kLooks);
  const int before = compared(earlier, now).value;
  earlier.push_back(claim(kOtherWord));
  earlier.push_back(claim(kWord));
  CHECK(compared(earlier, now).value == before);
  CHECK(compared(earlier, now).looks.others == 0);
}

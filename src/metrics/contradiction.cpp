#include <cmath>

#include "metrics/claim_pair.hpp"
#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

bool claims(std::uint32_t flags) noexcept {
  return (flags & (kAsked | kSupposed)) == 0;
}

// The reason where the rules alone see none.
const char* reason_of(const ClaimPair& pair) noexcept {
  if (pair.flipped) return "negation_flip";
  if (pair.opposites > 0) return "opposite";
  if (pair.kinds > 0) return "excludes";
  return pair.numbers_differ ? "number_differs" : "differs";
}

int learned_value(const LinearModel& model,
                  const std::array<double, kClaimNumbers>& numbers) noexcept {
  return static_cast<int>(
      std::lround(1000 * logistic(model.score(0, LinearModel::Sums{}, numbers))));
}

Verdict verdict_of(const ClaimPair& pair, const LinearModel* model) noexcept {
  Verdict verdict = judge(pair);
  if (model == nullptr) return verdict;
  verdict.value = learned_value(*model, claim_numbers(pair, verdict));
  if (*verdict.reason == '\0') verdict.reason = reason_of(pair);
  return verdict;
}

// Compares one claim with earlier ones, packed as the history has them.
class Comparison {
 public:
  Comparison(const Clause& clause, const LinearModel* model) noexcept
      : clause_(clause), model_(model) {
    for (auto& values : unrelated_) values.fill(-1);
  }

  Verdict operator()(const Clause& earlier) const noexcept {
    return verdict_of(ClaimPair(earlier, clause_), model_);
  }

  // Without a bit in common the two are unrelated, and little of the earlier one matters.
  bool may_be_related(const std::uint32_t* packed) const noexcept {
    return ((packed[1] | std::uint64_t{packed[2]} << 32) & clause_.signature) != 0;
  }

  // The value against a claim that shares nothing.
  int unrelated(const std::uint32_t* packed) noexcept {
    if (model_ == nullptr) return 0;
    const std::uint32_t subject = packed[0] >> 16 & 0xFF;
    auto& value = unrelated_[packed[0] >> 24 & kNegated][subject];
    if (value < 0) {
      Clause earlier;
      earlier.subject = static_cast<Subject>(subject);
      earlier.flags = static_cast<std::uint8_t>(packed[0] >> 24 & kNegated);
      value = learned_value(*model_, unrelated_numbers(earlier, clause_));
    }
    return value;
  }

 private:
  static_assert(kNegated == 1, "an index");
  static constexpr std::size_t kSubjectKinds = static_cast<std::size_t>(Subject::noun) + 1;

  const Clause& clause_;
  const LinearModel* model_;
  std::array<std::array<int, kSubjectKinds>, 2> unrelated_;
};

void read_message(const KeptMessage& message, std::uint32_t index, const Clause& clause,
                  Comparison& compare, ContradictionTally& tally) noexcept {
  const std::uint32_t* at = message.clauses.data();
  const std::uint32_t* const end = at + message.clauses.size();
  for (; at != end; at += packed_size(at)) {
    if (!claims(at[0] >> 24)) continue;
    Verdict verdict;
    Span there;
    if (compare.may_be_related(at)) {
      const Clause earlier = unpack({at, end});
      verdict = compare(earlier);
      there = earlier.span;
    } else {
      verdict = {compare.unrelated(at), "differs"};
      there = {at[3], at[3] + (at[4] & 0xFFFF)};
    }
    if (verdict.value <= tally.value) continue;
    tally.value = verdict.value;
    tally.reason = verdict.reason;
    tally.here = clause.span;
    tally.there = there;
    tally.message = index;
  }
}

}  // namespace

void read_contradiction(const Clause& clause, const History& history, std::uint32_t speaker,
                        const LinearModel* model, ContradictionTally& tally) noexcept {
  const auto& messages = history.messages();
  Comparison compare(clause, model);
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].speaker != speaker || !messages[i].english) continue;
    tally.compared = true;
    if (claims(clause.flags))
      read_message(messages[i], static_cast<std::uint32_t>(i), clause, compare, tally);
  }
}

}  // namespace scena::metrics

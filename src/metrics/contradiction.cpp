#include <algorithm>
#include <cmath>

#include "metrics/claim_pair.hpp"
#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

bool claims(const Clause& clause) noexcept {
  return !clause.has(kAsked | kSupposed);
}

// The reason where the rules alone see none.
const char* reason_of(const ClaimPair& pair) noexcept {
  if (pair.flipped) return "negation_flip";
  if (pair.opposites > 0) return "opposite";
  if (pair.kinds > 0) return "excludes";
  return pair.numbers_differ ? "number_differs" : "differs";
}

Verdict verdict_of(const ClaimPair& pair, const LinearModel* model) noexcept {
  Verdict verdict = judge(pair);
  if (model == nullptr || !pair.is_related()) return verdict;
  const auto numbers = claim_numbers(pair, verdict);
  const double value = logistic(model->score(0, LinearModel::Sums{}, numbers));
  verdict.value = static_cast<int>(std::lround(1000 * value));
  if (*verdict.reason == '\0') verdict.reason = reason_of(pair);
  return verdict;
}

}  // namespace

void read_contradiction(const Clause& clause, const History& history, std::uint32_t speaker,
                        const LinearModel* model, ContradictionTally& tally) noexcept {
  const auto& messages = history.messages();
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].speaker != speaker || !messages[i].english) continue;
    tally.compared = true;
    if (!claims(clause) || (messages[i].signature & clause.signature) == 0) continue;
    const std::uint32_t* at = messages[i].clauses.data();
    const std::uint32_t* const end = at + messages[i].clauses.size();
    for (; at != end; at += packed_size(at)) {
      // Words that only may be the same are no reason to look closer.
      if (((at[1] | std::uint64_t{at[2]} << 32) & clause.signature) == 0) continue;
      const Clause earlier = unpack({at, end});
      if (!claims(earlier)) continue;
      const Verdict verdict = verdict_of(ClaimPair(earlier, clause), model);
      if (verdict.value <= tally.value) continue;
      tally.value = verdict.value;
      tally.reason = verdict.reason;
      tally.here = clause.span;
      tally.there = earlier.span;
      tally.message = static_cast<std::uint32_t>(i);
    }
  }
}

}  // namespace scena::metrics

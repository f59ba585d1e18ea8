#include <algorithm>
#include <array>
#include <cmath>

#include "metrics/claims/claim_pair.hpp"
#include "metrics/claims/compared_clauses.hpp"

namespace scena::metrics {
namespace {

// The reason where the rules alone see none.
const char* reason_of(const ClaimPair& pair) noexcept {
  if (pair.flipped) return "negation_flip";
  if (pair.opposites > 0) return "opposite";
  if (pair.kinds > 0) return "excludes";
  return pair.numbers_differ ? "number_differs" : "differs";
}

// A sign without which two claims hardly contradict each other, seen from what is kept of the
// earlier one: one is negated, praise meets blame, both have numbers or name different members of a
// set.
class MayClash {
 public:
  explicit MayClash(const Clause& clause) noexcept : clause_(clause) {
    const bool negated = clause.has(kNegated);
    const bool praises = clause.is_marked(kPraises), blames = clause.is_marked(kBlames);
    // With the same negation as the clause; with the other one it is a flip anyway.
    const int against = (praises != negated ? kBlames : 0) | (blames != negated ? kPraises : 0);
    if (praises || blames) against_ |= against;
    if (clause.is_marked(kNone)) against_ |= kTotal;
    if (clause.is_marked(kTotal)) against_ |= kNone;
    if (clause.is_marked(kPartial)) against_ |= kTotal | kMuch;
    if (clause.is_marked(kTotal | kMuch)) against_ |= kPartial;
  }

  bool operator()(const KeptClauses& kept, const KeptClauses::Head& head) const noexcept {
    if (clause_.traits.differ(kept.traits(head))) return true;
    if (((head.flags ^ clause_.flags) & kNegated) != 0 || (head.marks & against_) != 0) return true;
    if (head.number_count != 0 && clause_.number_count != 0) return true;
    return clause_.set_count != 0 && names_other_members(kept.sets(head));
  }

 private:
  bool names_other_members(std::span<const std::uint32_t> sets) const noexcept {
    auto at = sets.begin();
    const std::uint32_t* own = clause_.sets.data();
    const std::uint32_t* const own_end = own + clause_.set_count;
    while (at != sets.end() && own != own_end) {
      if (*at >> 16 == *own >> 16 && *at >> 4 != *own >> 4) return true;
      if (*at < *own) {
        ++at;
      } else {
        ++own;
      }
    }
    return false;
  }

  const Clause& clause_;
  int against_ = 0;  // marks
};

// The words, sets and numbers of a claim, each as a bit of many: most claims whose signatures meet
// share none of them, and no is said without unpacking them. A pair without any is not related.
class SharedTopic {
 public:
  explicit SharedTopic(const Clause& clause) noexcept
      : traits_(clause.traits), counts_(clause.number_count != 0) {
    for (std::size_t i = 0; i < clause.stem_count; ++i) add(clause.stems[i]);
    for (std::size_t i = 0; i < clause.set_count; ++i) add(place_of_set(clause.sets[i]));
  }

  bool may_be(const KeptClauses& kept, const KeptClauses::Head& head) const noexcept {
    if ((counts_ && head.number_count != 0) || traits_.differ(kept.traits(head))) return true;
    const auto stems = kept.stems(head), sets = kept.sets(head);
    return std::any_of(stems.begin(), stems.end(), [&](std::uint32_t stem) { return has(stem); }) ||
           std::any_of(sets.begin(), sets.end(),
                       [&](std::uint32_t packed) { return has(place_of_set(packed)); });
  }

 private:
  static constexpr std::uint32_t kBits = 2048;

  static std::uint32_t place_of_set(std::uint32_t packed) noexcept {
    return (packed >> 16) * 2654435761u >> 16;
  }
  void add(std::uint32_t hash) noexcept {
    bits_[hash % kBits / 64] |= std::uint64_t{1} << hash % 64;
  }
  bool has(std::uint32_t hash) const noexcept {
    return (bits_[hash % kBits / 64] >> hash % 64 & 1) != 0;
  }

  std::array<std::uint64_t, kBits / 64> bits_{};
  Traits traits_;
  bool counts_;
};

// Compares one claim with earlier ones, as the history has kept them.
class Comparison {
 public:
  Comparison(const Clause& clause, const LinearModel* model, const LooksTaken& before) noexcept
      : clause_(clause),
        model_(model),
        topic_(clause),
        may_clash_(clause),
        clashes_{8, before.clashes, LooksTaken::kMostClashes},
        others_{8, before.others, LooksTaken::kMostOthers} {
    if (model == nullptr) unrelated_left_ = 0;
    for (auto& scores : unrelated_) scores.fill(kUnknown);
  }

  // The first from `at` on that the claim is still to be compared with, or `end`. Without a bit in
  // common the two are unrelated, and only a few of those are looked at.
  const KeptClauses::Head* next(const KeptClauses::Head* at,
                                const KeptClauses::Head* end) const noexcept {
    if (is_done()) return end;
    if (unrelated_left_ > 0) {
      while (at != end && !at->claims()) ++at;
    } else {
      while (at != end && (at->signature & clause_.signature) == 0) ++at;
    }
    return at;
  }

  // The value against an earlier claim; 0 when no closer look is left for its kind. Each claim gets
  // so many of them, the newest first, and so does each message.
  Verdict with(const KeptClauses& kept, const KeptClauses::Head& head) noexcept {
    if ((head.signature & clause_.signature) == 0) return unrelated(head);
    --looks_left_;
    // Words that only shared a bit cost nothing but the look; most do, and while both kinds have
    // closer looks left it does not matter of which they are.
    const bool both_left = clashes_.are_left() && others_.are_left();
    if (both_left && !topic_.may_be(kept, head)) return unrelated(head);
    Looks& looks = may_clash_(kept, head) ? clashes_ : others_;
    if (!looks.are_left()) return {};
    if (!both_left && !topic_.may_be(kept, head)) return unrelated(head);
    const Clause earlier = kept.clause(head);
    const ClaimPair pair(earlier, clause_);
    if (!pair.is_related()) return unrelated(head);
    looks.take();
    Verdict verdict = judge(pair);
    if (model_ == nullptr) return verdict;
    verdict.value = strongest(model_->score(0, LinearModel::Sums{}, claim_numbers(pair, verdict)));
    if (*verdict.reason == '\0') verdict.reason = reason_of(pair);
    return verdict;
  }
  bool is_done() const noexcept { return looks_left_ == 0 || !clashes_.are_left(); }
  LooksTaken taken() const noexcept { return {clashes_.taken, others_.taken}; }

 private:
  // A closer look costs as much as reading a sentence: a long message shall not take them by the
  // hundred.
  struct Looks {
    int most;                  // of the claim
    std::uint16_t before;      // of the message's other claims
    std::uint16_t of_message;  // the most
    std::uint16_t taken = 0;

    bool are_left() const noexcept { return taken < most && before + taken < of_message; }
    void take() noexcept { ++taken; }
  };

  // The value against a claim that shares nothing.
  Verdict unrelated(const KeptClauses::Head& head) noexcept {
    if (unrelated_left_ == 0) return {};
    --unrelated_left_;
    double& score = unrelated_[head.flags & kNegated][static_cast<std::size_t>(head.subject)];
    if (score == kUnknown) {
      Clause earlier;
      earlier.subject = head.subject;
      earlier.flags = head.flags & kNegated;
      score = model_->score(0, LinearModel::Sums{}, unrelated_numbers(earlier, clause_));
    }
    return {strongest(score), "differs"};
  }

  // The value in thousandths; 0, which costs less, where a stronger one hides it.
  int strongest(double score) noexcept {
    if (score <= strongest_) return 0;
    strongest_ = score;
    return static_cast<int>(std::lround(1000 * logistic(score)));
  }

  static_assert(kNegated == 1, "an index");
  static constexpr std::size_t kSubjectKinds = static_cast<std::size_t>(Subject::reported) + 1;

  const Clause& clause_;
  const LinearModel* model_;
  SharedTopic topic_;
  MayClash may_clash_;
  static constexpr double kUnknown = -1e9;

  double strongest_ = kUnknown;
  int looks_left_ = 48;
  int unrelated_left_ = 12;
  Looks clashes_;
  Looks others_;
  std::array<std::array<double, kSubjectKinds>, 2> unrelated_;
};

void read_message(const KeptMessage& message, std::uint32_t index, Comparison& compare,
                  ComparedClause& found) noexcept {
  const auto heads = message.clauses.heads();
  const KeptClauses::Head* const end = heads.data() + heads.size();
  for (auto at = compare.next(heads.data(), end); at != end; at = compare.next(at + 1, end)) {
    const Verdict verdict = compare.with(message.clauses, *at);
    if (verdict.value <= found.value) continue;
    found.value = verdict.value;
    found.reason = verdict.reason;
    found.there = message.clauses.span(*at);
    found.message = index;
  }
}

// Whether the message's limits were out of reach, so that they do not matter for what was found.
bool are_far(const LooksTaken& before, const LooksTaken& taken) noexcept {
  return before.clashes + taken.clashes < LooksTaken::kMostClashes &&
         before.others + taken.others < LooksTaken::kMostOthers;
}

}  // namespace

ComparedClause compare_clause(const Clause& clause, const History& history, std::uint32_t speaker,
                              const LinearModel* model, const LooksTaken& before) noexcept {
  const auto& messages = history.messages();
  ComparedClause found;
  Comparison compare(clause, model, before);
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].speaker != speaker || !messages[i].english) continue;
    found.compared = true;
    if (clause.has(kAsked | kSupposed) || compare.is_done()) break;
    read_message(messages[i], static_cast<std::uint32_t>(i), compare, found);
  }
  found.looks = compare.taken();
  return found;
}

void read_contradiction(const Clause& clause, std::uint64_t words, const History& history,
                        std::uint32_t speaker, const LinearModel* model, ComparedClauses& lately,
                        ContradictionTally& tally) noexcept {
  const ComparedClause* known = lately.find(words);
  if (known != nullptr && !are_far(tally.looks, known->looks)) known = nullptr;
  const ComparedClause found =
      known != nullptr ? *known : compare_clause(clause, history, speaker, model, tally.looks);
  if (known == nullptr && are_far(tally.looks, found.looks)) lately.keep(words, found);
  tally.compared |= found.compared;
  tally.looks.clashes = static_cast<std::uint16_t>(tally.looks.clashes + found.looks.clashes);
  tally.looks.others = static_cast<std::uint16_t>(tally.looks.others + found.looks.others);
  if (found.value <= tally.value) return;
  tally.value = found.value;
  tally.reason = found.reason;
  tally.here = clause.span;
  tally.there = found.there;
  tally.message = found.message;
}

}  // namespace scena::metrics

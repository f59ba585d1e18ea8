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

// A sign without which two claims hardly contradict each other, seen from the front of the packed
// one: one is negated, praise meets blame, both have numbers or name different members of a set.
class MayClash {
 public:
  explicit MayClash(const Clause& clause) noexcept : clause_(clause) {
    const bool negated = clause.has(kNegated);
    const bool praises = clause.is_marked(kPraises), blames = clause.is_marked(kBlames);
    against_affirmed_ = (praises != negated ? kBlames : 0) | (blames != negated ? kPraises : 0);
    if (!praises && !blames) against_affirmed_ = 0;
    if (clause.is_marked(kNone)) against_affirmed_ |= kTotal;
    if (clause.is_marked(kTotal)) against_affirmed_ |= kNone;
  }

  bool operator()(const std::uint32_t* packed) const noexcept {
    if (((packed[0] >> 24 ^ clause_.flags) & kNegated) != 0) return true;
    if ((packed[4] >> 24 & against_affirmed_) != 0) return true;
    if ((packed[0] >> 12 & 15) != 0 && clause_.number_count != 0) return true;
    return names_other_members(packed);
  }

 private:
  bool names_other_members(const std::uint32_t* packed) const noexcept {
    const std::uint32_t* at = packed + kPackedFront + (packed[0] & 15);
    const std::uint32_t* const end = at + (packed[0] >> 8 & 15);
    const std::uint32_t* own = clause_.sets.data();
    const std::uint32_t* const own_end = own + clause_.set_count;
    while (at != end && own != own_end) {
      if (*at >> 16 == *own >> 16 && *at >> 4 != *own >> 4) return true;
      ++(*at < *own ? at : own);
    }
    return false;
  }

  const Clause& clause_;
  // With the same negation as the clause; with the other one it is a flip anyway.
  std::uint32_t against_affirmed_ = 0;
};

// Compares one claim with earlier ones, packed as the history has them.
class Comparison {
 public:
  Comparison(const Clause& clause, const LinearModel* model, ContradictionTally& tally) noexcept
      : clause_(clause), model_(model), may_clash_(clause) {
    clashes_.message = &tally.clash_looks;
    others_.message = &tally.other_looks;
    for (auto& scores : unrelated_) scores.fill(kUnknown);
  }

  // Without a bit in common the two are unrelated, and little of the earlier one matters.
  bool may_be_related(const std::uint32_t* packed) const noexcept {
    return ((packed[1] | std::uint64_t{packed[2]} << 32) & clause_.signature) != 0;
  }
  // The value against a claim that may be related; 0 when no closer look is left for its kind. Each
  // claim gets so many of them, the newest first, and so does each message.
  Verdict related(std::span<const std::uint32_t> packed) noexcept {
    --looks_left_;
    Looks& looks = may_clash_(packed.data()) ? clashes_ : others_;
    if (!looks.are_left()) return {};
    const Clause earlier = unpack(packed);
    const ClaimPair pair(earlier, clause_);
    // Words that only shared a bit cost nothing but the look.
    if (!pair.is_related()) return unrelated(packed.data());
    looks.take();
    Verdict verdict = judge(pair);
    if (model_ == nullptr) return verdict;
    verdict.value = strongest(model_->score(0, LinearModel::Sums{}, claim_numbers(pair, verdict)));
    if (*verdict.reason == '\0') verdict.reason = reason_of(pair);
    return verdict;
  }
  bool is_done() const noexcept { return looks_left_ == 0 || !clashes_.are_left(); }

  // The value against a claim that shares nothing.
  Verdict unrelated(const std::uint32_t* packed) noexcept {
    if (model_ == nullptr || unrelated_left_ == 0) return {};
    --unrelated_left_;
    const std::uint32_t subject = packed[0] >> 16 & 0xFF;
    double& score = unrelated_[packed[0] >> 24 & kNegated][subject];
    if (score == kUnknown) {
      Clause earlier;
      earlier.subject = static_cast<Subject>(subject);
      earlier.flags = static_cast<std::uint8_t>(packed[0] >> 24 & kNegated);
      score = model_->score(0, LinearModel::Sums{}, unrelated_numbers(earlier, clause_));
    }
    return {strongest(score), "differs"};
  }

 private:
  // A closer look costs as much as reading a sentence: a long message shall not take them by the
  // hundred.
  struct Looks {
    int left;                          // of the claim
    std::uint16_t most;                // of the message
    std::uint16_t* message = nullptr;  // taken so far

    bool are_left() const noexcept { return left > 0 && *message < most; }
    void take() noexcept {
      --left;
      ++*message;
    }
  };

  // The value in thousandths; 0, which costs less, where a stronger one hides it.
  int strongest(double score) noexcept {
    if (score <= strongest_) return 0;
    strongest_ = score;
    return static_cast<int>(std::lround(1000 * logistic(score)));
  }

  static_assert(kNegated == 1, "an index");
  static constexpr std::size_t kSubjectKinds = static_cast<std::size_t>(Subject::noun) + 1;

  const Clause& clause_;
  const LinearModel* model_;
  MayClash may_clash_;
  static constexpr double kUnknown = -1e9;

  double strongest_ = kUnknown;
  int looks_left_ = 48;
  int unrelated_left_ = 12;
  Looks clashes_{8, 96};
  Looks others_{6, 36};
  std::array<std::array<double, kSubjectKinds>, 2> unrelated_;
};

void read_message(const KeptMessage& message, std::uint32_t index, const Clause& clause,
                  Comparison& compare, ContradictionTally& tally) noexcept {
  const std::uint32_t* at = message.clauses.data();
  const std::uint32_t* const end = at + message.clauses.size();
  for (; at != end && !compare.is_done(); at += packed_size(at)) {
    if (!claims(at[0] >> 24)) continue;
    Verdict verdict;
    if (!compare.may_be_related(at)) {
      verdict = compare.unrelated(at);
    } else {
      verdict = compare.related({at, end});
    }
    if (verdict.value <= tally.value) continue;
    tally.value = verdict.value;
    tally.reason = verdict.reason;
    tally.here = clause.span;
    tally.there = {at[3], at[3] + (at[4] & 0xFFFF)};
    tally.message = index;
  }
}

}  // namespace

void read_contradiction(const Clause& clause, const History& history, std::uint32_t speaker,
                        const LinearModel* model, ContradictionTally& tally) noexcept {
  const auto& messages = history.messages();
  Comparison compare(clause, model, tally);
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].speaker != speaker || !messages[i].english) continue;
    tally.compared = true;
    if (!claims(clause.flags) || compare.is_done()) return;
    read_message(messages[i], static_cast<std::uint32_t>(i), clause, compare, tally);
  }
}

}  // namespace scena::metrics

#include <algorithm>
#include <array>
#include <tuple>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

constexpr int kBest = 1000;  // of everything that is counted in thousandths
constexpr std::size_t kSubjects = static_cast<std::size_t>(Subject::noun) + 1;
constexpr std::size_t kStemCounts = std::tuple_size_v<decltype(Clause::stems)> + 1;

// How well two kinds of subjects can be the same, in thousandths; 0: they are different.
constexpr int agreement(Subject a, Subject b) noexcept {
  const auto is_group = [](Subject s) { return s == Subject::me || s == Subject::we; };
  const auto is_third = [](Subject s) { return s >= Subject::he && s <= Subject::they; };
  if (a == b) return kBest;
  if (a == Subject::none || b == Subject::none) return 700;
  if (is_group(a) && is_group(b)) return 850;
  if (is_third(a) && b == Subject::noun) return 650;
  if (is_third(b) && a == Subject::noun) return 650;
  return 0;
}

int agreement(const Clause& a, const Clause& b) noexcept {
  if (a.subject != Subject::noun || b.subject != Subject::noun)
    return agreement(a.subject, b.subject);
  if (a.subject_stem == b.subject_stem) return kBest;
  const auto names = [](const Clause& c, std::uint32_t stem) {
    const auto end = c.stems.begin() + c.stem_count;
    return std::find(c.stems.begin(), end, stem) != end;
  };
  return names(a, b.subject_stem) && names(b, a.subject_stem) ? 800 : 0;
}

// What speaks against a claim by itself, before overlap adds to it.
constexpr int kNegationFlip = 520;
constexpr int kAlwaysNever = 560;
constexpr int kOpposite = 480;
constexpr int kExcludes = 300;
constexpr int kNumberDiffers = 460;

// A verdict's value: the shares of the shorter and of the longer clause that overlap.
constexpr int strength(int base, int smaller, int larger) noexcept {
  return std::min(kBest, base + smaller * 3 / 10 + larger * 15 / 100);
}

template <std::size_t N>
using Table = std::array<std::array<std::int16_t, N>, N>;

// agreement() of each two kinds.
constexpr auto kAgreements = [] {
  Table<kSubjects> table{};
  for (std::size_t a = 0; a < kSubjects; ++a) {
    for (std::size_t b = 0; b < kSubjects; ++b)
      table[a][b] =
          static_cast<std::int16_t>(agreement(static_cast<Subject>(a), static_cast<Subject>(b)));
  }
  return table;
}();

// The most that denying what was said can come to, by how many words the two clauses have: at most
// all of the shorter one are shared.
constexpr auto most_of_denials(int base) {
  Table<kStemCounts> table{};
  for (int a = 0; a < static_cast<int>(kStemCounts); ++a) {
    for (int b = 0; b < static_cast<int>(kStemCounts); ++b) {
      const int larger = kBest * std::min(a, b) / std::max({a, b, 1});
      table[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] =
          static_cast<std::int16_t>(strength(base, kBest, larger));
    }
  }
  return table;
}
constexpr auto kDenials = most_of_denials(kNegationFlip);
constexpr auto kNeverDenials = most_of_denials(kAlwaysNever);
constexpr int kMostOtherwise = strength(kOpposite, kBest, kBest);

// Tells from the front of a packed clause whether it could contradict this one by more than some
// value. Mostly it cannot: because it claims nothing, speaks of something or somebody else, or
// affirms or denies as this one does without naming a member of a set, or a number, where this one
// does so too; or because even words that are all the same would not make it as strong.
class MayExceed {
 public:
  explicit MayExceed(const Clause& clause) noexcept
      : flags_(std::uint32_t{clause.flags} << 24),
        counts_((clause.set_count != 0 ? 0xF00u : 0u) | (clause.number_count != 0 ? 0xF000u : 0u)),
        signature_(clause.signature),
        denials_(kDenials[clause.stem_count].data()),
        never_denials_(kNeverDenials[clause.stem_count].data()),
        agreements_(kAgreements[static_cast<std::size_t>(clause.subject)].data()) {}

  /// False only when it is false for each clause of the message.
  bool operator()(const ClaimSummary& message, int value) const noexcept {
    if ((message.signature & signature_) == 0) return false;
    const bool flips = (flags_ & kDenies) != 0 ? message.affirms : message.denies;
    const bool never = message.has_never_always || (flags_ & kEver) != 0;
    const bool otherwise = (message.has_sets && (counts_ & 0xF00u) != 0) ||
                           (message.has_numbers && (counts_ & 0xF000u) != 0);
    const int denial = strength(never ? kAlwaysNever : kNegationFlip, kBest, kBest);
    return std::max(flips ? denial : 0, otherwise ? kMostOtherwise : 0) > value;
  }

  bool operator()(const std::uint32_t* packed, int value) const noexcept {
    const std::uint32_t head = packed[0];
    const bool flipped = ((head ^ flags_) & kDenies) != 0;
    if (!flipped && (head & counts_) == 0) return false;
    if ((head & kClaimsNothing) != 0) return false;
    if (((packed[1] | std::uint64_t{packed[2]} << 32) & signature_) == 0) return false;
    const auto* denials = ((head | flags_) & kEver) != 0 ? never_denials_ : denials_;
    const int most = flipped ? denials[head & 15] : kMostOtherwise;
    return most * agreements_[head >> 16 & 0xFF] / kBest > value;
  }

 private:
  // Flags, as the front of a packed clause has them.
  static constexpr std::uint32_t kDenies = std::uint32_t{kNegated} << 24;
  static constexpr std::uint32_t kEver = std::uint32_t{kNeverAlways} << 24;
  static constexpr std::uint32_t kClaimsNothing = std::uint32_t{kAsked | kSupposed} << 24;

  std::uint32_t flags_;
  std::uint32_t counts_;
  std::uint64_t signature_;
  const std::int16_t* denials_;
  const std::int16_t* never_denials_;
  const std::int16_t* agreements_;
};

struct Overlap {
  int shared = 0;
  int strong = 0;      // shared words that are no light ones
  int smaller = 1000;  // share of the shorter clause, in thousandths
  int larger = 1000;
};

// Words of sets that differ do not count: they are what disagrees.
Overlap overlap_of(const Clause& a, const Clause& b) noexcept {
  Overlap overlap;
  for (std::size_t i = 0; i < a.stem_count; ++i) {
    if ((b.signature >> (a.stems[i] & 63) & 1) == 0) continue;
    for (std::size_t k = 0; k < b.stem_count; ++k) {
      if (a.stems[i] != b.stems[k]) continue;
      ++overlap.shared;
      if (i >= a.light_stems) ++overlap.strong;
      break;  // no stem stands twice in a clause
    }
  }
  return overlap;
}

void finish(Overlap& overlap, const Clause& a, const Clause& b, int ignored) noexcept {
  const int na = std::max(a.stem_count - ignored, overlap.shared);
  const int nb = std::max(b.stem_count - ignored, overlap.shared);
  overlap.smaller = overlap.shared * 1000 / std::max(1, std::min(na, nb));
  overlap.larger = overlap.shared * 1000 / std::max(1, std::max(na, nb));
}

struct Opposites {
  int strong = 0;
  int weak = 0;
};

// Counts the sets that are named by both, with members of which none is the same.
Opposites compare_sets(const Clause& a, const Clause& b) noexcept {
  Opposites opposites;
  for (std::size_t i = 0; i < a.set_count; ++i) {
    const unsigned set = a.sets[i] >> 8;
    bool differs = false, same = false;
    for (std::size_t k = 0; k < b.set_count; ++k) {
      if (set == b.sets[k] >> 8u) (a.sets[i] == b.sets[k] ? same : differs) = true;
    }
    if (differs && !same) ++(set >= kFirstWeakSet ? opposites.weak : opposites.strong);
  }
  return opposites;
}

bool numbers_differ(const Clause& a, const Clause& b) noexcept {
  bool differ = false;
  for (std::size_t i = 0; i < a.number_count; ++i) {
    for (std::size_t k = 0; k < b.number_count; ++k) {
      const auto& x = a.numbers[i];
      const auto& y = b.numbers[k];
      if (x.unit != y.unit) continue;
      if (x.value == y.value) return false;
      const std::int64_t gap = x.value > y.value ? x.value - y.value : y.value - x.value;
      const bool vague = a.has(kVagueNumber) || b.has(kVagueNumber);
      if (!vague || gap * 5 > std::max(x.value, y.value)) differ = true;
    }
  }
  return differ;
}

struct Verdict {
  int value = 0;
  const char* reason = "";
};

int strength(int base, const Overlap& overlap) noexcept {
  return strength(base, overlap.smaller, overlap.larger);
}

Verdict judge(const Clause& a, const Clause& b) noexcept {
  const int subjects = agreement(a, b);
  if (subjects == 0) return {};
  Overlap overlap = overlap_of(a, b);
  if (overlap.shared == 0) return {};
  const Opposites opposites = compare_sets(a, b);
  const int differing = opposites.strong + opposites.weak;
  finish(overlap, a, b, differing);
  const bool flipped = a.has(kNegated) != b.has(kNegated);
  const bool shares_topic = overlap.strong > 0 || overlap.shared > 1;
  Verdict verdict;
  if (flipped && differing == 0 && shares_topic && overlap.smaller >= 600) {
    const bool ever = a.has(kNeverAlways) || b.has(kNeverAlways);
    verdict = {strength(ever ? kAlwaysNever : kNegationFlip, overlap),
               ever ? "always_never" : "negation_flip"};
  } else if (!flipped && opposites.strong > 0 && shares_topic && overlap.smaller >= 500) {
    verdict = {strength(kOpposite, overlap), "opposite"};
  } else if (!flipped && opposites.weak > 0 && overlap.shared > 1 && overlap.strong > 0 &&
             overlap.smaller >= 700) {
    verdict = {strength(kExcludes, overlap), "excludes"};
  } else if (!flipped && numbers_differ(a, b) && overlap.strong > 0 && overlap.smaller >= 600) {
    verdict = {strength(kNumberDiffers, overlap), "number_differs"};
  }
  verdict.value = verdict.value * subjects / kBest;
  if (a.has(kChanged) || b.has(kChanged)) verdict.value /= 4;
  return verdict;
}

}  // namespace

void read_contradiction(const Clause& clause, const History& history, std::uint32_t speaker,
                        ContradictionTally& tally) noexcept {
  const auto& messages = history.messages();
  const MayExceed may_exceed(clause);
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].speaker != speaker || !messages[i].english) continue;
    tally.compared = true;
    if (clause.has(kAsked | kSupposed) || !may_exceed(messages[i].claims, tally.value)) continue;
    const std::uint32_t* at = messages[i].clauses.data();
    const std::uint32_t* const end = at + messages[i].clauses.size();
    for (; at != end; at += packed_size(at)) {
      if (!may_exceed(at, tally.value)) continue;
      const Clause earlier = unpack({at, end});
      const Verdict verdict = judge(earlier, clause);
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

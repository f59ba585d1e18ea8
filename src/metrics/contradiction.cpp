#include <algorithm>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

// How well two subjects can be the same, in thousandths; 0: they are different.
int agreement(const Clause& a, const Clause& b) noexcept {
  const auto is_group = [](Subject s) { return s == Subject::me || s == Subject::we; };
  const auto is_third = [](Subject s) { return s >= Subject::he && s <= Subject::they; };
  if (a.subject == Subject::noun && b.subject == Subject::noun) {
    if (a.subject_stem == b.subject_stem) return 1000;
    const auto names = [](const Clause& c, std::uint32_t stem) {
      const auto end = c.stems.begin() + c.stem_count;
      return std::find(c.stems.begin(), end, stem) != end;
    };
    return names(a, b.subject_stem) && names(b, a.subject_stem) ? 800 : 0;
  }
  if (a.subject == b.subject) return 1000;
  if (a.subject == Subject::none || b.subject == Subject::none) return 700;
  if (is_group(a.subject) && is_group(b.subject)) return 850;
  if (is_third(a.subject) && b.subject == Subject::noun) return 650;
  if (is_third(b.subject) && a.subject == Subject::noun) return 650;
  return 0;
}

// Tells quickly which packed clauses cannot contradict this one: those that claim nothing, those
// that speak of something else, and those that affirm or deny as it does without naming a member of
// a set, or a number, where it does so too.
class MayDisagree {
 public:
  explicit MayDisagree(const Clause& clause) noexcept
      : flags_(std::uint32_t{clause.flags} << 24),
        counts_((clause.set_count != 0 ? 0xF00u : 0u) | (clause.number_count != 0 ? 0xF000u : 0u)),
        signature_(clause.signature) {}

  bool operator()(const std::uint32_t* packed) const noexcept {
    constexpr std::uint32_t kDenies = std::uint32_t{kNegated} << 24;
    constexpr std::uint32_t kClaimsNothing = std::uint32_t{kAsked | kSupposed} << 24;
    const std::uint32_t head = packed[0];
    if ((((head ^ flags_) & kDenies) | (head & counts_)) == 0) return false;
    if ((head & kClaimsNothing) != 0) return false;
    return ((packed[1] | std::uint64_t{packed[2]} << 32) & signature_) != 0;
  }

 private:
  std::uint32_t flags_;
  std::uint32_t counts_;
  std::uint64_t signature_;
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
  return std::min(1000, base + overlap.smaller * 3 / 10 + overlap.larger * 15 / 100);
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
    verdict = {strength(ever ? 560 : 520, overlap), ever ? "always_never" : "negation_flip"};
  } else if (!flipped && opposites.strong > 0 && shares_topic && overlap.smaller >= 500) {
    verdict = {strength(480, overlap), "opposite"};
  } else if (!flipped && opposites.weak > 0 && overlap.shared > 1 && overlap.strong > 0 &&
             overlap.smaller >= 700) {
    verdict = {strength(300, overlap), "excludes"};
  } else if (!flipped && numbers_differ(a, b) && overlap.strong > 0 && overlap.smaller >= 600) {
    verdict = {strength(460, overlap), "number_differs"};
  }
  verdict.value = verdict.value * subjects / 1000;
  if (a.has(kChanged) || b.has(kChanged)) verdict.value /= 4;
  return verdict;
}

}  // namespace

void read_contradiction(const Clause& clause, const History& history, std::uint32_t speaker,
                        ContradictionTally& tally) noexcept {
  const auto& messages = history.messages();
  const MayDisagree may_disagree(clause);
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].speaker != speaker || !messages[i].english) continue;
    tally.compared = true;
    if (clause.has(kAsked | kSupposed)) continue;
    const std::uint32_t* at = messages[i].clauses.data();
    const std::uint32_t* const end = at + messages[i].clauses.size();
    for (; at != end; at += packed_size(at)) {
      if (!may_disagree(at)) continue;
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

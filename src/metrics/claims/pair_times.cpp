#include "metrics/claims/pair_times.hpp"

namespace scena::metrics {
namespace {

// One of both is all of a time that the other one is part of: "all evening", "until ten".
bool spans_other(const Clause& a, const Clause& b) noexcept {
  return (a.when & kWholeTime) != 0 && (b.when & (kTimeWords | kUntil)) != 0;
}

}  // namespace

bool may_be_of_one_time(const Clause& a, const Clause& b) noexcept {
  if (((a.when | b.when) & kInTurn) != 0) return false;
  if (((a.when ^ b.when) & (kTimeWords | kUntil)) == 0) return true;
  if (((a.question | b.question) & kTimeLent) != 0 && (a.when == 0 || b.when == 0)) return true;
  return spans_other(a, b) || spans_other(b, a);
}

bool were_asked_of_times(const Clause& a, const Clause& b) noexcept {
  if ((a.question & b.question & kTimeLent) == 0) return false;
  return (a.when & ~b.when & kTimeWords) != 0 && (b.when & ~a.when & kTimeWords) != 0;
}

bool denies_beyond(const Clause& a, const Clause& b) noexcept {
  return a.has(kNegated) && !b.has(kNegated) && (a.when & kLimits) != 0 && (b.when & kLimits) == 0;
}

bool was_before_end(const Clause& a, const Clause& b) noexcept {
  return (a.when & kEnded) != 0 && !b.has(kPresent) && (b.when & kEnded) == 0;
}

bool come_in_turn(const Clause& a, const Clause& b, bool flipped) noexcept {
  const auto names_one = [](const Clause& c) {
    return c.is_marked(kThen | kNow) || (c.when & (kTimeWords | kInTurn)) != 0;
  };
  if (((a.when | b.when) & kInTurn) == 0) return false;
  return !flipped || (names_one(a) && names_one(b));
}

}  // namespace scena::metrics

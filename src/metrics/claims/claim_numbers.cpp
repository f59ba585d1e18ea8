#include <algorithm>

#include "metrics/claims/claim_pair.hpp"
#include "metrics/claims/subject.hpp"

namespace scena::metrics {
namespace {

// Places of numbers that claims without a word in common have as well.
constexpr std::size_t kSubjects = 6, kDeniesNow = 7, kBothDeny = 9, kAddsNow = 18,
                      kNothingShared = 20, kLaterDenies = 21, kUnrelated = 26, kUnrelatedFlip = 27;

double flag(bool is) noexcept {
  return is ? 1 : 0;
}

double share(int count, int most) noexcept {
  return std::min(count, most) / static_cast<double>(most);
}

// 1 for praise, -1 for blame, as the claim means it.
int attitude(const Clause& clause) noexcept {
  const int sign = clause.is_marked(kPraises) ? 1 : clause.is_marked(kBlames) ? -1 : 0;
  return clause.has(kNegated) ? -sign : sign;
}

}  // namespace

std::array<double, kClaimNumbers> unrelated_numbers(const Clause& a, const Clause& b) noexcept {
  const bool flip = a.has(kNegated) != b.has(kNegated);
  const int subjects = agreement(a.subject, b.subject);
  const bool same = subjects != 0 && (!is_noun(a.subject) || !is_noun(b.subject));
  std::array<double, kClaimNumbers> numbers{};
  numbers[kSubjects] = same ? subjects / 1000.0 : 0;
  numbers[kDeniesNow] = flag(flip && b.has(kNegated));
  numbers[kBothDeny] = flag(a.has(kNegated) && b.has(kNegated));
  numbers[kAddsNow] = flag(b.is_marked(kAdds));
  numbers[kNothingShared] = 1;
  numbers[kLaterDenies] = flag(b.has(kNegated));
  numbers[kUnrelated] = 1;
  numbers[kUnrelatedFlip] = flag(flip);
  return numbers;
}

std::array<double, kClaimNumbers> claim_numbers(const ClaimPair& pair,
                                                const Verdict& verdict) noexcept {
  const Clause& a = pair.earlier;
  const Clause& b = pair.later;
  if (!pair.is_related()) return unrelated_numbers(a, b);
  const double smaller = pair.smaller / 1000.0, larger = pair.larger / 1000.0;
  const bool clash = pair.opposites + pair.kinds > 0;
  const bool flip = !pair.apart && pair.flipped && !clash;
  const bool opposite = !pair.apart && !pair.flipped && pair.opposites > 0;
  const bool kind = !pair.apart && !pair.flipped && pair.opposites == 0 && pair.kinds > 0;
  const bool number = !pair.apart && !pair.flipped && pair.numbers_differ;
  const bool attitudes = !pair.apart && attitude(a) * attitude(b) < 0;
  const bool none_total = !pair.apart && ((a.is_marked(kNone) && b.is_marked(kTotal)) ||
                                          (a.is_marked(kTotal) && b.is_marked(kNone)));
  // All else is the same, one word is another one, and nothing is known of the two.
  const bool swapped =
      !pair.apart && !pair.flipped && !clash && pair.rest_earlier == 1 && pair.rest_later == 1;
  const bool nothing =
      !flip && !opposite && !kind && !number && !attitudes && !none_total && !swapped;
  const double against_any = flag(!nothing);
  const bool of_others = speaks_of_self(a) != speaks_of_self(b) && a.subject != Subject::none &&
                         b.subject != Subject::none;
  // "It is firm", "it's a very soft mattress".
  const bool of_states = pair.shared == 0 && pair.subjects == kBest && tell_states(a, b) &&
                         pair.rest_earlier + pair.rest_later < 3;
  // All that is denied of somebody was claimed, whatever else was: "I have no dog", "I have a dog
  // named Rex".
  const bool denied =
      flip && pair.subjects >= 800 && (a.has(kNegated) ? pair.rest_earlier : pair.rest_later) == 0;
  const bool both_rest = pair.rest_earlier > 0 && pair.rest_later > 0;
  std::array<double, kClaimNumbers> numbers{
      verdict.value / 1000.0,
      against_any * smaller,
      against_any * larger,
      against_any * share(pair.strong, 4),
      share(pair.rest_earlier, 6),
      share(pair.rest_later, 6),
      pair.subjects / 1000.0,
      flag(flip && b.has(kNegated)),
      flag(flip && (a.has(kNeverAlways) || b.has(kNeverAlways))),
      flag(a.has(kNegated) && b.has(kNegated)),
      flag(pair.flipped && clash),
      flag(swapped) * larger,
      against_any * flag(a.has(kChanged) || b.has(kChanged)),
      flag(kind && pair.collect()),
      flag(a.is_marked(kUncertain) || b.is_marked(kUncertain)),
      flag(attitudes),
      flag(attitudes) * smaller,
      flag(none_total),
      flag(b.is_marked(kAdds)),
      flag(a.is_marked(kOnly) || b.is_marked(kOnly)),
      flag(pair.shared == 0 && !pair.exact),
      flag(b.has(kNegated)),
      flag(nothing),
      flag(nothing) * larger,
      flag(swapped) * share(pair.strong, 4),
      flag(kind) * share(pair.strong, 4),
      0,
      0,
      flag(of_others),
      against_any * flag(of_others),
      flag(flip && both_rest),
      flag(flip && pair.rest_earlier == 1 && pair.rest_later == 1),
      flag(kind && pair.strong == 0),
      flag(number && both_rest),
      flag(flip && pair.exact),
      flag(opposite && pair.exact),
      flag(kind && pair.exact && !pair.collect()),
      flag(number && pair.exact),
      flag(kind && pair.exact && tell_states(a, b)),
      flag(opposite && of_states),
      flag(kind && of_states),
      flag(pair.stay_differs),
      flag(flip && (a.borrowed > 0 || b.borrowed > 0)),
      flag((opposite || kind || number) && (a.borrowed > 0 || b.borrowed > 0)),
      flag(pair.apart && pair.flipped),
      flag(flip && pair.same_number),
      flag(denied),
      flag(denied) * larger};
  std::size_t at = numbers.size() - 16;
  for (const bool against : {flip, opposite, kind, number}) {
    numbers[at++] = flag(against);
    numbers[at++] = flag(against) * larger;
    numbers[at++] = flag(against && pair.rest_later == 0);
    numbers[at++] = flag(against && pair.subjects == 0);
  }
  return numbers;
}

}  // namespace scena::metrics

#include "metrics/claims/claim_pair.hpp"

#include <algorithm>
#include <bit>

#include "metrics/claims/pair_times.hpp"
#include "metrics/claims/subject.hpp"
#include "metrics/words/few_words.hpp"

namespace scena::metrics {
namespace {

bool names(const Clause& clause, std::uint32_t stem) noexcept {
  const auto end = clause.stems.begin() + clause.stem_count;
  return std::find(clause.stems.begin(), end, stem) != end;
}

int agreement(const Clause& a, const Clause& b) noexcept {
  if (!is_noun(a.subject) || !is_noun(b.subject)) {
    const int of_kinds = agreement(a.subject, b.subject);
    if (of_kinds != 0) return of_kinds;
    // "We include winter tyres", "winter tyres cost extra".
    const auto is_object = [&](const Clause& c, const Clause& of) {
      return is_noun(c.subject) && names(of, c.subject_stem);
    };
    const bool object = is_object(a, b) || is_object(b, a);
    return object ? 600 : 0;
  }
  if (a.subject_stem == b.subject_stem) return kBest;
  return names(a, b.subject_stem) && names(b, a.subject_stem) ? 800 : 0;
}

enum class NumbersDiffer : std::uint8_t { no, in_value, in_unit };

NumbersDiffer differ_in_numbers(const Clause& a, const Clause& b) noexcept {
  NumbersDiffer differ = NumbersDiffer::no;
  for (std::size_t i = 0; i < a.number_count; ++i) {
    for (std::size_t k = 0; k < b.number_count; ++k) {
      const auto& x = a.numbers[i];
      const auto& y = b.numbers[k];
      if (!x.counts_the_same(y)) continue;
      if (x.value == y.value) return NumbersDiffer::no;
      const std::int64_t gap = x.value > y.value ? x.value - y.value : y.value - x.value;
      const std::int64_t most = std::max(x.value, y.value);
      if (x.unit == kAge && gap <= 1'00) return NumbersDiffer::no;  // a birthday
      // "Four weeks" and "a month" are the same.
      if (x.unit != y.unit && gap <= most / 10) return NumbersDiffer::no;
      const bool vague = a.has(kVagueNumber) || b.has(kVagueNumber);
      if (vague && gap <= most / 5) continue;
      differ = x.unit == y.unit ? NumbersDiffer::in_value : NumbersDiffer::in_unit;
    }
  }
  return differ;
}

// Bits of the stems of each claim.
struct Masks {
  std::uint32_t earlier = 0;
  std::uint32_t later = 0;
};

constexpr std::uint32_t bit_of(const NamedMember& named) noexcept {
  return named.stem == NamedMember::kNoStem ? 0 : 1u << named.stem;
}

// Members of one set that both claims name, none of them the same.
struct Clash {
  NamedMember earlier;
  NamedMember later;
};

struct Clashes {
  std::array<Clash, 12> found;  // so many as count says
  std::size_t count = 0;

  bool have(const NamedMember& earlier, const NamedMember& later) const noexcept {
    return std::any_of(found.begin(), found.begin() + count, [&](const Clash& clash) {
      return clash.earlier.stem == earlier.stem && clash.later.stem == later.stem;
    });
  }
};

// A general word and one that it may stand for. Where one claim denies it, that has to be the
// general one: who plays no instrument plays no piano, but who plays no piano may play the violin.
bool speak_of_one(const NamedMember& x, const NamedMember& y, const Clause& a,
                  const Clause& b) noexcept {
  if (x.member == y.member || a.has(kNegated) == b.has(kNegated)) return true;
  return (a.has(kNegated) ? x : y).member == 0;
}

// Both lists are in rising order: one walk finds the sets that both name. Words of the same
// meaning are added to `same`; but not a word whose like the other claim has as well: "colour" of
// "the colour is green" is said by "colour", not by "blue", and "paid" of "paid by card" not by
// "cash", which is on its side of "unpaid".
Clashes compare_sets(const Clause& a, const Clause& b, Masks& same) noexcept {
  const Masks by_stem = same;
  const auto is_said = [&](const NamedMember& x, const NamedMember& y) {
    const bool exact = x.member == y.member && (x.set & (kKindSets | kSynonymSets)) != 0;
    return !exact && ((bit_of(x) & by_stem.earlier) != 0 || (bit_of(y) & by_stem.later) != 0);
  };
  Clashes clashes;
  std::size_t i = 0, k = 0;
  while (i < a.set_count && k < b.set_count) {
    const std::uint32_t set = a.sets[i] >> 16;
    if (set != b.sets[k] >> 16) {
      ++(set < b.sets[k] >> 16 ? i : k);
      continue;
    }
    const std::size_t i_begin = i, k_begin = k;
    bool agree = (set & kSynonymSets) != 0;  // those never clash
    for (; i < a.set_count && a.sets[i] >> 16 == set; ++i) {
      for (k = k_begin; k < b.set_count && b.sets[k] >> 16 == set; ++k) {
        const auto x = NamedMember::of(a.sets[i]), y = NamedMember::of(b.sets[k]);
        if (!mean_the_same(x, y) || !speak_of_one(x, y, a, b)) continue;
        agree = true;
        if (is_said(x, y)) continue;
        // Colours are on one side of "chromatic", and yet differ; a doctor may be a surgeon.
        if (x.member == y.member && clashes.have(x, y)) continue;
        same.earlier |= bit_of(x);
        same.later |= bit_of(y);
      }
    }
    if (!agree && clashes.count < clashes.found.size())
      clashes.found[clashes.count++] = {NamedMember::of(a.sets[i_begin]),
                                        NamedMember::of(b.sets[k_begin])};
  }
  return clashes;
}

Masks same_stems(const Clause& a, const Clause& b) noexcept {
  Masks same;
  std::uint64_t bits = 0;
  for (std::size_t k = 0; k < b.stem_count; ++k) bits |= std::uint64_t{1} << (b.stems[k] & 63);
  for (std::size_t i = 0; i < a.stem_count; ++i) {
    if ((bits >> (a.stems[i] & 63) & 1) == 0) continue;
    for (std::size_t k = 0; k < b.stem_count; ++k) {
      if (a.stems[i] != b.stems[k]) continue;
      same.earlier |= 1u << i;
      same.later |= 1u << k;
      break;  // no stem stands twice in a clause
    }
  }
  return same;
}

bool is_kind(std::uint16_t set) noexcept {
  return set < kLearnedSets ? set >= kFirstWeakSet : (set & kKindSets) != 0;
}

std::uint32_t heavy_stems(const Clause& clause) noexcept {
  return (1u << clause.stem_count) - (1u << clause.light_stems);
}

// What speaks against a claim by itself, before overlap adds to it.
constexpr int kNegationFlip = 520;
constexpr int kAlwaysNever = 560;
constexpr int kOpposite = 480;
constexpr int kExcludes = 300;
constexpr int kNumberDiffers = 460;

int strength(int base, const ClaimPair& pair) noexcept {
  return std::min(kBest, base + pair.smaller * 3 / 10 + pair.larger * 15 / 100);
}

// Denies the whole of what the other one claims: "not all" and "all", "not much" and "plenty".
bool denies_whole(const Clause& a, const Clause& b) noexcept {
  return a.is_marked(kPartial) && b.is_marked(kTotal | kMuch) && !b.is_marked(kPartial) &&
         !b.has(kNegated);
}

bool are_flipped(const Clause& a, const Clause& b) noexcept {
  if (a.is_marked(kPartial) || b.is_marked(kPartial))
    return denies_whole(a, b) || denies_whole(b, a);
  return a.has(kNegated) != b.has(kNegated);
}

// Whose subject is a noun that the other one, which speaks of "I", does not name.
bool is_somebody_else(const Clause& a, const Clause& b) noexcept {
  if (!is_noun(a.subject) || !speaks_of_self(b)) return false;
  if (a.subject == Subject::noun && !b.has(kNegated)) return false;
  return !names(b, a.subject_stem);
}

bool names_set(const Clause& clause, std::uint16_t set) noexcept {
  const auto end = clause.sets.begin() + clause.set_count;
  return std::any_of(clause.sets.begin(), end,
                     [&](std::uint32_t packed) { return NamedMember::of(packed).set == set; });
}

// "Never": at no time.
bool denies_ever(const Clause& clause) noexcept {
  return clause.has(kNeverAlways) && clause.has(kNegated);
}

// "Now", of the present, where the other one tells of the past.
bool speaks_of_now(const Clause& a, const Clause& b) noexcept {
  return a.is_marked(kNow) && a.has(kPresent) && !b.has(kPresent) && !b.is_marked(kIntended) &&
         b.is_marked(kWas) && !denies_ever(b);
}

// "I was at home all evening", "I was in the pub until ten": where or with whom the same person
// was.
bool tell_whereabouts(const Clashes& clashes, const Clause& a, const Clause& b) noexcept {
  const auto end = clashes.found.begin() + clashes.count;
  const bool places = std::any_of(clashes.found.begin(), end, [](const Clash& clash) {
    return clash.later.set == kWhereaboutsSet || clash.later.set == kAloneSet;
  });
  const bool was = a.is_marked(kWas) && b.is_marked(kWas);
  const bool is = a.is_marked(kIs) && b.is_marked(kIs) && !a.is_marked(kWas) && !b.is_marked(kWas);
  return places && (was || is) && is_pronoun(a.subject);
}

// False where only one of them names the day: "on Saturday".
bool may_be_of_one_day(const Clause& a, const Clause& b) noexcept {
  if (((a.marks ^ b.marks) & (kThen | kNow)) != 0) return false;
  constexpr std::uint16_t kDays[] = {kFirstWeakSet, kMonthSet, kMonthSet + 1, kOrdinalSet};
  return std::all_of(std::begin(kDays), std::end(kDays),
                     [&](std::uint16_t set) { return names_set(a, set) == names_set(b, set); });
}

// "I don't eat fish", "I've never used Java": the verb that says so, 0 where it is none of those.
std::uint32_t denied_use(const Clause& denial) noexcept {
  constexpr std::uint32_t kVerbs[] = {"eat"_word, "drink"_word, "us"_word,
                                      "used"_word};  // their stems
  for (std::size_t i = 0; i < denial.light_stems; ++i) {
    const auto verb = std::find(std::begin(kVerbs), std::end(kVerbs), denial.stems[i]);
    if (verb != std::end(kVerbs)) return *verb;
  }
  return 0;
}

// "I don't eat fish" denies "I love fish", not "I make fish for the cat".
bool is_other_use(const Clause& denial, const Clause& claimed) noexcept {
  const std::uint32_t verb = denied_use(denial);
  if (verb == 0 || names(claimed, verb)) return false;
  return !claimed.is_marked(kCollects) || !speaks_of_self(claimed);
}

// The words that ask in turn, a bit for each: they stand among the stems of a clause only where
// they do. "What car" and "which car" ask the same.
std::uint32_t asked_in_turn(const Clause& clause) noexcept {
  constexpr std::uint32_t kAsks[][2] = {{"who"_word, "whom"_word},   {"what"_word, "which"_word},
                                        {"when"_word, "when"_word},  {"where"_word, "where"_word},
                                        {"why"_word, "why"_word},    {"how"_word, "how"_word},
                                        {"whose"_word, "whose"_word}};
  std::uint32_t asked = 0;
  for (std::size_t i = 0; i < clause.light_stems; ++i) {
    for (std::size_t k = 0; k < std::size(kAsks); ++k) {
      if (clause.stems[i] == kAsks[k][0] || clause.stems[i] == kAsks[k][1]) asked |= 1u << k;
    }
  }
  return asked;
}

// "I didn't see who was driving": only who it was is denied, not that a car was seen, nor when.
bool denies_what_else(const Clause& denial, const Clause& claimed) noexcept {
  const std::uint32_t asked = asked_in_turn(denial);
  return asked != 0 && (asked & asked_in_turn(claimed)) == 0;
}

// What is denied of a time of its own only, as habits are: "not on Sundays".
bool denies_at_times(const Clause& denial, const Clause& claimed) noexcept {
  return denial.has(kPresent) && claimed.has(kPresent) && !denies_ever(denial) &&
         (denial.when & kTimeWords) != 0 && (claimed.when & kTimeWords) == 0;
}

// "I knew him", "I didn't know her".
bool names_him_and_her(const Clause& a, const Clause& b) noexcept {
  const auto only = [](const Clause& c, std::uint32_t stem, std::uint32_t other) {
    return names(c, stem) && !names(c, other);
  };
  return (only(a, "him"_word, "her"_word) && only(b, "her"_word, "him"_word)) ||
         (only(a, "her"_word, "him"_word) && only(b, "him"_word, "her"_word));
}

// Both need their questions, which are not the same, or one question needs the one before it:
// "did you know him?", "did you know her?"; "and here?".
bool were_asked_apart(const Clause& a, const Clause& b) noexcept {
  const std::uint32_t x = a.question & kQuestionWords, y = b.question & kQuestionWords;
  if (x == 0 || y == 0 || a.borrowed + b.borrowed == 0) return false;
  if (((a.question | b.question) & kFollowsUp) != 0) return true;
  return (x & ~y) != 0 && (y & ~x) != 0;
}

// "Sixty days", "sixty days".
bool share_number(const Clause& a, const Clause& b) noexcept {
  const auto end = b.numbers.begin() + b.number_count;
  return std::any_of(a.numbers.begin(), a.numbers.begin() + a.number_count,
                     [&](const auto& number) {
                       return number.unit != 0 && std::find(b.numbers.begin(), end, number) != end;
                     });
}

}  // namespace

bool tell_states(const Clause& a, const Clause& b) noexcept {
  return is_pronoun(a.subject) && (a.is_marked(kIs | kWas) || b.is_marked(kIs | kWas));
}

bool ClaimPair::collect() const noexcept {
  return in_turn || (earlier.is_marked(kCollects) && later.is_marked(kCollects));
}

ClaimPair::ClaimPair(const Clause& earlier_claim, const Clause& later_claim) noexcept
    : earlier(earlier_claim), later(later_claim) {
  subjects = agreement(earlier, later);
  others = subjects == 0 && is_pronoun(earlier.subject) && is_pronoun(later.subject);
  // "My colleague voted for it", "I voted against it"; not "my daughter" of "I have no children".
  const bool somebody = (earlier.subject == Subject::person && speaks_of_self(later)) ||
                        (later.subject == Subject::person && speaks_of_self(earlier));
  if (subjects == 0 && somebody && !(earlier.is_marked(kMine) && later.is_marked(kMine)))
    others = true;
  const NumbersDiffer differ = differ_in_numbers(earlier, later);
  numbers_differ = differ != NumbersDiffer::no;
  flipped = are_flipped(earlier, later);
  compare_words();
  if (earlier.traits.differ(later.traits)) differ_in_traits();
  same_number = share_number(earlier, later);
  if (same_number) ++strong;
  // "Nine years at the company" and "it took four hours" are spans of different things.
  if (differ == NumbersDiffer::in_unit && strong == 0 && !exact) numbers_differ = false;
}

void ClaimPair::compare_words() noexcept {
  Masks same = same_stems(earlier, later);
  const Clashes clashes = compare_sets(earlier, later, same);
  shared = std::popcount(same.later);
  Masks clashing;
  int of_subjects = 0, of_times = 0, described = 0, in_row = 0, of_company = 0;
  for (std::size_t i = 0; i < clashes.count; ++i) {
    const Clash& clash = clashes.found[i];
    const std::uint32_t here = bit_of(clash.later), there = bit_of(clash.earlier);
    // A word that both have, or that clashed before, is nothing new.
    if ((here & (same.later | clashing.later)) != 0) continue;
    if ((there & (same.earlier | clashing.earlier)) != 0) continue;
    clashing.later |= here;
    clashing.earlier |= there;
    ++(is_kind(clash.later.set) ? kinds : opposites);
    // "It is the first floor" and "it is the third floor" are of one thing.
    const bool is = earlier.is_marked(kIs | kWas) && later.is_marked(kIs | kWas);
    of_company += clash.later.set == kWithSet;
    in_row += clash.later.set == kOrdinalSet && (!is || (here & later.subject_words) != 0);
    if ((here & later.subject_words) != 0 && (there & earlier.subject_words) != 0) {
      ++of_subjects;
      if (clash.later.set < kLearnedSets || !is_kind(clash.later.set)) ++described;
    } else if (clash.later.set >= kFirstWeakSet && clash.later.set <= kLastTimeSet) {
      ++of_times;
    }
  }
  in_turn = in_row > 0 && in_row == opposites + kinds;
  strong = std::popcount(same.later & heavy_stems(later));
  const std::uint32_t rest_there = heavy_stems(earlier) & ~(same.earlier | clashing.earlier);
  const std::uint32_t rest_here = heavy_stems(later) & ~(same.later | clashing.later);
  rest_earlier = std::popcount(rest_there);
  rest_later = std::popcount(rest_here);
  const int ignored = opposites + kinds;
  const int left_earlier = std::max(earlier.stem_count - ignored, shared);
  const int left_later = std::max(later.stem_count - ignored, shared);
  smaller = shared * kBest / std::max(1, std::min(left_earlier, left_later));
  larger = shared * kBest / std::max(1, std::max(left_earlier, left_later));
  // "I'm not allergic to anything" denies more than that it is penicillin.
  if (flipped && shared > 0) {
    const Clause& denial = earlier.has(kNegated) ? earlier : later;
    const int left = earlier.has(kNegated) ? rest_earlier : rest_later;
    if (left == 0 && denial.is_marked(kTotal) && !denial.is_marked(kPartial)) {
      rest_earlier = rest_later = 0;
      larger = smaller;
    }
  }
  const bool same_subject = shared > 0 || (subjects == kBest && tell_states(earlier, later));
  exact = rest_earlier == 0 && rest_later == 0 && same_subject;
  const bool stays = !flipped && subjects == kBest && tell_whereabouts(clashes, earlier, later);
  const bool company = std::any_of(clashes.found.begin(), clashes.found.begin() + clashes.count,
                                   [](const Clash& clash) { return clash.later.set == kAloneSet; });
  stay_differs = stays && of_times == 0 && may_be_of_one_day(earlier, later) &&
                 (company || may_be_of_one_time(earlier, later));
  if (stay_differs) {
    rest_earlier = rest_later = 0;
    exact = true;
  }
  if (exact && shared == 0 && ignored + numbers_differ > 0) smaller = larger = kBest;
  const bool subjects_differ = (same.later & later.subject_words) != 0 &&
                               (rest_there & earlier.subject_words) != 0 &&
                               (rest_here & later.subject_words) != 0;
  if (flipped && is_owned(same.earlier, same.later)) {
    subjects = kBest;
    rest_earlier = rest_later = 0;
    exact = true;
    return;
  }
  // Only what they speak of is the same: "my brother is a pilot", "my brother has no car".
  const bool only_subject = same.later != 0 &&
                            (same.later & ~std::uint32_t{later.subject_words}) == 0 &&
                            (same.earlier & ~std::uint32_t{earlier.subject_words}) == 0 &&
                            rest_earlier + rest_later > 0 && ignored == 0;
  // All that both have was said by whoever asked them.
  const auto own = [](const Clause& c) { return (1u << (c.stem_count - c.borrowed)) - 1; };
  const bool answers = own(earlier) == 0 || own(later) == 0;  // "Yes.", "No."
  const bool lent_there = (same.earlier & own(earlier)) == 0;
  const bool lent_here = (same.later & own(later)) == 0;
  const bool lent =
      !answers && same.later != 0 && (flipped ? lent_there || lent_here : lent_there && lent_here);
  // "With milk", "without sugar".
  const bool other_thing = of_company > 0 && rest_earlier > 0 && rest_later > 0;
  apart = were_asked_apart(earlier, later) || were_asked_of_times(earlier, later) ||
          subjects_differ || other_thing || lent || (stays && !stay_differs) ||
          (only_subject && flipped) || is_apart(of_subjects, of_times, described);
}

// "I'm a vegetarian" and "I had a steak": their words need not be related.
void ClaimPair::differ_in_traits() noexcept {
  subjects = kBest;
  others = apart = numbers_differ = false;
  flipped = true;  // one of them says no to what the other one tells
  opposites = kinds = 0;
  shared = std::max(shared, 1);
  rest_earlier = rest_later = 0;
  smaller = larger = kBest;
  exact = true;
}

// "I have no gun" and "my gun was in the safe".
bool ClaimPair::is_owned(std::uint32_t same_there, std::uint32_t same_here) const noexcept {
  const auto owns = [](const Clause& c, std::uint32_t same) {
    return c.is_marked(kMine) && !c.has(kNegated) && (same & c.subject_words) != 0;
  };
  const auto denies = [](const Clause& c) {
    return c.has(kNegated) && c.is_marked(kMine) && speaks_of_self(c);
  };
  // Who has no car now may have had an old one; who never had one may not.
  if ((earlier.has(kOther) || later.has(kOther)) &&
      !(earlier.has(kNeverAlways) || later.has(kNeverAlways)))
    return false;
  return (owns(later, same_here) && denies(earlier)) ||
         (owns(earlier, same_there) && denies(later));
}

bool ClaimPair::is_apart(int of_subjects, int of_times, int described) const noexcept {
  const std::uint16_t differs = earlier.marks ^ later.marks;
  const Clause& denial = earlier.has(kNegated) ? earlier : later;
  const int clashes = opposites + kinds;
  const int elsewhere = of_subjects + of_times;
  // The denial of a word is its opposite.
  if (flipped && clashes > elsewhere) return true;
  // "I am a teacher" and "I am also a musician".
  if (shared == 0 && opposites == 0 && kinds > 0 && later.is_marked(kAdds)) return true;
  // Another subject or time, of which something else is said.
  const bool else_said = rest_earlier > 0 && rest_later > 0;
  const bool more = flipped || numbers_differ || clashes > elsewhere || else_said;
  if (elsewhere > 0 && more) return true;
  // "I am allergic to penicillin", "I am not allergic to nuts".
  if (flipped && rest_earlier > 0 && rest_later > 0 && strong < 2) return true;
  // "There are figures", "you can't reduce a generation's project to one figure": less is denied.
  const int denied = earlier.has(kNegated) ? rest_earlier : rest_later;
  if (flipped && strong < 2 && denied > 2) return true;
  if (flipped && strong == 0 && subjects < kBest && !denial.is_marked(kTotal)) return true;
  // "We bought a bike", "we sold the boat".
  if (opposites > 0 && kinds > of_subjects + of_times && !stay_differs) return true;
  // "Three percent is not enough", "six percent"; "bought for 300", "sold for 500"; "would like to
  // earn 60,000", "earn 52,000".
  constexpr std::uint16_t kWish = kIntended | kUncertain;
  const bool wish = ((earlier.marks & kWish) == kWish) != ((later.marks & kWish) == kWish);
  if (numbers_differ && (flipped || opposites > 0 || wish)) return true;
  // "I don't smoke any more", "I used to smoke".
  const bool changed = earlier.has(kChanged) || later.has(kChanged);
  if (flipped && changed && !denies_ever(earlier) && !denies_ever(later)) return true;
  // "I don't have a dog", "I love dogs".
  const Clause& claimed = earlier.has(kNegated) ? later : earlier;
  if (flipped && is_other_use(denial, claimed)) return true;
  if (flipped && denies_what_else(denial, claimed)) return true;
  // "I like working with children", "I don't like working at weekends".
  const int claimed_more = earlier.has(kNegated) ? rest_later : rest_earlier;
  if (flipped && claimed_more > 0 && denies_at_times(denial, claimed)) return true;
  if (flipped && denial.is_marked(kMine) && names_set(claimed, kLoveSet)) return true;
  // "I was nervous before the interview", "I'm not nervous now".
  if (speaks_of_now(later, earlier) || speaks_of_now(earlier, later)) return true;
  if (kinds > 0 && (differs & (kThen | kNow)) != 0) return true;
  // "It was updated to 45": what was said before held until then.
  if (later.has(kChanged) && !flipped) return true;
  // What others say and what the speaker says.
  if ((earlier.subject == Subject::reported) != (later.subject == Subject::reported)) return true;
  // Another one of the same name: the left one and the right one.
  if (described > 0 && !exact) return true;
  // "My laptop" and "my old laptop", "I never met him" and "my deputy met him".
  if (((earlier.flags ^ later.flags) & kOther) != 0) return true;
  if (names_him_and_her(earlier, later)) return true;
  if (flipped && (was_before_end(earlier, later) || was_before_end(later, earlier))) return true;
  if (denies_beyond(earlier, later) || denies_beyond(later, earlier)) return true;
  const bool ever = denies_ever(earlier) || denies_ever(later);
  if (!ever && come_in_turn(earlier, later, flipped)) return true;
  if (flipped && (is_somebody_else(earlier, later) || is_somebody_else(later, earlier)))
    return true;
  // So many of them there, and so many elsewhere.
  if (numbers_differ && kinds > 0 && !flipped) return true;
  // "Is closed", "will be open again".
  if ((differs & kIntended) != 0 && opposites > 0 && !flipped) return true;
  // "Last year we had", "we have".
  const bool then_and_now =
      (earlier.is_marked(kThen) && later.has(kPresent) && !earlier.has(kPresent)) ||
      (later.is_marked(kThen) && earlier.has(kPresent) && !later.has(kPresent));
  if (then_and_now && !denies_ever(earlier) && !denies_ever(later)) return true;
  if ((differs & kIntended) != 0 && flipped && !denial.is_marked(kIntended)) return true;
  // "It wasn't an answer" and "that's an answer": who knows what they point at.
  const bool points = (earlier.subject == Subject::it) != (later.subject == Subject::it);
  if (points && flipped && strong < 2 && (differs & (kIs | kWas)) == (kIs | kWas)) return true;
  const bool both_timed = earlier.is_marked(kThen | kNow) && later.is_marked(kThen | kNow);
  return both_timed && (differs & (kThen | kNow)) != 0;
}

Verdict judge(const ClaimPair& pair) noexcept {
  const bool about_one = pair.shared > 0 || pair.exact;
  if (pair.subjects == 0 || !about_one || !pair.clashes()) return {};
  const bool shares_topic = pair.strong > 0 || pair.shared > 1 || pair.exact;
  const bool shares_all = (pair.shared > 1 && pair.strong > 0) || pair.exact;
  Verdict verdict;
  if (pair.flipped && shares_topic && pair.smaller >= 600) {
    const bool ever = pair.earlier.has(kNeverAlways) || pair.later.has(kNeverAlways);
    verdict = {strength(ever ? kAlwaysNever : kNegationFlip, pair),
               ever ? "always_never" : "negation_flip"};
  } else if (!pair.flipped && pair.opposites > 0 && shares_topic && pair.smaller >= 500) {
    verdict = {strength(kOpposite, pair), "opposite"};
  } else if (!pair.flipped && pair.kinds > 0 && shares_all && pair.smaller >= 700 &&
             !pair.collect()) {
    verdict = {strength(kExcludes, pair), "excludes"};
  } else if (!pair.flipped && pair.numbers_differ && shares_topic && pair.smaller >= 600) {
    verdict = {strength(kNumberDiffers, pair), "number_differs"};
  }
  verdict.value = verdict.value * pair.subjects / kBest;
  if (pair.earlier.has(kChanged) || pair.later.has(kChanged)) verdict.value /= 4;
  return verdict;
}

}  // namespace scena::metrics

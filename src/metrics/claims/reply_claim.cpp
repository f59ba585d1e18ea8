#include "metrics/claims/reply_claim.hpp"

#include <algorithm>

#include "metrics/claims/denial.hpp"

namespace scena::metrics {
namespace {

enum class Reply : std::uint8_t { none, yes, no };

constexpr std::size_t kMostBorrowed = 3;
constexpr std::size_t kLongestFragment = 8;
constexpr std::size_t kLongestName = 3;

bool ends_at(std::span<const Token> tokens, std::size_t at) noexcept {
  return at >= tokens.size() || tokens[at].has(kAfterComma | kAfterBreak);
}

// "I do", "we haven't": the length of such an echo of the question, 0 for anything else.
std::size_t echo_length(std::span<const Token> tokens) noexcept {
  if (tokens.size() < 2 || !tokens[0].info.is(kFirst | kThird)) return 0;
  if (!tokens[1].info.is(kAuxiliary)) return 0;
  const std::size_t length = tokens.size() > 2 && tokens[2].info.is(kNegator) ? 3 : 2;
  return ends_at(tokens, length) ? length : 0;
}

Reply reply_of(std::span<const Token> tokens) noexcept {
  if (tokens.empty()) return Reply::none;
  const Token& first = tokens[0];
  if (const std::size_t echo = echo_length(tokens)) return echo == 3 ? Reply::no : Reply::yes;
  if (first.info.is(kYes)) {
    if (ends_at(tokens, 1)) return Reply::yes;
    return tokens[1].info.is(kNegator) && ends_at(tokens, 2) ? Reply::no : Reply::none;
  }
  if (first.info.is(kNo) && ends_at(tokens, 1)) return Reply::no;
  // "Not yet.", "Not really", "Never."
  if (first.word == "not"_word && tokens.size() > 1 && ends_at(tokens, 2))
    return tokens[1].is_topic() ? Reply::none : Reply::no;
  if (first.word == "of"_word && tokens.size() > 1 && tokens[1].word == "course"_word)
    return ends_at(tokens, 2) ? Reply::yes : Reply::none;
  // "Have you ever ...?" "Once."
  if ((first.word == "once"_word || first.word == "twice"_word) && ends_at(tokens, 1))
    return Reply::yes;
  return Reply::none;
}

Subject answered(Subject asked) noexcept {
  if (asked == Subject::you) return Subject::me;
  return asked == Subject::me ? Subject::you : asked;
}

// "It", "him", "the other one": what they mean stands in the question.
bool points_back(std::span<const Token> tokens) noexcept {
  // "That's not included", "I can't work then".
  const std::uint32_t last = tokens.back().word;
  const std::size_t opens = tokens.front().info.is(kYes | kNo) ? 1 : 0;
  if (tokens.size() > opens + 1 && tokens[opens + 1].info.is(kAuxiliary) &&
      (tokens[opens].word == "that"_word || tokens[opens].word == "this"_word))
    return true;
  if (tokens.size() > 2 && (last == "then"_word || last == "there"_word)) return true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].info.is(kThird | kObject) || is_pronoun_one(tokens, i)) return true;
  }
  return false;
}

// "Only the red one", "two years on all parts", "on the ward"; not "the battery lasts".
bool is_fragment(std::span<const Token> tokens) noexcept {
  const Token& first = tokens.front();
  const bool opens = !first.info.is(kDeterminer) && (!first.is_topic() || first.info.is(kQuantity));
  return tokens.size() <= (opens ? kLongestFragment : kLongestName) &&
         std::none_of(tokens.begin(), tokens.end(), [](const Token& token) {
           return token.info.is(kFirst | kSecond | kThird | kAuxiliary) || token.has(kPastForm);
         });
}

bool has_stem(const Clause& clause, std::uint32_t stem) noexcept {
  const auto end = clause.stems.begin() + clause.stem_count;
  return std::find(clause.stems.begin(), end, stem) != end;
}

void borrow_sets(const Clause& question, std::uint8_t from, std::uint8_t to,
                 Clause& claim) noexcept {
  for (std::size_t i = 0; i < question.set_count && claim.set_count < claim.sets.size(); ++i) {
    NamedMember named = NamedMember::of(question.sets[i]);
    if (named.stem != from) continue;
    named.stem = to;
    claim.sets[claim.set_count++] = named.packed();
  }
}

void borrow(const Clause& question, Clause& claim) noexcept {
  const bool counts = (question.asks & kAmount) != 0 && claim.number_count > 0;
  // Of "how many people work there?" light words tell what is counted.
  for (std::uint8_t i = counts ? 0 : question.light_stems; i < question.stem_count; ++i) {
    if (claim.borrowed == kMostBorrowed || claim.stem_count == claim.stems.size()) break;
    if (has_stem(claim, question.stems[i])) continue;
    borrow_sets(question, i, claim.stem_count, claim);
    claim.stems[claim.stem_count++] = question.stems[i];
    ++claim.borrowed;
  }
  std::sort(claim.sets.begin(), claim.sets.begin() + claim.set_count);
  sign(claim);
}

// "Eleven." counts people, or hours of the day, as it was asked.
void count_what_was_asked(const Clause& question, Clause& claim) noexcept {
  const bool named = question.stem_count > question.light_stems;
  const std::uint32_t counted = question.subject_stem != 0 ? question.subject_stem
                                : named                    ? question.stems[question.light_stems]
                                                           : 0;
  const std::uint32_t unit = (question.asks & kAmount) != 0   ? counted
                             : (question.asks & kMoment) != 0 ? kHourOfDay
                                                              : 0;
  for (std::size_t i = 0; unit != 0 && i < claim.number_count; ++i) {
    const bool hour = unit != kHourOfDay || claim.numbers[i].value <= 24'00;
    if (claim.numbers[i].unit == 0 && hour) claim.numbers[i].unit = unit;
  }
}

// "Where were you at six?" "I was at the gym."
void take_time(const Clause& question, Clause& claim) noexcept {
  constexpr std::uint32_t kNamed = kTimeWords | kInTurn;
  if ((claim.when & kNamed) != 0 || (question.when & kNamed) == 0) return;
  claim.when |= question.when & (kNamed | kWholeTime | kUntil);
  claim.question |= kTimeLent;
}

}  // namespace

std::optional<Clause> answer_claim(std::span<const Token> reply, const Clause& question) noexcept {
  if ((question.asks & kAnswers) != kYesNo || question.stem_count == 0) return std::nullopt;
  const Reply says = reply_of(reply);
  if (says == Reply::none) return std::nullopt;
  Clause claim = question;
  claim.span = {reply.front().begin, reply.front().end};
  claim.asks = 0;
  claim.borrowed = claim.stem_count;
  claim.flags &= static_cast<std::uint8_t>(~(kAsked | kNegated));
  if (says == Reply::no) claim.flags |= kNegated;
  if (says == Reply::yes) claim.marks &= static_cast<std::uint16_t>(~kMine);
  claim.marks &= static_cast<std::uint16_t>(~(kUncertain | kIntended));
  claim.subject = answered(question.subject);
  if ((question.when & kTimeWords) != 0) claim.question |= kTimeLent;
  sign(claim);
  return claim;
}

void complete_claim(std::span<const Token> reply, const Clause& question, bool opening,
                    Clause& claim) noexcept {
  if (claim.has(kAsked | kSupposed)) return;
  const bool fragment = is_fragment(reply);
  const bool points = points_back(reply);
  if (opening || points) take_time(question, claim);
  if (fragment || points) claim.question |= question.question;
  if (!fragment && !(opening && points)) return;
  if (claim.stem_count + claim.number_count == 0) return;
  if (fragment) {
    claim.subject = answered(question.subject);
    claim.subject_stem = question.subject_stem;
    claim.subject_words = 0;
    claim.flags &= static_cast<std::uint8_t>(~kOther);
    if (reply.front().word == "no"_word) claim.marks |= kMine;
  }
  count_what_was_asked(question, claim);
  borrow(question, claim);
}

}  // namespace scena::metrics

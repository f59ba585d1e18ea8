#include <algorithm>
#include <bit>
#include <cmath>

#include "metrics/scores.hpp"

namespace scena::metrics {
namespace {

// What it adds to ask for the kind of answer that was asked for (a time, a cause), and what stays
// where the kind is another one.
constexpr double kSameKind = 0.45, kOtherKind = 0.6;
// What a question has at least that shares a word or a theme, and what it has that shares nothing.
constexpr double kSameMatter = 0.65, kSharesNothing = 0.09;

// Light words ("know", "get") are in `asked` alone and count less.
double shared_stems(const CoverageTally& tally, const Topic& topic) noexcept {
  const bool asks = topic.asked_count > 0;
  const auto& stems = topic.asked;
  if (!asks)
    return topic.turn_count == 0 ? 0 : std::popcount(tally.turn) / double(topic.turn_count);
  double all = 0, shared = 0;
  const auto turn_end = topic.turn.begin() + topic.turn_count;
  for (std::size_t i = 0; i < topic.asked_count; ++i) {
    const bool heavy = std::find(topic.turn.begin(), turn_end, stems[i]) != turn_end;
    const double weight = heavy ? 1.0 : 0.4;
    all += weight;
    if (tally.asked >> i & 1) shared += weight;
  }
  return shared / all;
}

// The share of the question's letters that the text has, beyond what a long text has by chance.
double shared_letters(const LetterBits& question, const LetterBits& text) noexcept {
  int asked = 0, shared = 0, filled = 0;
  for (std::size_t i = 0; i < question.size(); ++i) {
    asked += std::popcount(question[i]);
    shared += std::popcount(question[i] & text[i]);
    filled += std::popcount(text[i]);
  }
  if (asked == 0) return 0;
  const double chance = filled / 256.0;
  const double rate = static_cast<double>(shared) / asked;
  return chance >= 1 ? 0 : std::max(0.0, (rate - chance) / (1 - chance));
}

// What the text and the turn before it share.
struct Overlap {
  double stems = 0;
  double letters = 0;
  double themes = 0;
  double whole = 0;  // of them all

  Overlap(const Tally& tally, const Topic& topic) noexcept
      : stems(shared_stems(tally.coverage, topic)),
        letters(shared_letters(topic.letters, tally.letters)) {
    const int most = std::min(topic.concepts.count(), 2);
    if (most > 0) themes = std::min(tally.coverage.concepts.count(), most) / double(most);
    const double words = 0.6 * stems + 0.4 * letters;
    whole = std::max(words, 0.35 * words + 0.65 * themes);
  }
};

// What rules and model see of a text beside a turn.
struct Facts {
  const Tally& tally;
  const Topic& topic;
  double directness;
  Overlap overlap;
  bool asks = false;        // the text is a question
  bool same_kind = false;   // for the kind of answer that the turn asks for
  bool other_kind = false;  // for another one
  bool given = false;       // an answer of that kind
  bool foreign = false;     // "What did you do?" - "The weather is fine."
  bool brief = false;

  Facts(const Tally& of_text, const Topic& of_turn, double evasiveness) noexcept
      : tally(of_text),
        topic(of_turn),
        directness(1 - evasiveness),
        overlap(of_text, of_turn),
        asks(of_text.coverage.asks != 0) {
    constexpr std::uint32_t kBrief = 3;  // words; as scripts/train_coverage.py has it
    const CoverageTally& c = tally.coverage;
    const EvasionTally& e = tally.evasion;
    const std::uint16_t wanted = topic.asks & ~(kYesNo | kOpen);
    const std::uint16_t kinds = c.asks & kAnswers & ~(kYesNo | kOpen);
    same_kind = (kinds & wanted) != 0;
    other_kind = wanted != 0 && kinds != 0 && !same_kind;
    given = (e.offers & topic.asks & ~kOpen) != 0;
    foreign = c.shared_words == 0 && c.concepts.none() && !c.own && !e.bare && !e.third_person;
    brief = tally.language.words - tally.language.contractions <= kBrief;
  }

  // The share of its topic words that the turn has as well; `none` where it has no topic word.
  double own_share(double none) const noexcept {
    const CoverageTally& c = tally.coverage;
    return c.topic_words == 0 ? none : c.shared_words / double(c.topic_words);
  }
};

// A question: the same kind of answer speaks for the same question, other topics against it.
double coverage_by_question(const Facts& facts) noexcept {
  const double value = facts.overlap.whole * (0.75 + 0.25 * facts.own_share(1));
  if (facts.other_kind) return value * kOtherKind;
  // Whoever asks about the same matter mostly means the same.
  const double least = facts.overlap.whole > 0.1 ? kSameMatter : kSharesNothing;
  return least + (1 - least) * (facts.same_kind ? value + kSameKind : value);
}

// An answer: first whether it is one, then whether it speaks of what was asked.
double coverage_by_answer(const Facts& facts) noexcept {
  const EvasionTally& e = facts.tally.evasion;
  const double overlap = facts.overlap.whole, directness = facts.directness;
  const std::uint16_t asks = facts.topic.asks;
  if (asks == 0) return overlap;
  double value = 0;
  if (facts.given) {
    // Of a short reply the kind is all, and "because" is one in any; a long one may have a number
    // or a name by chance.
    const bool sure = e.words <= 6 || !facts.foreign || (asks & kWhy) != 0;
    value = (0.5 + 0.3 * directness) * (sure ? 1 : 0.6) + 0.2 * overlap;
  } else {
    // An echo of the question without what it asks for is no answer.
    const bool told = (asks & kWhy) != 0 && e.event;
    const bool free = (asks & (kYesNo | kOpen)) != 0;
    value = (told || free ? 0.6 : 0.3) * directness + 0.25 * overlap;
    if (e.bare && free) value += 0.15;
    if (facts.foreign && e.words > 2) value *= e.words > 12 ? 0.3 : 0.5;
  }
  return directness < 1.0 / 3 ? value * (0.3 + directness) : value;
}

double coverage_by_rules(const Facts& facts) noexcept {
  return facts.asks ? coverage_by_question(facts) : coverage_by_answer(facts);
}

// Hands out each number that the model sees, in the order of its training, with the name by which
// scripts/train_coverage.py knows it.
template <class Take>
void each_number(const Facts& facts, double rules, Take&& take) {
  const Tally& tally = facts.tally;
  const EvasionTally& e = tally.evasion;
  const Overlap& overlap = facts.overlap;
  const double asks = facts.asks, answers = 1 - asks, given = facts.given;
  const double about = likeness(tally.coverage.about, facts.topic.about);
  const double length = std::log1p(static_cast<double>(tally.language.words)) / 5;
  const double brief = facts.brief, foreign = facts.foreign;
  const auto of_question = [&](std::string_view name, double value) { take(name, asks * value); };
  const auto of_answer = [&](std::string_view name, double value) { take(name, answers * value); };
  take("rules", rules);
  take("stems", overlap.stems);
  take("letters", overlap.letters);
  take("themes", overlap.themes);
  take("whole", overlap.whole);
  take("about", about);
  of_question("question", 1);
  of_question("question.rules", rules);
  of_question("question.whole", overlap.whole);
  of_question("question.themes", overlap.themes);
  of_question("question.about", about);
  of_question("question.same_kind", facts.same_kind);
  of_question("question.other_kind", facts.other_kind);
  of_question("question.own_share", facts.own_share(0));
  of_question("question.length", length);
  of_question("question.brief", brief);
  of_answer("answer.directness", facts.directness);
  of_answer("answer.given", given);
  of_answer("answer.given_directness", given * facts.directness);
  of_answer("answer.given_length", given * length);
  of_answer("answer.whole", overlap.whole);
  of_answer("answer.themes", overlap.themes);
  of_answer("answer.foreign", foreign);
  of_answer("answer.foreign_given", foreign * given);
  of_answer("answer.bare", e.bare);
  of_answer("answer.event", e.event);
  of_answer("answer.length", length);
  of_answer("answer.brief", brief);
  of_answer("answer.evasion", e.strongest / 1000.0);
  of_answer("answer.hedges", std::min(e.hedges, 300) / 300.0);
  of_answer("answer.third_person", e.third_person);
  of_answer("answer.own", tally.coverage.own);
  of_answer("answer.own_share", facts.own_share(0));
  of_answer("answer.questions", e.questions > 0);
  for (std::size_t kind = 0; kind < kAnswerKinds; ++kind) {
    const double asked = facts.topic.asks >> kind & 1, offered = e.offers >> kind & 1;
    of_answer("answer.kind_asked", asked);
    of_answer("answer.kind_given", asked * offered);
    of_answer("answer.kind_unasked", (1 - asked) * offered);
  }
}

std::array<double, kCoverageNumbers> numbers_of(const Facts& facts, double rules) noexcept {
  std::array<double, kCoverageNumbers> numbers{};
  auto next = numbers.begin();
  each_number(facts, rules, [&next](std::string_view, double value) { *next++ = value; });
  return numbers;
}

}  // namespace

std::array<double, kCoverageNumbers> coverage_numbers(const Tally& tally, const Topic& topic,
                                                      double evasiveness) noexcept {
  const Facts facts(tally, topic, evasiveness);
  return numbers_of(facts, coverage_by_rules(facts));
}

std::vector<std::string_view> coverage_number_names() {
  std::vector<std::string_view> names;
  const Tally tally;
  const Topic topic;
  each_number(Facts(tally, topic, 0), 0,
              [&names](std::string_view name, double) { names.push_back(name); });
  return names;
}

MetricScore score_coverage(const Tally& tally, const ScoreContext& context, double evasiveness) {
  MetricScore score{"coverage", 0, 0, "", {}};
  const Topic& topic = context.topic;
  const Facts facts(tally, topic, evasiveness);
  const double rules = coverage_by_rules(facts);
  score.value = rounded_share(rules);
  // What was learned is of replies to questions, and little of the briefest: of those the kind is
  // all. As scripts/train_coverage.py has it.
  constexpr double kRules = 0.25, kStretch = 1.4;
  const LinearModel* const model = context.knowledge.coverage;
  if (model != nullptr && topic.asks != 0 && (facts.asks || !facts.brief)) {
    const double score_of_model = model->score(0, LinearModel::Sums{}, numbers_of(facts, rules));
    const double learned = std::clamp(0.5 + kStretch * (score_of_model - 0.5), 0.0, 1.0);
    score.value = rounded_share(kRules * rules + (1 - kRules) * learned);
  }
  score.confidence = rounded_share(0.35 + 0.1 * std::min<int>(topic.turn_count, 4));
  score.label = score.value * 3 < 1 ? "open" : score.value * 3 < 2 ? "partly" : "covered";
  add_evidence(tally.coverage.evidence, context, score);
  return score;
}

}  // namespace scena::metrics

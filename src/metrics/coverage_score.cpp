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

// A question: the same kind of answer speaks for the same question, other topics against it.
double coverage_by_question(const CoverageTally& c, const Topic& topic, double overlap) noexcept {
  const std::uint16_t wanted = topic.asks & ~(kYesNo | kOpen);
  const std::uint16_t asks = c.asks & kAnswers & ~(kYesNo | kOpen);
  const double own = c.topic_words == 0 ? 1 : c.shared_words / double(c.topic_words);
  const double value = overlap * (0.75 + 0.25 * own);
  const bool other_kind = wanted != 0 && asks != 0 && (asks & wanted) == 0;
  if (other_kind) return value * kOtherKind;
  // Whoever asks about the same matter mostly means the same.
  const double least = overlap > 0.1 ? kSameMatter : kSharesNothing;
  return least + (1 - least) * ((asks & wanted) != 0 ? value + kSameKind : value);
}

// An answer: first whether it is one, then whether it speaks of what was asked.
double coverage_by_answer(const Tally& tally, const Topic& topic, double overlap,
                          double directness) noexcept {
  const EvasionTally& e = tally.evasion;
  const CoverageTally& c = tally.coverage;
  if (topic.asks == 0) return overlap;
  const bool given = (e.offers & topic.asks & ~kOpen) != 0;
  const bool brief = e.words <= 6;
  // "What did you do?" - "The weather is fine."
  const bool foreign =
      c.shared_words == 0 && c.concepts.none() && !c.own && !e.bare && !e.third_person;
  double value = 0;
  if (given) {
    // Of a short reply the kind is all, and "because" is one in any; a long one may have a number
    // or a name by chance.
    const bool sure = brief || !foreign || (topic.asks & kWhy) != 0;
    value = (0.5 + 0.3 * directness) * (sure ? 1 : 0.6) + 0.2 * overlap;
  } else {
    // An echo of the question without what it asks for is no answer.
    const bool told = (topic.asks & kWhy) != 0 && e.event;
    const bool free = (topic.asks & (kYesNo | kOpen)) != 0;
    value = (told || free ? 0.6 : 0.3) * directness + 0.25 * overlap;
    if (e.bare && free) value += 0.15;
    if (foreign && e.words > 2) value *= e.words > 12 ? 0.3 : 0.5;
  }
  return directness < 1.0 / 3 ? value * (0.3 + directness) : value;
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

double coverage_by_rules(const Tally& tally, const Topic& topic, const Overlap& overlap,
                         double evasiveness) noexcept {
  return tally.coverage.asks != 0
             ? coverage_by_question(tally.coverage, topic, overlap.whole)
             : coverage_by_answer(tally, topic, overlap.whole, 1 - evasiveness);
}

// Fills an array from its beginning.
class Numbers {
 public:
  void add(double number) noexcept { all_[count_++] = number; }
  const std::array<double, kCoverageNumbers>& all() const noexcept { return all_; }

 private:
  std::array<double, kCoverageNumbers> all_{};
  std::size_t count_ = 0;
};

}  // namespace

std::array<double, kCoverageNumbers> coverage_numbers(const Tally& tally, const Topic& topic,
                                                      double evasiveness) noexcept {
  const CoverageTally& c = tally.coverage;
  const EvasionTally& e = tally.evasion;
  const Overlap overlap(tally, topic);
  const double rules = coverage_by_rules(tally, topic, overlap, evasiveness);
  const double asks = c.asks != 0, answers = 1 - asks;
  const double length = std::log1p(static_cast<double>(tally.language.words)) / 5;
  const double brief = tally.language.words <= 3;
  const double own = c.topic_words == 0 ? 0 : c.shared_words / double(c.topic_words);
  const std::uint16_t wanted = topic.asks & ~(kYesNo | kOpen);
  const std::uint16_t kinds = c.asks & kAnswers & ~(kYesNo | kOpen);
  const double given = (e.offers & topic.asks & ~kOpen) != 0;
  const double foreign =
      c.shared_words == 0 && c.concepts.none() && !c.own && !e.bare && !e.third_person;
  Numbers numbers;
  const double about = likeness(c.about, topic.about);
  for (const double each :
       {rules, overlap.stems, overlap.letters, overlap.themes, overlap.whole, about})
    numbers.add(each);
  for (const double each :
       {1.0, rules, overlap.whole, overlap.themes, about, double((kinds & wanted) != 0),
        double(wanted != 0 && kinds != 0 && (kinds & wanted) == 0), own, length, brief})
    numbers.add(asks * each);
  for (const double each :
       {1 - evasiveness, given, given * (1 - evasiveness), given * length, overlap.whole,
        overlap.themes, foreign, foreign * given, double(e.bare), double(e.event), length, brief,
        e.strongest / 1000.0, std::min(e.hedges, 300) / 300.0, double(e.third_person),
        double(c.own), own, double(e.questions > 0)})
    numbers.add(answers * each);
  for (std::size_t kind = 0; kind < kAnswerKinds; ++kind) {
    const double asked = topic.asks >> kind & 1, offered = e.offers >> kind & 1;
    numbers.add(answers * asked);
    numbers.add(answers * asked * offered);
    numbers.add(answers * (1 - asked) * offered);
  }
  return numbers.all();
}

MetricScore score_coverage(const Tally& tally, const ScoreContext& context, double evasiveness) {
  MetricScore score{"coverage", 0, 0, "", {}};
  const Topic& topic = context.topic;
  const double rules = coverage_by_rules(tally, topic, Overlap(tally, topic), evasiveness);
  score.value = rounded_share(rules);
  // What was learned is of replies to questions, and little of the briefest: of those the kind is
  // all. As scripts/train_coverage.py has it.
  constexpr double kRules = 0.25, kStretch = 1.4;
  constexpr std::uint32_t kBrief = 3;
  const LinearModel* const model = context.knowledge.coverage;
  const bool brief = tally.coverage.asks == 0 && tally.language.words <= kBrief;
  if (model != nullptr && topic.asks != 0 && !brief) {
    const auto numbers = coverage_numbers(tally, topic, evasiveness);
    const double learned = 0.5 + kStretch * (model->score(0, LinearModel::Sums{}, numbers) - 0.5);
    score.value = rounded_share(kRules * rules + (1 - kRules) * std::clamp(learned, 0.0, 1.0));
  }
  score.confidence = rounded_share(0.35 + 0.1 * std::min<int>(topic.turn_count, 4));
  score.label = score.value * 3 < 1 ? "open" : score.value * 3 < 2 ? "partly" : "covered";
  add_evidence(tally.coverage.evidence, context, score);
  return score;
}

}  // namespace scena::metrics

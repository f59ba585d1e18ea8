#include "metrics/scores.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/json_writer.hpp"

namespace scena::metrics {
namespace {

double clamp_unit(double value) noexcept {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

// Milliseconds: what follows sooner was sent by a program, whose haste says nothing.
constexpr std::int64_t kNobodyAnswers = 200;

// Reasons of an answer that lacks what was asked for, in the order of the bits of Answer.
constexpr const char* kMissing[] = {"no_yes_or_no", "no_amount", "no_time",     "no_place",
                                    "no_person",    "no_cause",  "no_substance"};
constexpr const char* kGiven[] = {"yes_or_no", "amount", "time",     "place",
                                  "person",    "cause",  "substance"};

// What somebody likes, wants or lacks tells why: "Why accounting?" - "I like numbers."
bool is_moved(const EvasionTally& e, const Topic& topic) noexcept {
  if ((topic.asks & kWhy) == 0 || (topic.manner & kOfYou) == 0) return false;
  if (e.strongest > 0 || e.hedges > 0 || e.questions > 0 || e.general || e.news == 0) return false;
  return e.form == ReplyForm::own_deed || e.form == ReplyForm::own_state ||
         e.form == ReplyForm::own_denial || e.form == ReplyForm::own_past;
}

// "Which knee?" - "The left one."
bool is_picked(const EvasionTally& tally, const Topic& topic) noexcept {
  return tally.picks && topic.wording.kind == OpenKind::choice;
}

// Thousandths of evasiveness without looking at phrases: what was asked against what is offered.
int base_evasion(const EvasionTally& tally, const Topic& topic) noexcept {
  const int shared = std::popcount(tally.shared);
  const int ratio = topic.asked_count == 0 ? 0 : shared * 1000 / topic.asked_count;
  if (topic.asks == 0) return 120;
  if ((tally.offers & topic.asks & ~kOpen) != 0) return std::max(60, 140 - ratio / 10);
  if (topic.asks & kYesNo) {
    // A short reply without yes or no usually implies one; a long one rather goes round it.
    const int length = tally.words <= 12 ? 320 : tally.words <= 30 ? 390 : 450;
    return ratio >= 400 ? 220 : length - ratio / 4;
  }
  if (topic.asks & kOpen) {
    if (is_picked(tally, topic)) return 140;
    const int brief = tally.words < 3 ? 200 : tally.words < 6 ? 80 : 0;
    return 280 + brief - ratio / 6 - (tally.words > 15 ? 40 : 0);
  }
  const bool told = (topic.asks & kWhy) != 0 && (tally.event || is_moved(tally, topic));
  return (told ? 220 : tally.vague ? 330 : 500) - ratio / 10;
}

int phrase_evasion(const EvasionTally& tally, const Topic& topic) noexcept {
  // A reply that ends with a refusal, or with not knowing, comes to nothing whatever stands before.
  const bool ends = tally.sentences > 2 && tally.last >= 780;
  int value = std::max(tally.strongest, ends ? tally.last : 0);
  if (tally.about_question) value /= 3;
  const bool answered = (tally.offers & topic.asks & ~kYesNo) != 0;
  const bool refused = value >= 900 || ends;
  if (answered && !refused) value = value * (tally.contrast || tally.sentences > 1 ? 50 : 75) / 100;
  return value;
}

int evasion(const EvasionTally& tally, const Topic& topic) noexcept {
  int value = std::max(base_evasion(tally, topic), phrase_evasion(tally, topic));
  const bool only_questions = tally.questions == tally.sentences && tally.questions > 0;
  if (only_questions) value = std::max(value, topic.asks != 0 ? 680 : 350);
  value += std::min(tally.hedges, 300) * (topic.asks != 0 ? 100 : 50) / 100;
  return std::clamp(value, 0, 1000);
}

void explain_answer(const EvasionTally& tally, const ScoreContext& context, MetricScore& score) {
  for (std::size_t kind = 0; kind < kAnswerKinds; ++kind) {
    if (((context.topic.asks & ~kOpen) >> kind & 1) == 0) continue;
    const bool given = (tally.offers >> kind & 1) != 0;
    const Span span = given ? tally.offered[kind] : tally.first_sentence;
    const char* reason = given ? kGiven[kind] : kMissing[kind];
    score.evidence.push_back({context.message, span.begin, span.end, reason});
  }
}

int share_of_talk(const Tally& tally, const ScoreContext& context) noexcept {
  const auto& messages = context.history.messages();
  std::uint64_t own = tally.language.words, all = own;
  std::uint32_t others[8] = {};
  std::size_t other_count = 0;
  const std::size_t recent = std::min<std::size_t>(messages.size(), 10);
  for (std::size_t i = messages.size() - recent; i < messages.size(); ++i) {
    all += messages[i].words;
    if (messages[i].speaker == context.speaker) {
      own += messages[i].words;
      continue;
    }
    const auto end = others + other_count;
    if (other_count < 8 && std::find(others, end, messages[i].speaker) == end)
      others[other_count++] = messages[i].speaker;
  }
  if (other_count == 0 || all == 0) return -1;
  return static_cast<int>(std::min<std::uint64_t>(1000, own * 1000 * (other_count + 1) / all));
}

// Whether the class that leads is the feeling of the value.
bool leads_as(const std::array<double, 3>& classes, double value) noexcept {
  const auto leading = std::max_element(classes.begin(), classes.end()) - classes.begin();
  return static_cast<double>(leading - 1) * value > 0;
}

// The class that leads, unless the value is clear against it.
const char* label_of(const std::array<double, 3>& classes, double value, double clear) noexcept {
  constexpr double kAgainst = 0.1;
  const char* const by_value = value > 0 ? "positive" : "negative";
  if (classes[1] >= std::max(classes[0], classes[2]))
    return std::abs(value) < clear ? "neutral" : by_value;
  const double sign = classes[2] > classes[0] ? 1 : -1;
  if (sign * value < -kAgainst) return "neutral";
  return sign > 0 ? "positive" : "negative";
}

// The share of a learned value that is left where the text seems to have no feeling: all of it
// while that is no more than likely, a twentieth where it is all but certain.
double feeling_left(const std::array<double, 3>& classes) noexcept {
  constexpr double kLikely = 0.65, kCertain = 0.9, kLeast = 0.05;
  const double neutral =
      1 / (1 + std::exp(classes[0] - classes[1]) + std::exp(classes[2] - classes[1]));
  return 1 - (1 - kLeast) * clamp_unit((neutral - kLikely) / (kCertain - kLikely));
}

// Rules and learned weights together; docs/reference/metrics.md has the formula.
MetricScore learned_sentiment(const Tally& tally, const ScoreContext& context) {
  const LinearModel& model = *context.knowledge.sentiment;
  const SentimentTally& s = tally.sentiment;
  const auto rules = sentiment_numbers(tally);
  const double spread = spread_of(tally.style.quarters);
  std::array<double, 3> classes;
  for (std::size_t i = 0; i < 3; ++i) classes[i] = model.score(i, s.learned, rules, spread);
  const double mean = (classes[0] + classes[1] + classes[2]) / 3;
  std::array<double, 12> numbers{};
  std::copy(rules.begin(), rules.end(), numbers.begin());
  for (std::size_t i = 0; i < 3; ++i) numbers[9 + i] = 2 * logistic(classes[i] - mean) - 1;
  MetricScore score{"sentiment", 0, 0, "neutral", {}};
  // A mean over what readers said lies nearer to the middle than each of them.
  constexpr double kStretch = 1.25;
  const double learned =
      feeling_left(classes) *
      std::clamp(kStretch * model.score(3, s.learned, numbers, spread), -1.0, 1.0);
  // Words deceive where something reverses them; there the rules know better.
  const double sure = sureness_of(s);
  score.value = round_score(learned + 0.9 * sure * (rules[0] - learned));
  // Where the rules know better their value is clear soon; without a known word it hardly is.
  double clear = s.hits + s.silenced > 0 ? 0.22 : 0.5;
  if (sure > 0.5) {
    if (!leads_as(classes, score.value)) classes = {0, 1, 0};
    clear = 0.08;
  }
  score.label = label_of(classes, score.value, clear);
  // How far the leading class is ahead of the next.
  std::sort(classes.begin(), classes.end());
  score.confidence = round_score(logistic(classes[2] - classes[1]));
  const std::int64_t total = s.positive + s.negative;
  const bool mixed = total > 0 && std::min(s.positive, s.negative) * 10 >= total * 3;
  if (mixed) score.confidence = round_score(score.confidence * 0.7);
  if (mixed && std::abs(score.value) < 0.2) score.label = "mixed";
  add_evidence(s.evidence, context, score);
  return score;
}

}  // namespace

MetricScore score_toxicity(const Tally& tally, const ScoreContext& context) {
  const ToxicityTally& t = tally.toxicity;
  const HostileCounts& c = t.counts;
  MetricScore score{"toxicity", 0, 0, "", {}};
  const std::uint32_t found = std::min(3u, c.insults + 2 * (c.threats + c.hate) + 3 * c.slurs);
  // Without weights only what the rules find counts.
  const LinearModel* model = context.knowledge.toxicity;
  double value = found == 0 ? 0 : 0.4 + 0.15 * found;
  if (model != nullptr) {
    // Civil sentences beside an insult do not take it back.
    const double whole = model->score(0, t.learned, toxicity_numbers(c));
    value = std::max(value, logistic(std::max(whole, t.worst)));
  }
  score.value = round_score(value);
  score.confidence = round_score(std::max(value, 1 - value));
  score.label = value < 0.5 ? "none" : "toxic";
  if (value >= 0.2) add_evidence(t.evidence, context, score);
  return score;
}

MetricScore score_sophistication(const Tally& tally, const ScoreContext& context) {
  MetricScore score{"sophistication", 0, 0, "", {}};
  const double value = context.knowledge.sophistication->score(0, LinearModel::Sums{},
                                                               sophistication_numbers(tally));
  score.value = round_score(clamp_unit(value));
  // One short sentence says little of its writer.
  const double words = tally.style.words;
  score.confidence = round_score(words / (words + 12));
  score.label = value * 3 < 1 ? "plain" : value * 3 < 2 ? "standard" : "elaborate";
  add_evidence(tally.style.evidence, context, score);
  return score;
}

MetricScore score_sentiment(const Tally& tally, const ScoreContext& context) {
  const SentimentTally& s = tally.sentiment;
  MetricScore score{"sentiment", 0, 0, "neutral", {}};
  if (context.knowledge.sentiment != nullptr) return learned_sentiment(tally, context);
  if (s.hits == 0) {
    score.confidence = tally.language.words >= 3 ? 0.35 : 0.2;
    return score;
  }
  score.value = round_score(rules_of_sentiment(s));
  const double hits = s.hits;
  const std::int64_t total = s.positive + s.negative;
  const bool mixed = std::min(s.positive, s.negative) * 10 >= total * 3;
  score.confidence = round_score((0.35 + 0.6 * (hits / (hits + 1.5))) * (mixed ? 0.7 : 1.0));
  score.label = score.value >= 0.05 ? "positive" : score.value <= -0.05 ? "negative" : "neutral";
  if (mixed && std::abs(score.value) < 0.2) score.label = "mixed";
  add_evidence(s.evidence, context, score);
  return score;
}

namespace {

// The reply to a yes/no question says neither, nothing of what was asked, and nothing that limits:
// "I'm a good person."
bool is_beside(const EvasionTally& e, const Topic& topic) noexcept {
  if (topic.asks != kYesNo || e.shared != 0 || e.limits || e.words < 3) return false;
  if ((e.offers & (kYesNo | kAmount | kMoment)) != 0) return false;
  return (topic.manner & kOfPast) == 0 || !e.past;
}

// Whether a sentence of that form has a verb that would be of the past where deeds of the past are
// told.
bool tells(ReplyForm form) noexcept {
  return form != ReplyForm::that_clause && form != ReplyForm::deed && form != ReplyForm::name &&
         form != ReplyForm::because && form != ReplyForm::purpose && form != ReplyForm::placed;
}

// An open question of somebody, and what he is, does or likes, without more: "What motivates you?"
// - "I like helping people."
bool is_plain(const EvasionTally& e, const Topic& topic) noexcept {
  if ((topic.asks & kOpen) == 0 || (topic.asks & kYesNo) != 0) return false;
  if ((topic.manner & kOfYou) == 0) return false;
  if (e.strongest > 0 || e.hedges > 0 || e.questions > 0 || e.general || e.contrast) return false;
  if (e.news == 0 || e.words > 25 || e.sentences > 2) return false;
  const bool past = (topic.manner & kOfPast) != 0;
  if (e.form == ReplyForm::own_past) return true;
  return !past && (e.form == ReplyForm::own_deed || e.form == ReplyForm::own_state);
}

// The amount, time, place or person that was asked for, and little more: "I was at my sister's."
bool is_given(const EvasionTally& e, const Topic& topic) noexcept {
  const bool given = (e.offers & topic.asks & (kAmount | kMoment | kWhere | kWho)) != 0;
  if (!given && !is_picked(e, topic)) return false;
  if ((topic.asks & kYesNo) != 0 || e.words > 15 || e.sentences > 2) return false;
  return e.strongest == 0 && e.hedges == 0 && e.questions == 0 && !e.vague && !e.general &&
         !e.contrast;
}

}  // namespace

std::array<double, kEvasionNumbers> evasion_numbers(const Tally& tally,
                                                    const Topic& topic) noexcept {
  const EvasionTally& e = tally.evasion;
  const int asked = std::max<int>(1, topic.asked_count);
  const auto flag = [](bool is) { return is ? 1.0 : 0.0; };
  const double words = e.words;
  const auto feeling = [&](std::int32_t sum) { return std::min(1.0, sum / 200.0); };
  const bool missing = (e.offers & topic.asks) == 0;
  const bool yes_no = (topic.asks & kYesNo) != 0 && missing;
  const bool past = (topic.manner & kOfPast) != 0;
  const bool open = (topic.asks & kOpen) != 0;
  const bool unshared = yes_no && e.shared == 0;
  return {evasion(e, topic) / 1000.0,
          e.strongest / 1000.0,
          std::min(e.hedges, 300) / 300.0,
          std::popcount(e.shared) / static_cast<double>(asked),
          flag((e.offers & topic.asks & ~kOpen) != 0),
          flag((topic.asks & kYesNo) != 0),
          flag((topic.asks & kYesNo) != 0 && (e.offers & kYesNo) != 0),
          flag((topic.asks & ~(kYesNo | kOpen)) != 0 && (e.offers & topic.asks) == 0),
          flag(e.contrast),
          flag(e.questions == e.sentences && e.questions > 0),
          std::log1p(words) / 5,
          flag(words < 4),
          flag(e.vague),
          flag(e.about_question),
          flag((topic.asks & kAmount) != 0 && missing),
          flag((topic.asks & kMoment) != 0 && missing),
          flag((topic.asks & kWhere) != 0 && missing),
          flag((topic.asks & kWho) != 0 && missing),
          flag((topic.asks & kWhy) != 0 && missing),
          flag((topic.asks & kWhy) != 0 && e.event),
          flag((topic.asks & kOpen) != 0 && e.bare),
          flag((topic.asks & kOpen) != 0 && e.event),
          flag(past),
          flag(yes_no && past),
          flag(yes_no && past && e.past),
          flag(yes_no && past && unshared && !e.past),
          flag(unshared),
          flag(unshared && (topic.manner & kOfYou) != 0),
          flag(unshared && e.first_person),
          flag(unshared && e.second_person),
          flag(unshared && e.third_person),
          flag(e.bare),
          flag(e.event),
          flag(e.general),
          flag(missing && e.general),
          feeling(e.praise),
          feeling(e.blame),
          missing ? feeling(e.praise) : 0,
          yes_no && past ? feeling(e.praise) : 0,
          flag(e.last >= 600),
          flag(e.last >= 600 && e.sentences > 2),
          flag((topic.manner & kOfYou) != 0 && e.first_person),
          flag((topic.manner & kOfYou) != 0 && !e.first_person && !e.bare),
          flag(is_beside(e, topic)),
          std::min(e.first_norms, 3u) / 3.0,
          std::min(e.norms, 8u) / 8.0,
          flag(e.denies) * std::min(e.norms, 4u) / 4.0,
          open ? std::log1p(e.news / 2.0) / 3 : 0,
          flag(open && e.news == 0),
          open && words > 0 ? e.news / 2.0 / words : 0,
          flag(open && past && e.past),
          flag(open && past && !e.past && tells(e.form)),
          flag(is_plain(e, topic)),
          flag(is_given(e, topic)),
          flag(is_moved(e, topic))};
}

double evasiveness_of(const Tally& tally, const ScoreContext& context) noexcept {
  const EvasionTally& e = tally.evasion;
  double value = evasion(e, context.topic) / 1000.0;
  const LinearModel* model = context.knowledge.evasiveness;
  if (model != nullptr && context.topic.asks != 0) {
    // What was learned from replies has its say; a phrase that makes a non-reply by itself stays
    // one.
    const auto numbers = evasion_numbers(tally, context.topic);
    const double learned = 0.5 * logistic(model->score(0, e.learned, numbers)) +
                           0.5 * logistic(model->score(1, e.learned, numbers));
    // As scripts/train_evasiveness.py has it.
    constexpr double kRules = 0.15, kSure = 0.75, kLeast = 0.88;
    const double both = kRules * value + (1 - kRules) * learned;
    value = value < kSure ? both : std::max(kLeast * value, both);
    // "Did you do it?" - "I have a family.": of deeds that is no answer, while "Do you like it?" is
    // often answered so.
    constexpr double kBeside = 0.4;
    if (is_beside(e, context.topic) && (context.topic.manner & kOfPast) != 0)
      value = kBeside + (1 - kBeside) * value;
  }
  return value;
}

namespace {

// Less where what was asked for is there, however it is said, or what moves whoever was asked.
double without_answer(double value, const EvasionTally& e, const Topic& topic) noexcept {
  constexpr double kIfGiven = 0.6, kIfOwn = 0.8;  // as scripts/train_evasiveness.py has it
  if (is_given(e, topic)) value *= kIfGiven;
  return is_plain(e, topic) || is_moved(e, topic) ? value * kIfOwn : value;
}

// What is learned lies near the middle where it is unsure, and the labels are thirds: this takes it
// to where the labels of lines that it was not fitted on lie, and keeps the order.
double spread_out(double value) noexcept {
  constexpr double kCentre = 0.74, kNone = 0.0005;
  if (value < kNone) return 0;
  const double odds = (1 - value) / value;
  return 1 / (1 + kCentre * odds * std::sqrt(odds));
}

}  // namespace

MetricScore score_evasiveness(const Tally& tally, const ScoreContext& context, double value) {
  const EvasionTally& e = tally.evasion;
  MetricScore score{"evasiveness", 0, 0, "", {}};
  const bool learned = context.knowledge.evasiveness != nullptr && context.topic.asks != 0;
  if (learned) value = spread_out(without_answer(value, e, context.topic));
  score.value = round_score(value);
  score.label = score.value * 3 < 1 ? "clear" : score.value * 3 < 2 ? "ambivalent" : "non-reply";
  const bool phrase = e.strongest > 0;
  const bool answered = (e.offers & context.topic.asks) != 0;
  score.confidence = context.topic.asks == 0 ? (phrase ? 0.5 : 0.25)
                     : phrase                ? (answered ? 0.6 : 0.85)
                                             : (answered ? 0.65 : 0.45);
  add_evidence(e.evidence, context, score);
  explain_answer(e, context, score);
  return score;
}

MetricScore score_contradiction(const Tally& tally, const ScoreContext& context) {
  const ContradictionTally& c = tally.contradiction;
  MetricScore score{"contradiction", 0, 0, "none", {}};
  score.value = c.value / 1000.0;
  score.confidence = round_score(clamp_unit(0.3 + std::abs(c.value - 300) / 1000.0));
  constexpr int kPossible = 400;  // below, the two claims go together as most do
  if (c.value < kPossible) return score;
  score.label = c.value >= 500 ? "contradiction" : "possible";
  score.evidence.push_back(
      {context.history.messages()[c.message].id, c.there.begin, c.there.end, c.reason});
  score.evidence.push_back({context.message, c.here.begin, c.here.end, c.reason});
  return score;
}

MetricScore score_engagement(const Tally& tally, const ScoreContext& context) {
  MetricScore score{"engagement", 0, 0, "", {}};
  const EngagementTally& e = tally.engagement;
  // Parts in thousandths with their weights in percent; a part that cannot be known is left out.
  int sum = 0, weights = 0;
  const auto part = [&](int value, int weight) {
    sum += value * weight;
    weights += weight;
  };
  const auto words = static_cast<std::int64_t>(tally.language.words);
  part(static_cast<int>(words * 1000 / (words + 15)), 35);
  part(e.questions == 0 ? 0 : e.questions == 1 ? 750 : 1000, 20);
  if (context.topic.turn_count > 0) {
    const int wanted = std::min<int>(context.topic.turn_count, 3);
    part(std::min(1000, std::popcount(e.shared) * 1000 / wanted), 20);
  }
  if (context.latency_ms >= kNobodyAnswers) {
    const std::int64_t late = std::max<std::int64_t>(0, context.latency_ms - 2000);
    part(static_cast<int>(20'000'000 / (20'000 + std::min<std::int64_t>(late, 10'000'000))), 10);
  }
  if (const int share = share_of_talk(tally, context); share >= 0) part(share, 15);
  score.value = round_score(static_cast<double>(sum) / static_cast<double>(weights) / 1000.0);
  score.confidence = weights >= 90 ? 0.8 : weights >= 70 ? 0.7 : 0.5;
  score.label = score.value * 3 < 1 ? "low" : score.value * 3 < 2 ? "medium" : "high";
  add_evidence(e.evidence, context, score);
  return score;
}

}  // namespace scena::metrics

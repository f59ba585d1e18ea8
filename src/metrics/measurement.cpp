#include "metrics/measurement.hpp"

#include <bit>

#include "metrics/scores.hpp"

namespace scena::metrics {

std::unique_ptr<Measurement> BuiltinSession::begin(const MessageInfo& message) {
  return std::make_unique<BuiltinMeasurement>(*this, message);
}

void BuiltinSession::keep(std::unique_ptr<Measurement> measurement) {
  auto* own = static_cast<BuiltinMeasurement*>(measurement.get());
  if (own != nullptr) history_.push(own->finish());
}

BuiltinMeasurement::BuiltinMeasurement(const BuiltinSession& session, const MessageInfo& message)
    : session_(session),
      id_(message.id),
      speaker_(hash_word(message.speaker)),
      latency_ms_(std::chrono::duration_cast<std::chrono::milliseconds>(message.latency).count()) {}

// The history changed since the last look: everything is read again against the new one.
void BuiltinMeasurement::restart() {
  generation_ = session_.history().generation();
  topic_ = session_.history().topic_for(speaker_, session_.knowledge().weights.vectors());
  state_ = {};
  clauses_ = {};
  compared_ = {};
}

void BuiltinMeasurement::read(bool final, State& state, std::uint8_t wanted,
                              MessageClauses* clauses) {
  const auto memory = session_.memories().take();
  const ReadingContext against{session_.knowledge(),
                               session_.history(),
                               topic_,
                               text_,
                               speaker_,
                               wanted,
                               memory ? &memory->clauses : nullptr};
  Reading reading(against, compared_, state.tally, clauses);
  const WordBook book{session_.knowledge(), memory ? &memory->words : nullptr};
  read_chunks(text_, final, book, state.position, state.open, reading);
  if (final) close_sentence(state.open, reading);
}

void BuiltinMeasurement::scores(std::vector<MetricScore>& out) {
  if (generation_ != session_.history().generation()) restart();
  read(false, state_, session_.wanted(), &clauses_);
  State tail = state_;
  read(true, tail, session_.wanted(), nullptr);
  append(tail.tally, out);
}

void BuiltinMeasurement::append(const Tally& tally, std::vector<MetricScore>& out) const {
  const ScoreContext score{session_.knowledge(), session_.history(), topic_, id_, speaker_,
                           latency_ms_};
  const std::uint8_t wanted = session_.wanted();
  out.reserve(out.size() + static_cast<std::size_t>(std::popcount(wanted)));
  const bool english = looks_english(tally.language);
  const bool said = tally.language.words + tally.language.emoji > 0;
  if ((wanted & kSentiment) && english && said) out.push_back(score_sentiment(tally, score));
  const bool replies = topic_.exists && topic_.english && tally.evasion.words > 0;
  const bool judged = (wanted & (kEvasiveness | kCoverage)) && english && replies;
  const double evasiveness = judged ? evasiveness_of(tally, score) : 0;
  if ((wanted & kEvasiveness) && english && replies)
    out.push_back(score_evasiveness(tally, score, evasiveness));
  if ((wanted & kContradiction) && english && tally.contradiction.compared)
    out.push_back(score_contradiction(tally, score));
  if (wanted & kEngagement) out.push_back(score_engagement(tally, score));
  if ((wanted & kToxicity) && english && tally.language.words > 0)
    out.push_back(score_toxicity(tally, score));
  if ((wanted & kSophistication) && english && tally.style.words > 0 &&
      session_.knowledge().sophistication != nullptr)
    out.push_back(score_sophistication(tally, score));
  const bool asked = topic_.exists && topic_.english &&
                     (topic_.asks != 0 || topic_.turn_count + topic_.asked_count > 0);
  if ((wanted & kCoverage) && english && asked && tally.language.words > 0)
    out.push_back(score_coverage(tally, score, evasiveness));
  if ((wanted & kIndustry) && english) {
    if (auto industry = score_industry(tally, score)) out.push_back(std::move(*industry));
  }
}

KeptMessage BuiltinMeasurement::finish() {
  // Mostly only what stands behind scores() is read; what the message replies to may have changed.
  if (generation_ != session_.history().generation()) restart();
  read(true, state_, 0, &clauses_);
  KeptMessage kept;
  kept.id = std::move(id_);
  kept.speaker = speaker_;
  kept.words = state_.tally.language.words;
  kept.english = looks_english(state_.tally.language);
  if (kept.english) kept.industry = state_.tally.industry.points;
  kept.letters = state_.tally.letters;
  kept.wording = state_.tally.wording;
  kept.clauses = clauses_.kept;  // a copy takes no more memory than it needs
  return kept;
}

}  // namespace scena::metrics

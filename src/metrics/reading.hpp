#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/claims/clause_memory.hpp"
#include "metrics/claims/compared_clauses.hpp"
#include "metrics/claims/said_clauses.hpp"
#include "metrics/history.hpp"
#include "metrics/knowledge.hpp"
#include "metrics/tally.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// Which metrics are wanted; a set of bits.
enum Wanted : std::uint8_t {
  kSentiment = 1,
  kEvasiveness = 2,
  kContradiction = 4,
  kEngagement = 8,
  kToxicity = 16,
  kSophistication = 32,
  kCoverage = 64,
  kIndustry = 128,
  kAllMetrics = 255,
};

/// What a message is read against; the references outlive the reading.
struct ReadingContext {
  const Knowledge& knowledge;
  const History& history;
  const Topic& topic;
  std::string_view text;  ///< Of the message; tokens name places in it.
  std::uint32_t speaker = 0;
  std::uint8_t wanted = kAllMetrics;
  ClauseMemory* clauses = nullptr;  ///< Of clauses that were read lately; nullptr: none.
};

/// A phrase of the lexicon at tokens [begin, begin + phrase->length).
struct PhraseHit {
  std::size_t begin = 0;
  const Phrase* phrase = nullptr;
};

/// Adds whole sentences to a tally and, when `clauses` is given, their clauses to what is
/// remembered. `compared` belongs to the message, and to one history.
class Reading final : public TextSink {
 public:
  Reading(const ReadingContext& context, ComparedClauses& compared, Tally& tally,
          MessageClauses* clauses) noexcept
      : context_(context), compared_(compared), tally_(tally), clauses_(clauses) {}

  void token(const Token& token, const WordSums* sums) override;
  void sentence(Sentence& complete) override;

 private:
  void find_phrases(const Sentence& sentence);
  void read_clauses(const Sentence& sentence, std::uint16_t asks);
  void read_clause(const Clause& clause, std::uint64_t words);

  static constexpr std::size_t kMaxHits = 16;

  const ReadingContext& context_;
  ComparedClauses& compared_;
  Tally& tally_;
  MessageClauses* clauses_;
  PhraseHit hits_[kMaxHits];
  std::size_t hit_count_ = 0;
};

// One function for each metric; each adds one token, sentence or clause to its tally.
void read_language(const Token& token, LanguageTally& tally) noexcept;
void read_sentiment(const Sentence& sentence, std::span<const PhraseHit> hits,
                    SentimentTally& tally) noexcept;
/// Adds the features that stand between words to the sums of each model that is given; nullptr: not
/// wanted.
void read_word_pairs(const Sentence& sentence, const LinearModel* sentiment,
                     const LinearModel* toxicity, Tally& tally) noexcept;
/// Closes the sentence whose features are in `tally.open`; `blame` is its share of
/// SentimentTally::negative.
void read_toxicity(const Sentence& sentence, const LinearModel* model, std::int64_t blame,
                   ToxicityTally& tally) noexcept;
void read_style(const Sentence& sentence, StyleTally& tally) noexcept;
void read_evasion(const Sentence& sentence, std::uint16_t asks, std::span<const PhraseHit> hits,
                  const Topic& topic, const LinearModel* model, EvasionTally& tally) noexcept;
void read_coverage(const Sentence& sentence, std::uint16_t asks, const Topic& topic,
                   const Weights& known, CoverageTally& tally) noexcept;
void read_industry(const Token& token, const IndustryWords& words, IndustryTally& tally) noexcept;
void read_engagement(const Sentence& sentence, const Topic& topic, EngagementTally& tally) noexcept;

/// How much the sentence counts among others: one of four words or more counts whole.
std::uint32_t quarters_of(const Sentence& sentence) noexcept;
/// By what the square of a sum over the features of a text is divided, beside their number: such a
/// sum grows with the first few sentences, and then no more.
double spread_of(std::uint32_t quarters) noexcept;

/// The part of what was weighed that the rules are sure of, 0 to 1.
double sureness_of(const SentimentTally& tally) noexcept;
/// What the rules alone say, -1 to 1.
double rules_of_sentiment(const SentimentTally& tally) noexcept;

// The numbers that the models see beside hashed features; as they were trained.
std::array<double, 9> sentiment_numbers(const Tally& tally) noexcept;
std::array<double, kEvasionNumbers> evasion_numbers(const Tally& tally,
                                                    const Topic& topic) noexcept;
std::array<double, kCoverageNumbers> coverage_numbers(const Tally& tally, const Topic& topic,
                                                      double evasiveness) noexcept;
/// What each of them is called, for training; some are called alike.
std::vector<std::string_view> coverage_number_names();
std::array<double, kToxicityNumbers> toxicity_numbers(const HostileCounts& counts) noexcept;
std::array<double, kLevelNumbers> sophistication_numbers(const Tally& tally) noexcept;

/// False when the words are more likely of another language, or mostly not Latin.
bool looks_english(const LanguageTally& tally) noexcept;

}  // namespace scena::metrics

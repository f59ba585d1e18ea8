#include "metrics/reading.hpp"

#include <algorithm>

#include "metrics/claims/reply_claim.hpp"
#include "metrics/measures/question.hpp"
#include "metrics/words/ngrams.hpp"

namespace scena::metrics {
namespace {

// A word that stood in the English texts that were learned from several times.
constexpr int kFamiliar = 17;

bool is_article_of_names(std::uint32_t word) noexcept {
  return word == "los"_word || word == "las"_word || word == "la"_word || word == "el"_word ||
         word == "le"_word;
}

bool matches(const Phrase& phrase, const Sentence& sentence, std::size_t at) noexcept {
  if (at + phrase.length > sentence.tokens.size()) return false;
  for (std::size_t i = 2; i < phrase.length; ++i) {
    if (sentence.tokens[at + i].word != phrase.words[i]) return false;
  }
  return true;
}

// The longest of the phrases that stands at the token, which is their first word.
const Phrase* phrase_at(std::span<const Phrase> phrases, const Sentence& sentence,
                        std::size_t at) noexcept {
  if (at + 1 < sentence.tokens.size()) {
    const std::uint32_t second = sentence.tokens[at + 1].word;
    auto phrase =
        std::lower_bound(phrases.begin(), phrases.end(), second,
                         [](const Phrase& one, std::uint32_t word) { return one.words[1] < word; });
    for (; phrase != phrases.end() && phrase->words[1] == second; ++phrase) {
      if (matches(*phrase, sentence, at)) return &*phrase;
    }
  }
  return phrases.front().length == 1 ? &phrases.front() : nullptr;
}

}  // namespace

void Reading::find_phrases(const Sentence& sentence) {
  hit_count_ = 0;
  for (std::size_t i = 0; i < sentence.tokens.size() && hit_count_ < kMaxHits; ++i) {
    if (sentence.tokens[i].info.phrases == 0) continue;
    const auto phrases = context_.knowledge.lexicon.phrases(sentence.tokens[i].info);
    // Inflected forms share their base word's entry, but phrases name exact words.
    if (phrases.front().words[0] != sentence.tokens[i].word) continue;
    const Phrase* phrase = phrase_at(phrases, sentence, i);
    if (phrase == nullptr) continue;
    hits_[hit_count_++] = {i, phrase};
    i += phrase->length - 1u;
  }
}

void Reading::read_clauses(const Sentence& sentence, std::uint16_t asks) {
  std::optional<Clause> question;
  // Clauses of questions are kept with what was asked.
  const bool asked = asks != 0 || sentence.question;
  SaidClauses* const said = clauses_ == nullptr || asked ? nullptr : &clauses_->said;
  if (!tally_.contradiction.opened) question = context_.history.question_for(context_.speaker);
  each_clause(sentence, {context_.knowledge.weights.relations(), context_.clauses},
              question.has_value() ? &*question : nullptr, said,
              [&](Clause& clause, bool first, std::uint64_t words) {
                if (first) clause.asks = asks;
                if (asks != 0) clause.flags |= kAsked;
                read_clause(clause, asks == 0 ? words : 0);
              });
}

void Reading::read_clause(const Clause& clause, std::uint64_t words) {
  const int content = clause.stem_count + clause.set_count + clause.number_count;
  if (content == 0 && clause.asks == 0) return;
  tally_.contradiction.opened = true;
  // What the message said before in other words has its verdict as well.
  if (clauses_ != nullptr && clauses_->kept.has(clause)) return;
  if (context_.wanted & kContradiction)
    read_contradiction(clause, words, context_.history, context_.speaker,
                       context_.knowledge.contradiction, compared_, tally_.contradiction);
  if (clauses_ != nullptr) clauses_->kept.add(clause);
}

void Reading::token(const Token& token, const WordSums* sums) {
  read_language(token, tally_.language);
  // These are remembered of a message whatever is wanted of it.
  read_industry(token, context_.knowledge.industries, tally_.industry);
  if (sums == nullptr) {  // the second half of a contraction
    ++tally_.language.contractions;
    return;
  }
  for (std::size_t i = 0; i < tally_.letters.size(); ++i) tally_.letters[i] |= sums->letters[i];
  if (context_.wanted & kSentiment) LinearModel::add(sums->sentiment, tally_.sentiment.learned);
  if (context_.wanted & kToxicity) LinearModel::add(sums->toxicity, tally_.toxicity.open);
}

void Reading::sentence(Sentence& complete) {
  const std::uint16_t asks = classify_question(complete);
  if (asks != 0) tally_.wording = wording_of(complete);
  find_phrases(complete);
  const std::span<const PhraseHit> hits(hits_, hit_count_);
  const Knowledge& known = context_.knowledge;
  const std::int64_t blame = tally_.sentiment.negative;
  if (context_.wanted & (kSentiment | kToxicity | kSophistication)) {
    read_style(complete, tally_.style);
    read_sentiment(complete, hits, tally_.sentiment);
  }
  read_word_pairs(complete, context_.wanted & kSentiment ? known.sentiment : nullptr,
                  context_.wanted & kToxicity ? known.toxicity : nullptr, tally_);
  if (context_.wanted & kToxicity)
    read_toxicity(complete, known.toxicity, tally_.sentiment.negative - blame, tally_.toxicity);
  if (context_.topic.exists && (context_.wanted & (kEvasiveness | kCoverage)))
    read_evasion(complete, asks, hits, context_.topic, known.evasiveness, tally_.evasion);
  if (context_.wanted & kEngagement) read_engagement(complete, context_.topic, tally_.engagement);
  if (context_.topic.exists && (context_.wanted & kCoverage))
    read_coverage(complete, asks, context_.topic, known.weights, tally_.coverage);
  read_clauses(complete, asks);
}

void read_word_pairs(const Sentence& sentence, const LinearModel* sentiment,
                     const LinearModel* toxicity, Tally& tally) noexcept {
  LinearModel::Sums feeling = tally.sentiment.learned, hate = tally.toxicity.open;
  if (sentiment != nullptr && toxicity != nullptr) {
    each_word_pair(sentence, [&](std::uint32_t feature) {
      sentiment->add(feature, feeling);
      toxicity->add(feature, hate);
    });
  } else if (sentiment != nullptr) {
    each_word_pair(sentence, [&](std::uint32_t feature) { sentiment->add(feature, feeling); });
  } else if (toxicity != nullptr) {
    each_word_pair(sentence, [&](std::uint32_t feature) { toxicity->add(feature, hate); });
  }
  tally.sentiment.learned = feeling;
  tally.toxicity.open = hate;
}

void read_language(const Token& token, LanguageTally& tally) noexcept {
  if (token.has(kEmoji)) {
    ++tally.emoji;
    return;
  }
  ++tally.words;
  if (token.has(kOtherScript)) ++tally.other_script;
  const bool marked = token.has(kAccented) && !token.has(kOtherScript);
  const bool capital = token.has(kCapitalised);
  if (marked) ++tally.marked;
  // Names keep their marks, and "Los Angeles" its article; other first words have their capital
  // from their place.
  const bool name = capital && (tally.words > 1 || is_article_of_names(token.word));
  if ((marked && !capital) || (token.info.is(kForeign) && !token.has(kCapitals) && !name)) {
    ++tally.foreign;
  } else if (token.has(kDigits)) {
    ++tally.named;
  } else if (token.info.is(kFunction)) {
    tally.english += 2;
  } else if (token.has(kKnown) && !token.info.is(kForeign)) {
    ++tally.english;
  } else if (capital) {
    ++tally.named;
  } else if (token.familiarity >= kFamiliar) {
    ++tally.familiar;
  } else {
    ++tally.strange;
  }
}

bool looks_english(const LanguageTally& tally) noexcept {
  if (tally.other_script * 2 > tally.words) return false;
  if (tally.words >= 8) {
    // One word in eight is a function word, or one in four is known at all.
    return tally.english * 4 >= tally.words && tally.english >= tally.foreign * 2;
  }
  const std::uint32_t english = tally.english + tally.familiar;
  // A name or a number is an answer in every language.
  if (english == 0) return tally.foreign + tally.strange + tally.marked == 0;
  return english >= tally.foreign * 3 + tally.marked + tally.strange;
}

}  // namespace scena::metrics

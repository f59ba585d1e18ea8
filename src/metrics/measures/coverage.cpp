#include "metrics/measures/concepts.hpp"
#include "metrics/reading.hpp"
#include "metrics/words/few_words.hpp"

namespace scena::metrics {

namespace {

// Words that mean the same as one of the question: "salary" and "pay".
bool read_meaning(std::uint32_t stem, const Topic& topic, const WordRelations& relations,
                  CoverageTally& tally) noexcept {
  bool shared = false;
  for (const WordRelation& relation : relations.find(stem)) {
    const NamedMember named{set_in_clauses(relations, relation.set), relation.member, 0};
    if (!topic.may_mean(named.set)) continue;
    for (std::size_t i = 0; i < topic.meaning_count; ++i) {
      const Topic::Meaning& meaning = topic.meanings[i];
      if (meaning.set != named.set) continue;
      if (!mean_the_same({meaning.set, meaning.member, 0}, named)) continue;
      shared = true;
      if (meaning.asked != Topic::kNowhere) tally.asked |= 1u << meaning.asked;
      if (meaning.turn != Topic::kNowhere) tally.turn |= 1u << meaning.turn;
    }
  }
  return shared;
}

// Of the speaker, or of what was named before: "the left one".
constexpr FewWords<8> kOwn("me"_word, "my"_word, "mine"_word, "us"_word, "our"_word, "ours"_word,
                           "one"_word, "ones"_word);

}  // namespace

void read_coverage(const Sentence& sentence, std::uint16_t asks, const Topic& topic,
                   const Weights& known, CoverageTally& tally) noexcept {
  tally.asks |= asks;
  for (const Token& token : sentence.tokens) {
    tally.own |= token.info.is(kFirst) || kOwn.has(token.word);
    if (!token.is_topic()) continue;
    known.vectors().add(token.vector, tally.about);
    if (!topic.concepts.none()) tally.concepts |= concepts_of(token.stem) & topic.concepts;
    ++tally.topic_words;
    bool shared = false;
    for (std::size_t i = 0; topic.may_ask(token.stem) && i < topic.asked_count; ++i) {
      if (topic.asked[i] != token.stem) continue;
      shared = true;
      tally.asked |= 1u << i;
    }
    for (std::size_t i = 0; topic.may_name(token.stem) && i < topic.turn_count; ++i) {
      if (topic.turn[i] != token.stem) continue;
      shared = true;
      tally.turn |= 1u << i;
    }
    if (!shared) shared = read_meaning(token.stem, topic, known.relations(), tally);
    if (!shared) continue;
    ++tally.shared_words;
    tally.evidence.add({token.begin, token.end}, token.length, "shared_word");
  }
}

}  // namespace scena::metrics

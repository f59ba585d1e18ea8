#include <algorithm>

#include "metrics/ngrams.hpp"
#include "metrics/reading.hpp"

namespace scena::metrics {

void add_letter_bits(const Sentence& sentence, std::string_view text, LetterBits& bits) noexcept {
  each_letter_ngram(sentence, text, [&](std::uint32_t feature, const Token& token) {
    if (!token.is_topic()) return;
    feature ^= feature >> 15;
    bits[feature >> 6 & 3] |= std::uint64_t{1} << (feature & 63);
  });
}

void read_coverage(const Sentence& sentence, std::uint16_t asks, const Topic& topic,
                   CoverageTally& tally) noexcept {
  tally.asks |= asks;
  for (const Token& token : sentence.tokens) {
    if (!token.is_topic()) continue;
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
    if (!shared) continue;
    ++tally.shared_words;
    tally.evidence.add({token.begin, token.end}, token.length, "shared_word");
  }
}

}  // namespace scena::metrics

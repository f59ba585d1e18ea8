#include "metrics/reading.hpp"

namespace scena::metrics {

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

#include "metrics/reading.hpp"

namespace scena::metrics {

void read_engagement(const Sentence& sentence, const Topic& topic,
                     EngagementTally& tally) noexcept {
  if (sentence.question) {
    ++tally.questions;
    tally.evidence.add({sentence.tokens.front().begin, sentence.tokens.back().end}, 2, "asks");
  }
  for (const Token& token : sentence.tokens) {
    if (!topic.may_name(token.stem)) continue;
    for (std::size_t i = 0; i < topic.turn_count; ++i) {
      if (topic.turn[i] != token.stem || !token.is_topic()) continue;
      if ((tally.shared >> i & 1) == 0) tally.evidence.add({token.begin, token.end}, 1, "picks_up");
      tally.shared |= 1u << i;
    }
  }
}

}  // namespace scena::metrics

#pragma once

#include <cstdint>

#include "metrics/history.hpp"
#include "metrics/measures/question.hpp"
#include "metrics/measures/reply_form.hpp"
#include "metrics/words/ngrams.hpp"

namespace scena::metrics {

/// Hashes that keep the kinds of features of a reply apart.
inline constexpr std::uint32_t kOpening = 0x3D8E21B7u;
inline constexpr std::uint32_t kAnswerTo = 0x77C1A6F3u;
inline constexpr std::uint32_t kClosing = 0x6A31F84Du;
inline constexpr std::uint32_t kUntried = 0x19E5B3C7u;
inline constexpr std::uint32_t kFormed = 0x42B7D90Fu;

/// What each_word_ngram() tells of a sentence of a reply, and once more how the reply opens: its
/// first words in their places, those of its first sentence beside what was asked for, how that
/// sentence ends, and how the question is worded.
template <class Use>
void each_reply_ngram(const Sentence& sentence, bool opens, const Topic& topic, Use use) {
  each_word_ngram(sentence, use);
  if (!opens) return;
  constexpr std::size_t kPlaces = 3, kWords = 8;
  const std::uint32_t kind = pair_feature(kAnswerTo, topic.asks);
  const std::size_t size = sentence.tokens.size();
  for (std::size_t i = 0; i < size && i < kWords; ++i) {
    const std::uint32_t word = word_feature(sentence.tokens[i]);
    if (i < kPlaces) use(pair_feature(kOpening + static_cast<std::uint32_t>(i), word));
    use(pair_feature(kind, word));
  }
  std::uint32_t end = kClosing;
  for (std::size_t i = 0; i < 2 && i < size; ++i) {
    end = pair_feature(end, word_feature(sentence.tokens[size - 1 - i]));
    use(end);
  }
  const bool untried = tells_no_experience(sentence);
  for (const std::uint32_t asked : topic.wording.words) {
    use(asked);
    if (untried) use(pair_feature(kUntried, asked));
  }
  const std::uint32_t form =
      pair_feature(kFormed, static_cast<std::uint32_t>(form_of(sentence, topic)));
  use(pair_feature(form, topic.asks));
  if ((topic.asks & kOpen) == 0) return;
  const std::uint32_t of_kind =
      pair_feature(form, kAnswers + 1u + static_cast<std::uint32_t>(topic.wording.kind));
  use(of_kind);
  use(pair_feature(of_kind, topic.manner));
}

}  // namespace scena::metrics

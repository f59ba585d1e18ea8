#pragma once

#include <cstdint>
#include <string_view>

#include "metrics/linear_model.hpp"
#include "metrics/tokenizer.hpp"

namespace scena::metrics {

/// Hashes that keep the kinds of features apart in one table.
inline constexpr std::uint32_t kSentenceStart = 0x51AF2C01u;
inline constexpr std::uint32_t kNegatedWord = 0x6E0757A3u;
inline constexpr std::uint32_t kLetters = 0x1B56C4E9u;

/// Calls `use(feature, token)` for each word of the sentence, and for each two words side by side;
/// a word in the reach of a negation is told again as such.
template <class Use>
void each_word_ngram(const Sentence& sentence, Use use) {
  std::uint32_t before = kSentenceStart;
  int negated = 0;
  for (const Token& token : sentence.tokens) {
    // A number is known by how many digits it has.
    const std::uint32_t word = token.has(kDigits) ? std::uint32_t{token.length} : token.word;
    use(word, token);
    use(pair_feature(before, word), token);
    before = word;
    if (token.has(kAfterBreak | kAfterComma) || token.info.is(kContrast)) negated = 0;
    if (token.info.is(kNegator)) {
      negated = 4;
    } else if (negated > 0 && !token.info.is(kFunction)) {
      use(pair_feature(kNegatedWord, word), token);
      --negated;
    }
  }
}

inline constexpr std::uint32_t kOpening = 0x3D8E21B7u;
inline constexpr std::uint32_t kAnswerTo = 0x77C1A6F3u;

/// What each_word_ngram() tells of a sentence of a reply, and once more how the reply opens: its
/// first words in their places, and those of its first sentence beside what was asked for.
template <class Use>
void each_reply_ngram(const Sentence& sentence, bool opens, std::uint16_t asks, Use use) {
  each_word_ngram(sentence, use);
  if (!opens) return;
  constexpr std::size_t kPlaces = 3, kWords = 8;
  const std::uint32_t kind = pair_feature(kAnswerTo, asks);
  for (std::size_t i = 0; i < sentence.tokens.size() && i < kWords; ++i) {
    const Token& token = sentence.tokens[i];
    const std::uint32_t word = token.has(kDigits) ? std::uint32_t{token.length} : token.word;
    if (i < kPlaces) use(pair_feature(kOpening + static_cast<std::uint32_t>(i), word), token);
    use(pair_feature(kind, word), token);
  }
}

/// Calls `use(feature, token)` for each four bytes side by side in the words of the sentence, in
/// lower case, where a blank stands before and behind each word.
template <class Use>
void each_letter_ngram(const Sentence& sentence, std::string_view text, Use use) {
  std::uint32_t end = 0;
  for (const Token& token : sentence.tokens) {
    if (token.begin < end) continue;  // the second word of a contraction
    end = token.end;
    std::uint32_t four = ' ';
    std::uint32_t count = 1;
    for (std::uint32_t i = token.begin; i <= token.end; ++i) {
      std::uint32_t byte = ' ';
      if (i < token.end) {
        byte = static_cast<unsigned char>(text[i]);
        if (byte >= 'A' && byte <= 'Z') byte += 32;
      }
      four = four << 8 | byte;
      if (++count >= 4) use(pair_feature(kLetters, four), token);
    }
    if (count == 3) use(pair_feature(kLetters, four), token);
  }
}

}  // namespace scena::metrics

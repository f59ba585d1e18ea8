#pragma once

#include <cstdint>
#include <string_view>

#include "metrics/learned/linear_model.hpp"
#include "metrics/words/token.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// Hashes that keep the kinds of features apart in one table.
inline constexpr std::uint32_t kSentenceStart = 0x51AF2C01u;
inline constexpr std::uint32_t kNegatedWord = 0x6E0757A3u;
inline constexpr std::uint32_t kLetters = 0x1B56C4E9u;

/// The feature of a word by itself. A number is known by how many digits it has.
inline std::uint32_t word_feature(const Token& token) noexcept {
  return token.has(kDigits) ? std::uint32_t{token.length} : token.word;
}

/// Calls `use(feature)` for each two words of the sentence side by side, and for each word in the
/// reach of a negation.
template <class Use>
void each_word_pair(const Sentence& sentence, Use use) {
  std::uint32_t before = kSentenceStart;
  int negated = 0;
  for (const Token& token : sentence.tokens) {
    const std::uint32_t word = word_feature(token);
    use(pair_feature(before, word));
    before = word;
    if (token.has(kAfterBreak | kAfterComma) || token.info.is(kContrast)) negated = 0;
    if (token.info.is(kNegator)) {
      negated = 4;
    } else if (negated > 0 && !token.info.is(kFunction)) {
      use(pair_feature(kNegatedWord, word));
      --negated;
    }
  }
}

/// Calls `use(feature)` for each word of the sentence, and as each_word_pair().
template <class Use>
void each_word_ngram(const Sentence& sentence, Use use) {
  for (const Token& token : sentence.tokens) use(word_feature(token));
  each_word_pair(sentence, use);
}

/// Calls `use(feature)` for each four bytes side by side in the word, in lower case, where a blank
/// stands before and behind it.
template <class Use>
void each_letter_ngram(std::string_view word, Use use) {
  std::uint32_t four = ' ';
  std::uint32_t count = 1;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    std::uint32_t byte = ' ';
    if (i < word.size()) {
      byte = static_cast<unsigned char>(word[i]);
      if (byte >= 'A' && byte <= 'Z') byte += 32;
    }
    four = four << 8 | byte;
    if (++count >= 4) use(pair_feature(kLetters, four));
  }
  if (count == 3) use(pair_feature(kLetters, four));
}

}  // namespace scena::metrics

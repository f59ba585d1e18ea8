#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/lexicon.hpp"

namespace scena::metrics {

enum TokenFlag : std::uint16_t {
  kCapitals = 1,     ///< Two letters or more, all of them capitals.
  kCapitalised = 2,  ///< Starts with a capital.
  kDigits = 4,       ///< Starts with a digit; Token::value holds the number.
  kAfterComma = 8,
  kAfterBreak = 16,  ///< A semicolon, colon, dash or bracket stands before it.
  kEmoji = 32,
  kKnown = 64,  ///< In the lexicon.
  kOtherScript = 128,
  kAccented = 256,  ///< Has a Latin letter outside ASCII.
};

/// A word, number or emoji of a sentence. A contraction gives two tokens with the same span.
struct Token {
  std::uint32_t begin = 0;  ///< Bytes [begin, end) of the text.
  std::uint32_t end = 0;
  std::uint32_t word = 0;  ///< Hash of the lower-case word.
  std::uint32_t stem = 0;
  std::int64_t value = 0;  ///< Of a number, in hundredths.
  WordInfo info;
  std::uint16_t flags = 0;
  std::uint8_t length = 0;  ///< Bytes of the word, at most 255.

  bool has(std::uint16_t mask) const noexcept { return (flags & mask) != 0; }
  bool is_topic() const noexcept {
    return !info.is(kFunction | kNumber) && !has(kEmoji | kDigits | kOtherScript) && stem != 0;
  }
};

/// What stands between two sentence ends.
struct Sentence {
  static constexpr std::size_t kMaxTokens = 96;

  std::vector<Token> tokens;
  int exclamations = 0;
  bool question = false;
  std::uint16_t pending = 0;  ///< Flags that the next token will get.
};

/// Where a text was read up to: whole chunks only, a chunk being what stands between blanks.
struct ScanPosition {
  std::size_t at = 0;
  bool newline = false;  ///< A line ended between the last chunk and `at`.
};

struct Chunk {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool newline = false;  ///< A line ended before it.
};

/// Moves past the next chunk. A chunk that the end of the text may have cut is taken only when
/// `final`. Chunks end at a blank, or after 256 bytes, at a character border.
bool next_chunk(std::string_view text, bool final, ScanPosition& position, Chunk& chunk) noexcept;

/// Receives sentences as their ends are found. The sentence may be changed; it is cleared after.
class SentenceSink {
 public:
  virtual ~SentenceSink() = default;
  virtual void sentence(Sentence& complete) = 0;
};

/// Cuts one chunk into tokens, appends them to `open`, and hands over each sentence that ends.
void read_chunk(std::string_view text, const Chunk& chunk, const Lexicon& lexicon, Sentence& open,
                SentenceSink& sink);

/// Hands `open` over, unless it is empty, and clears it.
void close_sentence(Sentence& open, SentenceSink& sink);

}  // namespace scena::metrics

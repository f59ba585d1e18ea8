#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/words/token.hpp"
#include "metrics/words/word.hpp"
#include "metrics/words/word_memory.hpp"

namespace scena::metrics {

/// What stands between two sentence ends.
struct Sentence {
  static constexpr std::size_t kMaxTokens = 96;

  std::vector<Token> tokens;
  int exclamations = 0;
  bool question = false;
  std::uint16_t pending = 0;  ///< Flags that the next token will get.
};

/// Where a text was read up to: whole chunks only, a chunk being what stands between blanks, and
/// at most 256 bytes.
struct ScanPosition {
  std::size_t at = 0;
  bool newline = false;  ///< A line ended between the last chunk and `at`.
};

/// Receives what is read, in the order of the text.
class TextSink {
 public:
  virtual ~TextSink() = default;
  /// A token was added to the open sentence, with the sums of its word: nullptr for the second
  /// token of a contraction. Who needs sentences alone leaves it.
  virtual void token(const Token&, const WordSums*) {}
  /// A sentence ended. It may be changed; it is cleared after.
  virtual void sentence(Sentence& complete) = 0;
};

/// What is known of words, and those that were made from it lately.
struct WordBook {
  const Knowledge& knowledge;
  WordMemory* memory = nullptr;  ///< nullptr: each word is made anew, which gives the same.
};

/// Cuts the chunks behind `position` into tokens, appends them to `open`, and hands over each
/// sentence that ends. A chunk that the end of the text may have cut is read only when `final`.
void read_chunks(std::string_view text, bool final, const WordBook& book, ScanPosition& position,
                 Sentence& open, TextSink& sink);

/// Hands `open` over, unless it is empty, and clears it.
void close_sentence(Sentence& open, TextSink& sink);

}  // namespace scena::metrics

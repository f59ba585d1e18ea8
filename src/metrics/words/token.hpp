#pragma once

#include <cstdint>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

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
  kPastForm = 512,  ///< May be a verb of the past: "missed", "went".
  kNorm = 1024,     ///< Says what is right, allowed or safe: "ethical", "illegal".
  kGerund = 2048,   ///< May be a verb in -ing: "helping".
};

enum Hostile : std::uint16_t {
  kInsult = 1,           ///< Insults whoever it is said of.
  kHarm = 2,             ///< What is done to somebody in a threat.
  kWeakInsult = 4,       ///< Insults when said of a person: "rat", "fat".
  kSlur = 8,             ///< Hates a group wherever it stands.
  kGroup = 16,           ///< People by origin, faith, sex: "immigrants".
  kGroupAdjective = 32,  ///< The same with "people" behind it: "black".
  kContempt = 64,        ///< Hates a group that it is said of: "inferior".
  kExpel = 128,          ///< What "should be done" to a group: "deported".
  kCurse = 256,          ///< An exclamation, unless it is aimed at somebody.
  kOpens = 512,          ///< May open a HostilePhrase.
  kCoarse = 1024,        ///< Demeans people, also where nobody is spoken to: "hoes".
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
  std::uint8_t length = 0;      ///< Bytes of the word, at most 255.
  std::uint8_t syllables = 0;   ///< Of what stands between `begin` and `end`.
  std::int8_t familiarity = 0;  ///< How common its stem is, as it was learned; 0 without weights.
  std::int8_t toxicity = 0;     ///< What the word alone adds, as it was learned.
  std::uint16_t hostile = 0;    ///< Bits of Hostile.
  std::uint16_t vector = 0;     ///< WordVectors::place_of() its stem.
  std::uint32_t says = 0;       ///< What the word alone tells of a claim: marks_of(), kTraits.

  bool has(std::uint16_t mask) const noexcept { return (flags & mask) != 0; }
  bool is_topic() const noexcept {
    return !info.is(kFunction | kNumber) && !has(kEmoji | kDigits | kOtherScript) && stem != 0;
  }
};

}  // namespace scena::metrics

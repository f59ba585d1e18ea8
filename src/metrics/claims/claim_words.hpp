#pragma once

#include <cstdint>
#include <span>

#include "metrics/words/token.hpp"

namespace scena::metrics {

/// More of a claim than its topic, told by single words.
enum ClaimMark : std::uint16_t {
  kPraises = 1,
  kBlames = 2,
  kCollects = 4,     ///< "have", "need", "like", "buy": one thing does not exclude another.
  kUncertain = 8,    ///< "maybe", "could", "would", "want".
  kTotal = 16,       ///< "all", "every", "both".
  kNone = 32,        ///< "no", "nobody", "nothing", "never".
  kAdds = 64,        ///< "also", "too", "another": beside what was said before.
  kOnly = 128,       ///< "only", "just", "alone".
  kMuch = 256,       ///< "much", "plenty", "enough".
  kPartial = 512,    ///< "not all", "not much": denies the whole, not the thing.
  kIntended = 1024,  ///< "will", "would", "hope": no claim of how things are.
  kThen = 2048,      ///< "yesterday", "last year", "before the surgery".
  kNow = 4096,       ///< "today", "this year", "after the surgery".
  kIs = 8192,        ///< "am", "is", "are".
  kWas = 16384,      ///< "was", "were".
  /// Its subject is "my ..." or "our ...": who says so has one. Of a denial about oneself: "I have
  /// no ...", who says so has none.
  kMine = 32768,
};

/// What single words tell besides, above the bits of ClaimMark.
enum ClaimWord : std::uint32_t {
  kPleads = 1u << 16,     ///< "please": a request, which claims nothing.
  kMeasures = 1u << 17,   ///< "costs", "lasts", "dollars": stands beside a number, no topic.
  kEnds = 1u << 18,       ///< "stop", "quit": denies what stands behind.
  kUnwilling = 1u << 19,  ///< "refuse", "fail": the same before "to".
  kSays = 1u << 20,       ///< "says", "claims", "thinks".
  kAdverb = 1u << 21,     ///< How or how often something is: no topic.
  kFiller = 1u << 22,     ///< "look", "said", "honest": in what a claim is opened with.
  kHindrance = 1u << 23,  ///< "problem", "doubt": "no problem" agrees.
  kSeldom = 1u << 24,     ///< "rarely", "rare": as good as not.
  kTimely = 1u << 25,     ///< "later", "until": tells of a time where it stands in its place.
  kTraits = 1u << 26,     ///< tells_of_traits().
};

/// The bits of ClaimMark and ClaimWord that the word alone gives.
std::uint32_t marks_of(std::uint32_t word) noexcept;

/// kThen or kNow where the first words say of which time a clause speaks, else 0: "before the
/// surgery". Elsewhere "before" and "after" are opposites like any others.
std::uint16_t opening_moment(std::span<const Token> tokens) noexcept;

/// The same of one word; "last" and "this" take the word behind.
std::uint16_t moment_at(std::span<const Token> tokens, std::size_t at) noexcept;

/// The same of all the words.
std::uint16_t moment_of(std::span<const Token> tokens) noexcept;

/// Whether the clause that starts here thanks, greets or asks for something, and so claims nothing.
bool is_courtesy(std::span<const Token> tokens) noexcept;

/// How many tokens of the clause name its subject where that is no pronoun: "the left lung" of "the
/// left lung is clear".
std::size_t subject_length(std::span<const Token> tokens) noexcept;

}  // namespace scena::metrics

#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "metrics/claims/claim_number.hpp"
#include "metrics/claims/claim_time.hpp"
#include "metrics/claims/claim_words.hpp"
#include "metrics/claims/question_bits.hpp"
#include "metrics/claims/traits.hpp"
#include "metrics/learned/relations.hpp"
#include "metrics/tally.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// Who or what a clause speaks of.
/// A `person` is a noun or a name; `reported` is whoever is told to say or think it.
enum class Subject : std::uint8_t { none, me, we, you, he, she, it, they, noun, person, reported };

constexpr bool is_noun(Subject subject) noexcept {
  return subject == Subject::noun || subject == Subject::person;
}

enum ClauseFlag : std::uint8_t {
  kNegated = 1,
  kAsked = 2,     ///< Part of a question or request: claims nothing.
  kSupposed = 4,  ///< Behind "if", or a courtesy: claims nothing.
  kChanged = 8,   ///< "used to", "no longer", "anymore": a change is no contradiction.
  kVagueNumber = 16,
  kNeverAlways = 32,
  kOther = 64,  ///< Its subject is another one of the kind: "my old laptop", "my parents' place".
  kPresent = 128,  ///< Told of now: "have", "is", "want", "no fever", "have had".
};

/// A member of a set that the clause names, and which of its stems does.
struct NamedMember {
  static constexpr std::uint8_t kNoStem = 15;

  std::uint16_t set = 0;  ///< The lexicon's sets as they are, learned ones from kLearnedSets on.
  std::uint16_t member = 0;
  std::uint8_t stem = kNoStem;

  static constexpr NamedMember of(std::uint32_t packed) noexcept {
    return {static_cast<std::uint16_t>(packed >> 16),
            static_cast<std::uint16_t>(packed >> 4 & WordRelations::kMaxMember),
            static_cast<std::uint8_t>(packed & 15)};
  }
  constexpr std::uint32_t packed() const noexcept {
    return std::uint32_t{set} << 16 | std::uint32_t{member} << 4 | stem;
  }
};
inline constexpr std::uint16_t kLearnedSets = 256;
/// The number that a learned set has in clauses.
std::uint16_t set_in_clauses(const WordRelations& relations, std::uint16_t set) noexcept;
/// Set in the number of a learned set of kinds, so that a packed clause tells them from opposites.
inline constexpr std::uint16_t kKindSets = 0x8000;
/// Set in the number of a learned set of synonyms.
inline constexpr std::uint16_t kSynonymSets = 0x4000;
static_assert(WordRelations::kMaxSet + kLearnedSets < kSynonymSets);

/// Whether members of one set mean the same.
constexpr bool mean_the_same(const NamedMember& a, const NamedMember& b) noexcept {
  const bool synonyms = a.set >= kLearnedSets && (a.set & kSynonymSets) != 0;
  return synonyms ? a.member == 0 || b.member == 0 : a.member == b.member;
}

/// So many that the number of one, and of none, fits into the four bits of NamedMember::stem.
inline constexpr std::size_t kMaxSets = 15;

/// One claim in compact form: hashes of topic words and what can disagree with other claims.
struct Clause {
  Span span;
  std::uint64_t signature = 0;  ///< A bit for each topic word, the same for words of one set.
  std::array<std::uint32_t, 12> stems{};
  std::array<std::uint32_t, kMaxSets> sets{};  ///< Packed NamedMember in rising order.
  std::array<ClaimNumber, 2> numbers{};
  std::uint8_t stem_count = 0;
  std::uint8_t light_stems = 0;  ///< The first so many stems prove no shared topic alone.
  std::uint8_t borrowed = 0;     ///< The last so many stems were said by whoever asked.
  std::uint8_t set_count = 0;
  std::uint8_t number_count = 0;
  std::uint8_t flags = 0;
  std::uint16_t marks = 0;
  Subject subject = Subject::none;
  std::uint16_t asks = 0;  ///< Bits of Answer and Manner; on the first clause of a question.
  std::uint16_t subject_words = 0;  ///< One bit for each stem that stands in the subject.
  std::uint32_t subject_stem = 0;   ///< Behind "how many" of a question: what it counts.
  std::uint32_t question = 0;       ///< Bits of QuestionBit, of a question and of what needs it.
  std::uint32_t when = 0;           ///< Bits of TimeBit.
  Traits traits;

  bool has(std::uint8_t mask) const noexcept { return (flags & mask) != 0; }
  bool is_marked(std::uint16_t mask) const noexcept { return (marks & mask) != 0; }
};

/// Takes the signature from the stems, sets and numbers.
void sign(Clause& clause) noexcept;

/// "If you pay at once, we deliver": what follows from what is not claimed is not claimed, either.
bool is_conditional(const Sentence& sentence) noexcept;

/// Whether read_clause() takes anything of tokens [begin, end) from those before them.
bool looks_back(const Sentence& sentence, std::size_t begin, std::size_t end) noexcept;

/// Reads tokens [begin, end) of a sentence. A clause without topic words, sets and numbers claims
/// nothing that could be compared; its stem_count, set_count and number_count are 0.
Clause read_clause(const Sentence& sentence, std::size_t begin, std::size_t end,
                   const WordRelations& relations) noexcept;

}  // namespace scena::metrics

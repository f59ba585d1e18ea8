#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/tally.hpp"
#include "metrics/tokenizer.hpp"

namespace scena::metrics {

/// Who or what a clause speaks of.
enum class Subject : std::uint8_t { none, me, we, you, he, she, it, they, noun };

enum ClauseFlag : std::uint8_t {
  kNegated = 1,
  kAsked = 2,     ///< Part of a question or request: claims nothing.
  kSupposed = 4,  ///< Behind "if".
  kChanged = 8,   ///< "used to", "no longer", "anymore": a change is no contradiction.
  kVagueNumber = 16,
  kNeverAlways = 32,
};

/// One claim in compact form: hashes of topic words and what can disagree with other claims.
struct Clause {
  struct Number {
    std::uint32_t unit = 0;
    std::int64_t value = 0;
  };
  Span span;
  std::uint64_t signature = 0;  ///< One bit for each topic word, modulo 64.
  std::array<std::uint32_t, 12> stems{};
  std::array<std::uint16_t, 4> sets{};  ///< set << 8 | member
  std::array<Number, 2> numbers{};
  std::uint8_t stem_count = 0;
  std::uint8_t light_stems = 0;  ///< The first so many stems prove no shared topic alone.
  std::uint8_t set_count = 0;
  std::uint8_t number_count = 0;
  std::uint8_t flags = 0;
  Subject subject = Subject::none;
  std::uint16_t asks = 0;  ///< Bits of Answer; on the first clause of a question.
  std::uint32_t subject_stem = 0;

  bool has(std::uint8_t mask) const noexcept { return (flags & mask) != 0; }
};

/// The index behind the clause that starts at `begin`.
std::size_t clause_end(const Sentence& sentence, std::size_t begin) noexcept;

/// Reads tokens [begin, end) of a sentence. A clause without topic words, sets and numbers claims
/// nothing that could be compared; its stem_count, set_count and number_count are 0.
Clause read_clause(const Sentence& sentence, std::size_t begin, std::size_t end) noexcept;

/// Appends the clause as 32-bit words; about 40 bytes for a usual one.
void pack(const Clause& clause, std::vector<std::uint32_t>& out);

/// Words that the packed clause at the front of `packed` takes.
inline std::size_t packed_size(const std::uint32_t* packed) noexcept {
  const std::uint32_t head = packed[0];
  return 6 + (head & 15) + (head >> 8 & 15) + 3 * (head >> 12 & 15);
}
Clause unpack(std::span<const std::uint32_t> packed) noexcept;

}  // namespace scena::metrics

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace scena::metrics {

/// That a word is in a set, by its stem. Words of one set with different members exclude each
/// other; those of the same member mean the same. In a set of synonyms member 0 means the same as
/// every member, and the others say nothing of each other: "doctor" of "surgeon" and "dentist".
struct WordRelation {
  std::uint32_t stem = 0;
  std::uint16_t set = 0;
  std::uint16_t member = 0;
};

/// What kind of a set it is.
enum class RelationKind : std::uint8_t {
  opposite,  ///< Two sides: cheap and expensive.
  kind,      ///< Many members of which another one is named: countries, animals, jobs.
  synonym,   ///< Member 0, and what else it may mean.
};

/// Sets of words that were learned, beside those of the lexicon. Immutable.
class WordRelations {
 public:
  // So that both fit, with what a clause adds to them, into 32 bits.
  static constexpr std::uint16_t kMaxMember = 4095;
  static constexpr std::uint16_t kMaxSet = 0x3EFF;

  /// No words.
  WordRelations() noexcept = default;

  /// `entries` in the order of stems; sets below `first_kind` are opposites, those from
  /// `first_synonym` on synonyms.
  WordRelations(std::vector<WordRelation> entries, std::uint16_t first_kind,
                std::uint16_t first_synonym);

  /// The sets of a word; mostly none.
  std::span<const WordRelation> find(std::uint32_t stem) const noexcept {
    std::uint32_t at = begins_[stem >> kShift];
    const std::uint32_t end = begins_[(stem >> kShift) + 1];
    while (at < end && entries_[at].stem < stem) ++at;
    std::uint32_t behind = at;
    while (behind < end && entries_[behind].stem == stem) ++behind;
    return {entries_.data() + at, behind - at};
  }

  RelationKind kind(std::uint16_t set) const noexcept {
    return set < first_kind_      ? RelationKind::opposite
           : set < first_synonym_ ? RelationKind::kind
                                  : RelationKind::synonym;
  }

 private:
  static constexpr unsigned kShift = 20;  // the first 12 bits of a stem choose where to look

  std::vector<WordRelation> entries_;
  std::array<std::uint32_t, (1u << (32 - kShift)) + 1> begins_{};
  std::uint16_t first_kind_ = 0;
  std::uint16_t first_synonym_ = 0;
};

}  // namespace scena::metrics

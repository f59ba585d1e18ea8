#pragma once

#include <array>
#include <cstdint>

#include "metrics/claims/clause.hpp"

namespace scena::metrics {

/// Whose the sets of a clause are while it is read: light stems still move, so that a set's owner
/// is a place in `stems` until finish_sets().
struct SetOwners {
  std::array<std::uint32_t, kMaxSets> stems{};
  std::uint8_t synonyms = 0;  ///< How many of the sets are of synonyms.
};

/// Adds a word that is not there yet; light ones prove no shared topic alone.
void add_stem(Clause& clause, std::uint32_t stem, bool light) noexcept;

/// Adds a set of a word. Where all places are taken, what excludes takes that of what means the
/// same, and a word that has none yet that of one that has several.
void add_set(Clause& clause, SetOwners& owners, const NamedMember& named,
             std::uint32_t stem) noexcept;
void add_learned_sets(Clause& clause, SetOwners& owners, const WordRelations& relations,
                      std::uint32_t stem) noexcept;

/// Once all words are there: says whose each set is, in rising order.
void finish_sets(Clause& clause, const SetOwners& owners) noexcept;

}  // namespace scena::metrics

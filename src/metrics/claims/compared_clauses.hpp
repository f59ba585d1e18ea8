#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "metrics/claims/clause.hpp"
#include "metrics/history.hpp"
#include "metrics/learned/linear_model.hpp"
#include "metrics/tally.hpp"

namespace scena::metrics {

/// What was found when one clause was compared with the earlier claims of its speaker.
struct ComparedClause {
  std::int32_t value = 0;  ///< Thousandths, of the strongest pair.
  Span there;              ///< The earlier claim of that pair.
  std::uint32_t message = 0;
  const char* reason = "";
  bool compared = false;  ///< There was something to compare it with.
  LooksTaken looks;
};

/// The clauses of a message that were compared lately, by hash_of_clause(): while it streams, those
/// of its open sentence come again at every look.
class ComparedClauses {
 public:
  /// nullptr when the clause is not remembered.
  const ComparedClause* find(std::uint64_t words) const noexcept {
    const Remembered& place = places_[words % places_.size()];
    return words != 0 && place.words == words ? &place.found : nullptr;
  }
  void keep(std::uint64_t words, const ComparedClause& found) noexcept {
    places_[words % places_.size()] = {words, found};
  }

 private:
  struct Remembered {
    std::uint64_t words = 0;  // 0: free
    ComparedClause found;
  };
  std::array<Remembered, 8> places_{};
};

/// Compares a clause of `speaker` with what he claimed before. A message may take so many closer
/// looks, of which `before` were taken. `model` nullptr: by the rules alone.
ComparedClause compare_clause(const Clause& clause, const History& history, std::uint32_t speaker,
                              const LinearModel* model, const LooksTaken& before) noexcept;

/// Adds the clause to its message's tally. `words`: its hash_of_clause(), by which `lately` knows
/// it if it was compared with the same history; 0 where it holds more than its words.
void read_contradiction(const Clause& clause, std::uint64_t words, const History& history,
                        std::uint32_t speaker, const LinearModel* model, ComparedClauses& lately,
                        ContradictionTally& tally) noexcept;

}  // namespace scena::metrics

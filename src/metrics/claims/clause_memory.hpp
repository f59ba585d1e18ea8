#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "metrics/claims/clause.hpp"

namespace scena::metrics {

/// Clauses that were read lately, by hash_of_clause(): those of a sentence that still grows are
/// read at every look at it, and many are said again and again. A clause is the same whether it was
/// remembered or read anew. One thread at a time.
class ClauseMemory {
 public:
  static constexpr std::size_t kClauses = 256;  ///< About 50 KB in all.

  /// The clause of these words as it was read somewhere else in some text; nullptr when it is not
  /// remembered.
  const Clause* find(std::uint64_t words) const noexcept {
    const Remembered& place = places_[words % kClauses];
    return words != 0 && place.words == words ? &place.clause : nullptr;
  }

  /// Remembers a clause, for which an older one may lose its place.
  void keep(std::uint64_t words, const Clause& clause) noexcept {
    places_[words % kClauses] = {words, clause};
  }

 private:
  struct Remembered {
    std::uint64_t words = 0;  // 0: free
    Clause clause;
  };
  std::array<Remembered, kClauses> places_{};
};

/// What is known of the words of clauses, and the clauses that were read lately.
struct ClauseBook {
  const WordRelations& relations;
  ClauseMemory* memory = nullptr;  ///< nullptr: each clause is read anew, which gives the same.

  /// read_clause() of tokens [begin, end), of which `words` is the hash_of_clause().
  Clause read(const Sentence& sentence, std::size_t begin, std::size_t end,
              std::uint64_t words) const noexcept;
};

}  // namespace scena::metrics

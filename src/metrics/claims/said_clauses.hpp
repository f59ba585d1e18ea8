#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "metrics/claims/kept_clauses.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// The clauses that a message has said lately, each by a hash of its words. Whoever says one again
/// claims nothing new: a model that repeats itself costs no reading and no comparing.
class SaidClauses {
 public:
  /// Takes the hash of a clause. True when the message has said it before; another one may have
  /// taken its place since.
  bool say(std::uint64_t words) noexcept {
    std::uint32_t& place = places_[words % places_.size()];
    const auto rest = static_cast<std::uint32_t>(words >> 32) | 1;  // 0 is a free place
    if (place == rest) return true;
    place = rest;
    return false;
  }

 private:
  std::array<std::uint32_t, 128> places_{};
};

/// A hash of all that read_clause() sees of tokens [begin, end) of a sentence that asks nothing.
std::uint64_t hash_of_clause(const Sentence& sentence, std::size_t begin, std::size_t end) noexcept;

/// The clauses of a message while it is read.
struct MessageClauses {
  KeptClauses kept;  ///< What the session will remember of them.
  SaidClauses said;
};

}  // namespace scena::metrics

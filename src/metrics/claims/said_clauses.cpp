#include "metrics/claims/said_clauses.hpp"

#include "metrics/claims/clause.hpp"
#include "metrics/claims/subject.hpp"

namespace scena::metrics {
namespace {

constexpr std::uint64_t mix(std::uint64_t state, std::uint64_t value) noexcept {
  state = (state ^ value) * 0x9E3779B97F4A7C15u;
  return state ^ state >> 32;
}

}  // namespace

std::uint64_t hash_of_clause(const Sentence& sentence, std::size_t begin,
                             std::size_t end) noexcept {
  const auto& tokens = sentence.tokens;
  std::uint64_t hash = mix(0, is_conditional(sentence) ? 1 : 0);
  // What stands before it may lend it a subject or a time.
  const bool alone = begin == 0 || !looks_back(sentence, begin, end);
  if (!alone) hash = mix(hash, begin);
  for (std::size_t i = alone ? begin : 0; i < end; ++i) {
    const Token& token = tokens[i];
    const std::uint64_t flags = token.flags & ~std::uint32_t{kAfterBreak};
    // The bytes tell "neighbour's" from "neighbour".
    hash = mix(hash, std::uint64_t{token.word} | flags << 32 |
                         std::uint64_t{token.end - token.begin} << 48);
  }
  return hash;
}

}  // namespace scena::metrics

#include "metrics/claims/clause_memory.hpp"

namespace scena::metrics {

Clause ClauseBook::read(const Sentence& sentence, std::size_t begin, std::size_t end,
                        std::uint64_t words) const noexcept {
  // Clauses of a question hold what the whole question asks.
  if (memory == nullptr || sentence.question) return read_clause(sentence, begin, end, relations);
  if (const Clause* known = memory->find(words)) {
    Clause clause = *known;
    clause.span = {sentence.tokens[begin].begin, sentence.tokens[end - 1].end};
    return clause;
  }
  const Clause clause = read_clause(sentence, begin, end, relations);
  memory->keep(words, clause);
  return clause;
}

}  // namespace scena::metrics

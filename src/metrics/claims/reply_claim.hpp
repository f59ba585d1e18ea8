#pragma once

#include <optional>
#include <span>

#include "metrics/claims/clause.hpp"
#include "metrics/claims/clause_memory.hpp"
#include "metrics/claims/said_clauses.hpp"
#include "metrics/claims/subject.hpp"

namespace scena::metrics {

/// What "yes" or "no" at the opening of a reply claims: "No." to "Do you own a gun?" is "I own no
/// gun". Nothing where the reply opens otherwise, or `question` is no question of yes or no.
std::optional<Clause> answer_claim(std::span<const Token> reply, const Clause& question) noexcept;

/// Adds to a claim of a reply's first sentence what its pronouns or its brevity leave to the
/// question: "Eleven." to "How many people work there?", "I restarted it." to "Did you restart the
/// router?". Pronouns may mean something else where the claim is not the `opening` one.
void complete_claim(std::span<const Token> reply, const Clause& question, bool opening,
                    Clause& claim) noexcept;

/// Hands each clause of a sentence to `take`, as read; `question` is what it replies to where it is
/// the opening of a reply, else nullptr. `take` gets whether it is the sentence's first, and its
/// hash_of_clause(): 0 where it holds more than its own words, of a question or lent by one. Of
/// what opens no reply, clauses that were `said` before are left out; nullptr: none.
template <class Take>
void each_clause(const Sentence& sentence, const ClauseBook& book, const Clause* question,
                 SaidClauses* said, Take&& take) {
  bool opening = true;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < sentence.tokens.size(); begin = end) {
    end = clause_end(sentence, begin);
    const std::uint64_t words = hash_of_clause(sentence, begin, end);
    if (question == nullptr && said != nullptr && said->say(words)) continue;
    Clause clause = book.read(sentence, begin, end, words);
    if (question != nullptr) {
      const auto tokens = std::span<const Token>(sentence.tokens).subspan(begin, end - begin);
      auto answer = answer_claim(tokens, *question);
      if (opening && answer.has_value()) take(*answer, false, std::uint64_t{0});
      complete_claim(tokens, *question, opening, clause);
      if (answer.has_value() || clause.stem_count + clause.number_count > 0) opening = false;
    }
    const bool alone = question == nullptr && !sentence.question;
    take(clause, begin == 0, alone ? words : 0);
  }
}

}  // namespace scena::metrics

#pragma once

#include <cstddef>
#include <span>

#include "metrics/claims/clause.hpp"

namespace scena::metrics {

/// Writes of whom or what the clause speaks.
void find_subject(std::span<const Token> tokens, Clause& clause) noexcept;

/// Whole agreement, in thousandths, as all that is counted of claims.
inline constexpr int kBest = 1000;
/// How well two kinds of subjects can be the same, in thousandths; 0: they are different.
int agreement(Subject a, Subject b) noexcept;
bool is_pronoun(Subject subject) noexcept;
/// "I", "we".
bool speaks_of_self(const Clause& clause) noexcept;

/// "I", "you", "they".
bool is_subject_pronoun(const Token& token) noexcept;

/// The index behind the clause that starts at `begin`.
std::size_t clause_end(const Sentence& sentence, std::size_t begin) noexcept;

/// Whether a clause starts at the token that has the subject of the one before: "... and no
/// sisters", "... and has hardly any".
bool continues_clause(std::span<const Token> tokens, std::size_t at) noexcept;

}  // namespace scena::metrics

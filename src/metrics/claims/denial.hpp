#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "metrics/words/token.hpp"

namespace scena::metrics {

/// What a word denies in its clause.
enum class Denial : std::uint8_t {
  none,
  thing,     ///< "not", "no", "refuse to", "stopped smoking", "out of the question".
  quantity,  ///< "not all of them", "don't have much".
};
Denial denial_at(std::span<const Token> tokens, std::size_t at) noexcept;

/// "Out of the question", which denies what is planned.
bool is_out_of_the_question(std::span<const Token> tokens, std::size_t at) noexcept;

/// Whether the word has no other meaning than to deny: "gave" of "gave up sugar", "stopped" of
/// "stopped smoking", "question" of "out of the question".
bool only_denies(std::span<const Token> tokens, std::size_t at) noexcept;

/// Whether the clause says what somebody else says or thinks, or what is rumoured: "my opponent
/// claims that ...". Whoever tells it claims nothing of it.
bool is_report(std::span<const Token> tokens) noexcept;

}  // namespace scena::metrics

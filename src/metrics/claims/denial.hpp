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
/// `says` is what marks_of() gave for the word.
Denial denial_at(std::span<const Token> tokens, std::size_t at, std::uint32_t says) noexcept;

/// Whether the clause says what somebody else says or thinks, or what is rumoured: "my opponent
/// claims that ...". Whoever tells it claims nothing of it.
bool is_report(std::span<const Token> tokens) noexcept;

}  // namespace scena::metrics

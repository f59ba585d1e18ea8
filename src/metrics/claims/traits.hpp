#pragma once

#include <cstdint>
#include <span>

#include "metrics/words/token.hpp"

namespace scena::metrics {

struct Clause;

/// What a clause says of the speaker's way of life, in words that share no stem and are no
/// opposites: "I'm a vegetarian" and "I had a steak", "I'm an only child" and "my sister". One bit
/// for each of some dozen traits.
struct Traits {
  std::uint16_t lacks = 0;  ///< Has or does nothing of the kind.
  std::uint16_t shows = 0;  ///< Has or does something of the kind.

  bool operator==(const Traits&) const = default;
  std::uint16_t any() const noexcept { return static_cast<std::uint16_t>(lacks | shows); }
  bool differ(const Traits& other) const noexcept {
    return ((lacks & other.shows) | (shows & other.lacks)) != 0;
  }
};

/// Whether the word can tell of a trait at all; most cannot.
bool tells_of_traits(std::uint32_t word) noexcept;

/// The traits of a clause whose subject, flags and marks are known.
Traits traits_of(std::span<const Token> tokens, const Clause& clause) noexcept;

}  // namespace scena::metrics

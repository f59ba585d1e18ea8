#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "metrics/words/token.hpp"

namespace scena::metrics {

/// A number of a claim and what it counts. Spans of time are in seconds and money has one unit, so
/// that "two years" and "twelve months" can differ.
struct ClaimNumber {
  /// The stem of what is counted, or a family and, in the last four bits, its member; 0: nothing.
  std::uint32_t unit = 0;
  std::int64_t value = 0;  ///< In hundredths.

  bool counts_the_same(const ClaimNumber& other) const noexcept {
    return unit >> 4 == other.unit >> 4;
  }
  bool operator==(const ClaimNumber&) const = default;
};

bool is_number(const Token& token) noexcept;

/// "At noon", "until midnight": twelve on the clock.
bool is_twelve(std::span<const Token> tokens, std::size_t at) noexcept;

/// Whether "one" counts nothing: "this one", "the red one", "day one".
bool is_pronoun_one(std::span<const Token> tokens, std::size_t at) noexcept;

/// The unit of "at three" and of a bare number that answers "when?".
inline constexpr std::uint32_t kHourOfDay = "hour of day"_word & ~std::uint32_t{15};
/// The unit of ages.
inline constexpr std::uint32_t kAge = "age"_word & ~std::uint32_t{15};

/// Whether the token is part of the number that it stands behind: "three hundred", "two hundred
/// million".
bool multiplies(std::span<const Token> tokens, std::size_t at) noexcept;

/// The number that starts at the token; "12 people" counts the next topic word.
ClaimNumber number_at(std::span<const Token> tokens, std::size_t at) noexcept;

/// Whether the article at this place counts the span of time behind it: "for a year".
bool is_one_span(std::span<const Token> tokens, std::size_t at) noexcept;

/// The price of what is "free".
ClaimNumber no_money() noexcept;

/// Whether "free" at this place is a price: "shipping is free", "free of charge".
bool is_free_of_charge(std::span<const Token> tokens, std::size_t at) noexcept;

}  // namespace scena::metrics

#pragma once

#include <cstdint>
#include <span>

#include "metrics/words/token.hpp"

namespace scena::metrics {

/// When something is said to be.
enum TimeBit : std::uint32_t {
  kTimeWords = 0x0FFF,  ///< A bit for each word or hour that names it, the same for the same.
  kWholeTime = 0x1000,  ///< "all evening", "the whole day".
  kUntil = 0x2000,      ///< "until ten", "since Monday".
  kInTurn = 0x4000,     ///< "then", "an hour later", "the night before", "at first": beside others.
  kLimits = 0x8000,     ///< "before June", "more than two": a denial denies what is beyond only.
  kEnded = 0x10000,     ///< "stopped smoking", "gave up sugar": so it was before.
};

/// The bits of TimeBit of a clause, but for kEnded.
std::uint32_t time_of(std::span<const Token> tokens) noexcept;

}  // namespace scena::metrics

#pragma once

#include <cstdint>
#include <span>

#include "metrics/words/token.hpp"

namespace scena::metrics {

/// What a question says that its reply needs in order to be understood.
enum QuestionBit : std::uint32_t {
  kQuestionWords = 0x3FFFFFFF,  ///< A bit for each of its words that says which one is meant.
  kTimeLent = 0x40000000,       ///< Of a reply: it names no time, the question does.
  kFollowsUp = 0x80000000,      ///< "And here?", "the premium plan?": it needs the one before it.
};

/// The bits of QuestionBit of a question.
std::uint32_t question_bits(std::span<const Token> tokens) noexcept;

}  // namespace scena::metrics

#pragma once

#include <cstdint>

#include "metrics/tally.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

struct Topic;

/// What an open question asks about.
OpenKind open_kind_of(const Sentence& question) noexcept;

/// "The left one, below the knee.", "That one."
bool picks_one(const Sentence& sentence) noexcept;

ReplyForm form_of(const Sentence& sentence, const Topic& topic) noexcept;

}  // namespace scena::metrics

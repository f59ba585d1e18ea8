#pragma once

#include <cstdint>

#include "metrics/tally.hpp"
#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// What a sentence asks for and how, as bits of Answer and Manner; 0 when it neither asks nor
/// requests. "When did it start?" asks for a moment, "Tell me about it." for an open answer.
std::uint16_t classify_question(const Sentence& sentence) noexcept;

/// The first words are those behind greetings and what else stands before a question word.
Wording wording_of(const Sentence& sentence) noexcept;

/// Whether it is a name of something and no more: no verb, no pronoun. "The old mill.", "Traffic."
bool is_bare_noun(const Sentence& sentence) noexcept;

/// "I have never been there", "I haven't tried it yet": what somebody cannot know of.
bool tells_no_experience(const Sentence& sentence) noexcept;

/// What the tokens offer as an answer, as bits of Answer, added to `already`; `first` gets the
/// first place of each new kind.
std::uint16_t find_offers(const Sentence& sentence, std::array<Span, kAnswerKinds>& first,
                          std::uint16_t already) noexcept;

}  // namespace scena::metrics

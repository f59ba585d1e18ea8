#pragma once

#include <cstddef>

#include "metrics/words/tokenizer.hpp"

namespace scena::metrics {

/// What the sentence makes of a word of praise or blame in it.
enum class Reversal {
  none,
  good_news,  ///< Trouble that is gone: "avoided a disaster", "complaints are down".
  bad_news,   ///< Something good that is gone: "our profits have fallen".
  remains,    ///< Trouble that nobody ended: "did not avoid the disaster".
  no_feeling  ///< "the cancer ward", "do you have any pain?", "Best Buy".
};

/// Of the word at `at`, which has a polarity or is kTrouble. `classes` are those of all words of
/// the sentence.
Reversal reversal_of(const Sentence& sentence, std::size_t at, std::uint32_t classes) noexcept;

/// Whether the praise at `at` is gone or never came: "used to work fine", "I wish it worked".
bool is_unmet(const Sentence& sentence, std::size_t at) noexcept;

}  // namespace scena::metrics

#include "metrics/claims/question_bits.hpp"

#include <algorithm>
#include <string_view>

#include "metrics/claims/claim_number.hpp"
#include "metrics/claims/subject.hpp"
#include "metrics/words/word_list.hpp"

namespace scena::metrics {
namespace {

constexpr std::string_view kAnyThing =
    "anything something everything nothing else thing things anyone anybody ever really sure";

// Which one a question means: "him", "the left arm", "before the meeting", "here".
bool tells_which(const Token& token) noexcept {
  static constexpr WordList<count_words(kAnyThing)> any_thing{kAnyThing};
  const bool asks = token.info.is(kRequest) && token.info.is(kLight);  // "tell", "explain"
  if (token.info.is(kAuxiliary) || asks || any_thing.has(token.word)) return false;
  return token.is_topic() || token.info.is(kObject | kTime) || is_number(token) ||
         token.word == "here"_word || token.word == "there"_word;
}

// "And here?", "the premium plan?", "after the meeting?"; not "what colour?", "anything else?".
bool follows_up(std::span<const Token> tokens) noexcept {
  if (tokens.size() < 2 || std::none_of(tokens.begin(), tokens.end(), tells_which)) return false;
  if (tokens[0].info.is(kQuestion) && tokens[1].word != "about"_word) return false;
  return std::none_of(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.info.is(kAuxiliary) || is_subject_pronoun(token);
  });
}

}  // namespace

std::uint32_t question_bits(std::span<const Token> tokens) noexcept {
  std::uint32_t bits = follows_up(tokens) ? std::uint32_t{kFollowsUp} : 0;
  for (const Token& token : tokens) {
    if (tells_which(token)) bits |= 1u << (token.stem * 2654435761u >> 8) % 30;
  }
  return bits;
}

}  // namespace scena::metrics

#include "metrics/claims/denial.hpp"

#include <algorithm>

#include "metrics/claims/claim_words.hpp"

namespace scena::metrics {
namespace {

// The quantifier that a "not" before it denies.
bool denies_quantity(std::span<const Token> tokens, std::size_t negation) noexcept {
  if (tokens[negation].word != "not"_word && tokens[negation].word != "cannot"_word) return false;
  const std::size_t reach = std::min(tokens.size(), negation + 4);
  for (std::size_t i = negation + 1; i < reach && !tokens[i].has(kAfterComma); ++i) {
    // "Not at all" denies the thing.
    if (tokens[i - 1].word == "at"_word) return false;
    if ((tokens[i].says & (kTotal | kMuch)) != 0) return true;
  }
  return false;
}

// "No problem", "not a problem", "I don't mind": agrees.
bool hinders_nothing(std::span<const Token> tokens, std::size_t at) noexcept {
  if (at > 0 && tokens[at - 1].word == "at"_word) return true;  // "at no extra charge"
  std::size_t next = at + 1;
  if (next == tokens.size()) return false;
  if (tokens[at].word == "not"_word && tokens[next].word == "mind"_word) return true;
  if (tokens[next].word == "a"_word || tokens[next].word == "any"_word) ++next;
  // "No problem with it" is none; "no problems at work" has more to say.
  if (next == tokens.size() || (tokens[next].says & kHindrance) == 0) return false;
  return tokens[at].word == "not"_word || at > 0 || next + 1 == tokens.size();
}

// "Gave up sugar", "have given up the job".
bool gives_up(std::span<const Token> tokens, std::size_t at) noexcept {
  if (at == 0 || at + 1 == tokens.size() || tokens[at].word != "up"_word) return false;
  const std::uint32_t verb = tokens[at - 1].word;
  return verb == "gave"_word || verb == "given"_word || verb == "give"_word;
}

// "Out of stock"; not of the question, which is of a plan.
bool is_out_of_stock(std::span<const Token> tokens, std::size_t at) noexcept {
  return tokens[at].word == "out"_word && at + 2 < tokens.size() &&
         tokens[at + 1].word == "of"_word && tokens[at + 2].word == "stock"_word;
}

// "A few", "the last few", "these few".
bool is_some(const Token& before) noexcept {
  return before.info.is(kDeterminer) || before.word == "last"_word || before.word == "next"_word ||
         before.word == "first"_word || before.word == "past"_word;
}

// A word that denies without being a negation.
bool denies_by_meaning(std::span<const Token> tokens, std::size_t at) noexcept {
  const std::uint32_t word = tokens[at].word, says = tokens[at].says;
  if ((says & kSeldom) != 0) return true;
  if (word == "few"_word) return at == 0 || !is_some(tokens[at - 1]);
  if (word == "except"_word || word == "excluding"_word) return at == 0;
  if (gives_up(tokens, at) || is_out_of_the_question(tokens, at) || is_out_of_stock(tokens, at))
    return true;
  if (at + 1 == tokens.size()) return false;
  const Token& next = tokens[at + 1];
  // "Stopped smoking", not "stopped the car" or "stopped at once".
  if ((says & kEnds) != 0) return next.is_topic() && !next.info.is(kTime | kLight);
  return next.word == "to"_word && (says & kUnwilling) != 0;
}

}  // namespace

bool is_out_of_the_question(std::span<const Token> tokens, std::size_t at) noexcept {
  return tokens[at].word == "out"_word && at + 3 < tokens.size() &&
         tokens[at + 1].word == "of"_word && tokens[at + 3].word == "question"_word;
}

Denial denial_at(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& token = tokens[at];
  if (!token.info.is(kNegator)) return denies_by_meaning(tokens, at) ? Denial::thing : Denial::none;
  const bool followed = at + 1 < tokens.size();
  if (followed && tokens[at + 1].word == "only"_word) return Denial::none;
  // A "no" that answers ("No, I was there") denies the question, not the clause.
  if (at == 0 && token.info.is(kNo) && followed && tokens[1].has(kAfterComma)) return Denial::none;
  // "May or may not" denies nothing.
  const std::size_t alternative = at > 1 && tokens[at - 1].info.is(kAuxiliary) ? at - 2 : at - 1;
  if (at > 0 && tokens[alternative].word == "or"_word) return Denial::none;
  if (hinders_nothing(tokens, at)) return Denial::none;
  return denies_quantity(tokens, at) ? Denial::quantity : Denial::thing;
}

bool only_denies(std::span<const Token> tokens, std::size_t at) noexcept {
  if (at > 2 && is_out_of_the_question(tokens, at - 3)) return true;
  if (at + 1 == tokens.size()) return false;
  if (gives_up(tokens, at + 1)) return true;
  return (tokens[at].says & kEnds) != 0 && denies_by_meaning(tokens, at);
}

bool is_report(std::span<const Token> tokens) noexcept {
  const std::size_t reach = std::min<std::size_t>(tokens.size(), 7);
  bool somebody = false;
  for (std::size_t i = 0; i < reach; ++i) {
    const Token& token = tokens[i];
    if (token.info.is(kFirst)) return false;
    // "He says that", and not "it is said" of oneself or "what she said".
    if (somebody && (token.says & kSays) != 0) return i + 2 < tokens.size();
    // Names are those of protocols, which tell whose opinion it is.
    somebody |=
        token.info.is(kSecond | kThird | kPerson) || (token.is_topic() && !token.has(kCapitalised));
    if (token.info.is(kAuxiliary | kNegator)) return false;
  }
  return tokens.size() > 3 && tokens[0].word == "according"_word;
}

}  // namespace scena::metrics

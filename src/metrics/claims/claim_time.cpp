#include "metrics/claims/claim_time.hpp"

#include <algorithm>
#include <string_view>

#include "metrics/claims/claim_number.hpp"
#include "metrics/claims/claim_words.hpp"
#include "metrics/words/word_list.hpp"

namespace scena::metrics {
namespace {

constexpr std::string_view kNamesNoTime = "last time oclock pm hour hours minute minutes moment";
constexpr std::string_view kBounds = "more less longer later earlier sooner over";

bool names_time(const Token& token) noexcept {
  static constexpr WordList<count_words(kNamesNoTime)> names_none{kNamesNoTime};
  return token.info.is(kTime) && !token.info.is(kFunction) && !names_none.has(token.word);
}

std::uint32_t bit_of(std::uint32_t hash) noexcept {
  return 1u << (hash * 2654435761u >> 16) % 12;
}

// "Then I went", "and then"; not "I was there then", which is of the same time.
bool opens_next(std::span<const Token> tokens, std::size_t at) noexcept {
  const std::uint32_t word = tokens[at].word;
  if (at + 1 == tokens.size() || at > 1) return false;
  if (at == 1 && !tokens[0].info.is(kConjunction)) return false;
  return word == "then"_word || word == "next"_word ||
         (word == "first"_word && tokens[at + 1].info.is(kFirst | kSecond | kThird));
}

// "At first", "afterwards", "an hour later", "the night before", "after ten minutes".
bool is_in_turn(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& token = tokens[at];
  const bool time_before = at > 0 && tokens[at - 1].info.is(kTime) && !is_number(tokens[at - 1]);
  const bool ends = at + 1 == tokens.size();
  if (token.word == "afterwards"_word || token.word == "afterward"_word) return true;
  if (token.word == "later"_word || token.word == "earlier"_word)
    return time_before || at == 0 || (ends && at > 0);
  if (token.word == "before"_word || token.word == "after"_word) {
    const bool opens = ends || tokens[at + 1].info.is(kFirst | kSecond | kThird);
    if (time_before && opens && at > 1 && tokens[at - 2].info.is(kDeterminer)) return true;
    if (at > 0 || ends) return false;
    return tokens[1].word == "that"_word || (token.word == "after"_word && is_number(tokens[1]));
  }
  if (token.word == "first"_word && at > 0 && tokens[at - 1].word == "at"_word)
    return ends || tokens[at + 1].has(kAfterComma) || at == 1;
  if (token.word == "next"_word || token.word == "following"_word)
    return at > 0 && !ends && tokens[at - 1].word == "the"_word && tokens[at + 1].info.is(kTime);
  return opens_next(tokens, at);
}

bool is_whole(std::span<const Token> tokens, std::size_t at) noexcept {
  if ((tokens[at].says & kTotal) == 0 || at + 1 == tokens.size()) return false;
  if (tokens[at + 1].info.is(kTime)) return true;
  return at + 2 < tokens.size() && tokens[at + 1].info.is(kDeterminer) &&
         tokens[at + 2].info.is(kTime);
}

// "Before June", "until ten", "more than two".
bool is_limit(std::span<const Token> tokens, std::size_t at) noexcept {
  const std::uint32_t word = tokens[at].word;
  if (at + 1 == tokens.size()) return false;
  if (word == "before"_word || word == "until"_word || word == "till"_word) return at > 0;
  static constexpr WordList<count_words(kBounds)> bounds{kBounds};
  return bounds.has(word) && tokens[at + 1].word == "than"_word;
}

std::uint32_t time_at(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& token = tokens[at];
  if ((token.says & (std::uint32_t{kTimely} | kTotal)) == 0 && !token.info.is(kTime) &&
      !is_number(token))
    return 0;
  std::uint32_t when = 0;
  if (is_in_turn(tokens, at)) when |= kInTurn;
  if (is_whole(tokens, at)) when |= kWholeTime;
  if (is_limit(tokens, at)) when |= kLimits;
  if (token.word == "until"_word || token.word == "till"_word || token.word == "since"_word)
    when |= kUntil;
  if (is_number(token)) {
    const ClaimNumber number = number_at(tokens, at);
    if (number.unit == kHourOfDay)
      when |= 1u << static_cast<std::uint64_t>(number.value / 100) % 12;
    if (number.unit == "year"_word) when |= bit_of(static_cast<std::uint32_t>(number.value));
  } else if (names_time(token)) {
    // Two of a set, such as weekdays, never have the same bit.
    when |= token.info.set != 0 ? 1u << (token.info.set * 5u + token.info.member) % 12
                                : bit_of(token.stem);
  }
  return when;
}

}  // namespace

std::uint32_t time_of(std::span<const Token> tokens) noexcept {
  std::uint32_t when = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) when |= time_at(tokens, i);
  return when;
}

}  // namespace scena::metrics

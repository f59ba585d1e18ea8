#include "domain/tokens/text_cutter.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/tokens/character_class.hpp"

// The families' expressions, written out: alternatives are tried in their order, each takes as much
// as it can, and steps back only where that can change anything.

namespace scena {
namespace {

using Class = CharacterClass;

struct CharacterAt {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: behind the end
  Class is = Class::sign;
};

char32_t decode(std::string_view bytes) noexcept {
  const auto byte = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  char32_t code = bytes.size() == 2   ? byte(0) & 0x1F
                  : bytes.size() == 3 ? byte(0) & 0x0F
                                      : byte(0) & 0x07;
  for (std::size_t i = 1; i < bytes.size(); ++i) code = code << 6 | (byte(i) & 0x3F);
  return code;
}

CharacterAt character_at(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return {};
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1, character_class(first)};
  const std::size_t bytes = utf8_sequence_length(text.substr(at));
  if (bytes == 0) return {first, 1, Class::sign};
  const char32_t code = decode(text.substr(at, bytes));
  return {code, bytes, character_class(code)};
}

bool is_letter(Class is) noexcept {
  return is == Class::upper || is == Class::lower || is == Class::letter;
}
bool is_line_end(const CharacterAt& c) noexcept {
  return c.code == '\r' || c.code == '\n';
}
bool is_sign(const CharacterAt& c) noexcept {
  return c.bytes != 0 && (c.is == Class::sign || c.is == Class::mark);
}

// Behind the characters for which `wanted` holds, from `at` on.
template <class Wanted>
std::size_t skip(std::string_view text, std::size_t at, Wanted wanted) noexcept {
  for (CharacterAt c = character_at(text, at); c.bytes != 0 && wanted(c);
       c = character_at(text, at))
    at += c.bytes;
  return at;
}
std::size_t skip_letters(std::string_view text, std::size_t at) noexcept {
  return skip(text, at, [](const CharacterAt& c) { return is_letter(c.is); });
}

// 's, 't, 're and the like at `at`: how many bytes, or none.
std::size_t contraction(std::string_view text, std::size_t at, bool any_case) noexcept {
  if (at >= text.size() || text[at] != '\'') return 0;
  const auto lower = [any_case](char c) {
    return static_cast<char>(any_case && c >= 'A' && c <= 'Z' ? c + 32 : c);
  };
  const std::string_view rest = text.substr(at + 1);
  if (rest.empty()) return 0;
  const char one = lower(rest[0]);
  if (one == 's' || one == 't' || one == 'm' || one == 'd') return 2;
  if (any_case && rest.starts_with("\xC5\xBF")) return 3;  // a long s
  if (rest.size() < 2) return 0;
  const char two = lower(rest[1]);
  const bool known =
      (one == 'r' && two == 'e') || (one == 'v' && two == 'e') || (one == 'l' && two == 'l');
  return known ? 3 : 0;
}

// White space, of which all but the last character belongs to no word behind it. With cl100k line
// ends are words, but not where the text ends; with o200k there, too.
std::size_t white_space(std::string_view text, TextCut cut) noexcept {
  std::size_t end = 0, before_last = 0, behind_line_end = 0;
  for (CharacterAt c = character_at(text, 0); c.is == Class::space; c = character_at(text, end)) {
    before_last = end;
    end += c.bytes;
    if (is_line_end(c)) behind_line_end = end;
  }
  const bool at_end = end == text.size();
  const bool ends_lines = cut == TextCut::o200k || (cut == TextCut::cl100k && !at_end);
  if (ends_lines && behind_line_end != 0) return behind_line_end;
  return at_end || before_last == 0 ? end : before_last;
}

// --- gpt2 ----------------------------------------------------------------------------------------

std::size_t gpt2_word(std::string_view text) noexcept {
  if (const std::size_t size = contraction(text, 0, false); size != 0) return size;
  const std::size_t from = text[0] == ' ' ? 1 : 0;
  const CharacterAt first = character_at(text, from);
  if (is_letter(first.is)) return skip_letters(text, from);
  if (first.is == Class::number)
    return skip(text, from, [](const CharacterAt& c) { return c.is == Class::number; });
  if (is_sign(first)) return skip(text, from, is_sign);
  return white_space(text, TextCut::gpt2);
}

// --- cl100k and o200k ----------------------------------------------------------------------------

// Numbers by three, signs with the line ends behind them, white space.
std::size_t other_word(std::string_view text, TextCut cut) noexcept {
  const CharacterAt first = character_at(text, 0);
  if (first.is == Class::number) {
    int count = 0;
    return skip(text, 0,
                [&](const CharacterAt& c) { return c.is == Class::number && count++ < 3; });
  }
  const std::size_t from = text[0] == ' ' ? 1 : 0;
  if (is_sign(character_at(text, from))) {
    return skip(text, skip(text, from, is_sign), [cut](const CharacterAt& c) {
      return is_line_end(c) || (cut == TextCut::o200k && c.code == '/');
    });
  }
  return white_space(text, cut);
}

bool may_lead(const CharacterAt& c) noexcept {
  return c.bytes != 0 && !is_line_end(c) && !is_letter(c.is) && c.is != Class::number;
}

std::size_t cl100k_word(std::string_view text) noexcept {
  if (const std::size_t size = contraction(text, 0, true); size != 0) return size;
  const CharacterAt first = character_at(text, 0);
  const std::size_t from = may_lead(first) ? first.bytes : 0;
  const std::size_t end = skip_letters(text, from);
  return end > from ? end : other_word(text, TextCut::cl100k);
}

bool may_begin(Class is) noexcept {
  return is == Class::upper || is == Class::letter || is == Class::mark;
}
bool may_follow(Class is) noexcept {
  return is == Class::lower || is == Class::letter || is == Class::mark;
}

struct CasedWord {
  std::size_t with_lower = 0;  // end of capitals and at least one that is none; 0: there is none
  std::size_t capitals = 0;    // end of capitals alone; 0: there are none
};

CasedWord cased_word(std::string_view text, std::size_t from) noexcept {
  CasedWord word;
  std::size_t at = from, behind_uncased = 0;
  for (CharacterAt c = character_at(text, at); may_begin(c.is); c = character_at(text, at)) {
    at += c.bytes;
    if (may_follow(c.is)) behind_uncased = at;
  }
  const std::size_t end = skip(text, at, [](const CharacterAt& c) { return may_follow(c.is); });
  if (end > at) {
    word.with_lower = end;
  } else {
    word.with_lower = behind_uncased;  // given back as far as one has to be
    if (at > from) word.capitals = at;
  }
  return word;
}

std::size_t o200k_word(std::string_view text) noexcept {
  const CharacterAt first = character_at(text, 0);
  const CasedWord led = may_lead(first) ? cased_word(text, first.bytes) : CasedWord{};
  std::size_t end = led.with_lower;
  if (end == 0) {
    const CasedWord bare = cased_word(text, 0);
    end = bare.with_lower != 0 ? bare.with_lower : led.capitals != 0 ? led.capitals : bare.capitals;
  }
  return end != 0 ? end + contraction(text, end, true) : other_word(text, TextCut::o200k);
}

}  // namespace

std::size_t first_word(std::string_view text, TextCut cut) noexcept {
  if (text.empty()) return 0;
  if (cut == TextCut::gpt2) return gpt2_word(text);
  return cut == TextCut::cl100k ? cl100k_word(text) : o200k_word(text);
}

}  // namespace scena

#include "domain/analysis/quote_match.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace scena {
namespace {

// What stands for a character when quotes are compared.
constexpr std::array<std::pair<std::string_view, std::string_view>, 23> kPlain = {{
    {"\u00a0", " "},  {"\u2009", " "},  {"\u202f", " "},   {"\u3000", " "},  {"\u201c", "\""},
    {"\u201d", "\""}, {"\u201e", "\""}, {"\u201f", "\""},  {"\u00ab", "\""}, {"\u00bb", "\""},
    {"\u300c", "\""}, {"\u300d", "\""}, {"\u2018", "'"},   {"\u2019", "'"},  {"\u201a", "'"},
    {"\u2032", "'"},  {"\u0060", "'"},  {"\u00b4", "'"},   {"\u2010", "-"},  {"\u2011", "-"},
    {"\u2013", "-"},  {"\u2014", "-"},  {"\u2026", "..."},
}};

std::string_view plain_form(std::string_view character) noexcept {
  if (character.size() == 1) {
    const char c = character[0];
    if (c == '\t' || c == '\n' || c == '\r') return " ";
    if (c != '`') return character;
  }
  for (const auto& [from, to] : kPlain) {
    if (character == from) return to;
  }
  return character;
}

// A text in plain form, and for each byte of it where in the original its character begins.
struct PlainText {
  std::string bytes;
  std::vector<std::size_t> places;

  void add(std::string_view form, std::size_t place) {
    if (form == " " && (bytes.empty() || bytes.back() == ' ')) return;
    bytes += form;
    places.insert(places.end(), form.size(), place);
  }
};

PlainText plain_text(std::string_view text) {
  PlainText plain;
  plain.bytes.reserve(text.size());
  plain.places.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_sequence_length(text.substr(i)));
    plain.add(plain_form(text.substr(i, length)), i);
    i += length;
  }
  return plain;
}

std::string_view bare_quote(std::string_view quote) noexcept {
  const auto is_around = [](char c) { return c == ' ' || c == '"' || c == '\''; };
  for (bool changed = true; changed;) {
    changed = false;
    while (!quote.empty() && is_around(quote.front())) quote.remove_prefix(1), changed = true;
    while (!quote.empty() && is_around(quote.back())) quote.remove_suffix(1), changed = true;
    if (quote.starts_with("...")) quote.remove_prefix(3), changed = true;
    if (quote.ends_with("...")) quote.remove_suffix(3), changed = true;
  }
  return quote;
}

bool is_ascii_word_byte(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  const bool cut_before =
      begin > 0 && is_ascii_word_byte(text[begin - 1]) && is_ascii_word_byte(text[begin]);
  const bool cut_behind =
      end < text.size() && is_ascii_word_byte(text[end - 1]) && is_ascii_word_byte(text[end]);
  return !cut_before && !cut_behind;
}

bool is_letter(std::string_view character) noexcept {
  return character.size() > 1 || is_ascii_word_byte(character[0]);
}

struct QuoteSize {
  std::size_t words = 0;
  std::size_t letters = 0;
};

QuoteSize quote_size(std::string_view plain) {
  QuoteSize size;
  bool within = false;
  for (std::size_t i = 0; i < plain.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_sequence_length(plain.substr(i)));
    const bool letter = is_letter(plain.substr(i, length));
    if (letter) size.letters += length >= 3 ? 3 : 1;
    // An apostrophe or a hyphen is within its word.
    if (letter && !within) ++size.words;
    within = letter || (within && (plain[i] == '\'' || plain[i] == '-'));
    i += length;
  }
  return size;
}

}  // namespace

std::optional<std::string_view> find_quote(std::string_view text, std::string_view quote) {
  const PlainText said = plain_text(text);
  const std::string given = plain_text(quote).bytes;
  const std::string_view wanted = bare_quote(given);
  if (quote_size(wanted).letters == 0) return std::nullopt;
  for (std::size_t at = said.bytes.find(wanted); at != std::string::npos;
       at = said.bytes.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if (!stands_alone(said.bytes, at, end)) continue;
    const std::size_t from = said.places[at];
    const std::size_t to = end < said.places.size() ? said.places[end] : text.size();
    return trim(text.substr(from, to - from));
  }
  return std::nullopt;
}

bool is_telling_quote(std::string_view text, std::string_view found) {
  constexpr QuoteSize kLeast{.words = 2, .letters = 10};
  const std::string plain = plain_text(found).bytes;
  const std::string_view words = bare_quote(plain);
  const QuoteSize size = quote_size(words);
  if (size.words >= kLeast.words || size.letters >= kLeast.letters) return true;
  const std::string said = plain_text(text).bytes;
  return quote_size(said).letters == size.letters;
}

}  // namespace scena

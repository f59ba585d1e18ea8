#include "metrics/words/stem.hpp"

#include <string_view>

#include "metrics/words/hashed_word.hpp"

namespace scena::metrics {
namespace {

bool is_vowel(char c) noexcept {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

bool has_vowel(std::string_view word) noexcept {
  for (const char c : word) {
    if (is_vowel(c)) return true;
  }
  return false;
}

// Removes `ending` when at least three bytes with a vowel stay.
bool strip(std::string_view& word, std::string_view ending) noexcept {
  if (word.size() < ending.size() + 3 || word.back() != ending.back()) return false;
  if (!word.ends_with(ending)) return false;
  const auto rest = word.substr(0, word.size() - ending.size());
  if (!has_vowel(rest)) return false;
  word = rest;
  return true;
}

void strip_plural(std::string_view& word) noexcept {
  if (word.ends_with("ss") || word.ends_with("us") || word.ends_with("is")) return;
  if (word.ends_with("sses") || word.ends_with("ies")) {
    word.remove_suffix(2);
  } else if (word.ends_with("s") && word.size() > 3) {
    word.remove_suffix(1);
  }
}

// "stopp" -> "stop", but "call", "pass" and "buzz" keep both letters.
void undouble(std::string_view& word) noexcept {
  const std::size_t n = word.size();
  if (n < 4 || word[n - 1] != word[n - 2] || is_vowel(word[n - 1])) return;
  if (word[n - 1] == 'l' || word[n - 1] == 's' || word[n - 1] == 'z') return;
  word.remove_suffix(1);
}

}  // namespace

std::uint32_t stem_hash(const HashedWord& lower) noexcept {
  std::string_view word = lower.text();  // only endings go
  strip_plural(word);
  if (strip(word, "ing") || strip(word, "ed")) undouble(word);
  strip(word, "ly");
  for (const std::string_view ending : {"ment", "ation", "ness"}) {
    if (strip(word, ending)) break;
  }
  while (word.size() > 3 && (word.back() == 'e' || word.back() == 'y' || word.back() == 'i')) {
    word.remove_suffix(1);
  }
  return lower.hash(word.size());
}

}  // namespace scena::metrics

#include "llm/secret_words.hpp"

#include <algorithm>

#include "base/escaped.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kShortest = 8;  // of a value in a header, a query or a tool

bool is_word_byte(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && is_letter_or_digit(text[at]);
}

struct Place {
  std::size_t begin = std::string_view::npos;
  std::size_t end = std::string_view::npos;
};

// A short key ("token", "k") is looked for as a word of its own: as part of others it says nothing,
// and a message would be torn.
Place find_word(std::string_view text, std::string_view word, std::size_t from) noexcept {
  const char firsts[] = {word.front(), '%', '\\', '+'};
  for (std::size_t at = text.find_first_of({firsts, sizeof firsts}, from); at != text.npos;
       at = text.find_first_of({firsts, sizeof firsts}, at + 1)) {
    const std::size_t end = escaped_end(text, at, word);
    if (end == at) continue;
    const bool whole = (at == 0 || !is_word_byte(text, at - 1)) && !is_word_byte(text, end);
    if (whole || word.size() >= kShortest) return {at, end};
  }
  return {};
}

}  // namespace

SecretWords::SecretWords(const ProviderConfig& config) {
  add(config.api_key);
  for (const auto& key : config.more_keys) add(key);
  for (const auto& [name, value] : config.headers) {
    const std::string_view whole = value.reveal();
    if (whole.size() < kShortest) continue;
    add(value);
    const std::string_view last = whole.substr(whole.rfind(' ') + 1);
    if (last.size() >= kShortest) add(last);
  }
  for (const auto& [name, value] : config.query) {
    if (is_sensitive_name(name) && value.reveal().size() >= kShortest) add(value);
  }
}

SecretWords::SecretWords(const Secret& secret) {
  if (secret.reveal().size() >= kShortest) add(secret);
}

// The longest first, so that none is taken apart by one that it holds.
void SecretWords::add(const Secret& word) {
  if (word.empty() || std::find(words_.begin(), words_.end(), word) != words_.end()) return;
  const auto place = std::find_if(words_.begin(), words_.end(), [&](const Secret& other) {
    return other.reveal().size() < word.reveal().size();
  });
  words_.insert(place, word);
}

bool SecretWords::occur_in(std::string_view text) const noexcept {
  return std::any_of(words_.begin(), words_.end(), [&](const Secret& word) {
    return find_word(text, word.reveal(), 0).begin != std::string_view::npos;
  });
}

void SecretWords::take_out_of(std::string& text) const {
  for (const auto& secret : words_) {
    for (Place place = find_word(text, secret.reveal(), 0); place.begin != std::string::npos;
         place = find_word(text, secret.reveal(), place.begin + Redactor::kMark.size()))
      text.replace(place.begin, place.end - place.begin, Redactor::kMark);
  }
}

Secret bearer(const Secret& key) {
  return Secret::joined({"Bearer ", key.reveal()});
}

}  // namespace scena::llm

#include "llm/secret_words.hpp"

#include <algorithm>

#include "base/redact.hpp"
#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kShortest = 8;  // of a value in a header or query

bool is_word_byte(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && is_letter_or_digit(text[at]);
}

// A short key ("token", "k") is looked for as a word of its own: as part of others it says nothing,
// and a message would be torn.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) noexcept {
  for (std::size_t at = text.find(word, from); at != text.npos; at = text.find(word, at + 1)) {
    if (word.size() >= kShortest) return at;
    if ((at == 0 || !is_word_byte(text, at - 1)) && !is_word_byte(text, at + word.size()))
      return at;
  }
  return text.npos;
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
    return find_word(text, word.reveal(), 0) != std::string_view::npos;
  });
}

void SecretWords::take_out_of(std::string& text) const {
  for (const auto& secret : words_) {
    const std::string_view word = secret.reveal();
    for (std::size_t at = 0; (at = find_word(text, word, at)) != std::string::npos; at += 3)
      text.replace(at, word.size(), "***");
  }
}

Secret bearer(const Secret& key) {
  return Secret::joined({"Bearer ", key.reveal()});
}

}  // namespace scena::llm

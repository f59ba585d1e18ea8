#include "llm/secret_words.hpp"

#include <algorithm>

#include "base/redact.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kShortest = 8;  // of a value in a header or query

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
    return text.find(word.reveal()) != std::string_view::npos;
  });
}

void SecretWords::take_out_of(std::string& text) const {
  for (const auto& secret : words_) {
    const std::string_view word = secret.reveal();
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += 3)
      text.replace(at, word.size(), "***");
  }
}

Secret bearer(const Secret& key) {
  return Secret::joined({"Bearer ", key.reveal()});
}

}  // namespace scena::llm

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
    if (value.size() < kShortest) continue;
    add(value);
    const std::string_view last = std::string_view(value).substr(value.rfind(' ') + 1);
    if (last.size() >= kShortest) add(last);
  }
  for (const auto& [name, value] : config.query) {
    if (is_sensitive_name(name) && value.size() >= kShortest) add(value);
  }
}

// The longest first, so that none is taken apart by one that it holds.
void SecretWords::add(std::string_view word) {
  if (word.empty() || std::find(words_.begin(), words_.end(), word) != words_.end()) return;
  const auto place = std::find_if(words_.begin(), words_.end(), [&](const std::string& other) {
    return other.size() < word.size();
  });
  words_.emplace(place, word);
}

bool SecretWords::occur_in(std::string_view text) const noexcept {
  return std::any_of(words_.begin(), words_.end(), [&](const std::string& word) {
    return text.find(word) != std::string_view::npos;
  });
}

void SecretWords::take_out_of(std::string& text) const {
  for (const auto& word : words_) {
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += 3)
      text.replace(at, word.size(), "***");
  }
}

}  // namespace scena::llm

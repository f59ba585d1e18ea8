#include "llm/secret_words.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "base/redact.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kShortest = 8;  // of a value in a header, a query or a tool

bool is_word_byte(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && is_letter_or_digit(text[at]);
}

// Each byte of a secret as `form` writes it. In one buffer, which is wiped: nothing stays
// elsewhere.
template <class Form>
Secret written(const Secret& secret, Form form) {
  std::string text;
  text.reserve(6 * secret.reveal().size());
  for (const char c : secret.reveal()) form(c, text);
  return Secret(std::move(text));
}

Secret with_slash(const Secret& secret, std::string_view slash) {
  return written(secret, [slash](char c, std::string& text) {
    c == '/' ? text.append(slash) : text.append(1, c);
  });
}

// The hexadecimal digits of an address in small letters.
Secret in_small_hex(const Secret& encoded) {
  int left = 0;  // digits of what is encoded
  return written(encoded, [&left](char c, std::string& text) {
    const bool is_digit = left > 0;
    left = c == '%' ? 2 : std::max(0, left - 1);
    text += is_digit && c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
}

Secret as_json(const Secret& secret) {
  std::string quoted;
  quoted.reserve(6 * secret.reveal().size() + 2);
  JsonWriter::quote(quoted, secret.reveal());
  const Secret inside(std::string_view(quoted).substr(1, quoted.size() - 2));
  wipe(quoted);
  return inside;
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

SecretWords::SecretWords(const Secret& secret) {
  if (secret.reveal().size() < kShortest) return;
  const Secret encoded(percent_encode(secret.reveal())), json = as_json(secret);
  for (const Secret& form : {secret, encoded, in_small_hex(encoded), json, with_slash(json, "\\/"),
                             with_slash(json, "\\u002f")})
    add(form);
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

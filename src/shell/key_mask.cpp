#include "shell/key_mask.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "shell/provider_key.hpp"

namespace scena::shell {

namespace {

// "X-Title" and "api-version" hold words that replies may have.
bool may_hold_key(std::string_view field) {
  std::string name(field);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view kParts[] = {"auth", "cookie", "key", "token", "secret", "password"};
  return std::any_of(std::begin(kParts), std::end(kParts),
                     [&](std::string_view part) { return name.find(part) != name.npos; });
}

}  // namespace

KeyMask::KeyMask(const Config& config) {
  for (const auto& [name, provider] : config.providers) {
    add(provider.api_key);
    for (const Secret& key : provider.more_keys) add(key);
    for (const auto& fields : {provider.headers, provider.query}) {
      for (const auto& [field, value] : fields)
        if (may_hold_key(field)) add_with_its_last_word(value);
    }
    add_of_environment(provider_kind(provider.url));
  }
  for (const auto& [name, alias] : config.policy.aliases)
    add_of_environment(provider_kind(alias.provider));
}

void KeyMask::add_of_environment(std::string_view kind) {
  for (const std::string& variable : key_variables(kind)) {
    if (const char* key = std::getenv(variable.c_str()); key) add(key);
  }
}

// "Bearer KEY"
void KeyMask::add_with_its_last_word(const Secret& value) {
  add(value);
  const std::string_view whole = value.reveal();
  if (const auto blank = whole.rfind(' '); blank != whole.npos) add(whole.substr(blank + 1));
}

void KeyMask::add(const Secret& key) {
  constexpr std::size_t kShortest = 8;
  if (key.reveal().size() < kShortest) return;
  const auto place = std::find_if(keys_.begin(), keys_.end(), [&](const Secret& other) {
    return other.reveal().size() < key.reveal().size();
  });
  keys_.insert(place, key);
}

std::string KeyMask::whole(std::string text) const {
  for (const Secret& key : keys_) {
    const std::string_view word = key.reveal();
    for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; at += 3)
      text.replace(at, word.size(), "***");
  }
  return text;
}

// How many bytes at the end of `text` some key begins with.
std::size_t KeyMask::begun(std::string_view text) const noexcept {
  std::size_t most = 0;
  for (const Secret& key : keys_) {
    const std::string_view word = key.reveal();
    for (std::size_t n = std::min(text.size(), word.size() - 1); n > most; --n) {
      if (text.ends_with(word.substr(0, n))) most = n;
    }
  }
  return most;
}

std::string KeyMask::take(std::string_view text) {
  if (keys_.empty()) return std::string(text);
  std::string shown = whole(std::exchange(waiting_, {}).append(text));
  waiting_ = shown.substr(shown.size() - begun(shown));
  shown.resize(shown.size() - waiting_.size());
  return shown;
}

std::string KeyMask::rest() {
  return std::exchange(waiting_, {});
}

}  // namespace scena::shell

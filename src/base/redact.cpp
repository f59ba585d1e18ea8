#include "base/redact.hpp"

#include <algorithm>
#include <mutex>

#include "base/base64.hpp"
#include "base/escaped.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

// Compared with a name in lower case without its separators: "api_key", "apiKey", "X-Api-Key".
constexpr std::string_view kSensitive[] = {
    "apikey",   "accesskey",  "privatekey", "secretkey", "signingkey",
    "password", "passwd",     "passphrase", "secret",    "authorization",
    "cookie",   "credential", "bearer",     "signature", "sessionid"};
constexpr std::string_view kSensitiveWhole[] = {"key", "auth", "pass", "pwd",
                                                "jwt", "pin",  "otp",  "sid"};
constexpr std::string_view kMessageText[] = {"text",   "prompt", "content", "message_text",
                                             "reply",  "delta",  "answer",  "transcript",
                                             "system", "input",  "output",  "body"};
constexpr std::size_t kLongestName = 128;
constexpr std::string_view kKeyForms[] = {"sk-",  "sk_",  "pk_",  "xoxb-", "xoxp-",
                                          "ghp_", "gho_", "AKIA", "AIza",  "eyJ"};
constexpr std::size_t kShortestKeyTail = 8;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_word(char c) noexcept {
  c = lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}
bool is_credential(char c) noexcept {
  return is_word(c) || c == '+' || c == '/' || c == '=' || c == '~';
}

std::size_t find_ignore_case(std::string_view text, std::string_view word,
                             std::size_t from) noexcept {
  const auto found =
      std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), word.begin(),
                  word.end(), [](char a, char b) { return lower(a) == lower(b); });
  return found == text.end() ? std::string_view::npos
                             : static_cast<std::size_t>(found - text.begin());
}

std::size_t run_length(std::string_view text, std::size_t from, bool (*belongs)(char)) noexcept {
  std::size_t end = from;
  while (end < text.size() && belongs(text[end])) ++end;
  return end - from;
}

bool looks_coded(std::string_view word) noexcept {
  return word.size() >= 6 &&
         word.find_first_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ=+/") != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view needle) {
  if (needle.empty()) return;
  for (std::size_t at = text.find(needle); at != std::string::npos;
       at = text.find(needle, at + Redactor::kMark.size())) {
    text.replace(at, needle.size(), Redactor::kMark);
  }
}

void replace_escaped(std::string& text, std::string_view needle) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = escaped_end(text, at, needle);
    if (end == at) continue;
    text.replace(at, end - at, Redactor::kMark);
    at += Redactor::kMark.size() - 1;
  }
}

// "Bearer abc", "Basic dXNlcjpwYXNz": what follows the word.
void hide_credentials(std::string& text) {
  for (std::string_view scheme : {"bearer", "basic"}) {
    for (std::size_t at = find_ignore_case(text, scheme, 0); at != std::string::npos;) {
      std::size_t from = at + scheme.size();
      const std::size_t gap =
          run_length(text, from, [](char c) { return c == ' ' || c == '\t' || c == '+'; });
      from += gap;
      const std::size_t length = run_length(text, from, is_credential);
      const bool secret =
          gap > 0 && length > 0 &&
          (scheme == "bearer" || looks_coded(std::string_view(text).substr(from, length)));
      if (secret) text.replace(from, length, Redactor::kMark);
      at = find_ignore_case(text, scheme, from);
    }
  }
}

// Keys that give themselves away by their first letters.
void hide_known_forms(std::string& text) {
  for (std::string_view form : kKeyForms) {
    for (std::size_t at = text.find(form); at != std::string::npos;) {
      const std::size_t tail = run_length(text, at + form.size(), is_credential);
      const bool starts_word = at == 0 || !is_word(text[at - 1]);
      if (starts_word && tail >= kShortestKeyTail)
        text.replace(at, form.size() + tail, Redactor::kMark);
      at = text.find(form, at + Redactor::kMark.size());
    }
  }
}

// "scheme://user:password@host": the password, up to the last "@" before the path.
void hide_url_passwords(std::string& text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t start = at + 3;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'<>/?#", start), text.size());
    const std::size_t sign = text.rfind('@', end);
    const std::size_t colon = text.find(':', start);
    if (sign == std::string::npos || sign < start || sign >= end || colon >= sign) continue;
    text.replace(colon + 1, sign - colon - 1, Redactor::kMark);
  }
}

// The end of the value that starts at `from`, quoted or not.
std::size_t value_end(std::string_view text, std::size_t from, bool whole_line) noexcept {
  const char quote =
      from > 0 && (text[from - 1] == '"' || text[from - 1] == '\'') ? text[from - 1] : '\0';
  for (std::size_t i = from; i < text.size(); ++i) {
    if (quote && text[i] == '\\') {
      ++i;
    } else if (quote ? text[i] == quote : text[i] == '\n' || text[i] == '\r') {
      return i;
    } else if (!quote && !whole_line &&
               std::string_view(" \t&;,)}]").find(text[i]) != std::string_view::npos) {
      return i;
    }
  }
  return text.size();
}

// The word that ends before `end`, quotes and blanks between them left out.
std::string_view name_before(std::string_view text, std::size_t end) noexcept {
  while (end > 0 && (text[end - 1] == '"' || text[end - 1] == '\'' || text[end - 1] == ' ' ||
                     text[end - 1] == '\\'))
    --end;
  std::size_t start = end;
  while (start > 0 && end - start < kLongestName && is_word(text[start - 1])) --start;
  return text.substr(start, end - start);
}

// `password=x`, `"api_key": "x"`, `Cookie: a; b`: what stands behind a sensitive name.
void hide_named(std::string& text) {
  for (std::size_t at = text.find_first_of("=:"); at != std::string::npos;
       at = text.find_first_of("=:", at + 1)) {
    const std::string_view name = name_before(text, at);
    if (!is_sensitive_name(name)) continue;
    const bool header = find_ignore_case(name, "authorization", 0) != std::string::npos ||
                        find_ignore_case(name, "cookie", 0) != std::string::npos;
    std::size_t from = at + 1;
    from += run_length(text, from, [](char c) { return c == ' ' || c == '\t' || c == '\\'; });
    if (from < text.size() && (text[from] == '"' || text[from] == '\'')) ++from;
    const std::size_t end = value_end(text, from, header && text[at] == ':');
    if (end == from) continue;
    text.replace(from, end - from, Redactor::kMark);
    at = from + Redactor::kMark.size() - 1;
  }
}

}  // namespace

bool is_sensitive_name(std::string_view name) noexcept {
  char plain[kLongestName];
  std::size_t length = 0;
  for (char c : name) {
    if (c == '_' || c == '-' || c == '.' || c == ' ') continue;
    if (length == kLongestName) break;
    plain[length++] = lower(c);
  }
  const std::string_view word(plain, length);
  for (std::string_view part : kSensitive) {
    if (word.find(part) != std::string_view::npos) return true;
  }
  for (std::string_view whole : kSensitiveWhole) {
    if (word == whole) return true;
  }
  if (word.ends_with("key") || word.ends_with("auth")) return true;
  const auto token = word.find("token");
  if (token == std::string_view::npos) return false;
  // "input_tokens", "token_count" and "tokenizer" are counts and names, not credentials.
  const auto rest = word.substr(token + 5);
  return !rest.starts_with('s') && !rest.starts_with("count") && !rest.starts_with("limit") &&
         !rest.starts_with("iz");
}

bool is_message_text_name(std::string_view name) noexcept {
  return std::any_of(std::begin(kMessageText), std::end(kMessageText),
                     [name](std::string_view text) { return equals_ignore_case(name, text); });
}

void Redactor::add(const Secret& secret) {
  if (secret.reveal().size() < kShortest) return;
  const std::unique_lock lock(mutex_);
  const auto place = std::find_if(
      needles_.begin(), needles_.end(),
      [&secret](const Secret& needle) { return needle.reveal().size() <= secret.reveal().size(); });
  if (std::find(needles_.begin(), needles_.end(), secret) == needles_.end())
    needles_.insert(place, secret);
}

void Redactor::remove_registered(std::string& text) const {
  const std::shared_lock lock(mutex_);
  for (const Secret& needle : needles_) {
    const std::string_view plain = needle.reveal();
    replace_all(text, plain);
    replace_escaped(text, plain);
    replace_all(text, Secret(base64_encode(plain)).reveal());
  }
}

std::string Redactor::redact(std::string_view value) const {
  std::string text(value);
  remove_registered(text);
  hide_credentials(text);
  hide_known_forms(text);
  hide_url_passwords(text);
  hide_named(text);
  return text;
}

std::string Redactor::redact_field(std::string_view name, std::string_view value) const {
  if (is_sensitive_name(name)) return std::string(value.empty() ? std::string_view() : kMark);
  return redact(value);
}

}  // namespace scena

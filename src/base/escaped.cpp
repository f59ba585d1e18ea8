#include "base/escaped.hpp"

#include "base/text.hpp"

namespace scena {
namespace {

// Bytes that write `c` at `at` in an escaped form (URL or JSON), or 0.
std::size_t escaped_length(std::string_view text, std::size_t at, char c) noexcept {
  if (at >= text.size()) return 0;
  const auto rest = text.substr(at);
  const auto is_hex = [&rest, c](std::size_t from) {
    return rest.size() >= from + 2 && hex_value(rest[from]) >= 0 &&
           hex_value(rest[from + 1]) >= 0 &&
           hex_value(rest[from]) * 16 + hex_value(rest[from + 1]) == static_cast<unsigned char>(c);
  };
  if (rest.starts_with('%') && is_hex(1)) return 3;
  if (rest.starts_with('+') && c == ' ') return 1;
  if (!rest.starts_with('\\') || rest.size() < 2) return 0;
  if (rest.starts_with("\\u00") && is_hex(4)) return 6;
  constexpr std::string_view kShortEscapes = "\"\\/nrtbf", kMeant = "\"\\/\n\r\t\b\f";
  const auto letter = kShortEscapes.find(rest[1]);
  return letter != std::string_view::npos && kMeant[letter] == c ? 2 : 0;
}

// "%25" in a text may be itself or an escaped "%": where a needle holds either, both are tried, so
// many times in all.
constexpr int kMostTries = 64;

// Where the needle ends, npos where the text has another one.
std::size_t end_of(std::string_view text, std::size_t at, std::string_view needle,
                   int& tries) noexcept {
  while (!needle.empty()) {
    const char c = needle.front();
    needle.remove_prefix(1);
    const std::size_t escaped = escaped_length(text, at, c);
    const bool plain = at < text.size() && text[at] == c;
    if (escaped == 0 && !plain) return std::string_view::npos;
    if (escaped != 0 && plain && tries > 0) {
      --tries;
      const std::size_t end = end_of(text, at + 1, needle, tries);
      if (end != std::string_view::npos) return end;
    }
    at += escaped != 0 ? escaped : 1;
  }
  return at;
}

}  // namespace

std::size_t escaped_end(std::string_view text, std::size_t at, std::string_view needle) noexcept {
  int tries = kMostTries;
  const std::size_t end = end_of(text, at, needle, tries);
  return end == std::string_view::npos ? at : end;
}

}  // namespace scena

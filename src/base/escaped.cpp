#include "base/escaped.hpp"

#include "base/text.hpp"

namespace scena {
namespace {

// Bytes that write `c` at `at` in an escaped form (URL or JSON), or 0.
std::size_t escaped_length(std::string_view text, std::size_t at, char c) noexcept {
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

}  // namespace

std::size_t escaped_end(std::string_view text, std::size_t at, std::string_view needle) noexcept {
  std::size_t end = at;
  for (char c : needle) {
    const std::size_t escaped = escaped_length(text, end, c);
    if (escaped == 0 && (end >= text.size() || text[end] != c)) return at;
    end += escaped != 0 ? escaped : 1;
  }
  return end;
}

}  // namespace scena

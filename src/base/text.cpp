#include "base/text.hpp"

#include <cstdint>
#include <cstring>

namespace scena {
namespace {

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Length that the lead byte announces and the range its second byte must lie in.
struct Lead {
  std::size_t length;
  unsigned char low;
  unsigned char high;
};

Lead lead_of(unsigned char c) noexcept {
  if (c < 0x80) return {1, 0, 0};
  if (c < 0xC2) return {0, 0, 0};
  if (c < 0xE0) return {2, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0x80, 0x9F};
  if (c < 0xF0) return {3, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0x90, 0xBF};
  if (c < 0xF4) return {4, 0x80, 0xBF};
  if (c == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool second_fits(const Lead& lead, char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= lead.low && byte <= lead.high;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
  if (lead.length <= 1) return lead.length;
  if (text.size() < lead.length || !second_fits(lead, text[1])) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return lead.length;
}

std::size_t utf8_broken_length(std::string_view text) noexcept {
  if (text.size() < 2) return 1;
  const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
  if (lead.length < 2 || !second_fits(lead, text[1])) return 1;
  std::size_t length = 2;
  while (length < lead.length && length < text.size() && is_continuation(text[length])) ++length;
  return length;
}

std::size_t utf8_valid_prefix(std::string_view text) noexcept {
  std::size_t i = 0;
  std::uint64_t word = 0;
  const auto is_ascii = [&](std::size_t at) {
    std::memcpy(&word, text.data() + at, sizeof word);
    return (word & 0x8080808080808080ull) == 0;
  };
  while (i < text.size()) {
    if (text.size() - i >= sizeof word) {
      if (is_ascii(i)) {
        i += sizeof word;
        continue;
      }
    } else if (text.size() >= sizeof word && is_ascii(text.size() - sizeof word)) {
      return text.size();  // looked at together with what stands before it
    }
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = utf8_sequence_length(text.substr(i));
    if (length == 0) break;
    i += length;
  }
  return i;
}

bool is_valid_utf8(std::string_view text) noexcept {
  return utf8_valid_prefix(text) == text.size();
}

bool is_utf8_start(std::string_view tail) noexcept {
  if (tail.empty() || tail.size() > 3) return tail.empty();
  const Lead lead = lead_of(static_cast<unsigned char>(tail[0]));
  if (lead.length <= tail.size()) return false;
  if (tail.size() > 1 && !second_fits(lead, tail[1])) return false;
  return tail.size() < 3 || is_continuation(tail[2]);
}

std::string_view utf8_truncate(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

std::string utf8_repair(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  while (!text.empty()) {
    const std::size_t good = utf8_valid_prefix(text);
    repaired.append(text, 0, good);
    text.remove_prefix(good);
    if (!text.empty()) {
      repaired += "\xEF\xBF\xBD";
      text.remove_prefix(utf8_broken_length(text));
    }
  }
  return repaired;
}

bool is_sound_text(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && is_valid_utf8(text);
}

std::string sound_text(std::string_view text) {
  const std::string repaired = utf8_repair(text);
  std::string sound;
  sound.reserve(repaired.size());
  for (std::size_t at = 0; at < repaired.size();) {
    const std::size_t nul = std::min(repaired.find('\0', at), repaired.size());
    sound.append(repaired, at, nul - at);
    if (nul < repaired.size()) sound += "\xEF\xBF\xBD";
    at = nul + 1;
  }
  return sound;
}

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace scena

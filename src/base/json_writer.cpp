#include "base/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.hpp"

namespace scena {
namespace {

// The top bit of each of eight bytes that is not printable ASCII, or a quote, or a backslash; bytes
// above the lowest of them may be flagged as well.
std::uint64_t flag_special(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
  const auto zero_bytes = [](std::uint64_t v) { return (v - kOnes) & ~v; };
  const std::uint64_t control = word - kOnes * 0x20;
  return (control | word | zero_bytes(word ^ kOnes * '"') | zero_bytes(word ^ kOnes * '\\')) &
         kTops;
}

constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

// The first byte from `i` on that a quoted string cannot take as it is.
std::size_t plain_prefix(std::string_view text, std::size_t i) noexcept {
  std::uint64_t word = 0;
  const auto is_plain = [&](std::size_t at) {
    std::memcpy(&word, text.data() + at, sizeof word);
    word = flag_special(word);
    return word == 0;
  };
  for (; text.size() - i >= sizeof word; i += sizeof word) {
    if (is_plain(i)) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return i + static_cast<std::size_t>(std::countr_zero(word)) / 8;
  }
  // What is left is looked at together with what stands before it.
  if (text.size() >= sizeof word && text.size() - i < sizeof word &&
      is_plain(text.size() - sizeof word))
    return text.size();
  while (i < text.size() && kPlain[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

// Appends `text`, which needs no escapes, in quotes between `before` and `behind`; 0: nothing.
void append_plain(std::string& out, char before, std::string_view text, char behind) {
  const std::size_t from = out.size();
  out.resize(from + text.size() + 2 + (before != 0) + (behind != 0));
  char* at = out.data() + from;
  if (before != 0) *at++ = before;
  *at++ = '"';
  at = std::copy(text.begin(), text.end(), at);
  *at++ = '"';
  if (behind != 0) *at = behind;
}

constexpr std::size_t kShort = 64;  // longer texts are not written twice for the sake of one call

}  // namespace

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  if (name.size() <= kShort && plain_prefix(name, 0) == name.size()) {
    append_plain(out_, first_ ? '\0' : ',', name, ':');
    first_ = true;
    return *this;
  }
  separate();
  quote(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  quote(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) {
  return raw(flag ? "true" : "false");
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  fmt::format_int digits(number);
  return raw({digits.data(), digits.size()});
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  fmt::format_int digits(number);
  return raw({digits.data(), digits.size()});
}

JsonWriter& JsonWriter::score(double number) {
  // Integer arithmetic from here on: no locale, no shortest-float search, the same bytes
  // everywhere.
  auto scaled = static_cast<std::int64_t>(std::llround(round_score(number) * 10'000.0));
  separate();
  if (scaled < 0) {
    out_ += '-';
    scaled = -scaled;
  }
  const fmt::format_int whole(scaled / 10'000);
  out_.append(whole.data(), whole.size());
  std::int64_t fraction = scaled % 10'000;
  if (fraction != 0) {
    char digits[5] = {
        '.', static_cast<char>('0' + fraction / 1000), static_cast<char>('0' + fraction / 100 % 10),
        static_cast<char>('0' + fraction / 10 % 10), static_cast<char>('0' + fraction % 10)};
    std::size_t length = 5;
    while (digits[length - 1] == '0') --length;
    out_.append(digits, length);
  }
  return *this;
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

void JsonWriter::quote(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  const std::size_t plain = plain_prefix(text, 0);
  if (plain == text.size() && plain <= kShort) return append_plain(out, '\0', text, '\0');
  if (out.capacity() - out.size() < text.size() + 2)
    out.reserve(std::max(2 * out.capacity(), out.size() + text.size() + 2));
  out += '"';
  std::size_t run = 0;
  for (std::size_t i = plain; i < text.size(); i = plain_prefix(text, i)) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      const std::size_t length = utf8_sequence_length(text.substr(i));
      if (length != 0) {
        i += length;
        continue;
      }
    }
    out.append(text, run, i - run);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (c >= 0x80) {
          out += "\xEF\xBF\xBD";
        } else {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        }
    }
    i += c >= 0x80 ? utf8_broken_length(text.substr(i)) : 1;
    run = i;
  }
  out.append(text, run, text.size() - run);
  out += '"';
}

double round_score(double value) noexcept {
  if (!(value == value)) return 0;
  value = std::clamp(value, -kLargestScore, kLargestScore);
  const double rounded = std::round(value * 10'000.0) / 10'000.0;
  return rounded == 0 ? 0.0 : rounded;
}

}  // namespace scena

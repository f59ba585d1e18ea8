#include "base/json_cursor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/text.hpp"

namespace scena {
namespace {

// Bytes that stand for themselves inside a JSON string and are ASCII.
constexpr std::array<bool, 256> make_stands_for_itself() {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
  return plain;
}
constexpr auto kStandsForItself = make_stands_for_itself();

// How many of the eight bytes at `at` are plain, from the front: eight at once in one register. A
// borrow can only make a byte behind the first hit look like one.
std::size_t plain_bytes(const char* at) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101ull;
  constexpr std::uint64_t kHighs = 0x8080808080808080ull;
  if constexpr (std::endian::native != std::endian::little) return 0;
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t slash = word ^ (kOnes * '\\');
  const std::uint64_t hits =
      (((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | (word - kOnes * 0x20) | word) &
      kHighs;
  return static_cast<std::size_t>(std::countr_zero(hits)) / 8;
}

// Bytes of the escape at `at` (which is the backslash), or 0 when it is none.
std::size_t escape_length(const char* at, const char* end) noexcept {
  if (end - at < 2) return 0;
  if (at[1] != 'u') return std::strchr("\"\\/bfnrt", at[1]) != nullptr && at[1] != '\0' ? 2 : 0;
  if (end - at < 6) return 0;
  for (int i = 2; i < 6; ++i) {
    if (hex_value(at[i]) < 0) return 0;
  }
  return 6;
}

unsigned unit_at(std::string_view raw, std::size_t digits) noexcept {
  unsigned unit = 0;
  for (std::size_t i = 0; i < 4; ++i)
    unit = unit << 4 | static_cast<unsigned>(hex_value(raw[digits + i]));
  return unit;
}

bool is_half(unsigned unit) noexcept {
  return unit >= 0xD800 && unit < 0xE000;
}

bool is_pair(unsigned first, unsigned second) noexcept {
  return first >= 0xD800 && first < 0xDC00 && second >= 0xDC00 && second < 0xE000;
}

// Bytes of what stands at the front as one: an escape, two of a surrogate pair, or what is none.
std::size_t escape_at(std::string_view json) noexcept {
  if (json.empty()) return 0;
  const auto length = [](std::string_view text) {
    return escape_length(text.data(), text.data() + text.size());
  };
  const std::size_t first = length(json);
  if (first != 6) return std::max<std::size_t>(first, 1);
  const std::string_view behind = json.substr(first);
  const bool second = behind.starts_with('\\') && length(behind) == 6;
  return second && is_pair(unit_at(json, 2), unit_at(behind, 2)) ? 12 : 6;
}

void append_code_point(unsigned point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 63));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 63));
    out += static_cast<char>(0x80 | (point & 63));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 63));
    out += static_cast<char>(0x80 | (point >> 6 & 63));
    out += static_cast<char>(0x80 | (point & 63));
  }
}

char simple_escape(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

const char* scan_json_string(const char* from, const char* end, JsonText& text) noexcept {
  const char* at = from;
  text.escaped = false;
  text.ascii = true;
  while (at < end) {
    if (end - at >= 8) {
      const std::size_t plain = plain_bytes(at);
      at += plain;
      if (plain == 8) continue;
    }
    const auto c = static_cast<unsigned char>(*at);
    if (kStandsForItself[c]) {
      ++at;
    } else if (c == '"') {
      text.raw = {from, static_cast<std::size_t>(at - from)};
      return at;
    } else if (c == '\\') {
      const std::size_t length = escape_length(at, end);
      if (length == 0) return nullptr;
      text.escaped = true;
      at += length;
    } else if (c >= 0x80) {
      text.ascii = false;
      ++at;
    } else {
      return nullptr;
    }
  }
  return nullptr;
}

void append_unescaped(std::string_view raw, std::string& out) {
  std::size_t at = 0;
  while (at < raw.size()) {
    const std::size_t slash = std::min(raw.find('\\', at), raw.size());
    out.append(raw, at, slash - at);
    at = slash;
    if (at == raw.size()) break;
    if (raw[at + 1] != 'u') {
      out += simple_escape(raw[at + 1]);
      at += 2;
      continue;
    }
    unsigned point = unit_at(raw, at + 2);
    at += 6;
    if (point == 0) point = 0xFFFD;
    if (is_half(point) && raw.size() - at >= 6 && raw[at] == '\\' && raw[at + 1] == 'u') {
      const unsigned low = unit_at(raw, at + 2);
      if (is_pair(point, low)) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      }
    }
    append_code_point(point, out);
  }
}

std::string unescaped_piece(const JsonText& text) {
  if (text.unescaped) return std::string(text.raw);
  std::string out;
  append_unescaped(text.raw, out);
  return out;
}

std::string sound_escapes(std::string_view json) {
  std::string sound;
  sound.reserve(json.size());
  while (!json.empty()) {
    const std::size_t slash = std::min(json.find('\\'), json.size());
    sound.append(json, 0, slash);
    json.remove_prefix(slash);
    const std::size_t length = escape_at(json);
    const bool half = length == 6 && is_half(unit_at(json, 2));
    sound.append(half ? "\\ufffd" : json.substr(0, length));
    json.remove_prefix(length);
  }
  return sound;
}

void JsonCursor::space() noexcept {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
}

bool JsonCursor::take(char c) noexcept {
  space();
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

JsonCursor::Kind JsonCursor::peek() noexcept {
  space();
  if (at_ == end_) return Kind::none;
  switch (*at_) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return *at_ == '-' || (*at_ >= '0' && *at_ <= '9') ? Kind::number : Kind::none;
  }
}

bool JsonCursor::open(Kind kind) {
  if (peek() != kind) {
    skip();
    return false;
  }
  if (++depth_ > kMaxDepth) {
    fail();
    return false;
  }
  ++at_;
  return true;
}

JsonText JsonCursor::member_name() {
  if (peek() != Kind::string) {
    fail();
    return {};
  }
  const JsonText name = string(true);
  if (!take(':')) fail();
  peek();
  return name;
}

JsonText JsonCursor::string(bool check_utf8) {
  JsonText text;
  const char* close = scan_json_string(at_ + 1, end_, text);
  if (close == nullptr || (check_utf8 && !text.ascii && !is_valid_utf8(text.raw))) {
    fail();
    return {};
  }
  at_ = close + 1;
  return text;
}

JsonText JsonCursor::text() {
  if (peek() == Kind::string) return string(false);
  skip();
  return {};
}

std::optional<std::int64_t> JsonCursor::integer() {
  if (peek() != Kind::number) {
    skip();
    return std::nullopt;
  }
  const char* from = at_;
  number();
  if (failed_) return std::nullopt;
  const bool negative = *from == '-';
  std::int64_t value = 0;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 10 - 1;
  for (const char* at = from + negative; at < at_; ++at) {
    if (*at == 'e' || *at == 'E' || value > kMost) return std::nullopt;
    if (*at == '.') break;
    value = value * 10 + (*at - '0');
  }
  return negative ? -value : value;
}

std::optional<std::int64_t> JsonCursor::count() {
  const bool is_text = peek() == Kind::string;
  if (!is_text && peek() != Kind::number) {
    skip();
    return std::nullopt;
  }
  const std::string_view text = is_text ? string(true).raw : skip();
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr double kMost = 1e15;
  const bool whole = end == text.data() + text.size();
  if (fault != std::errc() || !whole || !(value >= 0) || value > kMost) return std::nullopt;
  return static_cast<std::int64_t>(value + 0.5);
}

std::string_view JsonCursor::skip() {
  const Kind kind = peek();
  const char* from = at_;
  switch (kind) {
    case Kind::object:
      object([](std::string_view) {});
      break;
    case Kind::array:
      array([] {});
      break;
    case Kind::string:
      string(true);
      break;
    case Kind::number:
      number();
      break;
    case Kind::boolean:
      word(*at_ == 't' ? "true" : "false");
      break;
    case Kind::null:
      word("null");
      break;
    case Kind::none:
      fail();
      break;
  }
  if (failed_) return {};
  return {from, static_cast<std::size_t>(at_ - from)};
}

void JsonCursor::number() {
  auto digits = [this] {
    const char* from = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ - from;
  };
  if (*at_ == '-') ++at_;
  const bool zero = at_ < end_ && *at_ == '0';
  const auto whole = digits();
  if (whole == 0 || (zero && whole > 1)) return fail();
  if (at_ < end_ && *at_ == '.') {
    ++at_;
    if (digits() == 0) return fail();
  }
  if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (digits() == 0) return fail();
  }
}

void JsonCursor::word(std::string_view expected) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected))
    return fail();
  at_ += expected.size();
}

bool JsonCursor::finish() noexcept {
  space();
  return !failed_ && at_ == end_;
}

bool is_json_document(std::string_view text) noexcept {
  JsonCursor json(text);
  json.skip();
  return json.finish();
}

}  // namespace scena

#include "shell/json_value.hpp"

#include <charconv>
#include <cstdint>

namespace scena::shell {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t skip_space(std::string_view json, std::size_t at) {
  const auto next = json.find_first_not_of(kSpace, at);
  return next == std::string_view::npos ? json.size() : next;
}

// Behind the closing quote of the string that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return json.size();
}

// Behind the value that begins at `at`: brackets are counted, strings skipped.
std::size_t end_of_value(std::string_view json, std::size_t at) {
  if (at < json.size() && json[at] == '"') return end_of_string(json, at);
  int depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = end_of_string(json, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth < 0) return at;
    if (depth == 0 && (c == ',' || kSpace.find(c) != std::string_view::npos)) return at;
    ++at;
    if (depth == 0 && (c == '}' || c == ']')) return at;
  }
  return json.size();
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::uint32_t hex4(std::string_view json, std::size_t at) {
  std::uint32_t code = 0xFFFD;
  if (at + 4 <= json.size()) std::from_chars(json.data() + at, json.data() + at + 4, code, 16);
  return code;
}

// The escape whose backslash stands at `at`; returns where the text goes on.
std::size_t append_escape(std::string& out, std::string_view json, std::size_t at) {
  const char kind = at + 1 < json.size() ? json[at + 1] : '\\';
  if (kind == 'u') {
    std::uint32_t code = hex4(json, at + 2);
    at += 6;
    if (code >= 0xD800 && code < 0xDC00 && json.substr(at, 2) == "\\u") {
      code = 0x10000 + ((code - 0xD800) << 10) + (hex4(json, at + 2) - 0xDC00);
      at += 6;
    }
    append_utf8(out, code);
    return at;
  }
  constexpr std::string_view kNames = "bfnrt";
  constexpr std::string_view kValues = "\b\f\n\r\t";
  const auto known = kNames.find(kind);
  out += known == std::string_view::npos ? kind : kValues[known];
  return at + 2;
}

}  // namespace

JsonValue::JsonValue(std::string_view json) noexcept {
  const auto begin = skip_space(json, 0);
  raw_ = json.substr(begin, end_of_value(json, begin) - begin);
}

JsonValue JsonValue::operator[](std::string_view name) const {
  if (!raw_.starts_with('{')) return JsonValue({});
  std::size_t at = skip_space(raw_, 1);
  while (at < raw_.size() && raw_[at] == '"') {
    const auto key_end = end_of_string(raw_, at);
    const auto key = raw_.substr(at + 1, key_end - at - 2);
    const auto begin = skip_space(raw_, skip_space(raw_, key_end) + 1);
    const auto end = end_of_value(raw_, begin);
    if (key == name) return JsonValue(raw_.substr(begin, end - begin));
    at = skip_space(raw_, end);
    if (at < raw_.size() && raw_[at] == ',') at = skip_space(raw_, at + 1);
  }
  return JsonValue({});
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> found;
  if (!raw_.starts_with('[')) return found;
  std::size_t at = skip_space(raw_, 1);
  while (at < raw_.size() && raw_[at] != ']') {
    const auto end = end_of_value(raw_, at);
    if (end == at) break;
    found.emplace_back(raw_.substr(at, end - at));
    at = skip_space(raw_, end);
    if (at < raw_.size() && raw_[at] == ',') at = skip_space(raw_, at + 1);
  }
  return found;
}

std::string JsonValue::text() const {
  std::string out;
  if (raw_.size() < 2 || raw_.front() != '"') return out;
  const auto inside = raw_.substr(1, raw_.size() - 2);
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] == '\\') {
      at = append_escape(out, inside, at);
    } else {
      out += inside[at++];
    }
  }
  return out;
}

double JsonValue::number(double fallback) const {
  double value = fallback;
  std::from_chars(raw_.data(), raw_.data() + raw_.size(), value);
  return value;
}

}  // namespace scena::shell

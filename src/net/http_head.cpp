#include "net/http_head.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace scena::net {
namespace {

Error head_fault(const char* text) {
  return Error::fixed(ErrorCode::protocol, text);
}

bool is_token_char(char c) noexcept {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Cuts the next line, without its CRLF or LF, off `text`.
std::string_view cut_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

Result<void> parse_status_line(std::string_view line, ParsedHead& out) {
  const bool shape = line.size() >= 12 && line.starts_with("HTTP/1.") && line[8] == ' ' &&
                     (line.size() == 12 || line[12] == ' ');
  if (!shape || (line[7] != '1' && line[7] != '0') || !is_field_value(line)) {
    return head_fault("the answer does not begin with an HTTP/1.1 status line");
  }
  if (!std::all_of(line.begin() + 9, line.begin() + 12, is_digit) || line[9] == '0' ||
      line[9] > '5') {
    return head_fault("the answer's status is not a number from 100 to 599");
  }
  out.version_1_1 = line[7] == '1';
  out.head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return {};
}

Result<void> parse_field(std::string_view line, HttpHead& head) {
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  if (colon == line.npos || !is_token(name))
    return head_fault("the answer has a header field without a valid name");
  const auto value = trim(line.substr(colon + 1));
  if (!is_field_value(value))
    return head_fault("the answer has a control character in a header field");
  head.headers.emplace_back(name, value);
  return {};
}

bool is_folded(std::string_view line) noexcept {
  return line.front() == ' ' || line.front() == '\t';
}

// The line goes on with the value of the one before, behind a space (RFC 9112, 5.2).
Result<void> unfold(std::string_view line, std::string& value) {
  const auto more = trim(line);
  if (!is_field_value(more))
    return head_fault("the answer has a control character in a header field");
  if (!more.empty()) value.append(value.empty() ? "" : " ").append(more);
  return {};
}

}  // namespace

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool has_list_token(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equals_ignore_case(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
  }
  return false;
}

Result<ParsedHead> parse_response_head(std::string_view text, std::size_t max_fields) {
  ParsedHead parsed;
  if (auto status = parse_status_line(cut_line(text), parsed); !status) return status.error();
  while (!text.empty()) {
    const auto line = cut_line(text);
    if (line.empty()) break;
    if (is_folded(line) && !parsed.head.headers.empty()) {
      if (auto more = unfold(line, parsed.head.headers.back().second); !more) return more.error();
      continue;
    }
    if (parsed.head.headers.size() == max_fields)
      return head_fault("the answer has too many header fields");
    if (auto field = parse_field(line, parsed.head); !field) return field.error();
  }
  return parsed;
}

}  // namespace scena::net

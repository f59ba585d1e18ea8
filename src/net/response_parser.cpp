#include "net/response_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "net/http_head.hpp"

namespace scena::net {
namespace {

constexpr std::size_t kMaxExtensionBytes = 4096;
constexpr int kMaxSizeDigits = 64;  // with zeros in front, as some servers write them

Error framing_fault(const char* text) {
  return Error::fixed(ErrorCode::protocol, text);
}

/// The number of bytes up to and with the blank line, 0 when it did not come yet. `from` is where
/// a line begins; it moves behind the last whole line.
Result<std::size_t> find_head_end(std::string_view text, std::size_t& from) {
  for (;;) {
    const auto lf = text.find('\n', from);
    if (lf == text.npos) return std::size_t{0};
    const bool blank = lf == from || (lf - from == 1 && text[from] == '\r');
    if (blank && from == 0) return framing_fault("the answer begins with a blank line");
    from = lf + 1;
    if (blank) return from;
  }
}

// Servers that end their lines with LF alone or fold them are read (RFC 9112, 2.2 and 5.2), but not
// asked again on the same connection: what else they frame in their own way, another reader may see
// elsewhere.
bool has_clean_lines(std::string_view head) noexcept {
  for (auto lf = head.find('\n'); lf != head.npos; lf = head.find('\n', lf + 1)) {
    if (lf == 0 || head[lf - 1] != '\r') return false;
    if (lf + 1 < head.size() && (head[lf + 1] == ' ' || head[lf + 1] == '\t')) return false;
  }
  return true;
}

// The same number several times, in one field or in several, is that number (RFC 9110, 8.6).
Result<void> take_length(std::string_view value, std::optional<std::uint64_t>& length) {
  do {
    const auto comma = std::min(value.find(','), value.size());
    const std::string_view one = trim(value.substr(0, comma));
    std::uint64_t number = 0;
    const auto [at, error] = std::from_chars(one.data(), one.data() + one.size(), number);
    if (one.empty() || error != std::errc{} || at != one.data() + one.size())
      return framing_fault("the answer's content length is not a number");
    if (length && *length != number)
      return framing_fault("the answer has more than one content length");
    length = number;
    const bool ends = comma == value.size();
    value.remove_prefix(ends ? comma : comma + 1);
    if (ends) return {};
  } while (true);
}

bool could_be_http(std::string_view text) noexcept {
  const std::string_view start = "HTTP/1.";
  const auto length = std::min(text.size(), start.size());
  return text.substr(0, length) == start.substr(0, length);
}

}  // namespace

/// The bytes of the body in one read, joined where the first of them lies.
struct ResponseParser::Body {
  char* data = nullptr;
  std::size_t size = 0;

  void add(std::span<char> bytes) noexcept {
    if (size == 0) {
      data = bytes.data();
    } else if (data + size != bytes.data()) {
      std::memmove(data + size, bytes.data(), bytes.size());
    }
    size += bytes.size();
  }
};

Result<std::size_t> ResponseParser::feed(std::span<char> bytes, ResponseEvents& events) {
  started_ = started_ || !bytes.empty();
  Body body;
  auto taken = take(bytes, body, events);
  if (body.size > 0) events.on_response_body({body.data, body.size});
  return taken;
}

Result<std::size_t> ResponseParser::take(std::span<char> bytes, Body& body,
                                         ResponseEvents& events) {
  std::size_t taken = 0;
  while (taken < bytes.size() && step_ != Step::done) {
    const auto rest = bytes.subspan(taken);
    const std::string_view text(rest.data(), rest.size());
    if (step_ == Step::head) {
      const auto head = take_head(text, events);
      if (!head) return head.error();
      taken += *head;
    } else if (at_body()) {
      taken += take_body(rest, body);
    } else if (const auto plain = take_plain_framing(text); plain > 0) {
      taken += plain;
    } else {
      if (auto framing = take_framing(text[0]); !framing) return framing.error();
      ++taken;
    }
  }
  return taken;
}

Result<void> ResponseParser::finish() noexcept {
  if (step_ == Step::until_close) step_ = Step::done;
  if (step_ == Step::done) return {};
  return Error::fixed(ErrorCode::network, "the connection closed before the answer's end");
}

Result<std::size_t> ResponseParser::take_head(std::string_view bytes, ResponseEvents& events) {
  const std::size_t before = head_.size();
  std::string_view text = bytes;
  if (before > 0) {
    head_.append(bytes.substr(
        0, options_.max_header_bytes + 1 - std::min(before, options_.max_header_bytes)));
    text = head_;
  }
  if (!could_be_http(text)) return framing_fault("the answer is not HTTP/1.1");
  const auto end = find_head_end(text, scanned_);
  if (!end) return end.error();
  const std::size_t length = *end > 0 ? *end : text.size();
  if (length > options_.max_header_bytes)
    return framing_fault("the answer's head is over the limit; raise http.max_header_bytes");
  if (*end == 0) {
    if (before == 0) head_ = bytes;
    return bytes.size();
  }
  if (auto used = use_head(text.substr(0, *end), events); !used) return used.error();
  head_ = {};
  scanned_ = 0;
  return *end - before;
}

Result<void> ResponseParser::use_head(std::string_view text, ResponseEvents& events) {
  auto parsed = parse_response_head(text, kMaxFields);
  if (!parsed) return parsed.error();
  const int status = parsed->head.status;
  if (!has_clean_lines(text)) keep_alive_ = false;
  if (status == 101) return framing_fault("the answer switches protocols, which nobody asked for");
  if (status < 200) {
    if (++interim_ > kMaxInterim) return framing_fault("the answer has too many interim heads");
    return {};
  }
  if (!parsed->version_1_1) keep_alive_ = false;
  for (const auto& [name, value] : parsed->head.headers) {
    if (!equals_ignore_case(name, "connection")) continue;
    if (has_list_token(value, "close")) keep_alive_ = false;
  }
  if (auto body = choose_body(parsed->head); !body) return body.error();
  got_head_ = true;
  events.on_response_head(parsed->head);
  return {};
}

// Chunks count beside a length (RFC 9112, 6.3), and as servers write it, also named twice;
// "identity" is no coding, and the length beside it counts. The connection is not used again then,
// since another reader may take the answer's end for elsewhere.
Result<void> ResponseParser::choose_body(const HttpHead& head) {
  int codings = 0;
  bool chunked = false;
  std::optional<std::uint64_t> sized;
  for (const auto& [name, value] : head.headers) {
    if (equals_ignore_case(name, "transfer-encoding")) {
      ++codings;
      if (equals_ignore_case(value, "identity")) continue;
      if (!equals_ignore_case(value, "chunked"))
        return framing_fault("the answer has an unknown transfer coding");
      chunked = true;
    } else if (equals_ignore_case(name, "content-length")) {
      if (auto length = take_length(value, sized); !length) return length.error();
    }
  }
  if (codings > 1 || (codings > 0 && sized)) keep_alive_ = false;
  if (options_.no_body || head.status == 204 || head.status == 304) {
    step_ = Step::done;
  } else if (chunked) {
    step_ = Step::size_first;
  } else if (sized) {
    left_ = content_length_ = *sized;
    step_ = left_ > 0 ? Step::fixed : Step::done;
  } else {
    close_delimited_ = true;
    step_ = Step::until_close;
  }
  return {};
}

std::size_t ResponseParser::take_body(std::span<char> bytes, Body& body) noexcept {
  std::size_t length = bytes.size();
  if (step_ != Step::until_close) {
    length = static_cast<std::size_t>(std::min<std::uint64_t>(left_, length));
    left_ -= length;
    if (left_ == 0) step_ = step_ == Step::data ? Step::data_cr : Step::done;
  }
  body.add(bytes.first(length));
  return length;
}

// What nearly every chunk has around it, taken whole: the end of the one before, and a size of a
// few digits without an extension. 0 when the bytes are anything else, or cut; then they go one by
// one.
std::size_t ResponseParser::take_plain_framing(std::string_view bytes) noexcept {
  std::size_t at = 0;
  if (step_ == Step::data_cr) {
    if (!bytes.starts_with("\r\n")) return 0;
    at = 2;
  } else if (step_ != Step::size_first) {
    return 0;
  }
  constexpr std::size_t kDigits = 8;
  std::uint64_t size = 0;
  const std::size_t first = at;
  for (; at < bytes.size() && at - first < kDigits; ++at) {
    const int digit = hex_value(bytes[at]);
    if (digit < 0) break;
    size = size * 16 + static_cast<std::uint64_t>(digit);
  }
  if (size == 0 || !bytes.substr(at).starts_with("\r\n")) return 0;
  left_ = size;
  step_ = Step::data;
  return at + 2;
}

Result<void> ResponseParser::take_framing(char c) {
  const auto expect = [&](char wanted, Step next) -> Result<void> {
    if (c != wanted) return framing_fault("a chunk of the answer does not end where it said");
    step_ = next;
    return {};
  };
  switch (step_) {
    case Step::size_first:
    case Step::size_digits:
      return take_size(c);
    case Step::extension:
      return take_extension(c);
    case Step::size_lf:
      line_bytes_ = 0;
      return expect('\n', left_ > 0 ? Step::data : Step::trailer_start);
    case Step::data_cr:
      return expect('\r', Step::data_lf);
    case Step::data_lf:
      return expect('\n', Step::size_first);
    case Step::trailer_lf:
      return expect('\n', Step::trailer_start);
    case Step::last_lf:
      return expect('\n', Step::done);
    default:
      return take_trailer(c);
  }
}

Result<void> ResponseParser::take_size(char c) {
  if (step_ == Step::size_first) {
    left_ = 0;
    digits_ = 0;
  }
  const int digit = hex_value(c);
  if (digit >= 0) {
    if (++digits_ > kMaxSizeDigits || left_ >> 56 != 0)
      return framing_fault("a chunk's size is too large");
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    step_ = Step::size_digits;
    return {};
  }
  if (digits_ == 0) return framing_fault("a chunk of the answer has no size");
  if (c == '\r') {
    step_ = Step::size_lf;
  } else if (c == ';' || c == ' ' || c == '\t') {
    step_ = Step::extension;
    line_bytes_ = 0;
  } else {
    return framing_fault("a chunk's size is not a hexadecimal number");
  }
  return {};
}

Result<void> ResponseParser::take_extension(char c) {
  if (c == '\r') {
    step_ = Step::size_lf;
    return {};
  }
  if (!is_field_value({&c, 1})) return framing_fault("a chunk's extension has a control character");
  if (++line_bytes_ > kMaxExtensionBytes) return framing_fault("a chunk's extension is too long");
  return {};
}

Result<void> ResponseParser::take_trailer(char c) {
  if (c == '\r') {
    step_ = step_ == Step::trailer_start ? Step::last_lf : Step::trailer_lf;
    return {};
  }
  if (!is_field_value({&c, 1}))
    return framing_fault("the answer's trailer has a control character");
  if (++line_bytes_ > options_.max_header_bytes)
    return framing_fault("the answer's trailer is over the limit; raise http.max_header_bytes");
  step_ = Step::trailer_line;
  return {};
}

}  // namespace scena::net

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxText = 2u << 10;
constexpr int kMaxNesting = 6;

// Names under which services say what went wrong, the most telling first.
constexpr std::array kMessageNames = {
    "message",           "error_message", "error_msg", "msg",           "detail",
    "error_description", "details",       "reason",    "error_details", "title"};

std::string string_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? dump_json(*found) : std::string{};
}

// A number at the front with its unit behind it: "1.2s", "350 ms", "2 minutes". Takes both off.
std::optional<double> take_span(std::string_view& text) {
  double value = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (fault != std::errc() || !(value >= 0)) return std::nullopt;
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  struct Unit {
    std::string_view word;
    double ms;
  };
  constexpr std::array kUnits = {Unit{"milliseconds", 1}, Unit{"ms", 1},       Unit{"seconds", 1e3},
                                 Unit{"second", 1e3},     Unit{"sec", 1e3},    Unit{"s", 1e3},
                                 Unit{"minutes", 6e4},    Unit{"minute", 6e4}, Unit{"min", 6e4},
                                 Unit{"m", 6e4},          Unit{"hours", 36e5}, Unit{"hour", 36e5},
                                 Unit{"h", 36e5},         Unit{"days", 864e5}};
  for (const auto& [word, ms] : kUnits) {
    if (!rest.starts_with(word)) continue;
    text = rest.substr(word.size());
    return value * ms;
  }
  return std::nullopt;
}

milliseconds bounded(double ms) {
  constexpr double kDay = 86'400'000;
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(ms, kDay))));
}

// "45.8s", "1m2.5s".
std::optional<milliseconds> parse_span(std::string_view text) {
  std::optional<double> sum;
  while (const auto part = take_span(text)) sum = sum.value_or(0) + *part;
  return sum ? std::optional(bounded(*sum)) : std::nullopt;
}

// "Please try again in 1.2s", "retry after 20 seconds".
std::optional<milliseconds> wait_in_words(std::string_view message) {
  for (std::string_view phrase :
       {"try again in ", "retry in ", "retry after ", "Retry after ", "wait for ", "wait "}) {
    const std::size_t at = message.find(phrase);
    if (at == std::string_view::npos) continue;
    if (const auto span = parse_span(message.substr(at + phrase.size()))) return span;
  }
  return std::nullopt;
}

std::optional<double> number_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number() || found->get<double>() < 0) return std::nullopt;
  return found->get<double>();
}

// Google's list of typed details: how long to wait, a quota of the day, where waiting is none, and
// a key that is none.
void read_details(const Json& details, FailureBody& body) {
  for (const auto& entry : details) {
    if (!entry.is_object()) continue;
    const std::string type = string_member(entry, "@type");
    if (type.ends_with("RetryInfo"))
      body.retry_after = parse_span(string_member(entry, "retryDelay"));
    if (const std::string reason = string_member(entry, "reason"); reason == "API_KEY_INVALID")
      body.type = reason;
    const auto violations = entry.find("violations");
    if (!type.ends_with("QuotaFailure") || violations == entry.end()) continue;
    for (const auto& violation : *violations) {
      if (violation.is_object() &&
          string_member(violation, "quotaId").find("PerDay") != std::string::npos)
        body.type = "daily_quota";
    }
  }
}

void read_wait(const Json& object, FailureBody& body) {
  if (const auto ms = number_member(object, "retry_after_ms")) {
    body.retry_after = bounded(*ms);
  } else if (const auto seconds = number_member(object, "retry_after")) {
    body.retry_after = bounded(*seconds * 1000);
  }
}

void read_failure(const Json& value, FailureBody& body, int depth);

// A message may itself be an error document: gateways hand on what they got.
void read_text(const std::string& text, FailureBody& body, int depth) {
  const std::string_view begin = trim(text);
  if (begin.starts_with('{') || begin.starts_with('[')) {
    FailureBody inner;
    if (const auto parsed = parse_json(begin, {.max_bytes = 64u << 10}))
      read_failure(*parsed, inner, depth + 1);
    if (!inner.message.empty()) {
      body.message = inner.message;
      if (body.type.empty()) body.type = inner.type;
      if (body.code.empty()) body.code = inner.code;
      if (!body.retry_after) body.retry_after = inner.retry_after;
      return;
    }
  }
  body.message = text;
}

// The message under the first name that has one: a text, or objects with one each.
void read_message(const Json& object, FailureBody& body, int depth) {
  for (const char* name : kMessageNames) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    if (found->is_string()) {
      read_text(found->get<std::string>(), body, depth);
    } else if (found->is_structured() && !found->empty()) {
      FailureBody inner;
      read_failure(*found, inner, depth + 1);
      body.message = inner.message;
      if (body.code.empty()) body.code = inner.code;
    }
    if (!body.message.empty()) {
      body.is_error = true;
      return;
    }
  }
}

void read_object(const Json& object, FailureBody& body, int depth) {
  for (const char* name : {"error", "errors"}) {
    const auto inner = object.find(name);
    if (inner == object.end()) continue;
    // A mere flag or number: the members around it tell the rest.
    if (inner->is_number_integer() && *inner != 0) body.code = dump_json(*inner);
    body.is_error |= !body.code.empty() || *inner == true;
    if (!(inner->is_structured() || inner->is_string()) || inner->empty()) continue;
    read_failure(*inner, body, depth + 1);
    if (body.message.empty() && body.code.empty() && body.type.empty()) continue;
    body.is_error = true;
    if (!body.retry_after) read_wait(object, body);
    return;
  }
  // MiniMax tells failures beside an empty answer; a code of 0 is none.
  const auto base = object.find("base_resp");
  const std::string base_code =
      base != object.end() && base->is_object() ? string_member(*base, "status_code") : "";
  if (!base_code.empty() && base_code != "0") {
    body.code = base_code;
    body.message = string_member(*base, "status_msg");
    body.is_error = true;
    return;
  }
  body.type = string_member(object, "type");
  if (const std::string code = string_member(object, "code"); !code.empty()) body.code = code;
  for (const char* name : {"error_code", "status_code", "status"}) {
    if (body.code.empty()) body.code = string_member(object, name);
  }
  if (body.type.empty()) body.type = string_member(object, "status");
  read_message(object, body, depth);
  read_wait(object, body);
  if (const auto details = object.find("details"); details != object.end() && details->is_array())
    read_details(*details, body);
  // What a router says of its own is seldom more than "the provider returned an error".
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return;
  if (const std::string raw = string_member(*metadata, "raw"); !raw.empty()) {
    FailureBody inner;
    read_text(raw, inner, depth + 1);
    body.message += (body.message.empty() ? "" : ": ") + inner.message;
    if (!body.retry_after) body.retry_after = inner.retry_after;
  }
}

void read_failure(const Json& value, FailureBody& body, int depth) {
  if (depth > kMaxNesting) return;
  if (value.is_string()) {
    read_text(value.get<std::string>(), body, depth);
  } else if (value.is_array() && !value.empty()) {
    read_failure(value.front(), body, depth + 1);
  } else if (value.is_object()) {
    read_object(value, body, depth);
  }
}

// What a web page is headed.
std::string page_title(std::string_view page) {
  for (std::string_view name : {"title", "h1"}) {
    const std::string open = "<" + std::string(name) + ">";
    const std::size_t begin = page.find(open);
    if (begin == std::string_view::npos) continue;
    const std::string_view rest = page.substr(begin + open.size());
    return std::string(trim(rest.substr(0, rest.find('<'))));
  }
  return {};
}

int http_status(const std::string& code) {
  int number = 0;
  const auto [end, fault] = std::from_chars(code.data(), code.data() + code.size(), number);
  const bool whole = fault == std::errc() && end == code.data() + code.size();
  return whole && number >= 300 && number < 600 ? number : 0;
}

}  // namespace

bool is_failure_value(std::string_view json) noexcept {
  constexpr std::array<std::string_view, 6> kNothing = {"null", "false", "0", "\"\"", "{}", "[]"};
  return std::find(kNothing.begin(), kNothing.end(), json) == kNothing.end();
}

FailureBody parse_failure(std::string_view text) {
  FailureBody body;
  text = trim(text);
  if (const auto parsed = parse_json(text, {.max_bytes = 64u << 10})) {
    read_failure(*parsed, body, 0);
  } else if (text.starts_with('<')) {
    body.message = page_title(text);
  } else {
    body.message = utf8_truncate(text, kMaxText);
  }
  body.status = http_status(body.code);
  if (!body.retry_after) body.retry_after = wait_in_words(body.message);
  return body;
}

}  // namespace scena::llm

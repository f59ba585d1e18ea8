#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/json.hpp"
#include "base/json_cursor.hpp"
#include "base/text.hpp"
#include "guard/quota_headers.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxText = 2u << 10;
constexpr int kMaxNesting = 6;

// Names under which services say what went wrong, the most telling first.
constexpr std::array kMessageNames = {
    "message",           "error_message", "error_msg", "msg",           "faultstring", "detail",
    "error_description", "details",       "reason",    "error_details", "title",       "issues"};

// AWS and others write the names with capitals.
Json::const_iterator find_member(const Json& object, std::string_view name) {
  const auto exact = object.find(name);
  if (exact != object.end() || !object.is_object()) return exact;
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (equals_ignore_case(it.key(), name)) return it;
  }
  return object.end();
}

std::string string_member(const Json& object, const char* name) {
  const auto found = find_member(object, name);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? dump_json(*found) : std::string{};
}

// The same under the second name where the first has none.
std::string string_member(const Json& object, const char* name, const char* other) {
  std::string text = string_member(object, name);
  return text.empty() ? string_member(object, other) : text;
}

// A number at the front with its unit behind it: "1.2s", "350 ms", "2 more minutes". Takes both
// off.
std::optional<double> take_span(std::string_view& text) {
  double value = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (fault != std::errc() || !(value >= 0)) return std::nullopt;
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto skip_spaces = [&rest] {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
  };
  skip_spaces();
  if (rest.starts_with("more ")) rest.remove_prefix(5);
  skip_spaces();
  struct Unit {
    std::string_view word;
    double ms;
  };
  constexpr std::array kUnits = {
      Unit{"milliseconds", 1}, Unit{"millisecond", 1}, Unit{"ms", 1},      Unit{"seconds", 1e3},
      Unit{"second", 1e3},     Unit{"secs", 1e3},      Unit{"sec", 1e3},   Unit{"s", 1e3},
      Unit{"minutes", 6e4},    Unit{"minute", 6e4},    Unit{"mins", 6e4},  Unit{"min", 6e4},
      Unit{"m", 6e4},          Unit{"hours", 36e5},    Unit{"hour", 36e5}, Unit{"h", 36e5},
      Unit{"days", 864e5},     Unit{"day", 864e5},     Unit{"d", 864e5}};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto word_end = std::find_if_not(rest.begin(), rest.end(), is_letter);
  const auto word = rest.substr(0, static_cast<std::size_t>(word_end - rest.begin()));
  for (const auto& [name, ms] : kUnits) {
    if (!equals_ignore_case(word, name)) continue;
    text = rest.substr(word.size());
    return value * ms;
  }
  return std::nullopt;
}

milliseconds bounded(double ms) {
  constexpr auto kMost = static_cast<double>(milliseconds(guard::kLongestWait).count());
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(ms, kMost))));
}

// "45.8s", "1m2.5s".
std::optional<milliseconds> parse_span(std::string_view text) {
  std::optional<double> sum;
  while (const auto part = take_span(text)) sum = sum.value_or(0) + *part;
  return sum ? std::optional(bounded(*sum)) : std::nullopt;
}

std::size_t find_ignoring_case(std::string_view text, std::string_view word, std::size_t from) {
  for (std::size_t at = from; at + word.size() <= text.size(); ++at) {
    if (equals_ignore_case(text.substr(at, word.size()), word)) return at;
  }
  return std::string_view::npos;
}

// "Please try again in 1.2s", "Retry after: 20 seconds".
std::optional<milliseconds> wait_in_words(std::string_view message) {
  for (std::string_view phrase : {"try again in", "try again after", "retry in", "retry after",
                                  "reset after", "wait for", "wait"}) {
    std::size_t at = 0;
    while ((at = find_ignoring_case(message, phrase, at)) != std::string_view::npos) {
      at += phrase.size();
      const std::size_t number = message.find_first_not_of(": ", at);
      if (number == at || number == std::string_view::npos) continue;
      if (const auto span = parse_span(message.substr(number))) return span;
    }
  }
  return std::nullopt;
}

// A count of units, also as a text, or a span with its own unit.
std::optional<milliseconds> wait_of(const Json& value, double unit_ms) {
  if (value.is_number()) {
    const double count = value.get<double>();
    return count >= 0 ? std::optional(bounded(count * unit_ms)) : std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = trim(value.get_ref<const std::string&>());
  double count = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + text.size(), count, std::chars_format::fixed);
  const bool bare = fault == std::errc() && end == text.data() + text.size();
  if (bare) return count >= 0 ? std::optional(bounded(count * unit_ms)) : std::nullopt;
  return parse_span(text);
}

// Google's list of typed details: how long to wait, a quota of the day, where waiting is none, and
// reasons that say more than the status.
void read_details(const Json& details, FailureBody& body) {
  for (const auto& entry : details) {
    if (!entry.is_object()) continue;
    const std::string type = string_member(entry, "@type");
    if (const std::string delay = string_member(entry, "retryDelay", "retry_delay");
        type.ends_with("RetryInfo") && !delay.empty())
      body.retry_after = parse_span(delay);
    constexpr std::array kTelling = {"API_KEY_INVALID", "BILLING_DISABLED", "QUOTA_EXHAUSTED"};
    const std::string reason = string_member(entry, "reason");
    if (std::find(kTelling.begin(), kTelling.end(), reason) != kTelling.end()) body.type = reason;
    const auto violations = entry.find("violations");
    if (!type.ends_with("QuotaFailure") || violations == entry.end()) continue;
    for (const auto& violation : *violations) {
      if (violation.is_object() &&
          string_member(violation, "quotaId", "quota_id").find("PerDay") != std::string::npos)
        body.type = "daily_quota";
    }
  }
}

void read_wait(const Json& object, FailureBody& body) {
  struct Name {
    const char* name;
    double unit_ms;
  };
  for (const auto& [name, unit_ms] :
       {Name{"retry_after_ms", 1}, Name{"retryAfterMs", 1}, Name{"retry_after", 1e3},
        Name{"retryAfter", 1e3}, Name{"retry_after_seconds", 1e3}, Name{"retryAfterSeconds", 1e3},
        Name{"estimated_time", 1e3}}) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    const auto wait = wait_of(*found, unit_ms);
    if (!wait) continue;
    body.retry_after = wait;
    return;
  }
}

// The head fields of the service behind a router.
void read_inner_head(const Json& fields, FailureBody& body) {
  std::optional<milliseconds> exact, seconds;
  for (const auto& [name, value] : fields.items()) {
    if (equals_ignore_case(name, "retry-after-ms")) exact = wait_of(value, 1);
    if (equals_ignore_case(name, "retry-after")) seconds = wait_of(value, 1e3);
    if (equals_ignore_case(name, "x-ratelimit-reset"))
      body.reset = value.is_string() ? value.get<std::string>() : dump_json(value);
  }
  if (!body.retry_after) body.retry_after = exact ? exact : seconds;
}

void read_failure(const Json& value, FailureBody& body, int depth);

// A message may itself be an error document: gateways hand on what they got.
void read_text(const std::string& text, FailureBody& body, int depth) {
  const std::string_view begin = trim(text);
  if (begin.starts_with('{') || begin.starts_with('[')) {
    FailureBody inner;
    if (const auto parsed = parse_json(sound_escapes(begin), {.max_bytes = kMaxFailureBytes}))
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
    const auto found = find_member(object, name);
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

// What validators say: {"model": ["is invalid"]}, by the member that it is about.
std::string first_complaint(const Json& members) {
  if (!members.is_object()) return {};
  for (const auto& [name, value] : members.items()) {
    if (value.is_array() && !value.empty() && value.front().is_string())
      return name + ": " + value.front().get<std::string>();
  }
  return {};
}

// "Not Found" or "not_found" beside a sentence that says what was not found: one word, or each with
// a capital, as titles of statuses have them. A sentence stays the provider's own.
bool is_mere_word(const Json& error, const Json& object) {
  if (!error.is_string() || string_member(object, "message", "error_description").empty())
    return false;
  constexpr std::size_t kMost = 40;
  const std::string_view text = trim(error.get_ref<const std::string&>());
  if (text.empty() || text.size() > kMost || text[0] == '{' || text[0] == '[') return false;
  if (text.find(' ') == std::string_view::npos) return true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = at == 0 || text[at - 1] == ' ';
    if (begins && (text[at] < 'A' || text[at] > 'Z')) return false;
  }
  return true;
}

int http_status(const std::string& code) {
  int number = 0;
  const auto [end, fault] = std::from_chars(code.data(), code.data() + code.size(), number);
  const bool whole = fault == std::errc() && end == code.data() + code.size();
  return whole && number >= 300 && number < 600 ? number : 0;
}

// The HTTP status that an object names, under whichever of the usual names.
int named_status(const Json& object) {
  for (const char* name :
       {"code", "status_code", "statusCode", "http_status_code", "http_code", "status"}) {
    if (const int status = http_status(string_member(object, name)); status != 0) return status;
  }
  return 0;
}

// The failure's code and type, where they are not known yet.
void read_names(const Json& object, FailureBody& body) {
  for (const char* name : {"code", "error_code", "status_code"}) {
    if (body.code.empty()) body.code = string_member(object, name);
  }
  if (body.type.empty()) body.type = string_member(object, "error_type");
}

struct NumberedType {
  std::string_view code, word;
};

template <std::size_t N>
std::string type_of_number(const std::array<NumberedType, N>& types, std::string_view code) {
  const auto found = std::find_if(types.begin(), types.end(),
                                  [code](const NumberedType& type) { return type.code == code; });
  return found == types.end() ? std::string() : std::string(found->word);
}

// MiniMax has numbers alone for what others have words for.
std::string minimax_type(std::string_view code) {
  constexpr std::array kTypes = {
      NumberedType{"1001", "timeout_error"},        NumberedType{"1002", "rate_limit_error"},
      NumberedType{"1004", "authentication_error"}, NumberedType{"1008", "insufficient_quota"},
      NumberedType{"1026", "content_filter"},       NumberedType{"1027", "content_filter"},
      NumberedType{"1039", "rate_limit_error"},     NumberedType{"2013", "invalid_request_error"},
      NumberedType{"2049", "authentication_error"}};
  return type_of_number(kTypes, code);
}

// So has Zhipu, as a text that stands beside the message and nothing else. Others have the same
// numbers for something else, beside a type or under another name.
std::string zhipu_type(const Json& error) {
  constexpr std::array kTypes = {NumberedType{"1000", "authentication_error"},
                                 NumberedType{"1001", "authentication_error"},
                                 NumberedType{"1002", "authentication_error"},
                                 NumberedType{"1003", "authentication_error"},
                                 NumberedType{"1004", "authentication_error"},
                                 NumberedType{"1113", "insufficient_quota"},
                                 NumberedType{"1211", "model_not_found"},
                                 NumberedType{"1220", "permission_error"},
                                 NumberedType{"1261", "context_length_exceeded"},
                                 NumberedType{"1301", "content_filter"},
                                 NumberedType{"1302", "rate_limit_error"},
                                 NumberedType{"1303", "rate_limit_error"},
                                 NumberedType{"1304", "daily_quota"},
                                 NumberedType{"1305", "overloaded"},
                                 NumberedType{"1308", "quota_exceeded"},
                                 NumberedType{"1309", "quota_exceeded"},
                                 NumberedType{"1310", "quota_exceeded"}};
  const auto code = error.find("code");
  const bool is_shape =
      error.size() == 2 && code != error.end() && code->is_string() && error.contains("message");
  return is_shape ? type_of_number(kTypes, code->get_ref<const std::string&>()) : std::string();
}

void read_object(const Json& object, FailureBody& body, int depth) {
  std::string word;
  for (const char* name : {"error", "errors", "fault"}) {
    const auto inner = find_member(object, name);
    if (inner == object.end()) continue;
    if (is_mere_word(*inner, object)) {
      word = inner->get<std::string>();
      continue;
    }
    // A mere flag or number: the members around it tell the rest.
    if (inner->is_number_integer() && *inner != 0) body.code = dump_json(*inner);
    body.is_error |= !body.code.empty() || *inner == true;
    if (!(inner->is_structured() || inner->is_string()) || inner->empty()) continue;
    read_failure(*inner, body, depth + 1);
    if (body.message.empty()) body.message = first_complaint(*inner);
    if (body.message.empty() && body.code.empty() && body.type.empty()) continue;
    body.is_error = true;
    // Beside an error of mere words.
    if (inner->is_string()) read_names(object, body);
    if (body.status == 0) body.status = named_status(object);
    if (!body.retry_after) read_wait(object, body);
    return;
  }
  // MiniMax tells failures beside an empty answer; a code of 0 is none.
  const auto base = object.find("base_resp");
  const std::string base_code =
      base != object.end() && base->is_object() ? string_member(*base, "status_code") : "";
  if (!base_code.empty() && base_code != "0") {
    body.code = base_code;
    body.type = minimax_type(base_code);
    body.message = string_member(*base, "status_msg");
    body.is_error = true;
    return;
  }
  body.type = string_member(object, "type");
  if (body.type.empty()) body.type = word;
  if (body.type.empty() && depth > 0) body.type = zhipu_type(object);
  if (const std::string code = string_member(object, "code"); !code.empty()) body.code = code;
  read_names(object, body);
  const std::string status = string_member(object, "status");
  if (body.code.empty()) body.code = status;
  if (body.type.empty()) body.type = status;
  body.status = named_status(object);
  read_message(object, body, depth);
  read_wait(object, body);
  if (const auto details = object.find("details"); details != object.end() && details->is_array())
    read_details(*details, body);
  // What a router says of its own is seldom more than "the provider returned an error".
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return;
  if (metadata->contains("flagged_input")) body.type = "moderation_blocked";
  if (const auto head = metadata->find("headers"); head != metadata->end() && head->is_object())
    read_inner_head(*head, body);
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

// What a web page is headed, or an XML document's message. A mere "Error" says nothing.
std::string page_title(std::string_view page) {
  for (std::string_view name : {"title", "h1", "pre", "message"}) {
    const std::string open = "<" + std::string(name) + ">";
    const std::size_t begin = find_ignoring_case(page, open, 0);
    if (begin == std::string_view::npos) continue;
    const std::string_view rest = page.substr(begin + open.size());
    const std::string_view words = trim(rest.substr(0, rest.find('<')));
    if (!equals_ignore_case(words, "error")) return std::string(words);
  }
  return {};
}

// The first document of a body that holds several, or that is framed as an event; empty: none.
std::string_view first_document(std::string_view text) {
  constexpr std::string_view kField = "data:";
  if (text.starts_with("event:")) text.remove_prefix(std::min(text.find(kField), text.size()));
  if (text.starts_with(kField)) text = trim(text.substr(kField.size()));
  JsonCursor json(text);
  return json.peek() == JsonCursor::Kind::object ? json.skip() : std::string_view();
}

}  // namespace

bool is_failure_value(std::string_view json) noexcept {
  constexpr std::array<std::string_view, 6> kNothing = {"null", "false", "0", "\"\"", "{}", "[]"};
  return std::find(kNothing.begin(), kNothing.end(), json) == kNothing.end();
}

FailureBody parse_failure(std::string_view text) {
  FailureBody body;
  text = trim(text);
  auto parsed = parse_json(sound_escapes(text), {.max_bytes = kMaxFailureBytes});
  if (!parsed)
    parsed = parse_json(sound_escapes(first_document(text)), {.max_bytes = kMaxFailureBytes});
  if (parsed) {
    read_failure(*parsed, body, 0);
  } else if (text.starts_with('<')) {
    body.message = page_title(text);
  } else {
    body.message = utf8_truncate(text, kMaxText);
  }
  if (const int status = http_status(body.code); status != 0) body.status = status;
  if (!body.retry_after) body.retry_after = wait_in_words(body.message);
  return body;
}

}  // namespace scena::llm

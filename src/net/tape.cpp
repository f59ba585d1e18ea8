#include "net/tape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <unordered_map>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "domain/message_json.hpp"

namespace scena::net {
namespace {

constexpr std::string_view kRedacted = Redactor::kMark;

void write_bytes(JsonWriter& json, std::string_view bytes) {
  // Text stays readable; what JSON text cannot hold exactly is base64.
  if (is_valid_utf8(bytes) && bytes.find('\0') == std::string_view::npos) {
    json.member("body", bytes);
  } else {
    json.member("body64", base64_encode(bytes));
  }
}

std::string_view text_of(const std::string& value) noexcept {
  return value;
}
std::string_view text_of(const Secret& value) noexcept {
  return value.reveal();
}

template <class Fields>
void write_fields(JsonWriter& json, const Fields& fields,
                  std::span<const std::string> secret_fields) {
  json.key("headers").begin_array();
  for (const auto& [name, value] : fields) {
    const bool secret = tape::is_secret_field(name, secret_fields);
    json.begin_array().value(name).value(secret ? kRedacted : text_of(value)).end_array();
  }
  json.end_array();
}

JsonWriter& begin_line(JsonWriter& json, std::size_t exchange, std::chrono::microseconds time,
                       std::string_view kind) {
  json.begin_object().member("x", static_cast<std::uint64_t>(exchange));
  return json.member("t", static_cast<std::int64_t>(time.count())).member("is", kind);
}

}  // namespace

namespace tape {

bool is_secret_field(std::string_view name, std::span<const std::string> listed) noexcept {
  return is_sensitive_name(name) ||
         std::any_of(listed.begin(), listed.end(), [name](const std::string& secret) {
           return equals_ignore_case(secret, name);
         });
}

std::string header_line() {
  std::string line;
  JsonWriter(line)
      .begin_object()
      .member("tape", "scena")
      .member("version", kTapeVersion)
      .end_object();
  return line;
}

std::vector<std::string_view> secret_query_values(std::string_view url) {
  std::vector<std::string_view> values;
  for (auto at = url.find('?'); at != url.npos; at = url.find('&', at + 1)) {
    const std::string_view member = url.substr(at + 1, url.find_first_of("&#", at + 1) - at - 1);
    const auto equals = member.find('=');
    if (equals == member.npos || equals + 1 == member.size()) continue;
    if (is_sensitive_name(member.substr(0, equals))) values.push_back(member.substr(equals + 1));
  }
  return values;
}

std::string without_secrets(std::string_view url, std::string_view secret) {
  auto hidden = secret_query_values(url);
  for (auto at = secret.empty() ? url.npos : url.find(secret); at != url.npos;
       at = url.find(secret, at + secret.size()))
    hidden.push_back(url.substr(at, secret.size()));
  std::sort(hidden.begin(), hidden.end(),
            [](const auto& a, const auto& b) { return a.data() < b.data(); });
  std::string clean;
  std::size_t done = 0;
  for (const std::string_view value : hidden) {
    const auto at = static_cast<std::size_t>(value.data() - url.data());
    if (at >= done) clean.append(url.substr(done, at - done)).append(kRedacted);
    done = std::max(done, at + value.size());
  }
  return clean.append(url.substr(done));
}

std::string taped_url(const HttpRequest& request) {
  return without_secrets(request.url.reveal(), request.url_secret.reveal());
}

std::string request_line(std::size_t exchange, std::chrono::microseconds at,
                         const HttpRequest& request) {
  std::string line;
  JsonWriter json(line);
  begin_line(json, exchange, {}, "request")
      .member("at", static_cast<std::int64_t>(at.count()))
      .member("method", request.method)
      .member("url", taped_url(request));
  if (!request.kind.empty()) json.member("kind", request.kind);
  write_fields(json, request.headers, request.secret_headers);
  write_bytes(json, request.body);
  json.end_object();
  return line;
}

std::string head_line(std::size_t exchange, std::chrono::microseconds time, const HttpHead& head) {
  std::string line;
  JsonWriter json(line);
  begin_line(json, exchange, time, "head").member("status", head.status);
  write_fields(json, head.headers, {});
  json.end_object();
  return line;
}

std::string body_line(std::size_t exchange, const TapePiece& piece) {
  std::string line;
  JsonWriter json(line);
  begin_line(json, exchange, piece.time, "body").member("flush", piece.flush);
  write_bytes(json, piece.bytes);
  json.end_object();
  return line;
}

std::string end_line(std::size_t exchange, std::chrono::microseconds time, const HttpEnd& end) {
  std::string line;
  JsonWriter json(line);
  begin_line(json, exchange, time, "end").member("complete", end.complete);
  json.member("close_delimited", end.close_delimited);
  if (end.error) write_error(json, *end.error);
  json.end_object();
  return line;
}

}  // namespace tape

namespace {

// Reads line by line; the first fault is kept and names its line.
class TapeReader {
 public:
  explicit TapeReader(TapeLimits limits) : limits_(limits) {}

  Result<Tape> read(std::string_view text) {
    if (text.size() > limits_.max_bytes)
      return fault(ErrorCode::too_large, "the tape is over its size limit");
    while (!text.empty()) {
      ++line_;
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      const bool ended = end < text.size();
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (trim(line).empty()) continue;
      if (auto done = take(line); !done) {
        // The process died, or its disk was full, while it wrote this line.
        const bool torn = !ended && text.empty() && has_header_ && !parse_json(line, json_limits());
        if (!torn) return done.error();
      }
    }
    if (!has_header_)
      return fault(ErrorCode::invalid_argument,
                   "the tape is empty; its first line must be the header");
    return std::move(tape_);
  }

 private:
  Error fault(ErrorCode code, std::string_view reason) const {
    return Error(code, fmt::format("tape, line {}: {}", line_, reason));
  }
  Error bad(std::string_view reason) const { return fault(ErrorCode::invalid_argument, reason); }

  JsonLimits json_limits() const { return {.max_bytes = limits_.max_line_bytes}; }

  Result<void> take(std::string_view line) {
    const auto json = parse_json(line, json_limits());
    if (!json) return fault(json.error().code(), json.error().what());
    if (!json->is_object()) return bad("must be a JSON object");
    return has_header_ ? take_record(*json) : take_header(*json);
  }

  Result<void> take_header(const Json& json) {
    if (text(json, "tape") != "scena")
      return bad("must be the header {\"tape\":\"scena\",\"version\":1}");
    const auto version = number(json, "version");
    if (!version || *version < 1) return bad("\"version\" must be a positive number");
    if (*version > kTapeVersion) {
      return fault(ErrorCode::version_mismatch,
                   fmt::format("tape format {} is newer than {}, which this library reads",
                               *version, kTapeVersion));
    }
    tape_.version = static_cast<int>(*version);
    has_header_ = true;
    return {};
  }

  Result<void> take_record(const Json& json) {
    const auto exchange = number(json, "x");
    const auto time = number(json, "t");
    const auto kind = text(json, "is");
    if (!exchange || *exchange < 1) return bad("\"x\" must be the number of an exchange, from 1");
    if (!time || *time < 0) return bad("\"t\" must be the microseconds since the exchange began");
    const std::chrono::microseconds when(*time);
    if (kind == "request") return take_request(json, *exchange);
    const auto found = open_.find(*exchange);
    if (found == open_.end())
      return bad("belongs to an exchange that has no request, or has ended");
    TapeExchange& target = tape_.exchanges[found->second];
    if (when < target.end_time) return bad("\"t\" goes back within the exchange");
    target.end_time = when;
    if (kind == "head") return take_head(json, when, target);
    if (kind == "body") return take_body(json, when, target);
    if (kind == "end") {
      open_.erase(found);
      return take_end(json, target);
    }
    return bad("\"is\" must be one of: request, head, body, end");
  }

  Result<void> take_request(const Json& json, std::int64_t number_of_exchange) {
    if (tape_.exchanges.size() >= limits_.max_exchanges)
      return fault(ErrorCode::too_large, "too many exchanges");
    TapeExchange exchange;
    exchange.line = line_;
    const auto at = number(json, "at");
    if (json.contains("at") && (!at || *at < 0))
      return bad("\"at\" must be the microseconds since the recording began");
    if (at) exchange.began = std::chrono::microseconds(*at);
    const auto method = text(json, "method");
    const auto url = text(json, "url");
    auto headers = fields(json);
    auto body = bytes(json);
    if (!method || !url) return bad("a request needs \"method\" and \"url\" as text");
    if (!headers) return bad("\"headers\" must be a list of [name, value]");
    if (!body) return bad("needs \"body\" as text or \"body64\" as base64");
    exchange.request = {std::string(*method), tape::without_secrets(*url), std::move(*headers),
                        std::move(*body), std::string(text(json, "kind").value_or(""))};
    exchange.end.error =
        Error::fixed(ErrorCode::network, "the recording ended before this exchange did");
    if (!open_.emplace(number_of_exchange, tape_.exchanges.size()).second)
      return bad("this exchange is open already");
    tape_.exchanges.push_back(std::move(exchange));
    return {};
  }

  Result<void> take_head(const Json& json, std::chrono::microseconds when, TapeExchange& target) {
    const auto status = number(json, "status");
    auto headers = fields(json);
    if (!status || *status < 100 || *status > 999) return bad("\"status\" must be an HTTP status");
    if (!headers) return bad("\"headers\" must be a list of [name, value]");
    if (target.head) return bad("a second head of one exchange");
    target.head = HttpHead{static_cast<int>(*status), std::move(*headers)};
    target.head_time = when;
    target.end.got_head = true;
    return {};
  }

  Result<void> take_body(const Json& json, std::chrono::microseconds when, TapeExchange& target) {
    auto piece = bytes(json);
    if (!piece) return bad("needs \"body\" as text or \"body64\" as base64");
    if (!target.head) return bad("a body before the head");
    target.pieces.push_back({when, std::move(*piece), flag(json, "flush")});
    return {};
  }

  Result<void> take_end(const Json& json, TapeExchange& target) {
    target.end = {.complete = flag(json, "complete"),
                  .got_head = target.head.has_value(),
                  .close_delimited = flag(json, "close_delimited")};
    const auto error = json.find("error");
    if (error == json.end()) {
      return target.end.complete ? Result<void>()
                                 : Result<void>(bad("an end that is not complete needs \"error\""));
    }
    if (!error->is_object()) return bad("\"error\" must be an object with code and message");
    const auto code = error_code(text(*error, "code").value_or(""));
    if (!code) return bad("\"error\" has a code that does not exist");
    target.end.error = Error(*code, std::string(text(*error, "message").value_or("")));
    return {};
  }

  static std::optional<ErrorCode> error_code(std::string_view name) {
    for (int i = 1; i <= static_cast<int>(ErrorCode::internal); ++i) {
      if (name == to_string(static_cast<ErrorCode>(i))) return static_cast<ErrorCode>(i);
    }
    return std::nullopt;
  }

  static std::optional<std::string_view> text(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return std::string_view(found->get_ref<const std::string&>());
  }
  static std::optional<std::int64_t> number(const Json& json, const char* name) {
    const auto found = json.find(name);
    // Beyond a year of microseconds no time is meant, and later sums would overflow.
    constexpr std::int64_t kMost = 366LL * 86'400 * 1'000'000;
    if (found == json.end() || !found->is_number_integer()) return std::nullopt;
    if (found->is_number_unsigned() &&
        found->get<std::uint64_t>() > static_cast<std::uint64_t>(kMost))
      return std::nullopt;
    return found->get<std::int64_t>();
  }
  static bool flag(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_boolean() && found->get<bool>();
  }
  static std::optional<std::string> bytes(const Json& json) {
    if (const auto plain = text(json, "body")) return std::string(*plain);
    if (const auto coded = text(json, "body64")) return base64_decode(*coded);
    return std::nullopt;
  }
  static std::optional<HttpFields> fields(const Json& json) {
    const auto found = json.find("headers");
    if (found == json.end() || !found->is_array()) return std::nullopt;
    HttpFields all;
    for (const auto& field : *found) {
      if (!field.is_array() || field.size() != 2 || !field[0].is_string() || !field[1].is_string())
        return std::nullopt;
      all.emplace_back(field[0].get<std::string>(), field[1].get<std::string>());
    }
    return all;
  }

  TapeLimits limits_;
  Tape tape_;
  std::unordered_map<std::int64_t, std::size_t> open_;  // number in the tape -> index
  std::size_t line_ = 0;
  bool has_header_ = false;
};

}  // namespace

Result<Tape> parse_tape(std::string_view text, TapeLimits limits) {
  return TapeReader(limits).read(text);
}

Result<Tape> load_tape(const std::string& path, TapeLimits limits) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return Error(ErrorCode::not_found, fmt::format("tape \"{}\" cannot be opened", path));
  const auto size = file.tellg();
  if (size < 0)
    return Error(ErrorCode::storage_failed, fmt::format("tape \"{}\" cannot be read", path));
  if (static_cast<std::uint64_t>(size) > limits.max_bytes) {
    return Error(ErrorCode::too_large,
                 fmt::format("tape \"{}\" is over {} bytes", path, limits.max_bytes));
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  if (!file.read(text.data(), size)) {
    return Error(ErrorCode::storage_failed, fmt::format("tape \"{}\" cannot be read", path));
  }
  return parse_tape(text, limits);
}

}  // namespace scena::net

#include <algorithm>

#include "base/text.hpp"
#include "net/http_client.hpp"
#include "net/http_head.hpp"

namespace scena::net {
namespace {

bool is_framing(std::string_view name) noexcept {
  for (const char* own :
       {"content-length", "transfer-encoding", "connection", "proxy-authorization"}) {
    if (equals_ignore_case(name, own)) return true;
  }
  return false;
}

bool has_field(const HttpFields& fields, std::string_view name) noexcept {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return equals_ignore_case(field.first, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

Result<void> check(const HttpRequest& request) {
  if (!is_token(request.method))
    return Error::fixed(ErrorCode::invalid_argument, "the request's method is not a token");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name))
      return Error::fixed(ErrorCode::invalid_argument,
                          "a header field's name has a character that is not allowed");
    if (!is_field_value(value)) {
      return Error(ErrorCode::invalid_argument,
                   "the header field \"" + name + "\" has a control character in its value");
    }
  }
  return {};
}

}  // namespace

Result<std::string> write_http_request(const HttpRequest& request, const HttpUrl& url,
                                       const HttpClientOptions& options, const Proxy* absolute) {
  if (auto fine = check(request); !fine) return fine.error();
  const auto& fields = request.headers;
  std::string out;
  out.reserve(512 + request.body.size());
  out.append(request.method).append(" ");
  if (absolute) out.append("http://").append(url.authority());
  out.append(url.target).append(" HTTP/1.1\r\n");
  if (!has_field(fields, "host")) append_field(out, "Host", url.authority());
  if (!has_field(fields, "user-agent")) append_field(out, "User-Agent", options.user_agent);
  if (absolute && !absolute->authorization.empty())
    append_field(out, "Proxy-Authorization", absolute->authorization);
  for (const auto& [name, value] : fields) {
    if (!is_framing(name)) append_field(out, name, value);
  }
  const bool expects_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "DELETE";
  if (expects_body || !request.body.empty())
    append_field(out, "Content-Length", std::to_string(request.body.size()));
  out.append("\r\n").append(request.body);
  return out;
}

}  // namespace scena::net

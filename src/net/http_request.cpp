#include <algorithm>
#include <string>
#include <vector>

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

bool has_field(const RequestFields& fields, std::string_view name) noexcept {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return equals_ignore_case(field.first, name); });
}

using Parts = std::vector<std::string_view>;

void append_field(Parts& out, std::string_view name, std::string_view value) {
  out.insert(out.end(), {name, ": ", value, "\r\n"});
}

Result<void> check(const HttpRequest& request) {
  if (!is_token(request.method))
    return Error::fixed(ErrorCode::invalid_argument, "the request's method is not a token");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name))
      return Error::fixed(ErrorCode::invalid_argument,
                          "a header field's name has a character that is not allowed");
    if (!is_field_value(value.reveal())) {
      return Error(ErrorCode::invalid_argument,
                   "the header field \"" + name + "\" has a control character in its value");
    }
  }
  return {};
}

}  // namespace

Result<Secret> write_http_request(const HttpRequest& request, const HttpUrl& url,
                                  const HttpClientOptions& options, const Proxy* absolute) {
  if (auto fine = check(request); !fine) return fine.error();
  const auto& fields = request.headers;
  const std::string authority = url.authority();
  const std::string size = std::to_string(request.body.size());
  Parts out{request.method, " "};
  if (absolute) out.insert(out.end(), {"http://", authority});
  out.insert(out.end(), {url.target.reveal(), " HTTP/1.1\r\n"});
  if (!has_field(fields, "host")) append_field(out, "Host", authority);
  if (!has_field(fields, "user-agent")) append_field(out, "User-Agent", options.user_agent);
  if (absolute && !absolute->authorization.empty())
    append_field(out, "Proxy-Authorization", absolute->authorization.reveal());
  for (const auto& [name, value] : fields) {
    if (!is_framing(name)) append_field(out, name, value.reveal());
  }
  const bool expects_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "DELETE";
  if (expects_body || !request.body.empty()) append_field(out, "Content-Length", size);
  out.insert(out.end(), {"\r\n", request.body});
  return Secret::joined(out);
}

}  // namespace scena::net

#include "net/http_url.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace scena::net {
namespace {

Error url_fault(const char* text) {
  return Error::fixed(ErrorCode::invalid_argument, text);
}

bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

/// "host", "host:port" or "[v6]:port" into `url`.
bool parse_authority(std::string_view text, HttpUrl& url) {
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return false;
    host = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest[0] != ':') return false;
    if (!rest.empty()) port = rest.substr(1);
    if (host.find(':') == host.npos) return false;
    if (host.find_first_not_of("0123456789abcdefABCDEF:.") != host.npos) return false;
  } else {
    const auto colon = text.find(':');
    host = text.substr(0, colon);
    if (colon != text.npos) port = text.substr(colon + 1);
    if (host.find_first_of("[]:\\") != host.npos) return false;
  }
  if (host.empty() || host.size() > 253) return false;
  url.host.resize(host.size());
  std::transform(host.begin(), host.end(), url.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return port.empty() || parse_port(port, url.port);
}

}  // namespace

std::string HttpUrl::host_and_port() const {
  const bool v6 = host.find(':') != host.npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string HttpUrl::authority() const {
  std::string whole = host_and_port();
  if (port == (tls ? 443 : 80)) whole.resize(whole.rfind(':'));
  return whole;
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  if (!is_clean(text))
    return url_fault("the URL has a space, control or non-ASCII character; percent-encode it");
  HttpUrl url;
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end == text.npos ? 0 : scheme_end);
  if (equals_ignore_case(scheme, "https")) {
    url.tls = true;
    url.port = 443;
  } else if (!equals_ignore_case(scheme, "http")) {
    return url_fault("the URL must begin with http:// or https://");
  }
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const auto authority = text.substr(0, text.find_first_of("/?"));
  if (authority.find('@') != authority.npos) {
    return url_fault("the URL has a user name in it; send credentials in a header field");
  }
  if (!parse_authority(authority, url)) return url_fault("the URL's host or port is not valid");
  const auto target = text.substr(authority.size());
  url.target = Secret::joined({target.starts_with('/') ? "" : "/", target});
  return url;
}

}  // namespace scena::net

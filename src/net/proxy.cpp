#include "net/proxy.hpp"

#include <initializer_list>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace scena::net {
namespace {

std::optional<Secret> percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    return std::string_view("0123456789abcdef")
        .find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = digit(text[i + 1]), low = digit(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return Secret(std::move(out));
}

Result<Proxy> parse_proxy(std::string_view text) {
  const Error fault = Error::fixed(ErrorCode::invalid_argument,
                                   "the proxy must be \"http://[user:pass@]host:port\"");
  Proxy proxy;
  const auto scheme = text.find("://");
  const auto start = scheme == text.npos ? 0 : scheme + 3;
  auto place = start;
  if (const auto at = text.rfind('@'); at != text.npos && at >= start) {
    const auto decoded = percent_decode(text.substr(start, at - start));
    if (!decoded) return fault;
    const auto colon = decoded->reveal().find(':') == text.npos ? ":" : "";
    const Secret coded = base64_encode(Secret::joined({decoded->reveal(), colon}).reveal());
    proxy.authorization = Secret::joined({"Basic ", coded.reveal()});
    place = at + 1;
  }
  std::string plain(scheme == text.npos ? "http://" : text.substr(0, start));
  const auto url = parse_http_url(plain.append(text.substr(place)));
  if (!url || url->tls || url->target != "/") return fault;
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

std::string_view read_first(const ProxyRules::Environment& environment,
                            std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* const value = environment(name);
    if (value && *value) return value;
  }
  return {};
}

bool ends_with_ignore_case(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() &&
         equals_ignore_case(text.substr(text.size() - end.size()), end);
}

/// A NO_PROXY entry names a host and everything below it.
bool covers(std::string_view entry, std::string_view host) noexcept {
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (equals_ignore_case(entry, host)) return true;
  return ends_with_ignore_case(host, entry) && host.size() > entry.size() &&
         host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

Result<ProxyRules> ProxyRules::make(std::string_view setting, const Environment& environment) {
  ProxyRules rules;
  if (setting.empty()) return rules;
  std::string_view http = setting, https = setting, none;
  if (setting == "env") {
    http = read_first(environment, {"http_proxy", "HTTP_PROXY"});
    https = read_first(environment, {"https_proxy", "HTTPS_PROXY"});
    none = read_first(environment, {"no_proxy", "NO_PROXY"});
  }
  for (auto [text, place] :
       {std::pair{http, &rules.for_http_}, std::pair{https, &rules.for_https_}}) {
    if (text.empty()) continue;
    auto proxy = parse_proxy(text);
    if (!proxy) return proxy.error();
    *place = *std::move(proxy);
  }
  while (!none.empty()) {
    const auto comma = none.find(',');
    if (const auto entry = trim(none.substr(0, comma)); !entry.empty())
      rules.excluded_.emplace_back(entry);
    none.remove_prefix(comma == none.npos ? none.size() : comma + 1);
  }
  return rules;
}

bool ProxyRules::is_excluded(const HttpUrl& url) const noexcept {
  for (const std::string& entry : excluded_) {
    std::string_view name = entry;
    if (name == "*" || covers(name, url.host)) return true;
    const auto colon = name.rfind(':');
    if (colon != name.npos && name.substr(colon + 1) == std::to_string(url.port) &&
        covers(name.substr(0, colon), url.host)) {
      return true;
    }
  }
  return false;
}

const Proxy* ProxyRules::find(const HttpUrl& url) const noexcept {
  const auto& proxy = url.tls ? for_https_ : for_http_;
  return proxy && !is_excluded(url) ? &*proxy : nullptr;
}

}  // namespace scena::net

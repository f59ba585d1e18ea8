#pragma once

#include <functional>
#include <optional>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_url.hpp"

namespace scena::net {

struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  Secret authorization;  ///< Value of Proxy-Authorization, or empty.
  bool operator==(const Proxy&) const = default;
};

/// Which exchanges go through which proxy.
class ProxyRules {
 public:
  /// Reads one environment variable; null when it is not set.
  using Environment = std::function<const char*(const char* name)>;

  /// `setting`: "" (none), "http://[user:pass@]host:port" (for everything), or "env": HTTPS_PROXY,
  /// HTTP_PROXY and NO_PROXY, lower case first, read here and nowhere else.
  static Result<ProxyRules> make(std::string_view setting, const Environment& environment);

  /// The proxy for a URL, or null.
  const Proxy* find(const HttpUrl& url) const noexcept;

 private:
  bool is_excluded(const HttpUrl& url) const noexcept;

  std::optional<Proxy> for_http_;
  std::optional<Proxy> for_https_;
  std::vector<std::string> excluded_;  // "host", ".host" or "host:port"; "*" is all
};

}  // namespace scena::net

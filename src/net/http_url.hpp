#pragma once

#include <cstdint>
#include <scena/result.hpp>
#include <scena/secret.hpp>
#include <string>
#include <string_view>

namespace scena::net {

/// The parts of an absolute http or https URL.
struct HttpUrl {
  bool tls = false;
  std::string host;  ///< Lower case; an IPv6 address without its brackets.
  std::uint16_t port = 80;
  Secret target;  ///< Path and query, at least "/".

  /// "host" or "host:port" as the Host field has it: the port only when it is not the scheme's own.
  std::string authority() const;
  /// "host:port" always, as CONNECT wants it.
  std::string host_and_port() const;

  bool operator==(const HttpUrl&) const = default;
};

/// Refuses (invalid_argument) other schemes, user names, spaces and control characters. A fragment
/// is dropped. The error never repeats the URL, which may hold a key.
Result<HttpUrl> parse_http_url(std::string_view url);

}  // namespace scena::net

#pragma once

#include <cstdint>
#include <scena/result.hpp>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace scena {

/// The parts of an absolute http or https URL. Where it came from decides what it may be used for:
/// see TrustedUrl and UntrustedUrl.
class Url {
 public:
  const std::string& scheme() const noexcept { return scheme_; }  ///< "http" or "https".
  /// Lower case; an IPv6 address without its brackets.
  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }  ///< The scheme's own where none was given.
  const std::string& path() const noexcept { return path_; }    ///< Encoded; may be empty.
  const std::string& query() const noexcept { return query_; }  ///< Encoded, without "?".
  /// What a request line holds: path ("/" when empty) and query.
  std::string target() const;
  /// What the Host field holds: brackets around IPv6, the port unless it is the scheme's own.
  std::string authority() const;
  const std::string& user() const noexcept { return user_; }
  const Secret& password() const noexcept { return password_; }
  /// Without user and password.
  std::string to_string() const;

  bool operator==(const Url&) const = default;

 private:
  friend class UrlReader;
  std::string scheme_;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string path_;
  std::string query_;
  std::string user_;
  Secret password_;
};

/// A URL that the host wrote into its configuration: http and private addresses are its own
/// business.
class TrustedUrl {
 public:
  /// `field` (a JSON pointer or variable name) stands in the error beside what to write instead;
  /// the text itself does not, it may hold a password.
  static Result<TrustedUrl> parse(std::string_view field, std::string_view text);

  const Url& url() const noexcept { return url_; }
  const Url* operator->() const noexcept { return &url_; }
  bool operator==(const TrustedUrl&) const = default;

 private:
  explicit TrustedUrl(Url url) : url_(std::move(url)) {}
  Url url_;
};

/// A URL that arrived as data and passed the strict policy. Its name is not resolved yet: each
/// address must still pass is_public_address() and that same address be connected to.
class UntrustedUrl {
 public:
  const Url& url() const noexcept { return url_; }
  const Url* operator->() const noexcept { return &url_; }
  bool operator==(const UntrustedUrl&) const = default;

 private:
  friend Result<UntrustedUrl> judge_url(std::string_view text);
  explicit UntrustedUrl(Url url) : url_(std::move(url)) {}
  Url url_;
};

/// Judges a URL that arrived as data (preset of a tenant, tool argument, webhook, model output)
/// without contacting or resolving anything. https only; no user; no private, loopback or otherwise
/// special address in any spelling; no local name; no port of another protocol. The error says
/// which rule refused it.
Result<UntrustedUrl> judge_url(std::string_view text);

/// The text as part of a path or query: everything but RFC 3986's unreserved characters encoded.
std::string percent_encode(std::string_view text);

/// The text with "***" in place of a password before "@"; for logs and dumps.
std::string without_password(std::string_view url);

/// What is wrong with the base URL of a provider; nullptr: nothing. The text itself is not told, it
/// may hold a password.
const char* base_url_fault(std::string_view url) noexcept;

}  // namespace scena

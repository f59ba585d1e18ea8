#include "base/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <charconv>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "base/url_reader.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxUrlBytes = 8192;
constexpr std::string_view kSchemes[] = {"http", "https"};

std::uint16_t default_port(std::string_view scheme) noexcept {
  return scheme == "https" ? 443 : 80;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

bool has_odd_byte(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c <= 0x20 || c >= 0x7F || c == '\\'; });
}

// Says what is wrong with a scheme: the part that people mistype most.
std::string scheme_fault(std::string_view text) {
  const auto end = text.find("://");
  if (end == std::string_view::npos) {
    return text.find("//") == std::string_view::npos
               ? "has no scheme; write it as \"https://host/path\" or \"http://host:port/path\""
               : "lacks the colon before \"//\"; write \"http://\" or \"https://\"";
  }
  const auto scheme = text.substr(0, end);
  const auto meant = closest(scheme, kSchemes);
  // A long "scheme" may be a pasted key, so it is not shown.
  if (scheme.size() > 16 || scheme.find_first_of("@:/") != std::string_view::npos) {
    return "has no valid scheme; write \"http://\" or \"https://\"";
  }
  if (meant.empty())
    return fmt::format("has the scheme \"{}\"; only \"http\" and \"https\" work here", scheme);
  return fmt::format("has the scheme \"{}\"; did you mean \"{}://\"?", scheme, meant);
}

std::string fault_of(std::string_view text) {
  if (text.empty()) return "is empty; write it as \"https://host/path\"";
  if (text.size() > kMaxUrlBytes) return fmt::format("is longer than {} bytes", kMaxUrlBytes);
  if (has_odd_byte(text))
    return "holds a space, backslash, control or non-ASCII character; remove or percent-encode it";
  const std::string scheme = lower(text.substr(0, text.find("://")));
  if (scheme != "http" && scheme != "https") return scheme_fault(text);
  const auto view = UrlReader::view(text);
  if (!view)
    return "is not a valid URL; write it as \"https://host/path\" or \"http://host:port/path\"";
  if (view->host_address().empty())
    return "has no host after \"//\"; write it as \"https://host/path\"";
  if (view->has_port() && !UrlReader::port(*view))
    return "has a port that is not a number from 1 to 65535";
  if (view->has_fragment()) return "has a fragment (\"#...\"), which is never sent; remove it";
  return {};
}

}  // namespace

namespace {

std::optional<boost::urls::url> understood(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed || !parsed->has_authority()) return std::nullopt;
  // Boost 1.81 ends an authority early where it stops to understand it ("h:443x/", "1.2.3.4.5").
  const std::size_t start = text.find("://") + 3;
  const auto authority = text.substr(start, text.find_first_of("/?#", start) - start);
  const auto seen = parsed->encoded_authority();
  const auto host = parsed->encoded_host();
  if (authority != std::string_view(seen.data(), seen.size())) return std::nullopt;
  if (parsed->host_type() == boost::urls::host_type::ipv4 &&
      parsed->host_ipv4_address().to_string() != std::string_view(host.data(), host.size())) {
    return std::nullopt;
  }
  return boost::urls::url(*parsed);
}

// "10.0.0.1.example.org": a name whose front Boost 1.81 takes for the whole host.
bool begins_like_address(std::string_view host) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto last = host.substr(host.rfind('.') + 1);
  return !host.empty() && is_digit(host[0]) && !last.empty() && is_letter(last[0]) &&
         std::all_of(host.begin(), host.end(), [&](char c) {
           return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

std::optional<boost::urls::url> UrlReader::view(std::string_view text) noexcept {
  try {
    auto url = understood(text);
    const std::size_t start = text.find("://") + 3;
    if (url || start < 3) return url;
    const auto host = text.substr(start, text.find_first_of(":/?#", start) - start);
    if (!begins_like_address(host)) return std::nullopt;
    std::string other(text);
    other[start] = 'x';
    url = understood(other);
    if (url) url->set_host_name(boost::urls::string_view(host.data(), host.size()));
    return url;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<std::uint16_t> UrlReader::port(const boost::urls::url_view& view) noexcept {
  const std::string_view digits(view.port().data(), view.port().size());
  std::uint16_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size() || number == 0)
    return std::nullopt;
  return number;
}

Url UrlReader::read(const boost::urls::url_view& view) {
  Url url;
  url.scheme_ = lower(std::string(view.scheme()));
  url.host_ = lower(view.host_address());
  url.port_ = port(view).value_or(default_port(url.scheme_));
  url.path_ = std::string(view.encoded_path());
  url.query_ = std::string(view.encoded_query());
  url.user_ = view.user();
  std::string password = view.password();
  url.password_ = Secret(password);
  wipe(password);
  return url;
}

std::string Url::target() const {
  std::string target = path_.empty() ? "/" : path_;
  if (!query_.empty()) target += '?' + query_;
  return target;
}

std::string Url::authority() const {
  std::string text = host_.find(':') == std::string::npos ? host_ : '[' + host_ + ']';
  if (port_ != default_port(scheme_)) text += fmt::format(":{}", port_);
  return text;
}

std::string Url::to_string() const {
  return fmt::format("{}://{}{}{}{}", scheme_, authority(), path_, query_.empty() ? "" : "?",
                     query_);
}

Result<TrustedUrl> TrustedUrl::parse(std::string_view field, std::string_view text) {
  try {
    const std::string fault = fault_of(text);
    if (!fault.empty()) {
      Error error(ErrorCode::invalid_argument, fmt::format("{}: the URL {}", field, fault));
      error.with_pointer(std::string(field));
      return error;
    }
    return TrustedUrl(UrlReader::read(*UrlReader::view(text)));
  } catch (const boost::system::system_error&) {
    return Error::fixed(ErrorCode::invalid_argument, "the URL is not valid");
  }
}

std::string percent_encode(std::string_view text) {
  return boost::urls::encode(boost::core::string_view(text.data(), text.size()),
                             boost::urls::unreserved_chars);
}

std::string without_password(std::string_view url) {
  const auto start = url.find("://");
  if (start == std::string_view::npos) return std::string(url);
  const auto authority = url.substr(start + 3, url.find_first_of("/?#", start + 3) - (start + 3));
  const auto at = authority.rfind('@');
  const auto colon = authority.substr(0, at).find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos) return std::string(url);
  const std::size_t user_end = start + 3 + colon + 1;
  return fmt::format("{}***{}", url.substr(0, user_end), url.substr(start + 3 + at));
}

std::string_view provider_kind(std::string_view url) noexcept {
  return url.substr(0, url.find_first_of(":+@"));
}

const char* base_url_fault(std::string_view url) noexcept {
  constexpr std::size_t kMaxUrl = 2048;
  const bool is_http = url.starts_with("http://") || url.starts_with("https://");
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!is_http || !clean || url.size() > kMaxUrl)
    return "the base URL must begin with http:// or https://";
  const std::string_view rest = url.substr(url.find("//") + 2);
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (host.empty() || host.starts_with(':')) return "the base URL names no host";
  if (host.find('@') != std::string_view::npos)
    return "a user in the base URL is not allowed; use api_key";
  if (rest.find_first_of("?#") != std::string_view::npos)
    return "the base URL must not hold ? or #; use query";
  return nullptr;
}

}  // namespace scena

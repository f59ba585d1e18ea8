#include <fmt/format.h>

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "base/url_reader.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxPlainUrlBytes = 2048;

// Names that never lead to the public internet, and public zones whose names spell out a private
// address. The check of the resolved address is what counts; this one refuses early and clearly.
constexpr std::string_view kLocalZones[] = {
    "localhost",    "local",   "localdomain", "internal",  "intranet",   "lan",
    "home",         "corp",    "private",     "home.arpa", "arpa",       "onion",
    "test",         "invalid", "svc",         "nip.io",    "sslip.io",   "xip.io",
    "localtest.me", "lvh.me",  "vcap.me",     "local.gd",  "traefik.me", "lacolhost.com"};

// Ports from 1024 up where something else than HTTPS usually answers, sorted. Below 1024 only 443.
constexpr std::uint16_t kForeignPorts[] = {
    1080,  1433,  1434,  1521,  1719,  1720,  1723,  1883,  2049,  2181,  2375,  2376,
    2379,  2380,  2483,  2484,  3128,  3260,  3306,  3389,  3659,  3690,  4045,  4190,
    4222,  4369,  5060,  5061,  5222,  5223,  5269,  5353,  5432,  5433,  5601,  5671,
    5672,  5900,  5901,  5902,  5984,  5985,  5986,  6000,  6001,  6379,  6380,  6443,
    6566,  6660,  6661,  6662,  6663,  6664,  6665,  6666,  6667,  6668,  6669,  6679,
    6697,  7000,  7001,  7199,  7474,  7687,  8086,  8091,  8125,  8500,  8529,  8883,
    9042,  9092,  9160,  9200,  9300,  9418,  10080, 10250, 10255, 11211, 15672, 16379,
    26257, 26379, 27017, 27018, 27019, 28015, 28017, 33060, 50000, 50070, 61616};
static_assert(std::is_sorted(std::begin(kForeignPorts), std::end(kForeignPorts)));

const char* byte_fault(std::string_view text) noexcept {
  if (text.empty()) return "it is empty";
  if (text.size() > kMaxPlainUrlBytes) return "it is longer than 2048 bytes";
  for (char c : text) {
    if (c <= 0x20 || c >= 0x7F) return "it holds a space, control or non-ASCII character";
    if (c == '\\') return "it holds a backslash";
  }
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    for (std::string_view control : {"%00", "%0a", "%0d"}) {
      if (equals_ignore_case(text.substr(i, 3), control))
        return "it holds an encoded line end or NUL";
    }
  }
  return nullptr;
}

bool is_port_open(std::uint16_t port) noexcept {
  if (port < 1024) return port == 443;
  return !std::binary_search(std::begin(kForeignPorts), std::end(kForeignPorts), port);
}

const char* port_fault(const boost::urls::url_view& view) noexcept {
  if (!view.has_port()) return nullptr;
  const std::string_view digits(view.port().data(), view.port().size());
  if (digits.empty() || digits.front() == '0') return "its port has an odd form";
  const auto port = UrlReader::port(view);
  if (!port) return "its port is no number from 1 to 65535";
  return is_port_open(*port) ? nullptr : "its port belongs to another protocol";
}

bool in_zone(std::string_view host, std::string_view zone) noexcept {
  if (!host.ends_with(zone)) return false;
  return host.size() == zone.size() || host[host.size() - zone.size() - 1] == '.';
}

bool is_label(std::string_view label) noexcept {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Resolvers read a name whose last label is a number as an IPv4 address: 127.1, 0x7f.1, 2130706433.
bool is_numeric_label(std::string_view label) noexcept {
  if (label.starts_with("0x")) return true;
  return label.find_first_not_of("0123456789") == std::string_view::npos;
}

const char* name_fault(std::string_view host) noexcept {
  if (host.size() > 253) return "its host name is too long";
  if (host.ends_with('.')) return "its host name ends with a dot";
  std::string_view rest = host, label;
  std::size_t labels = 0;
  for (bool more = true; more; ++labels) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!is_label(label)) return "its host name is not valid; write it in plain or xn-- form";
    more = dot != std::string_view::npos;
    if (more) rest.remove_prefix(dot + 1);
  }
  if (is_numeric_label(label)) return "its host is an address in an odd form";
  for (std::string_view zone : kLocalZones) {
    if (in_zone(host, zone)) return "its host name is local";
  }
  return labels < 2 ? "its host name has no domain" : nullptr;
}

const char* host_fault(const boost::urls::url_view& view, const Url& url) {
  constexpr const char* kNotPublic = "its address is not public";
  const auto encoded = view.encoded_host();
  if (std::find(encoded.begin(), encoded.end(), '%') != encoded.end())
    return "its host is percent-encoded";
  switch (view.host_type()) {
    case boost::urls::host_type::ipv4: {
      return is_public_address(view.host_ipv4_address().to_bytes()) ? nullptr : kNotPublic;
    }
    case boost::urls::host_type::ipv6: {
      return is_public_address(view.host_ipv6_address().to_bytes()) ? nullptr : kNotPublic;
    }
    case boost::urls::host_type::name:
      return url.host().empty() ? "it has no host" : name_fault(url.host());
    default:
      return "its host has an unknown form";
  }
}

// "https://a?@b" and "https://a#@b" are read as host b by some parsers; nobody needs them.
bool is_ambiguous(const boost::urls::url_view& view, std::string_view text) noexcept {
  return view.encoded_path().empty() && text.find('@') != std::string_view::npos;
}

}  // namespace

Result<UntrustedUrl> judge_url(std::string_view text) {
  auto refuse = [](const char* reason) {
    return Error(ErrorCode::permission_denied, fmt::format("the URL is refused: {}", reason));
  };
  try {
    if (const char* fault = byte_fault(text)) return refuse(fault);
    if (!equals_ignore_case(text.substr(0, 8), "https://")) return refuse("only https is allowed");
    const auto view = UrlReader::view(text);
    if (!view) return refuse("it is not a valid URL");
    if (view->has_userinfo()) return refuse("it holds a user or password");
    if (is_ambiguous(*view, text)) return refuse("its host is ambiguous");
    if (const char* fault = port_fault(*view)) return refuse(fault);
    Url url = UrlReader::read(*view);
    if (const char* fault = host_fault(*view, url)) return refuse(fault);
    return UntrustedUrl(std::move(url));
  } catch (const boost::system::system_error&) {
    return refuse("it is not a valid URL");
  }
}

}  // namespace scena

#include "llm/pass_through.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/reserved_members.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace scena::llm {
namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

bool has_query(std::string_view url, std::string_view name) {
  const std::string begin = percent_encode(name) + "=";
  for (std::size_t at = url.find('?'); at != std::string_view::npos; at = url.find('&', at + 1)) {
    if (url.substr(at + 1).starts_with(begin)) return true;
  }
  return false;
}

Result<void> check_headers(const std::map<std::string, std::string>& headers) {
  for (const auto& [name, value] : headers) {
    if (name.empty() || name.find_first_of(" :") != std::string::npos || has_control(name) ||
        has_control(value)) {
      return Error::fixed(ErrorCode::invalid_argument,
                          "extra.headers: a name or value cannot stand in an HTTP head; it must be "
                          "one line, the name without spaces and colons")
          .with_pointer("/extra/headers");
    }
  }
  return {};
}

Result<void> check_query(const Query& query, std::string_view url) {
  for (const auto& [name, value] : query) {
    if (!name.empty() && !has_query(url, name)) continue;
    const std::string shown(utf8_truncate(utf8_repair(name), 64));
    return Error(ErrorCode::invalid_argument,
                 name.empty()
                     ? "extra.query: a member has no name"
                     : fmt::format("extra.query: \"{}\" is set by the provider itself", shown))
        .with_pointer(json_pointer("/extra/query", shown));
  }
  return {};
}

Result<std::string> lay_over(const std::string& body, const std::string& extra) {
  const auto more = parse_json_ordered(extra, {.careful = true});
  if (!more || !more->is_object()) {
    return Error::fixed(ErrorCode::invalid_argument, "extra.body: must be a JSON object")
        .with_pointer("/extra/body");
  }
  auto whole = parse_json_ordered(body);
  if (!whole) return whole.error();
  for (const auto& [name, value] : more->items()) {
    if (is_reserved_member(name)) {
      return Error(
                 ErrorCode::invalid_argument,
                 fmt::format("extra.body: \"{}\" is the request's own member; set it there", name))
          .with_pointer("/extra/body/" + name);
    }
    if (value.is_null()) {
      whole->erase(name);
    } else {
      (*whole)[name] = value;
    }
  }
  return dump_json(*whole);
}

void add_query(net::HttpRequest& http, const Query& query) {
  for (const auto& [name, value] : query) {
    const std::string_view url = http.url.reveal();
    const Secret coded = percent_encode(value.reveal());
    http.url = Secret::joined(
        {url, url.find('?') == url.npos ? "?" : "&", percent_encode(name), "=", coded.reveal()});
  }
}

void replace_headers(net::HttpRequest& http, const std::map<std::string, Secret>& headers) {
  for (const auto& [name, value] : headers) {
    std::erase_if(http.headers, [&, key = std::string_view(name)](const auto& field) {
      return equals_ignore_case(field.first, key);
    });
    http.headers.emplace_back(name, value);
  }
}

}  // namespace scena::llm

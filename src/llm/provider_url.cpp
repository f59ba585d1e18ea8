#include "llm/provider_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <scena/config.hpp>

#include "base/text.hpp"
#include "base/url.hpp"

namespace scena::llm {
namespace {

bool is_kind_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_http(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Error bad_url(std::string_view reason) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("provider URL: {}; write KIND:MODEL, KIND:MODEL@http://HOST/PATH or "
                           "KIND+http://HOST/PATH, e.g. \"openai:gpt-4o\"",
                           reason));
}

// The "@" before a base URL; others belong to the model's name.
std::size_t base_mark(std::string_view rest) {
  return std::min(rest.find("@http://"), rest.find("@https://"));
}

std::string without_last_slashes(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

}  // namespace

Result<std::string> parse_base_url(std::string_view url) {
  if (const char* fault = base_url_fault(url)) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("{}; write for example \"https://api.openai.com/v1\"", fault));
  }
  return without_last_slashes(url);
}

Result<ProviderUrl> parse_provider_url(std::string_view url) {
  ProviderUrl parsed;
  parsed.kind = provider_kind(url);
  std::string_view rest = url.substr(parsed.kind.size());
  if (parsed.kind.empty()) return bad_url("it names no kind");
  if (!std::all_of(parsed.kind.begin(), parsed.kind.end(), is_kind_character))
    return bad_url("a kind is lower-case letters, digits and \"_\"");
  if (rest.empty()) return parsed;
  std::string_view base;
  if (rest.starts_with('+')) {
    base = rest.substr(1);
    if (!is_http(base)) return bad_url("\"+\" must be followed by http:// or https://");
  } else if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    const std::size_t mark = base_mark(rest);
    parsed.model.assign(rest.substr(0, mark));
    if (mark != std::string_view::npos) base = rest.substr(mark + 1);
    if (parsed.model.starts_with("//"))
      return bad_url("\"//\" after the kind; a server is given as KIND+http://HOST/PATH");
  } else {
    return bad_url("after the kind comes \":\" or \"+\"");
  }
  if (!is_valid_utf8(parsed.model)) return bad_url("the model's name is not UTF-8");
  if (base.empty()) return parsed;
  if (const char* fault = base_url_fault(base)) return bad_url(fault);
  parsed.base_url = without_last_slashes(base);
  return parsed;
}

}  // namespace scena::llm

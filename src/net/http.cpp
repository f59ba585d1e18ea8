#include "net/http.hpp"

#include "base/text.hpp"

namespace scena::net {

std::string_view HttpHead::header(std::string_view name) const noexcept {
  for (const auto& [field, value] : headers) {
    if (equals_ignore_case(field, name)) return value;
  }
  return {};
}

std::string_view HttpRequest::header(std::string_view name) const noexcept {
  for (const auto& [field, value] : headers) {
    if (equals_ignore_case(field, name)) return value.reveal();
  }
  return {};
}

}  // namespace scena::net

#pragma once

#include <scena/result.hpp>
#include <string_view>

#include "net/http.hpp"

namespace scena::net {

/// A status line and its fields, taken apart.
struct ParsedHead {
  HttpHead head;
  bool version_1_1 = true;
};

/// Parses a head that ends in its blank line. Strict; Error `protocol`.
Result<ParsedHead> parse_response_head(std::string_view text, std::size_t max_fields);

/// Characters that a field's name or a method may have (RFC 9110 "token").
bool is_token(std::string_view text) noexcept;
/// No control character but the tab.
bool is_field_value(std::string_view text) noexcept;
/// True when the comma-separated field `list` has that token, without case.
bool has_list_token(std::string_view list, std::string_view token) noexcept;

}  // namespace scena::net

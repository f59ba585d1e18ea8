#pragma once

#include <map>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace scena::llm {

/// Whether the URL's query has a member of that name.
bool has_query(std::string_view url, std::string_view name);

/// Members of a request's query, not encoded. Any of them may hold a key.
using Query = std::map<std::string, Secret>;

/// Whether they can stand in a request's head, or in the query of `url`; the error names the
/// member.
Result<void> check_headers(const std::map<std::string, std::string>& headers);
Result<void> check_query(const Query& query, std::string_view url);

/// Members of `extra`, an object, replace the body's; null takes one out (RFC 7396 at
/// the top level).
Result<std::string> lay_over(const std::string& body, const std::string& extra);

void add_query(net::HttpRequest& http, const Query& query);

/// The head's fields of these names, in any case, give way to these.
void replace_headers(net::HttpRequest& http, const std::map<std::string, Secret>& headers);

}  // namespace scena::llm

#pragma once

#include <map>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace scena::llm {

/// Whether all of it can stand in a request to `url`; the error names the member.
Result<void> check_pass_through(const PassThrough& extra, std::string_view url);

/// Members of `extra`, an object, replace the body's; null takes one out (RFC 7396 at
/// the top level).
Result<std::string> lay_over(const std::string& body, const std::string& extra);

void add_query(std::string& url, const std::map<std::string, std::string>& query);

void replace_headers(net::HttpRequest& http, const std::map<std::string, std::string>& headers);

}  // namespace scena::llm

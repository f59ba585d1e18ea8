#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/tool.hpp>
#include <string>

#include "base/secret.hpp"
#include "net/http.hpp"

namespace scena::engine {

/// A tool that makes one HTTP request from its configuration, which was checked. Arguments come
/// from a model: they fill slots of path, query, header values and body, encoded for their place,
/// and never decide which host is asked. Redirects are not followed.
///
/// `http` outlives the tool, and is used on its loop alone.
std::shared_ptr<Tool> make_http_tool(const std::string& name, const HttpToolConfig& config,
                                     Secret secret, net::HttpTransport& http);

}  // namespace scena::engine

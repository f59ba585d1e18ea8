#pragma once

#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>

namespace scena::llm {

/// "TENANT-HASH/" and the SHA-256 of whatever shapes the answer: tenant, service, and the request
/// with all its members. Equal requests of two tenants have different keys; each tenant's begin
/// with request_key_prefix().
std::string request_key(std::string_view service, const ReplyRequest& request);
std::string request_key_prefix(std::string_view tenant);

}  // namespace scena::llm

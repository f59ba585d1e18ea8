#include "llm/backends/fault/fault_request.hpp"

#include "base/text.hpp"
#include "llm/backends/fault/fault_body.hpp"

namespace scena::fault {
namespace {

// Takes "/case/D5" or "/fault/429" from the front of the path.
std::optional<WireError> take_step(std::string_view& path, std::optional<FaultStep>& step) {
  std::string prefix;
  if (path.starts_with("/case/")) {
    path.remove_prefix(6);
    prefix = "case=";
  } else if (path.starts_with("/fault/")) {
    path.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const std::size_t slash = std::min(path.find('/'), path.size());
  auto parsed = parse_fault_step(prefix + std::string(path.substr(0, slash)));
  path.remove_prefix(slash);
  if (!parsed) return WireError{.status = 404, .message = parsed.error().what()};
  step = std::move(*parsed);
  return std::nullopt;
}

std::string_view key_of(const FaultHttpRequest& request, Dialect dialect) {
  if (dialect == Dialect::messages && !request.header("x-api-key").empty()) {
    return request.header("x-api-key");
  }
  std::string_view bearer = request.header("authorization");
  if (!bearer.starts_with("Bearer ")) return {};
  bearer.remove_prefix(7);
  return trim(bearer);
}

std::optional<WireError> check_head(const FaultHttpRequest& request, Dialect dialect,
                                    std::string_view api_key) {
  if (request.method != "POST") {
    return WireError{.status = 405, .message = "Only POST is allowed here."};
  }
  const std::string_view key = key_of(request, dialect);
  if (key.empty() || (!api_key.empty() && key != api_key)) return WireError{.status = 401};
  if (dialect == Dialect::messages && request.header("anthropic-version").empty()) {
    return WireError{.message = "anthropic-version: header is required"};
  }
  const std::string_view type = request.header("content-type");
  if (!equals_ignore_case(trim(type.substr(0, type.find(';'))), "application/json")) {
    return WireError{.message = "Content-Type must be application/json."};
  }
  return std::nullopt;
}

}  // namespace

std::string_view FaultHttpRequest::header(std::string_view name) const noexcept {
  for (const auto& [field, value] : headers) {
    if (equals_ignore_case(field, name)) return value;
  }
  return {};
}

FaultCall read_call(const FaultHttpRequest& request, std::string_view api_key) {
  FaultCall call;
  std::string_view path = request.target;
  path = path.substr(0, path.find('?'));
  call.refused = take_step(path, call.step);
  if (call.refused) return call;
  if (path.ends_with("/messages")) {
    call.dialect = Dialect::messages;
  } else if (!path.ends_with("/chat/completions")) {
    call.refused = WireError{.status = 404,
                             .message = "Unknown path; use /v1/chat/completions or /v1/messages."};
    return call;
  }
  call.refused = check_head(request, call.dialect, api_key);
  if (!call.refused) call.refused = read_body(request.body, call);
  return call;
}

}  // namespace scena::fault

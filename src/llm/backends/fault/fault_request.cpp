#include "llm/backends/fault/fault_request.hpp"

#include "base/text.hpp"
#include "llm/backends/fault/fault_body.hpp"
#include "llm/backends/fault/fault_dialect.hpp"

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

std::string_view key_of(const FaultHttpRequest& request, const WireDialect& row) {
  if (row.key_field && !request.header(row.key_field).empty()) return request.header(row.key_field);
  std::string_view bearer = request.header("authorization");
  if (!bearer.starts_with("Bearer ")) return {};
  bearer.remove_prefix(7);
  return trim(bearer);
}

std::optional<WireError> check_head(const FaultHttpRequest& request, const WireDialect& row,
                                    std::string_view api_key) {
  if (request.method != "POST") {
    return WireError{.status = 405, .message = "Only POST is allowed here."};
  }
  const std::string_view key = key_of(request, row);
  if ((key.empty() && row.needs_key) || (!api_key.empty() && key != api_key))
    return WireError{.status = 401};
  if (row.dialect == Dialect::messages && request.header("anthropic-version").empty()) {
    return WireError{.message = "anthropic-version: header is required"};
  }
  const std::string_view type = request.header("content-type");
  if (!equals_ignore_case(trim(type.substr(0, type.find(';'))), "application/json")) {
    return WireError{.message = "Content-Type must be application/json."};
  }
  return std::nullopt;
}

// ".../models/M:streamGenerateContent": Gemini's model and streaming stand in the path.
void read_gemini_path(std::string_view path, ReplyRequest& request) {
  const std::size_t colon = path.rfind(':');
  const std::string_view model = path.substr(0, colon);
  request.model = model.substr(model.rfind('/') + 1);
  request.stream = path.substr(colon) == ":streamGenerateContent";
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
  const WireDialect* row = find_dialect(path);
  if (!row) {
    call.refused = WireError{.status = 404,
                             .message =
                                 "Unknown path; use /v1/chat/completions, /v1/responses, "
                                 "/v1/messages, /v1beta/models/MODEL:generateContent, "
                                 "/v2/chat or /api/chat."};
    return call;
  }
  call.dialect = row->dialect;
  if (row->dialect == Dialect::gemini) read_gemini_path(path, call.request);
  call.refused = check_head(request, *row, api_key);
  if (!call.refused) call.refused = read_body(request.body, call);
  return call;
}

}  // namespace scena::fault

#pragma once

#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>

#include "llm/backends/fault/fault_step.hpp"
#include "llm/backends/fault/fault_wire.hpp"
#include "net/http.hpp"

namespace scena::fault {

/// A request as it came over the wire.
struct FaultHttpRequest {
  std::string method;
  std::string target;
  net::HttpFields headers;
  std::string body;

  /// The first field of that name, or empty.
  std::string_view header(std::string_view name) const noexcept;
};

/// A request understood, or the error that the real service would answer.
struct FaultCall {
  Dialect dialect = Dialect::chat_completions;
  std::optional<WireError> refused;
  std::optional<FaultStep> step;  ///< From the path: /case/D5/... or /fault/429/...
  ReplyRequest request;           ///< Model, system, messages, max_tokens, stop, stream.
  bool include_usage = false;
};

/// Checks a request as strictly as the services do: path, method, key, JSON, members, roles.
/// `api_key` empty: any key will do, but one must be there.
FaultCall read_call(const FaultHttpRequest& request, std::string_view api_key);

}  // namespace scena::fault

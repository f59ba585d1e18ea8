#pragma once

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {

/// Reads the body of a request in the call's dialect into `call`, or tells why it is refused.
std::optional<WireError> read_body(std::string_view text, FaultCall& call);

std::optional<WireError> read_chat(const Json& body, FaultCall& call);
std::optional<WireError> read_messages(const Json& body, FaultCall& call);

}  // namespace scena::fault

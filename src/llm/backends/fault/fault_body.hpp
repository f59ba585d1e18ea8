#pragma once

#include <optional>
#include <string_view>

#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {

/// Reads a request's JSON into `call`; the error where the real service would refuse it.
std::optional<WireError> read_body(std::string_view body, FaultCall& call);

}  // namespace scena::fault

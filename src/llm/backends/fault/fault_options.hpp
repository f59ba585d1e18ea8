#pragma once

#include <memory>
#include <scena/result.hpp>
#include <string_view>

#include "llm/backends/fault/fault_schedule.hpp"
#include "llm/backends/script/script_library.hpp"

namespace scena::fault {

/// A schedule and what to say: the fault provider's and the fault server's whole configuration.
struct FaultOptions {
  FaultSchedule schedule;
  std::shared_ptr<script::ScriptLibrary> library;
};

/// Reads a list of steps, or a JSON object that holds a schedule's members and a script's members
/// side by side. Error: invalid_argument with a JSON pointer.
Result<FaultOptions> parse_fault_options(std::string_view text);

}  // namespace scena::fault

#pragma once

#include <cstdint>
#include <string>

#include "llm/backends/fault/fault_answer.hpp"
#include "llm/backends/fault/fault_options.hpp"
#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {

/// What the answer to a request depends on, besides the request.
struct FaultContext {
  const FaultOptions& options;
  std::string api_key;     ///< Empty: any key will do.
  std::uint64_t call = 0;  ///< Number of the call, for the schedule and for ids.
  std::uint64_t seed = 0;  ///< Of texts and times.
};

/// True for a request that takes the schedule's next step: one for a reply, without a step in its
/// path.
bool takes_step(const FaultHttpRequest& request);

/// The whole answer to one request: a pure function, the same bytes each time.
FaultAnswer answer(const FaultHttpRequest& request, const FaultContext& context);

}  // namespace scena::fault

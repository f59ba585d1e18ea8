#pragma once

#include <scena/result.hpp>
#include <string>

#include "base/unique_function.hpp"

namespace scena::engine {

/// An attempt at a session's analysis, as its job asks for it.
struct AnalysisTask {
  std::string job;    ///< The job's id.
  bool last = false;  ///< The job has no further attempt: the session is told when this one fails.
  UniqueFunction<void(Result<void>)> done;  ///< Called once, on the session's strand.
};

}  // namespace scena::engine

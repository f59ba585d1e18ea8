#pragma once

#include <scena/result.hpp>
#include <string>
#include <vector>

#include "base/unique_function.hpp"

namespace scena::engine {

/// An attempt at a second opinion on a message, as its job asks for it.
struct JudgeTask {
  std::string job;                   ///< The job's id.
  std::string message;               ///< Id of the message.
  std::vector<std::string> metrics;  ///< Which of its scores are unsure.
  bool last = false;  ///< The job has no further attempt: the session is told when this one fails.
  UniqueFunction<void(Result<void>)> done;  ///< Called once, on the session's strand.
};

}  // namespace scena::engine

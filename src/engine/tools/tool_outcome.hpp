#pragma once

#include <string>

namespace scena::engine {

/// What came of one call, as the model reads it.
struct ToolOutcome {
  bool failed = false;
  std::string text;  ///< UTF-8: the result, or why there is none.
  bool cached = false;
};

}  // namespace scena::engine

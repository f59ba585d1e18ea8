#pragma once

#include <string_view>

#include "metrics/learned/weights.hpp"

namespace scena::test {

/// Whether the library has learned weights, small or full: SCENA_METRICS_WEIGHTS is not none.
inline bool has_weights() {
  return !metrics::builtin_weights_file().empty();
}

/// Whether it has the full ones, whose quality the reference tells.
inline bool has_full_weights() {
  return std::string_view(SCENA_METRICS_WEIGHTS) == "full";
}

}  // namespace scena::test

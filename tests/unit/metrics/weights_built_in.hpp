#pragma once

#include "metrics/learned/weights.hpp"

namespace scena::test {

/// Whether the library has learned weights, small or full: SCENA_METRICS_WEIGHTS is not none.
inline bool has_weights() {
  return !metrics::builtin_weights_file().empty();
}

/// Whether it has the full ones, whose quality the reference tells.
inline bool has_full_weights() {
  constexpr std::size_t kLargestSmall = 400'000;
  return metrics::builtin_weights_file().size() > kLargestSmall;
}

}  // namespace scena::test

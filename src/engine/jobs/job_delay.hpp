#pragma once

#include <scena/config.hpp>

#include "base/id.hpp"

namespace scena::engine {

/// How long to wait after the `attempts`-th failure in a row: doubled from first_delay up to
/// longest_delay, of which a random half, so that what failed together does not come back together.
/// Values only: `random` is uniform in [0, 1).
std::chrono::milliseconds job_delay(const JobsConfig& config, int attempts, double random) noexcept;

}  // namespace scena::engine

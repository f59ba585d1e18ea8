#include "engine/jobs/job_delay.hpp"

#include <algorithm>
#include <cmath>

namespace scena::engine {

std::chrono::milliseconds job_delay(const JobsConfig& config, int attempts,
                                    double random) noexcept {
  const double doubled =
      std::ldexp(static_cast<double>(config.first_delay.count()), std::clamp(attempts - 1, 0, 60));
  const double longest = std::min(doubled, static_cast<double>(config.longest_delay.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>(longest * (0.5 + 0.5 * random)));
}

}  // namespace scena::engine

#include "metrics/learned/word_vectors.hpp"

#include <algorithm>
#include <cmath>

namespace scena::metrics {

double likeness(const AboutSum& a, const AboutSum& b) noexcept {
  std::int64_t both = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += std::int64_t{a[i]} * b[i];
    of_a += std::int64_t{a[i]} * a[i];
    of_b += std::int64_t{b[i]} * b[i];
  }
  if (of_a == 0 || of_b == 0) return 0;
  // sqrt() is correctly rounded everywhere.
  return static_cast<double>(both) /
         (std::sqrt(static_cast<double>(of_a)) * std::sqrt(static_cast<double>(of_b)));
}

std::uint16_t WordVectors::place_of(std::uint32_t stem) const noexcept {
  const auto at = std::lower_bound(stems_.begin(), stems_.end(), stem);
  if (at == stems_.end() || *at != stem) return 0;
  return static_cast<std::uint16_t>(at - stems_.begin() + 1);
}

}  // namespace scena::metrics

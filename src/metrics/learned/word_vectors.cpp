#include "metrics/learned/word_vectors.hpp"

#include <algorithm>
#include <cmath>

namespace scena::metrics {

double likeness(const AboutSum& a, const AboutSum& b) noexcept {
  // In double: the squares of a text of many megabytes do not fit into 64 bits.
  double both = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    both += x * y;
    of_a += x * x;
    of_b += y * y;
  }
  if (of_a == 0 || of_b == 0) return 0;
  return both / (std::sqrt(of_a) * std::sqrt(of_b));  // sqrt() is correctly rounded everywhere
}

std::uint16_t WordVectors::place_of(std::uint32_t stem) const noexcept {
  const auto at = std::lower_bound(stems_.begin(), stems_.end(), stem);
  if (at == stems_.end() || *at != stem) return 0;
  return static_cast<std::uint16_t>(at - stems_.begin() + 1);
}

}  // namespace scena::metrics

#include "metrics/linear_model.hpp"

#include <algorithm>
#include <cmath>

namespace scena::metrics {

double LinearModel::score(std::size_t head, const Sums& sums,
                          std::span<const double> numbers) const noexcept {
  const Head& of = heads_[head];
  double score = of.bias;
  // sqrt() is correctly rounded everywhere.
  if (sums.features > 0)
    score += of.scale * sums.heads[head] / std::sqrt(static_cast<double>(sums.features));
  // Four sums side by side: each addition of one sum would wait for the one before.
  const std::size_t count = std::min(numbers.size(), of.numbers.size());
  std::array<double, 4> sums_of{};
  for (std::size_t i = 0; i < count; ++i) sums_of[i % 4] += double{of.numbers[i]} * numbers[i];
  return score + ((sums_of[0] + sums_of[1]) + (sums_of[2] + sums_of[3]));
}

double logistic(double x) noexcept {
  // e^-|x| as (e^(-|x| / 256))^256, the inner one by its series.
  const double small = -std::min(std::abs(x), 40.0) / 256;
  double power = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)));
  for (int i = 0; i < 8; ++i) power *= power;
  return x >= 0 ? 1 / (1 + power) : power / (1 + power);
}

}  // namespace scena::metrics

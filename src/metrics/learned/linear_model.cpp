#include "metrics/learned/linear_model.hpp"

#include <algorithm>
#include <cmath>

namespace scena::metrics {

double LinearModel::score(std::size_t head, const Sums& sums, std::span<const double> numbers,
                          double spread) const noexcept {
  const Head& of = heads_[head];
  double score = of.bias;
  // sqrt() is correctly rounded everywhere.
  if (sums.features > 0)
    score += of.scale * sums.heads[head] / std::sqrt(static_cast<double>(sums.features) * spread);
  // Four sums side by side: each addition of one sum would wait for the one before.
  const std::size_t count = std::min(numbers.size(), of.numbers.size());
  const float* const weights = of.numbers.data();
  double first = 0, second = 0, third = 0, fourth = 0;
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    first += double{weights[i]} * numbers[i];
    second += double{weights[i + 1]} * numbers[i + 1];
    third += double{weights[i + 2]} * numbers[i + 2];
    fourth += double{weights[i + 3]} * numbers[i + 3];
  }
  for (; i < count; ++i) first += double{weights[i]} * numbers[i];
  return score + ((first + second) + (third + fourth));
}

double logistic(double x) noexcept {
  // e^-|x| as (e^(-|x| / 256))^256, the inner one by its series.
  const double small = -std::min(std::abs(x), 40.0) / 256;
  double power = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)));
  for (int i = 0; i < 8; ++i) power *= power;
  return x >= 0 ? 1 / (1 + power) : power / (1 + power);
}

}  // namespace scena::metrics

#include "engine/batch/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <scena/batch_row.hpp>

namespace scena {
namespace {

// The two-sided 95 % point of the normal distribution.
constexpr double kZ = 1.959963984540054;
constexpr double kOutside = 0.05;

// The t beyond which, on both sides together, lies `outside` of Student's distribution.
// G. W. Hill, "Algorithm 396: Student's t-quantiles", Communications of the ACM 13 (1970) 619-620;
// exact for 1 and 2 degrees of freedom, else six digits.
double student_t(double n, double outside) {
  constexpr double kHalfPi = std::numbers::pi / 2;
  if (n < 1.5) return std::cos(outside * kHalfPi) / std::sin(outside * kHalfPi);
  if (n < 2.5) return std::sqrt(2 / (outside * (2 - outside)) - 2);
  const double a = 1 / (n - 0.5);
  const double b = 48 / (a * a);
  double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
  const double d = ((94.5 / (b + c) - 3) / b + 1) * std::sqrt(a * kHalfPi) * n;
  double y = std::pow(d * outside, 2 / n);
  if (y > 0.05 + a) {
    const double x = -kZ;  // of outside / 2
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = a * y * y;
    y = y > 0.002 ? std::expm1(y) : 0.5 * y * y + y;
  } else {
    y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) *
            (n + 1) / (n + 2) +
        1 / y;
  }
  return std::sqrt(n * y);
}

}  // namespace

namespace engine {

Interval mean_interval(std::size_t count, double mean, double deviations) {
  Interval found{.count = count};
  if (count == 0) return found;
  const auto n = static_cast<double>(count);
  found.value = found.low = found.high = mean;
  if (count < 2) return found;
  const double half = student_t(n - 1, kOutside) * std::sqrt(deviations / (n - 1) / n);
  found.low -= half;
  found.high += half;
  return found;
}

}  // namespace engine

Interval mean_interval(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = values.empty() ? 0 : sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return engine::mean_interval(values.size(), mean, squares);
}

// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
// the American Statistical Association 22 (1927) 209-212.
Interval share_interval(std::size_t hits, std::size_t count) {
  Interval found{.count = count};
  if (count == 0) return found;
  const auto n = static_cast<double>(count);
  const double p = static_cast<double>(hits) / n;
  const double z2 = kZ * kZ;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  found.value = p;
  // Rounding must not put the share itself outside.
  found.low = hits == 0 ? 0 : std::max(0.0, middle - half);
  found.high = hits == count ? 1 : std::min(1.0, middle + half);
  return found;
}

}  // namespace scena

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace scena::metrics {

/// What words are about, as sums of their vectors: texts about the same have sums that point the
/// same way. Integers, so that neither order nor cuts of a text leave a trace.
using AboutSum = std::array<std::int64_t, 32>;

/// The cosine of the angle between two sums; 0 where one of them is empty.
double likeness(const AboutSum& a, const AboutSum& b) noexcept;

/// A learned vector for each of the usual stems, a rare one's longer than that of a common one.
/// Immutable.
class WordVectors {
 public:
  static constexpr std::size_t kDims = std::tuple_size_v<AboutSum>;
  static constexpr std::size_t kMaxStems = 0xFFFE;

  /// No words.
  WordVectors() noexcept = default;

  /// `stems` in rising order; `table`, kDims numbers for each of them, must outlive the vectors.
  WordVectors(std::vector<std::uint32_t> stems, std::span<const std::int8_t> table) noexcept
      : stems_(std::move(stems)), table_(table) {}

  /// By what a stem's vector is found from then on; 0 when it has none.
  std::uint16_t place_of(std::uint32_t stem) const noexcept;

  void add(std::uint16_t place, AboutSum& sum) const noexcept {
    if (place == 0) return;
    const std::int8_t* const vector = table_.data() + (place - 1u) * kDims;
    for (std::size_t i = 0; i < kDims; ++i) sum[i] += vector[i];
  }

 private:
  std::vector<std::uint32_t> stems_;
  std::span<const std::int8_t> table_;
};

}  // namespace scena::metrics

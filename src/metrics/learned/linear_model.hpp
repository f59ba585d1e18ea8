#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace scena::metrics {

/// The hash of a feature that stands for two words (or a word and the family it is counted in).
/// Order matters: pair_feature(a, b) is not pair_feature(b, a).
constexpr std::uint32_t pair_feature(std::uint32_t first, std::uint32_t second) noexcept {
  std::uint32_t state = (first * 2654435761u) ^ (second + 0x9E3779B9u + (first << 6));
  state ^= state >> 16;
  state *= 0x85EBCA6Bu;
  return state ^ (state >> 13);
}

/// A learned linear model: a table of int8 weights that hashed features point into, and a few
/// numbers with weights of their own. It may have several heads, each giving one score from the
/// same features.
///
/// The table stays where the file of weights is; the model is immutable and serves any thread.
class LinearModel {
 public:
  static constexpr std::size_t kMaxHeads = 4;
  static constexpr std::size_t kMaxNumbers = 64;

  /// Sums over hashed features. Integers, so that the order and the cuts of a text leave no trace.
  struct Sums {
    std::array<std::int32_t, kMaxHeads> heads{};
    std::uint32_t features = 0;
  };

  /// One head: score = bias + scale * sum / sqrt(features * spread) + numbers * weights.
  struct Head {
    double bias = 0;
    double scale = 0;
    std::vector<float> numbers;
  };

  /// `table` holds the weights of all heads of the first slot, then of the second, ...: as many
  /// slots as 2 to the power of `bits`. It must outlive the model.
  LinearModel(unsigned bits, std::vector<Head> heads, std::span<const std::int8_t> table) noexcept
      : heads_(std::move(heads)), table_(table), shift_(32 - bits) {}

  std::size_t heads() const noexcept { return heads_.size(); }

  /// Counts one feature. Past a million features of a text the rest no longer counts.
  void add(std::uint32_t feature, Sums& sums) const noexcept {
    if (sums.features >= kMaxFeatures) return;
    ++sums.features;
    const std::int8_t* const weights = table_.data() + place_of(feature);
    if (heads_.size() == 4) {  // without a loop this takes a third of the time
      for (std::size_t head = 0; head < 4; ++head) sums.heads[head] += weights[head];
      return;
    }
    if (heads_.size() == 2) {
      for (std::size_t head = 0; head < 2; ++head) sums.heads[head] += weights[head];
      return;
    }
    for (std::size_t head = 0; head < heads_.size(); ++head) sums.heads[head] += weights[head];
  }

  /// Counts the features of `more`, all of them or none.
  static void add(const Sums& more, Sums& sums) noexcept {
    if (sums.features + more.features > kMaxFeatures) return;
    sums.features += more.features;
    for (std::size_t head = 0; head < kMaxHeads; ++head) sums.heads[head] += more.heads[head];
  }

  /// The head's score. `numbers` beyond those that it was trained with do not count. A `spread`
  /// above 1 holds down the sums of a long text, where the model was trained so.
  double score(std::size_t head, const Sums& sums, std::span<const double> numbers,
               double spread = 1) const noexcept;

  /// What the feature adds to the head's sum: for the reasons of a score.
  int weight(std::size_t head, std::uint32_t feature) const noexcept {
    return table_[place_of(feature) + head];
  }

 private:
  static constexpr std::uint32_t kMaxFeatures = 1'000'000;

  std::size_t place_of(std::uint32_t feature) const noexcept {
    return ((feature * 2654435761u) >> shift_) * heads_.size();
  }

  std::vector<Head> heads_;
  std::span<const std::int8_t> table_;
  unsigned shift_;
};

/// 1 / (1 + e^-x), from additions, multiplications and divisions alone: std::exp() may differ in
/// its last bit between machines.
double logistic(double x) noexcept;

}  // namespace scena::metrics

#pragma once

#include <cstddef>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scena {

/// One vector that was found.
struct VectorMatch {
  std::string id;    ///< As it was added.
  double score = 0;  ///< Cosine with the query, -1 to 1.
  bool operator==(const VectorMatch&) const = default;
};

/// Exact search among vectors by cosine: every vector is looked at. Holds them as float32 in one
/// block, 4 bytes a dimension; meant for up to some 100,000.
///
/// Threading: const functions from several threads at once, unless one changes the index.
class VectorIndex {
 public:
  /// Of one vector.
  static constexpr std::size_t kMaxDimensions = 65'536;

  /// `dimensions`: 1 to kMaxDimensions. `max_vectors` bounds the memory: at most that many times
  /// `dimensions` times 4 bytes, and the ids.
  explicit VectorIndex(std::size_t dimensions, std::size_t max_vectors = 100'000) noexcept
      : dimensions_(dimensions), max_vectors_(max_vectors) {}

  /// Copies a vector in; one of the same id is replaced.
  /// @return invalid_argument for another number of dimensions, values that are not finite, a
  ///         vector of zeros, which has no direction, or an empty id; limit_reached when full.
  Result<void> add(std::string_view id, std::span<const float> vector);
  /// @return false when there is none of that id.
  bool remove(std::string_view id);
  /// The `k` nearest, best first, those of equal score by id. Fewer when the index holds fewer.
  /// @return invalid_argument as add().
  Result<std::vector<VectorMatch>> top_k(std::span<const float> query, std::size_t k) const;

  /// Vectors held.
  std::size_t size() const noexcept { return ids_.size(); }
  /// Of each vector; 0 before the first.
  std::size_t dimensions() const noexcept { return dimensions_; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Result<double> length_of(std::span<const float> vector) const;

  std::size_t dimensions_;
  std::size_t max_vectors_;
  std::vector<float> block_;
  std::vector<double> lengths_;
  std::vector<std::string> ids_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_;
};

}  // namespace scena

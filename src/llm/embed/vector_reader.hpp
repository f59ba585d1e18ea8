#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/json_cursor.hpp"
#include "llm/embed/embed_vendor.hpp"

namespace scena::llm {

/// Collects the vectors of an answer in their order, and sees that each has the same number of
/// finite values. No I/O.
class VectorReader {
 public:
  /// Reads the value at the cursor as the next vector: a list of numbers, or base64 of
  /// little-endian float32.
  void read(JsonCursor& json);
  /// What was read, the vector read n-th at place `order[n]`; empty: in the order of reading.
  /// protocol when there are not exactly `texts` sound vectors, or two for one place.
  Result<EmbeddedBatch> take(std::size_t texts, const std::vector<std::size_t>& order = {});

 private:
  bool read_numbers(JsonCursor& json);
  bool read_base64(JsonCursor& json);

  EmbeddedBatch batch_;
  std::size_t count_ = 0;
  bool sound_ = true;
};

/// The protocol error of an answer without the vectors that were asked for.
Error no_vectors(const char* what) noexcept;

}  // namespace scena::llm

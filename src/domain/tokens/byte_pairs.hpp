#pragma once

#include <cstdint>
#include <scena/byte_pairs.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scena {

/// A vocabulary of byte pairs: tokens and their ranks.
///
/// Immutable: any thread.
class BytePairs {
 public:
  static Result<BytePairs> parse(std::string_view ranks, const BytePairLimits& limits);

  /// Tokens of one word. The neighbours that together have the lowest rank become one, the leftmost
  /// where there are several, until none has a rank. In n log n steps.
  std::int64_t count_word(std::string_view word) const;
  std::size_t size() const noexcept { return ranks_.size(); }

 private:
  struct Part;
  using Rank = std::uint32_t;
  static constexpr Rank kNone = UINT32_MAX;

  BytePairs() = default;
  Result<void> add(std::string_view line, const BytePairLimits& limits);
  Rank rank(std::string_view bytes) const noexcept;
  std::int64_t merge(std::string_view word) const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  std::unordered_map<std::string, Rank, Hash, std::equal_to<>> ranks_;
  std::size_t longest_ = 0;  // bytes of a token
};

}  // namespace scena

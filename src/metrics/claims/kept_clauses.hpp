#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/claims/clause.hpp"

namespace scena::metrics {

/// The clauses of a message in compact form, in the order of the text: about 70 bytes for a usual
/// one. What most comparisons end with stands in a list of its own, side by side.
class KeptClauses {
 public:
  struct Head {
    std::uint64_t signature = 0;  ///< 0 where the clause claims nothing.
    std::uint16_t begin = 0;      ///< Of its words in the other list.
    std::uint16_t marks = 0;
    std::uint8_t flags = 0;
    Subject subject : 4 = Subject::none;
    std::uint8_t borrowed : 4 = 0;
    std::uint8_t stem_count : 4 = 0;
    std::uint8_t light_stems : 4 = 0;
    std::uint8_t set_count : 4 = 0;
    std::uint8_t number_count : 4 = 0;

    bool claims() const noexcept { return (flags & (kAsked | kSupposed)) == 0; }
  };
  static_assert(sizeof(Head) == 16);

  /// Of a message whose clauses fill kMaxWords the rest is not kept.
  static constexpr std::size_t kMaxWords = 512;

  void add(const Clause& clause);
  /// Whether the same is kept already, from another place of the text.
  bool has(const Clause& clause) const noexcept;

  std::span<const Head> heads() const noexcept { return heads_; }
  std::span<const std::uint32_t> stems(const Head& head) const noexcept;
  /// The clause's packed NamedMembers, in rising order.
  std::span<const std::uint32_t> sets(const Head& head) const noexcept;
  Traits traits(const Head& head) const noexcept;
  /// Where it stands in its message.
  Span span(const Head& head) const noexcept;
  Clause clause(const Head& head) const noexcept;

 private:
  static constexpr std::size_t kFront = 6;  // words before the stems

  static Head head_of(const Clause& clause) noexcept;

  std::vector<Head> heads_;
  std::vector<std::uint32_t> words_;
};

}  // namespace scena::metrics

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace scena::metrics {

inline constexpr std::size_t kIndustryCount = 12;

/// The names, in the order of all that is counted by industry.
inline constexpr std::array<std::string_view, kIndustryCount> kIndustryNames = {
    "technology", "healthcare",  "finance",     "retail",    "manufacturing", "education",
    "legal",      "real-estate", "hospitality", "logistics", "energy",        "agriculture"};

/// A message's points by industry; at most 255 each.
using IndustryPoints = std::array<std::uint8_t, kIndustryCount>;

/// Which industries a word speaks for: whole words and their plurals, no other forms, because
/// "broke" is no broker and "cloudy" no cloud. Built once, immutable afterwards.
class IndustryWords {
 public:
  /// A word that is typical of an industry; an ambiguous one has an entry for each.
  struct Entry {
    std::uint32_t word = 0;  ///< Its hash_word().
    std::uint8_t industry = 0;
    std::uint8_t points = 0;  ///< 3: hardly used elsewhere; 1: a hint.
  };

  IndustryWords();

  /// Calls `use(entry)` for each industry of the word.
  template <class Use>
  void each(std::uint32_t word, Use use) const {
    const std::uint32_t mask = static_cast<std::uint32_t>(slots_.size()) - 1;
    for (std::uint32_t at = word & mask; slots_[at].word != 0; at = (at + 1) & mask) {
      if (slots_[at].word == word) use(slots_[at]);
    }
  }

 private:
  void add(const Entry& entry);

  std::vector<Entry> slots_;
};

/// Words of one industry, separated by blanks, that give the same points each.
struct IndustryLine {
  std::string_view industry;
  std::uint8_t points;
  std::string_view words;
};

}  // namespace scena::metrics

#include "metrics/measures/industry.hpp"

#include <algorithm>
#include <bit>

#include "metrics/measures/industry_words.hpp"
#include "metrics/reading.hpp"
#include "metrics/words/hashed_word.hpp"

namespace scena::metrics {
namespace {

template <class Use>
void each_industry_word(std::string_view words, Use use) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) use(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

}  // namespace

IndustryWords::IndustryWords(const Lexicon& lexicon) {
  std::size_t count = 0;
  for (const IndustryLine& line : industry_lines())
    each_industry_word(line.words, [&](std::string_view) { ++count; });
  slots_.resize(std::bit_ceil(2 * count));
  for (const IndustryLine& line : industry_lines()) {
    const auto name = std::find(kIndustryNames.begin(), kIndustryNames.end(), line.industry);
    const auto industry = static_cast<std::uint8_t>(name - kIndustryNames.begin());
    each_industry_word(line.words, [&](std::string_view word) {
      const HashedWord hashed(word);
      add({lexicon.stem(hashed, lexicon.find(hashed)), industry, line.points});
    });
  }
}

// Inflections of a word share its stem; the one that speaks loudest counts.
void IndustryWords::add(const Entry& entry) {
  const std::uint32_t mask = static_cast<std::uint32_t>(slots_.size()) - 1;
  std::uint32_t at = entry.stem & mask;
  for (; slots_[at].stem != 0; at = (at + 1) & mask) {
    if (slots_[at].stem != entry.stem || slots_[at].industry != entry.industry) continue;
    slots_[at].points = std::max(slots_[at].points, entry.points);
    return;
  }
  slots_[at] = entry;
}

void read_industry(const Token& token, const IndustryWords& words, IndustryTally& tally) noexcept {
  if (token.stem == 0 || token.info.is(kFunction)) return;
  words.each(token.stem, [&](const IndustryWords::Entry& entry) {
    auto& points = tally.points[entry.industry];
    points = static_cast<std::uint8_t>(std::min(0xFF, points + entry.points));
    tally.evidence[entry.industry].add({token.begin, token.end}, entry.points, "industry_word");
  });
}

}  // namespace scena::metrics

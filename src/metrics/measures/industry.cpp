#include "metrics/measures/industry.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "metrics/measures/industry_words.hpp"
#include "metrics/reading.hpp"
#include "metrics/words/lexicon.hpp"

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

std::string plural_of(std::string_view word) {
  const auto ends = [&](std::string_view ending) { return word.ends_with(ending); };
  if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh"))
    return std::string(word) + "es";
  const bool vowel_before_y = word.size() > 1 && std::strchr("aeiou", word[word.size() - 2]);
  if (ends("y") && !vowel_before_y) return std::string(word.substr(0, word.size() - 1)) + "ies";
  return std::string(word) + 's';
}

}  // namespace

IndustryWords::IndustryWords() {
  std::size_t count = 0;
  for (const IndustryLine& line : industry_lines())
    each_industry_word(line.words, [&](std::string_view) { count += 2; });
  slots_.resize(std::bit_ceil(2 * count));
  for (const IndustryLine& line : industry_lines()) {
    const auto name = std::find(kIndustryNames.begin(), kIndustryNames.end(), line.industry);
    const auto industry = static_cast<std::uint8_t>(name - kIndustryNames.begin());
    each_industry_word(line.words, [&](std::string_view word) {
      add({hash_word(word), industry, line.points});
      add({hash_word(plural_of(word)), industry, line.points});
    });
  }
}

// A plural may stand in the lists as well; the louder one counts.
void IndustryWords::add(const Entry& entry) {
  const std::uint32_t mask = static_cast<std::uint32_t>(slots_.size()) - 1;
  std::uint32_t at = entry.word & mask;
  for (; slots_[at].word != 0; at = (at + 1) & mask) {
    if (slots_[at].word != entry.word || slots_[at].industry != entry.industry) continue;
    slots_[at].points = std::max(slots_[at].points, entry.points);
    return;
  }
  slots_[at] = entry;
}

// Of "software for banks" the banks are the customers: they are a hint at most. "For" reaches over
// two words, "to" over one, as it stands before verbs, too.
void read_industry(const Token& token, const IndustryWords& words, IndustryTally& tally) noexcept {
  if (token.info.is(kFunction)) {
    if (token.word == "for"_word) tally.served = 2;
    if (token.word == "to"_word) tally.served = 1;
    return;
  }
  const bool served = tally.served > 0;
  if (served) --tally.served;
  words.each(token.word, [&](const IndustryWords::Entry& entry) {
    const int worth = served ? 1 : entry.points;
    auto& points = tally.points[entry.industry];
    points = static_cast<std::uint8_t>(std::min(0xFF, points + worth));
    tally.evidence[entry.industry].add({token.begin, token.end}, worth, "industry_word");
  });
}

}  // namespace scena::metrics

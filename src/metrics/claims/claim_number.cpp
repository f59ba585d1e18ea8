#include "metrics/claims/claim_number.hpp"

#include <algorithm>
#include <string_view>

#include "metrics/words/word_list.hpp"

namespace scena::metrics {
namespace {

constexpr std::uint32_t kFamilyBits = ~std::uint32_t{15};
constexpr std::uint32_t kSpanOfTime = "span of time"_word & kFamilyBits;
constexpr std::uint32_t kMoney = "money"_word & kFamilyBits;

constexpr std::string_view kBeforeHours = "at until till by";
constexpr std::string_view kBehindHours = "in on pm am oclock today tomorrow yesterday tonight";

struct Unit {
  std::uint32_t word;
  std::uint32_t unit;
  std::int64_t scale;
};

// A year has 365.25 days and twelve months.
constexpr Unit kUnits[] = {
    {"second"_word, kSpanOfTime | 1, 1},
    {"seconds"_word, kSpanOfTime | 1, 1},
    {"minute"_word, kSpanOfTime | 2, 60},
    {"minutes"_word, kSpanOfTime | 2, 60},
    {"hour"_word, kSpanOfTime | 3, 3600},
    {"hours"_word, kSpanOfTime | 3, 3600},
    {"day"_word, kSpanOfTime | 4, 86'400},
    {"days"_word, kSpanOfTime | 4, 86'400},
    {"week"_word, kSpanOfTime | 5, 604'800},
    {"weeks"_word, kSpanOfTime | 5, 604'800},
    {"month"_word, kSpanOfTime | 6, 2'629'800},
    {"months"_word, kSpanOfTime | 6, 2'629'800},
    {"year"_word, kSpanOfTime | 7, 31'557'600},
    {"years"_word, kSpanOfTime | 7, 31'557'600},
    {"dollar"_word, kMoney, 1},
    {"dollars"_word, kMoney, 1},
    {"euro"_word, kMoney, 1},
    {"euros"_word, kMoney, 1},
    {"bucks"_word, kMoney, 1},
};

// Words that describe what is counted: "forty new hospitals", "three regular clients".
constexpr std::string_view kDescribing =
    "new old big small large little long short regular good bad free full extra different whole "
    "more other main major young great additional separate single real common paid active current "
    "former total public private local available senior junior happy open large-scale permanent";

// "For a year", "takes a week"; not "twice a week".
constexpr std::string_view kBeforeSpans =
    "for within in takes take took lasts last lasted about almost nearly over under than spent "
    "only just is was";

const Unit* unit_of(std::uint32_t word) noexcept {
  const auto found = std::find_if(std::begin(kUnits), std::end(kUnits),
                                  [&](const Unit& unit) { return unit.word == word; });
  return found == std::end(kUnits) ? nullptr : found;
}

// 1 for everything but the words that multiply the number before them.
std::int64_t magnitude(const Token& token) noexcept {
  if (token.word == "hundred"_word) return 100;
  if (token.word == "thousand"_word) return 1'000;
  if (token.word == "million"_word) return 1'000'000;
  return token.word == "billion"_word ? 1'000'000'000 : 1;
}

void multiply(std::int64_t& value, std::int64_t by) noexcept {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  if (value < kMost / by) value *= by;
}

// "Twenty" of "twenty-four".
bool is_tens(const Token& token) noexcept {
  return token.info.is(kNumber) && token.value >= 20'00 && token.value % 10'00 == 0;
}
bool is_one_of_tens(std::span<const Token> tokens, std::size_t at) noexcept {
  return at > 0 && is_tens(tokens[at - 1]) && tokens[at].info.is(kNumber) &&
         tokens[at].value < 10'00 && tokens[at].value > 0;
}

// "I'm 25", "she is 40 years old", "he turned four in May", "she'll be seven next month".
bool is_age(std::span<const Token> tokens, std::size_t at, std::size_t behind) noexcept {
  if (behind + 1 < tokens.size() && tokens[behind + 1].word == "old"_word) return true;
  if (at < 2) return false;
  const std::uint32_t before = tokens[at - 1].word;
  const bool turns = before == "turned"_word || before == "turn"_word || before == "turns"_word;
  const bool is = before == "am"_word || before == "is"_word || before == "are"_word;
  const bool will = before == "be"_word && tokens[at - 2].info.is(kAuxiliary) && at > 2;
  std::size_t who = will ? at - 3 : at - 2;
  if (who > 0 && tokens[who].word == "just"_word) --who;  // "I just turned 21"
  const Token& subject = tokens[who];
  const bool person =
      subject.info.is(kFirst | kSecond | kThird | kPerson) && subject.word != "it"_word;
  const bool ends = behind == tokens.size() || tokens[behind].word == "next"_word ||
                    tokens[behind].word == "in"_word || tokens[behind].word == "now"_word;
  return person && (turns || ((is || will) && ends));
}

// "At three", "around eleven in the evening": an hour of the day.
bool is_clock_time(std::span<const Token> tokens, std::size_t at, std::size_t behind) noexcept {
  if (at == 0 || tokens[at].value > 24'00) return false;
  static constexpr WordList<count_words(kBeforeHours)> before{kBeforeHours};
  if (!before.has(tokens[at - 1].word)) return false;
  if (behind == tokens.size() || tokens[behind].has(kAfterComma)) return true;
  static constexpr WordList<count_words(kBehindHours)> after{kBehindHours};
  return after.has(tokens[behind].word);
}

}  // namespace

bool is_number(const Token& token) noexcept {
  return token.has(kDigits) || token.info.is(kNumber);
}

bool is_twelve(std::span<const Token> tokens, std::size_t at) noexcept {
  static constexpr WordList<count_words(kBeforeHours)> before{kBeforeHours};
  if (tokens[at].word != "noon"_word && tokens[at].word != "midnight"_word) return false;
  return at > 0 && before.has(tokens[at - 1].word);
}

bool is_pronoun_one(std::span<const Token> tokens, std::size_t at) noexcept {
  if (tokens[at].word != "one"_word || at == 0) return false;
  const Token& before = tokens[at - 1];
  if (before.info.is(kDeterminer)) return true;
  const bool counts = at + 1 < tokens.size() && tokens[at + 1].is_topic();
  return before.is_topic() && !counts;
}

bool multiplies(std::span<const Token> tokens, std::size_t at) noexcept {
  if (is_one_of_tens(tokens, at)) return true;
  while (at > 0 && magnitude(tokens[at]) != 1) {
    if (is_number(tokens[--at])) return true;
  }
  return false;
}

ClaimNumber number_at(std::span<const Token> tokens, std::size_t at) noexcept {
  ClaimNumber number{0, is_number(tokens[at]) ? tokens[at].value : 100};  // "a year" is one
  std::size_t behind = at + 1;
  if (behind < tokens.size() && is_one_of_tens(tokens, behind))
    number.value += tokens[behind++].value;
  for (; behind < tokens.size() && magnitude(tokens[behind]) != 1; ++behind)
    multiply(number.value, magnitude(tokens[behind]));
  if (is_age(tokens, at, behind)) {  // a year more or less is a birthday
    number.unit = kAge;
    return number;
  }
  if (is_clock_time(tokens, at, behind)) {
    number.unit = kHourOfDay;
    return number;
  }
  static constexpr WordList<count_words(kDescribing)> describing{kDescribing};
  for (std::size_t i = behind; i < tokens.size() && i < behind + 3; ++i) {
    const Unit* const unit = i == behind ? unit_of(tokens[i].word) : nullptr;
    if (unit != nullptr) {
      number.unit = unit->unit;
      multiply(number.value, unit->scale);
      return number;
    }
    if (!tokens[i].is_topic()) continue;
    const bool more = i + 1 < tokens.size() && tokens[i + 1].is_topic();
    if (more && describing.has(tokens[i].word)) continue;
    number.unit = tokens[i].stem;
    return number;
  }
  // A bare year is a unit of its own.
  if (number.value >= 1900'00 && number.value < 2100'00) number.unit = "year"_word;
  return number;
}

bool is_one_span(std::span<const Token> tokens, std::size_t at) noexcept {
  if (at == 0 || at + 1 >= tokens.size()) return false;
  if (tokens[at].word != "a"_word && tokens[at].word != "an"_word) return false;
  const Unit* const unit = unit_of(tokens[at + 1].word);
  if (unit == nullptr || (unit->unit & kFamilyBits) != kSpanOfTime) return false;
  static constexpr WordList<count_words(kBeforeSpans)> before{kBeforeSpans};
  return before.has(tokens[at - 1].word);
}

ClaimNumber no_money() noexcept {
  return {kMoney, 0};
}

bool is_free_of_charge(std::span<const Token> tokens, std::size_t at) noexcept {
  if (tokens[at].word != "free"_word) return false;
  if (at > 0 && tokens[at - 1].word == "for"_word) return true;
  const bool person = std::any_of(
      tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(at), [](const Token& token) {
        return token.info.is(kFirst | kSecond | kThird | kPerson) && token.word != "it"_word;
      });
  if (person) return false;
  return at + 1 == tokens.size() || tokens[at + 1].word == "of"_word ||
         tokens[at + 1].info.is(kFunction);
}

}  // namespace scena::metrics

#include "metrics/words/word.hpp"

#include <algorithm>

#include "metrics/claims/claim_words.hpp"
#include "metrics/claims/traits.hpp"
#include "metrics/measures/toxicity.hpp"
#include "metrics/words/answer_words.hpp"
#include "metrics/words/ngrams.hpp"

namespace scena::metrics {
namespace {

constexpr auto kVowels = [] {
  std::array<bool, 256> vowels{};
  for (const char c : std::string_view("aeiouyAEIOUY"))
    vowels[static_cast<unsigned char>(c)] = true;
  return vowels;
}();

// Groups of vowels; a last "e" is mute.
int count_syllables(std::string_view word) noexcept {
  int count = 0;
  bool before = false;
  for (const char c : word) {
    const bool vowel = kVowels[static_cast<unsigned char>(c)];
    if (vowel && !before) ++count;
    before = vowel;
  }
  if (count > 1 && word.back() == 'e' && !word.ends_with("le")) --count;
  return std::clamp(count, 1, 0xFF);
}

// In hundredths.
std::int64_t number_value(std::string_view word) noexcept {
  std::int64_t value = 0;
  int decimals = -1;
  for (const char c : word) {
    if (is_digit(c)) {
      if (decimals >= 2 || value > 100'000'000'000'000) continue;
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    } else if (c == '.' || c == ':') {
      if (decimals < 0) decimals = 0;
    } else if (c == 'k' && value < 1'000'000'000) {
      value *= 1000;
    } else if (c != ',') {
      break;
    }
  }
  for (int i = std::max(decimals, 0); i < 2; ++i) value *= 10;
  return value;
}

Token make_token(const RawWord& raw, const HashedWord& lower_case, const WordInfo* info,
                 const Lexicon& lexicon) noexcept {
  Token token;
  token.length = static_cast<std::uint8_t>(lower_case.size());
  if (raw.letters > 1 && raw.capitals == raw.letters) token.flags |= kCapitals;
  if (raw.starts_capital) token.flags |= kCapitalised;
  if (raw.other_script) token.flags |= kOtherScript;
  if (raw.accented) token.flags |= kAccented;
  if (is_digit(raw.lower.text()[0])) {
    token.flags |= kDigits;
    token.value = number_value(lower_case.text());
  }
  token.word = lower_case.hash();
  token.says = marks_of(token.word) | (tells_of_traits(token.word) ? std::uint32_t{kTraits} : 0);
  const std::string_view text = lower_case.text();
  const bool regular = text.size() > 3 && text.ends_with("ed") && !text.ends_with("eed");
  if (regular || kPastTense.has(lower_case.hash())) token.flags |= kPastForm;
  if (kNorms.has(lower_case.hash())) token.flags |= kNorm;
  if (text.size() > 5 && text.ends_with("ing") && !kNoGerund.has(lower_case.hash()))
    token.flags |= kGerund;
  if (info != nullptr) {
    token.info = *info;
    token.flags |= kKnown;
    if (info->set == kNumberSet) token.value = info->member * 100;
  }
  token.stem = lexicon.stem(lower_case, info);
  return token;
}

void add_tokens(const RawWord& raw, const Lexicon& lexicon, Word& word) noexcept {
  const WordInfo* info = lexicon.find(raw.lower);
  word.token_count = 0;
  if (raw.apostrophe || (info != nullptr && info->contraction != 0)) {
    for (const std::string_view each : lexicon.contraction(raw.lower.text(), info)) {
      if (each.empty()) break;
      const HashedWord part(each);
      word.tokens[word.token_count++] = make_token(raw, part, lexicon.find(part), lexicon);
    }
  }
  if (word.token_count != 0) return;
  word.tokens[word.token_count++] = make_token(raw, raw.lower, info, lexicon);
}

// All that is looked up for each of its tokens, and the sums of its features.
void add_learned(std::string_view text, const Knowledge& knowledge, Word& word) noexcept {
  const int syllables = count_syllables(text);
  word.sums = {};
  const auto use = [&](std::uint32_t feature) {
    if (knowledge.sentiment != nullptr) knowledge.sentiment->add(feature, word.sums.sentiment);
    if (knowledge.toxicity != nullptr) knowledge.toxicity->add(feature, word.sums.toxicity);
  };
  for (std::size_t i = 0; i < word.token_count; ++i) {
    Token& token = word.tokens[i];
    token.syllables = static_cast<std::uint8_t>(syllables);
    token.hostile = hostility(token.word);
    token.vector = knowledge.weights.vectors().place_of(token.stem);
    if (knowledge.familiarity != nullptr)
      token.familiarity = static_cast<std::int8_t>(knowledge.familiarity->weight(0, token.stem));
    if (knowledge.toxicity != nullptr)
      token.toxicity = static_cast<std::int8_t>(knowledge.toxicity->weight(0, token.word));
    use(word_feature(token));
  }
  const bool topic = word.tokens[0].is_topic();
  each_letter_ngram(text, [&](std::uint32_t feature) {
    use(feature);
    if (!topic) return;
    feature ^= feature >> 15;
    word.sums.letters[feature >> 6 & 3] |= std::uint64_t{1} << (feature & 63);
  });
}

}  // namespace

void RawWord::push(char32_t c) noexcept {
  if (lower.size() >= kMaxBytes) return;
  if (c < 0x80) {
    lower.push(static_cast<char>(c));
  } else if (c < 0x800) {
    lower.push(static_cast<char>(0xC0 | (c >> 6)));
    lower.push(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    lower.push(static_cast<char>(0xE0 | ((c >> 12) & 0x0F)));
    lower.push(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    lower.push(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

void make_word(const RawWord& raw, const Knowledge& knowledge, Word& word) noexcept {
  add_tokens(raw, knowledge.lexicon, word);
  add_learned(raw.text.substr(0, RawWord::kMaxBytes), knowledge, word);
}

void make_word(const Sign& sign, const Knowledge& knowledge, Word& word) noexcept {
  Token& token = word.tokens[0];
  token = {};
  token.flags = sign.flag;
  token.length = static_cast<std::uint8_t>(sign.text.size());
  token.word = static_cast<std::uint32_t>(sign.code);
  token.info.polarity = static_cast<std::int16_t>(sign.polarity);
  word.token_count = 1;
  add_learned(sign.text, knowledge, word);
}

}  // namespace scena::metrics

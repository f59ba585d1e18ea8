#include "metrics/measures/question.hpp"

#include <algorithm>

#include "metrics/measures/reply_form.hpp"
#include "metrics/words/answer_words.hpp"
#include "metrics/words/few_words.hpp"
#include "metrics/words/ngrams.hpp"

namespace scena::metrics {
namespace {

template <class... Words>
constexpr bool one_of(std::uint32_t word, Words... words) noexcept {
  return ((word == words) || ...);
}

std::uint16_t after_how(const Token* next) noexcept {
  if (next == nullptr) return kOpen;
  if (next->word == "about"_word) return kYesNo | kOpen;  // a proposal: "How about Monday?"
  if (one_of(next->word, "many"_word, "much"_word, "old"_word, "long"_word, "far"_word,
             "often"_word, "big"_word, "tall"_word, "large"_word, "high"_word, "heavy"_word,
             "frequently"_word, "soon"_word))
    return one_of(next->word, "soon"_word, "long"_word, "often"_word) ? kAmount | kMoment : kAmount;
  return next->word == "come"_word ? kWhy : kOpen;
}

// "What time", "which year", "what is your name", "what is the price".
std::uint16_t after_what(const Sentence& sentence, std::size_t at) noexcept {
  const std::size_t end = std::min(sentence.tokens.size(), at + 7);
  for (std::size_t i = at + 1; i < end; ++i) {
    const std::uint32_t word = sentence.tokens[i].word;
    const bool near = i <= at + 4;
    if (near && one_of(word, "time"_word, "date"_word, "year"_word, "month"_word)) return kMoment;
    if (word == "day"_word && i == at + 1) return kMoment;
    if (one_of(word, "price"_word, "cost"_word, "salary"_word, "age"_word, "rate"_word,
               "percentage"_word, "budget"_word, "number"_word, "score"_word, "temperature"_word,
               "weight"_word, "amount"_word, "size"_word, "dose"_word, "income"_word))
      return kAmount;
    if (near && one_of(word, "name"_word, "names"_word)) return kWho;
    if (one_of(word, "reason"_word, "reasons"_word, "cause"_word, "causes"_word, "caused"_word,
               "motive"_word, "motives"_word))
      return kWhy;
    if (i == at + 1 && one_of(word, "made"_word, "makes"_word, "led"_word)) return kWhy;
    if (near && one_of(word, "city"_word, "country"_word, "town"_word, "place"_word, "address"_word,
                       "street"_word))
      return kWhere;
  }
  return kOpen;
}

std::uint16_t question_word(const Sentence& sentence, std::size_t at) noexcept {
  const Token& token = sentence.tokens[at];
  const Token* next = at + 1 < sentence.tokens.size() ? &sentence.tokens[at + 1] : nullptr;
  if (one_of(token.word, "who"_word, "whom"_word, "whose"_word)) return kWho;
  if (token.word == "when"_word) return kMoment;
  if (token.word == "where"_word) return kWhere;
  if (token.word == "why"_word) return kWhy;
  if (token.word == "how"_word) return after_how(next);
  if (token.word == "what"_word || token.word == "which"_word) return after_what(sentence, at);
  return 0;
}

bool asks_to_tell(const Sentence& sentence, std::size_t at) noexcept {
  const std::size_t end = std::min(sentence.tokens.size(), at + 4);
  for (std::size_t i = at; i < end; ++i) {
    if (sentence.tokens[i].info.is(kRequest)) return true;
  }
  return false;
}

// The first token that is more than a greeting, a name or a conjunction.
std::size_t opening(const Sentence& sentence) noexcept {
  const auto& tokens = sentence.tokens;
  std::size_t i = 0;
  while (i + 1 < tokens.size() && i < 4 &&
         (tokens[i].info.is(kConjunction | kYes | kNo) ||
          one_of(tokens[i].word, "well"_word, "please"_word, "then"_word, "now"_word) ||
          tokens[i + 1].has(kAfterComma)))
    ++i;
  return i;
}

std::uint16_t find_question_word(const Sentence& sentence, std::size_t from) noexcept {
  for (std::size_t i = from; i < sentence.tokens.size(); ++i) {
    if (!sentence.tokens[i].info.is(kQuestion)) continue;
    if (const auto asks = question_word(sentence, i)) return asks;
  }
  return 0;
}

bool has_digit_time(const Token& token) noexcept {
  return token.has(kDigits) && token.value >= 1900'00 && token.value < 2100'00;
}

bool is_echo(const Sentence& sentence, std::size_t i) noexcept {
  const auto& tokens = sentence.tokens;
  if (i > 2 || !tokens[i].info.is(kAuxiliary) || i == 0) return false;
  if (!tokens[i - 1].info.is(kFirst | kThird)) return false;
  // "I did.", "I have not.": nothing, a negation or a comma stands behind.
  if (i + 1 == tokens.size()) return true;
  return tokens[i + 1].info.is(kNegator) || tokens[i + 1].has(kAfterComma);
}

constexpr FewWords<7> kOfferWords("to"_word, "by"_word, "course"_word, "free"_word, "me"_word,
                                  "myself"_word, "soon"_word);

// "I would have to ask", "we want to help": no purpose, as "I went back to fetch it" tells one.
constexpr FewWords<14> kBeforeTo("have"_word, "has"_word, "had"_word, "need"_word, "needs"_word,
                                 "want"_word, "wants"_word, "going"_word, "able"_word, "ought"_word,
                                 "like"_word, "allowed"_word, "supposed"_word, "used"_word);

// False for most words: what none of the rules below asks for.
bool may_offer(const Token& token) noexcept {
  constexpr std::uint32_t kClasses = kNumber | kTime | kPerson | kFirst | kSpatial | kPlace |
                                     kCause | kYes | kNo | kNegator | kAuxiliary | kQuantity;
  return token.info.is(kClasses) || token.has(kDigits | kCapitalised) ||
         kOfferWords.has(token.word) || kFrequency.has(token.word);
}

// "Nobody.", "None of them", "Free of charge", "A dozen", "Twice a week".
bool is_count(const Sentence& sentence, std::size_t i) noexcept {
  const auto& tokens = sentence.tokens;
  const std::uint32_t word = tokens[i].word;
  if (one_of(word, "dozen"_word, "hundred"_word, "thousand"_word, "million"_word, "billion"_word,
             "half"_word, "once"_word, "twice"_word))
    return true;
  if (one_of(word, "nobody"_word, "none"_word, "nothing"_word, "never"_word)) return i < 2;
  if (word == "no"_word) return i == 0 && tokens.size() > 1 && tokens[1].word == "one"_word;
  if (word == "free"_word) return i < 4 && tokens.size() < 7;
  return false;
}

bool is_moment(const Sentence& sentence, std::size_t i) noexcept {
  const auto& tokens = sentence.tokens;
  if (tokens[i].info.is(kTime)) return true;
  if (kFrequency.has(tokens[i].word)) return i < 2 || i + 1 == tokens.size();
  return false;
}

// "Me.", "Myself.", "No one."
bool is_person_alone(const Sentence& sentence, std::size_t i) noexcept {
  const auto& tokens = sentence.tokens;
  if (tokens.size() > 4) return false;
  if (one_of(tokens[i].word, "me"_word, "myself"_word, "none"_word))
    return tokens.size() == 1 || i > 0 || tokens[i].word == "none"_word;
  return i == 0 && tokens[i].word == "no"_word && tokens.size() > 1 && tokens[1].word == "one"_word;
}

std::uint16_t offers_of(const Sentence& sentence, std::size_t i) noexcept {
  const auto& tokens = sentence.tokens;
  const Token& token = tokens[i];
  const bool has_next = i + 1 < tokens.size();
  std::uint16_t offers = 0;
  const bool one = token.info.is(kNumber) && token.info.member == 1 && tokens.size() > 3;
  if (token.has(kDigits) || (token.info.is(kNumber) && !one)) offers |= kAmount;
  if (is_count(sentence, i)) offers |= kAmount;
  if (token.has(kDigits) && token.end - token.begin > 2) offers |= kMoment;
  if (is_moment(sentence, i) || has_digit_time(token)) offers |= kMoment;
  if (token.info.is(kPerson) || is_person_alone(sentence, i)) offers |= kWho;
  const bool name = token.has(kCapitalised) && !token.has(kKnown) && (i > 0 || tokens.size() <= 3);
  if (name) offers |= kWho;
  if (name && i > 0 && tokens[i - 1].info.is(kPlace)) offers |= kWhere;
  if (name && tokens.size() <= 3) offers |= kWhere;
  if (tokens.size() <= 3 && token.info.is(kFirst) && has_next && tokens[i + 1].info.is(kAuxiliary))
    offers |= kWho;
  if (token.info.is(kSpatial) && !token.has(kPastForm)) offers |= kWhere;
  if (token.info.is(kPlace) && has_next && !token.info.is(kTime) && token.word != "to"_word &&
      (tokens[i + 1].info.is(kDeterminer) || tokens[i + 1].is_topic()) &&
      !tokens[i + 1].info.is(kTime))
    offers |= kWhere;
  if (token.info.is(kCause) && (has_next || i > 0)) offers |= kWhy;
  if (token.word == "to"_word && i > 0 && has_next && tokens[i + 1].is_topic() &&
      tokens.size() > 3 && !kBeforeTo.has(tokens[i - 1].word))
    offers |= kWhy;
  if (token.word == "by"_word && has_next && tokens[i + 1].has(kCapitalised)) offers |= kWho;
  if (i <= 2 && token.info.is(kYes | kNo)) offers |= kYesNo;
  if (i == 0 && token.info.is(kNegator)) offers |= kYesNo;
  if (i == 1 && token.word == "course"_word && tokens[0].word == "of"_word) offers |= kYesNo;
  if (is_echo(sentence, i)) offers |= kYesNo;
  return offers;
}

std::uint16_t answers_to(const Sentence& sentence) noexcept {
  const std::size_t at = opening(sentence);
  if (at >= sentence.tokens.size()) return 0;
  const Token& first = sentence.tokens[at];
  if (!sentence.question) {
    const bool request = first.info.is(kRequest);
    if (!request) return 0;
    const auto asks = find_question_word(sentence, at);
    return asks != 0 ? asks : std::uint16_t{kOpen};
  }
  if (const auto asks = question_word(sentence, at)) return asks;
  if (first.info.is(kAuxiliary) && !asks_to_tell(sentence, at)) {
    for (const Token& token : sentence.tokens) {
      // A choice: naming one side answers as well.
      if (token.word == "or"_word) return kYesNo | kOpen;
    }
    return kYesNo;
  }
  const auto asks = find_question_word(sentence, at);
  if (asks != 0) return asks;
  return first.info.is(kAuxiliary | kRequest) ? kOpen : kYesNo;
}

std::uint16_t manner_of(const Sentence& sentence) noexcept {
  std::uint16_t manner = 0;
  for (std::size_t i = 0; i < sentence.tokens.size() && i < 8; ++i) {
    const Token& token = sentence.tokens[i];
    if (one_of(token.word, "did"_word, "was"_word, "were"_word, "had"_word)) manner |= kOfPast;
    if (token.info.is(kSecond) || token.word == "your"_word) manner |= kOfYou;
  }
  return manner;
}

constexpr std::uint32_t kAskedWith = 0x2C9D70E5u;
constexpr std::uint32_t kAskedLast = 0x5B07D2A9u;

constexpr FewWords<14> kTried("had"_word, "tried"_word, "been"_word, "seen"_word, "heard"_word,
                              "played"_word, "read"_word, "met"_word, "done"_word, "listened"_word,
                              "eaten"_word, "used"_word, "watched"_word, "tasted"_word);

}  // namespace

std::uint16_t classify_question(const Sentence& sentence) noexcept {
  const std::uint16_t asks = answers_to(sentence);
  return asks == 0 ? asks : static_cast<std::uint16_t>(asks | manner_of(sentence));
}

Wording wording_of(const Sentence& sentence) noexcept {
  const auto& tokens = sentence.tokens;
  const std::size_t from = opening(sentence);
  std::size_t at = from;
  while (at < tokens.size() && !tokens[at].info.is(kQuestion | kAuxiliary)) ++at;
  if (at == tokens.size()) at = from;
  const auto word = [&](std::size_t i) { return i < tokens.size() ? tokens[i].word : 0; };
  const std::uint32_t two = pair_feature(pair_feature(kAskedWith, word(at)), word(at + 1));
  return {{two, pair_feature(two, word(at + 2)), pair_feature(kAskedLast, tokens.back().word)},
          open_kind_of(sentence)};
}

bool is_bare_noun(const Sentence& sentence) noexcept {
  constexpr std::uint32_t kNoPart = kAuxiliary | kFirst | kSecond | kThird | kObject | kNegator |
                                    kYes | kNo | kQuestion | kRequest | kQuantity | kContrast |
                                    kOpinion;
  const auto& tokens = sentence.tokens;
  const bool opens = tokens.front().info.is(kDeterminer | kPlace);
  if (sentence.question || tokens.size() > (opens ? 5 : 3)) return false;
  bool named = false;
  for (const Token& token : tokens) {
    if (token.info.is(kNoPart) || kPastTense.has(token.word) ||
        one_of(token.word, "me"_word, "us"_word, "that"_word, "here"_word, "there"_word))
      return false;
    named |= token.is_topic() && !token.info.is(kLight);
  }
  return named;
}

bool tells_no_experience(const Sentence& sentence) noexcept {
  int reach = 0;
  for (const Token& token : sentence.tokens) {
    if (token.info.is(kNegator) || token.word == "yet"_word) {
      reach = 4;
    } else if (--reach > 0 && kTried.has(token.word)) {
      return true;
    }
  }
  return false;
}

std::uint16_t find_offers(const Sentence& sentence, std::array<Span, kAnswerKinds>& first,
                          std::uint16_t already) noexcept {
  std::uint16_t all = already;
  if (is_bare_noun(sentence)) {
    // A place, somebody or a cause by its name alone.
    const Span whole{sentence.tokens.front().begin, sentence.tokens.back().end};
    for (std::size_t kind = 0; kind < kAnswerKinds; ++kind) {
      if (((kWhere | kWho | kWhy) & ~all) >> kind & 1) first[kind] = whole;
    }
    all |= kWhere | kWho | kWhy;
  }
  for (std::size_t i = 0; i < sentence.tokens.size(); ++i) {
    if (!may_offer(sentence.tokens[i])) continue;
    const std::uint16_t fresh = static_cast<std::uint16_t>(offers_of(sentence, i) & ~all);
    for (std::size_t kind = 0; fresh != 0 && kind < kAnswerKinds; ++kind) {
      if (fresh >> kind & 1) first[kind] = {sentence.tokens[i].begin, sentence.tokens[i].end};
    }
    all |= fresh;
  }
  return all;
}

}  // namespace scena::metrics

#include "metrics/claims/subject.hpp"

#include <algorithm>

#include "metrics/claims/claim_words.hpp"

namespace scena::metrics {
namespace {

Subject pronoun(const Token& token) noexcept {
  if (token.word == "i"_word) return Subject::me;
  if (token.info.is(kFirst)) return Subject::we;
  if (token.info.is(kSecond)) return Subject::you;
  if (token.word == "he"_word) return Subject::he;
  if (token.word == "she"_word) return Subject::she;
  return token.word == "it"_word ? Subject::it : Subject::they;
}

// "Marek", not "Tyres cost extra".
bool is_name(const Token& token) noexcept {
  return token.has(kCapitalised) && !token.has(kKnown) && token.familiarity == 0;
}

bool opens_clause(const Token& token) noexcept {
  return token.info.is(kFirst | kSecond | kThird | kDeterminer);
}

// "... except Sundays", "..., not soft", "..., never have", "..., just a cat".
bool opens_addition(const Token& token) noexcept {
  if (token.word == "except"_word || token.word == "excluding"_word) return true;
  if (!token.has(kAfterComma)) return false;
  return token.word == "not"_word || token.word == "never"_word || token.word == "just"_word ||
         token.word == "only"_word;
}

// "My wife and I", "Marta and I": one subject. "Dogs bark and I run" are two clauses.
bool is_one_of_two(std::span<const Token> tokens) noexcept {
  if (tokens.size() == 1) return tokens[0].has(kCapitalised) && tokens[0].is_topic();
  return tokens.size() == 2 && tokens[0].info.is(kDeterminer) && tokens[1].is_topic();
}

// "As I said", "you know", "to be honest": says nothing, and its subject is none of what follows.
bool is_preface(std::span<const Token> tokens) noexcept {
  return tokens.size() < 5 && std::all_of(tokens.begin(), tokens.end(), [](const Token& token) {
           const bool filler =
               token.info.is(kFunction) && !token.info.is(kTime | kNumber | kNegator);
           return (filler && !token.has(kDigits)) || (token.says & kFiller) != 0;
         });
}

}  // namespace

int agreement(Subject a, Subject b) noexcept {
  const auto is_group = [](Subject s) { return s == Subject::me || s == Subject::we; };
  const auto is_third = [](Subject s) { return s >= Subject::he && s <= Subject::they; };
  if (a == b) return kBest;
  // What others are said to think of anything but people may be meant by the speaker as well.
  if (a == Subject::reported || b == Subject::reported) return is_noun(a) || is_noun(b) ? 500 : 0;
  if (a == Subject::none || b == Subject::none) return 700;
  if (is_group(a) && is_group(b)) return 850;
  if (is_third(a) && is_noun(b)) return 650;
  if (is_third(b) && is_noun(a)) return 650;
  return 0;
}

bool is_pronoun(Subject subject) noexcept {
  return subject != Subject::none && !is_noun(subject);
}

bool speaks_of_self(const Clause& clause) noexcept {
  return clause.subject == Subject::me || clause.subject == Subject::we;
}

bool is_subject_pronoun(const Token& token) noexcept {
  return token.info.is(kFirst | kSecond | kThird);
}

bool continues_clause(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& next = tokens[at + 1];
  if (tokens[at].word != "and"_word && tokens[at].word != "or"_word) return false;
  return next.info.is(kAuxiliary) || next.word == "no"_word || next.word == "not"_word ||
         next.word == "never"_word;
}

void find_subject(std::span<const Token> tokens, Clause& clause) noexcept {
  // Whoever it is: "nobody in my family", "there was a fire".
  const std::uint32_t first = tokens.front().word;
  if (first == "nobody"_word || first == "none"_word || first == "there"_word) return;
  const bool points = first == "that"_word || first == "this"_word;
  if (points && tokens.size() > 1 && tokens[1].info.is(kAuxiliary)) {
    clause.subject = Subject::they;
    return;
  }
  const Token* noun = nullptr;
  const Token* time = nullptr;  // "Sixty days is fine"
  const std::size_t reach = std::min<std::size_t>(tokens.size(), 8);
  for (std::size_t i = 0; i < reach; ++i) {
    const Token& token = tokens[i];
    if (is_subject_pronoun(token)) {
      clause.subject = pronoun(token);
      return;
    }
    if (token.info.is(kAuxiliary) && noun == nullptr) noun = time;
    // "How many people do you employ?", "what time did he leave?"
    const bool asked = tokens.front().info.is(kQuestion) && token.info.is(kAuxiliary);
    if (asked && noun != nullptr && i + 1 < reach && is_subject_pronoun(tokens[i + 1])) {
      clause.subject = pronoun(tokens[i + 1]);
      clause.subject_stem = noun->stem;
      return;
    }
    if (token.info.is(kAuxiliary) && noun != nullptr) break;
    if (token.is_topic() && token.info.is(kTime) && i < 3) time = &token;
    if (token.is_topic() && !token.info.is(kTime)) {
      // Without an auxiliary the first topic word is the subject, else the last one before it.
      const bool verb_follows = std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(i),
                                            tokens.begin() + static_cast<std::ptrdiff_t>(reach),
                                            [](const Token& t) { return t.info.is(kAuxiliary); });
      if (noun == nullptr || verb_follows) noun = &token;
    }
  }
  if (noun == nullptr) return;
  clause.subject = noun->info.is(kPerson) || is_name(*noun) ? Subject::person : Subject::noun;
  clause.subject_stem = noun->stem;
}

std::size_t clause_end(const Sentence& sentence, std::size_t begin) noexcept {
  const auto& tokens = sentence.tokens;
  for (std::size_t i = begin + 1; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.has(kAfterBreak) || token.info.is(kContrast | kConcession)) return i;
    const bool next_opens = i + 1 < tokens.size() && opens_clause(tokens[i + 1]);
    const bool with_me = next_opens && token.word == "and"_word &&
                         tokens[i + 1].info.is(kFirst | kSecond | kThird) &&
                         is_one_of_two(std::span(tokens).subspan(begin, i - begin));
    if (with_me) continue;
    if (token.info.is(kConjunction) && (next_opens || token.info.is(kCause))) {
      if (token.word != "so"_word || next_opens) return i;
    }
    if (opens_addition(token)) return i;
    if (token.has(kAfterComma) && token.word == "there"_word) return i;
    if (i + 1 < tokens.size() && continues_clause(tokens, i)) return i;
    if (token.has(kAfterComma) && is_preface(std::span(tokens).subspan(begin, i - begin))) return i;
    if (token.has(kAfterComma) && is_subject_pronoun(token) && i > begin + 1) return i;
  }
  return tokens.size();
}

}  // namespace scena::metrics

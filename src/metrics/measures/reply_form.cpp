#include "metrics/measures/reply_form.hpp"

#include <algorithm>
#include <span>

#include "metrics/history.hpp"
#include "metrics/measures/question.hpp"
#include "metrics/words/few_words.hpp"

namespace scena::metrics {
namespace {

using Tokens = std::span<const Token>;

constexpr FewWords<8> kBeingOf("is"_word, "are"_word, "was"_word, "were"_word, "am"_word, "'s"_word,
                               "been"_word, "be"_word);
constexpr FewWords<4> kHaving("have"_word, "has"_word, "had"_word, "'ve"_word);
constexpr FewWords<4> kDoing("do"_word, "does"_word, "did"_word, "done"_word);
constexpr FewWords<8> kEverybody("everybody"_word, "everyone"_word, "people"_word, "anybody"_word,
                                 "anyone"_word, "every"_word, "all"_word, "nobody"_word);
constexpr FewWords<16> kCommands("ask"_word, "wait"_word, "trust"_word, "look"_word, "listen"_word,
                                 "fix"_word, "stop"_word, "try"_word, "remember"_word,
                                 "imagine"_word, "leave"_word, "mind"_word, "believe"_word,
                                 "take"_word, "check"_word, "read"_word);
constexpr FewWords<12> kFillers("well"_word, "oh"_word, "um"_word, "uh"_word, "so"_word, "hm"_word,
                                "look"_word, "listen"_word, "honestly"_word, "actually"_word,
                                "mostly"_word, "mainly"_word);

bool is_subject(const Token& token) noexcept {
  return token.info.is(kFirst | kSecond | kThird) ||
         (token.info.is(kDeterminer) && token.word != "that"_word);
}

bool says_something(Tokens tokens) noexcept {
  return std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.info.is(kAuxiliary | kFirst | kSecond | kThird) || token.has(kPastForm);
  });
}

// Behind "I" and "we".
ReplyForm own_form(Tokens tokens) noexcept {
  std::size_t i = 0;
  while (i < tokens.size() && !tokens[i].info.is(kNegator | kAuxiliary) &&
         (tokens[i].info.degree != 0 || tokens[i].info.is(kTime) ||
          (tokens[i].info.is(kFunction) && !tokens[i].info.is(kFirst)) ||
          (tokens[i].says & kAdverb) != 0))
    ++i;
  if (i == tokens.size()) return ReplyForm::other;
  const Token& verb = tokens[i];
  const Tokens behind = tokens.subspan(i + 1);
  const bool denied = verb.info.is(kNegator) || (!behind.empty() && behind[0].info.is(kNegator));
  if (denied) return ReplyForm::own_denial;
  if (kBeingOf.has(verb.word)) return ReplyForm::own_state;
  if (kHaving.has(verb.word)) {
    const bool perfect =
        !behind.empty() && (behind[0].has(kPastForm) || behind[0].word == "been"_word);
    return perfect ? ReplyForm::own_past : ReplyForm::own_state;
  }
  if (kDoing.has(verb.word)) return ReplyForm::own_past;
  if (verb.info.is(kAuxiliary)) return ReplyForm::own_will;
  if (verb.info.is(kOpinion)) return ReplyForm::own_opinion;
  return verb.has(kPastForm) ? ReplyForm::own_past : ReplyForm::own_deed;
}

ReplyForm noun_form(Tokens tokens, const Topic& topic) noexcept {
  const std::uint32_t opens = tokens[0].word;
  if (opens == "my"_word || opens == "our"_word || opens == "mine"_word)
    return ReplyForm::own_thing;
  if (!says_something(tokens)) return ReplyForm::name;
  if (tokens[0].is_topic()) {
    const auto end = topic.asked.begin() + topic.asked_count;
    if (std::find(topic.asked.begin(), end, tokens[0].stem) != end) return ReplyForm::asked;
  }
  return ReplyForm::thing;
}

ReplyForm pronoun_form(Tokens tokens) noexcept {
  const Token& first = tokens[0];
  if (first.info.is(kFirst)) return own_form(tokens.subspan(1));
  if (first.info.is(kSecond)) return ReplyForm::you;
  return first.word == "it"_word ? ReplyForm::it : ReplyForm::he;
}

ReplyForm opening_form(Tokens tokens, const Topic& topic) noexcept {
  const Token& first = tokens[0];
  const Token* const next = tokens.size() > 1 ? &tokens[1] : nullptr;
  if (first.info.is(kFirst | kSecond | kThird)) return pronoun_form(tokens);
  if (first.word == "let"_word) return ReplyForm::command;
  if (first.word == "to"_word) return ReplyForm::purpose;
  if (first.word == "there"_word) return ReplyForm::there;
  if (first.info.is(kCause)) return ReplyForm::because;
  if (kEverybody.has(first.word)) return ReplyForm::all;
  if (next != nullptr && first.word == "that"_word && is_subject(*next))
    return ReplyForm::that_clause;
  const bool points = first.word == "that"_word || first.word == "this"_word;
  if (points && next != nullptr && next->info.is(kAuxiliary)) return ReplyForm::points;
  const bool by = first.word == "by"_word && next != nullptr;
  if (first.has(kGerund) || (by && next->has(kGerund))) return ReplyForm::deed;
  const bool bids = next != nullptr && !next->has(kAfterComma) &&
                    (next->info.is(kFunction) && !next->info.is(kAuxiliary));
  if (kCommands.has(first.word) && bids) return ReplyForm::command;
  if (first.info.is(kPlace) || first.word == "with"_word || first.word == "for"_word)
    return ReplyForm::placed;
  return noun_form(tokens, topic);
}

// "What motivates you?", "what worries people?"
bool asks_subject(Tokens tokens) noexcept {
  if (tokens.size() < 2 || !tokens[1].is_topic()) return false;
  if (tokens.size() == 2) return true;
  const Token& third = tokens[2];
  return third.info.is(kSecond | kObject | kDeterminer | kPlace) || third.word == "me"_word ||
         third.word == "us"_word;
}

OpenKind what_kind(Tokens tokens) noexcept {
  const Token& next = tokens[1];
  const bool happened = std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
    constexpr FewWords<7> kHappens("happened"_word, "happens"_word, "happen"_word, "wrong"_word,
                                   "problem"_word, "matter"_word, "trouble"_word);
    return kHappens.has(token.word);
  });
  if (happened) return OpenKind::event;
  if (next.info.is(kAuxiliary)) {
    const bool deed = std::any_of(tokens.begin() + 2, tokens.end(), [](const Token& token) {
      return token.word == "do"_word || token.word == "doing"_word || token.word == "done"_word;
    });
    if (deed) return OpenKind::deed;
    if (kBeingOf.has(next.word)) return OpenKind::attribute;
    return OpenKind::object;
  }
  return asks_subject(tokens) ? OpenKind::subject : OpenKind::other;
}

}  // namespace

OpenKind open_kind_of(const Sentence& question) noexcept {
  const Tokens all(question.tokens);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const Tokens tokens = all.subspan(i);
    if (tokens[0].word == "what"_word) return what_kind(tokens);
    if (tokens[0].word == "which"_word) return OpenKind::choice;
    if (tokens[0].word != "how"_word) continue;
    if (kBeingOf.has(tokens[1].word)) return OpenKind::state;
    const bool feels = std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
      return token.word == "feel"_word || token.word == "go"_word;
    });
    return feels ? OpenKind::state : OpenKind::manner;
  }
  return OpenKind::other;
}

bool picks_one(const Sentence& sentence) noexcept {
  const Tokens tokens(sentence.tokens);
  if (sentence.question || !tokens[0].info.is(kDeterminer)) return false;
  for (std::size_t i = 1; i < tokens.size() && i < 4 && !tokens[i].has(kAfterComma); ++i) {
    if (tokens[i].word == "one"_word || tokens[i].word == "ones"_word) return true;
  }
  return false;
}

ReplyForm form_of(const Sentence& sentence, const Topic& topic) noexcept {
  if (sentence.question) return ReplyForm::asks;
  Tokens tokens(sentence.tokens);
  while (tokens.size() > 1 &&
         (kFillers.has(tokens[0].word) || tokens[0].info.is(kYes | kNo | kConjunction)) &&
         !tokens[0].info.is(kCause))
    tokens = tokens.subspan(1);
  if (tokens.size() > 1 && tokens[1].has(kAfterComma) && tokens[0].is_topic())
    return ReplyForm::name;
  if (is_bare_noun(sentence)) return ReplyForm::name;
  if (tokens.size() > 1 && (tokens[0].word == "just"_word || tokens[0].word == "please"_word))
    tokens = tokens.subspan(1);
  return opening_form(tokens, topic);
}

}  // namespace scena::metrics

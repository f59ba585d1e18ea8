#include <algorithm>
#include <bit>
#include <cstdlib>

#include "metrics/measures/question.hpp"
#include "metrics/measures/reply_features.hpp"
#include "metrics/measures/reply_form.hpp"
#include "metrics/reading.hpp"
#include "metrics/words/few_words.hpp"

namespace scena::metrics {
namespace {

const char* reason_of(PhraseKind kind) noexcept {
  switch (kind) {
    case PhraseKind::refusal:
      return "refusal";
    case PhraseKind::unknown:
      return "not_knowing";
    case PhraseKind::deferral:
      return "deferral";
    case PhraseKind::dodge:
      return "topic_change";
    case PhraseKind::clarify:
      return "asks_back";
    default:
      return "hedge";
  }
}

constexpr std::int32_t kSkips = 900, kSaysNothing = 640;

bool asked(const Topic& topic, std::uint32_t stem) noexcept {
  const auto end = topic.asked.begin() + topic.asked_count;
  return std::find(topic.asked.begin(), end, stem) != end;
}

// "They were not allowed to" tells of others; a refusal speaks of oneself, or of nobody.
bool is_own(const Sentence& sentence, std::size_t at) noexcept {
  for (std::size_t i = at + 1; i-- > 0 && at - i < 6;) {
    const Token& token = sentence.tokens[i];
    if (token.info.is(kFirst)) return true;
    if (token.info.is(kSecond | kThird) && token.word != "it"_word) return false;
  }
  return at < 4;
}

// Later in a long reply a phrase is an aside more often than the answer.
std::int32_t weight_of(const Phrase& phrase, std::uint32_t sentences_before) noexcept {
  if (phrase.kind == PhraseKind::hedge || sentences_before < 2) return phrase.strength;
  return phrase.strength * (sentences_before < 4 ? 70 : 45) / 100;
}

// Words of refusal that say no instead: "I can't say I do", "I can't say it was easy", "I can't
// make it tonight".
bool says_no(const Sentence& sentence, std::size_t last) noexcept {
  const std::size_t left = sentence.tokens.size() - last - 1;
  if (left == 0) return false;
  const Token* const next = sentence.tokens.data() + last + 1;
  if (sentence.tokens[last].word == "make"_word)
    return next->word == "it"_word && (left == 1 || next[1].info.is(kTime | kPlace | kFunction));
  if (sentence.tokens[last].word != "say"_word || left == 1) return false;
  constexpr std::uint32_t kWhose = kFirst | kSecond | kThird;
  return next->info.is(kWhose) || (next->word == "that"_word && next[1].info.is(kWhose));
}

// "I don't know anyone who does it better", "I don't know a better one": knows, and praises.
bool knows_no_better(const Sentence& sentence, std::size_t last) noexcept {
  const auto& tokens = sentence.tokens;
  if (sentence.question || last + 1 >= tokens.size() || tokens[last].word != "know"_word)
    return false;
  constexpr FewWords<8> kAny("any"_word, "anyone"_word, "anybody"_word, "anything"_word,
                             "anywhere"_word, "of"_word, "a"_word, "many"_word);
  constexpr FewWords<8> kBetter("better"_word, "nicer"_word, "cheaper"_word, "faster"_word,
                                "best"_word, "more"_word, "other"_word, "closer"_word);
  if (!kAny.has(tokens[last + 1].word)) return false;
  for (std::size_t i = last + 2; i < tokens.size() && i < last + 9; ++i) {
    if (kBetter.has(tokens[i].word)) return true;
  }
  return false;
}

void add_phrase(const Sentence& sentence, const PhraseHit& hit, const Topic& topic,
                EvasionTally& tally) noexcept {
  const Phrase& phrase = *hit.phrase;
  if (phrase.kind == PhraseKind::praise || phrase.kind == PhraseKind::blame) return;
  const bool personal = phrase.kind == PhraseKind::refusal || phrase.kind == PhraseKind::unknown;
  if (personal && !is_own(sentence, hit.begin)) return;
  const std::size_t next = hit.begin + phrase.length;
  const Token& last = sentence.tokens[next - 1];
  if (personal && says_no(sentence, next - 1)) {
    if ((tally.offers & kYesNo) == 0)
      tally.offered[0] = {sentence.tokens[hit.begin].begin, last.end};
    tally.offers |= kYesNo;
    return;
  }
  if (personal && knows_no_better(sentence, next - 1)) return;
  const std::int32_t weight = weight_of(phrase, tally.sentences);
  tally.evidence.add({sentence.tokens[hit.begin].begin, last.end}, weight, reason_of(phrase.kind));
  if (phrase.kind == PhraseKind::hedge) {
    tally.hedges += phrase.strength;
    return;
  }
  tally.last = std::max<std::int32_t>(tally.last, phrase.strength);
  if (weight > tally.strongest) {
    tally.strongest = weight;
    // "Do you know him?" - "I don't know him." answers, as does "I don't know who that is."
    const bool object = next < sentence.tokens.size() &&
                        sentence.tokens[next].info.is(kQuestion | kObject) && topic.asks == kYesNo;
    tally.about_question =
        phrase.kind == PhraseKind::unknown && (object || asked(topic, last.stem));
  }
}

// "Pass.", "Skip that one.", "Next."
bool is_skip(const Sentence& sentence) noexcept {
  bool skips = false;
  if (sentence.tokens.size() > 4 || sentence.question) return false;
  for (const Token& token : sentence.tokens) {
    const bool is = token.word == "pass"_word || token.word == "skip"_word;
    skips |= is || (token.word == "next"_word && sentence.tokens.size() == 1);
    if (!is && !token.info.is(kFunction | kNumber | kLight)) return false;
  }
  return skips;
}

// "A deal is a deal.", "Kids will be kids.", "It was what it was.": says nothing.
bool is_tautology(const Sentence& sentence) noexcept {
  constexpr FewWords<5> kEquates("is"_word, "are"_word, "was"_word, "were"_word, "be"_word);
  const auto& tokens = sentence.tokens;
  if (tokens.size() < 3 || tokens.size() > 10) return false;
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (!kEquates.has(tokens[i].word)) continue;
    std::size_t before = i - 1, behind = i + 1;
    while (before > 0 && tokens[before].info.is(kAuxiliary)) --before;
    if (tokens[behind].info.is(kDeterminer) && behind + 1 < tokens.size()) ++behind;
    const bool ends = behind + 1 == tokens.size() || tokens[behind + 1].has(kAfterComma);
    if (ends && tokens[before].is_topic() && tokens[before].stem == tokens[behind].stem)
      return true;
    const bool what = tokens[behind].word == "what"_word && behind + 2 < tokens.size();
    if (what && tokens[behind + 1].word == tokens[before].word) return true;
  }
  return false;
}

constexpr FewWords<9> kLimits("only"_word, "just"_word, "still"_word, "already"_word, "since"_word,
                              "until"_word, "too"_word, "enough"_word, "without"_word);
constexpr FewWords<6> kGeneral("always"_word, "every"_word, "everybody"_word, "everyone"_word,
                               "all"_word, "people"_word);

constexpr std::uint32_t kNormSentences = 6;

// Of the first sentences: moral words that were not asked about, as "It is unethical to ..." has
// them. A question of how or why may take for granted what the reply denies: "There is no reason
// why ..."
void read_norms(const Sentence& sentence, const Topic& topic, EvasionTally& tally) noexcept {
  if (tally.sentences >= kNormSentences) return;
  bool negated = false;
  for (const Token& token : sentence.tokens) {
    if (token.has(kNorm) && !asked(topic, token.stem)) ++tally.norms;
    negated |= token.info.is(kNegator | kNo);
  }
  if (tally.sentences > 0) return;
  tally.first_norms = tally.norms;
  const bool yes_no = (topic.asks & kYesNo) != 0;
  tally.denies = negated && !yes_no && topic.asks != 0 && std::popcount(tally.shared) >= 2;
}

// What the words are, whose deeds they tell, when, and how well they speak of them.
void read_words(const Sentence& sentence, const Topic& topic, EvasionTally& tally) noexcept {
  bool past = false, subject = false;
  std::uint32_t classes = 0;
  for (const Token& token : sentence.tokens) {
    if (!token.has(kEmoji)) ++tally.words;
    // "People say", not "I like helping people".
    const bool opens = &token - sentence.tokens.data() < 2;
    tally.general |= kGeneral.has(token.word) && (opens || token.word != "people"_word);
    classes |= token.info.classes;
    if (token.is_topic() && !asked(topic, token.stem)) tally.news += token.info.is(kLight) ? 1 : 2;
    tally.limits |= kLimits.has(token.word);
    if (token.has(kPastForm)) {
      past = true;
    } else if (!past) {
      subject |=
          token.info.is(kFirst | kSecond | kThird | kDeterminer | kPerson) || token.is_topic();
    }
    if (const int polarity = token.info.polarity; polarity != 0)
      (polarity > 0 ? tally.praise : tally.blame) += std::abs(polarity);
    if (!topic.may_ask(token.stem)) continue;
    for (std::size_t i = 0; i < topic.asked_count; ++i) {
      if (topic.asked[i] == token.stem) tally.shared |= 1u << i;
    }
  }
  tally.first_person |= (classes & kFirst) != 0;
  tally.second_person |= (classes & kSecond) != 0;
  tally.third_person |= (classes & kThird) != 0;
  tally.limits |= (classes & (kNegator | kQuantity)) != 0;
  tally.contrast |= (classes & kContrast) != 0;
  tally.vague |= (classes & kQuantity) != 0;
  tally.past |= past;
  // "I missed the bus.", "The crew was ill."
  tally.event |= past && subject && !sentence.question && sentence.tokens.size() < 16;
}

}  // namespace

void read_evasion(const Sentence& sentence, std::uint16_t asks, std::span<const PhraseHit> hits,
                  const Topic& topic, const LinearModel* model, EvasionTally& tally) noexcept {
  if (model != nullptr) {
    each_reply_ngram(sentence, tally.sentences == 0, topic,
                     [&](std::uint32_t feature) { model->add(feature, tally.learned); });
  }
  tally.last = 0;
  for (const PhraseHit& hit : hits) add_phrase(sentence, hit, topic, tally);
  const Span whole{sentence.tokens.front().begin, sentence.tokens.back().end};
  if (is_skip(sentence)) {
    tally.last = kSkips;
    tally.strongest = std::max(tally.strongest, kSkips);
    tally.evidence.add(whole, kSkips, "refusal");
  }
  if (is_tautology(sentence)) {
    tally.last = std::max(tally.last, kSaysNothing);
    tally.strongest = std::max(tally.strongest, kSaysNothing);
    tally.evidence.add(whole, kSaysNothing, "topic_change");
  }
  read_words(sentence, topic, tally);
  read_norms(sentence, topic, tally);
  if (tally.sentences++ == 0) {
    tally.first_sentence = whole;
    tally.bare = is_bare_noun(sentence);
    tally.form = form_of(sentence, topic);
    tally.picks = picks_one(sentence);
  }
  if (sentence.question) {
    ++tally.questions;
    if (tally.questions == tally.sentences) tally.evidence.add(whole, 300, "counter_question");
  } else if (asks == 0 || !topic.asks) {
    tally.offers = find_offers(sentence, tally.offered, tally.offers);
  }
}

}  // namespace scena::metrics

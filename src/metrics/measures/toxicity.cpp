#include "metrics/measures/toxicity.hpp"

#include <algorithm>
#include <array>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

bool speaks_to(const Token& token) noexcept {
  return token.info.is(kSecond) || token.word == "your"_word || token.word == "u"_word ||
         token.word == "ur"_word;
}

bool is_hostile(const Token& token, std::uint16_t mask) noexcept {
  return (token.hostile & mask) != 0;
}

bool is_report(const Token& token) noexcept {
  constexpr std::array kReports = {
      "call"_word,    "called"_word,   "calls"_word,   "calling"_word, "say"_word,
      "says"_word,    "said"_word,     "saying"_word,  "claim"_word,   "claims"_word,
      "claimed"_word, "word"_word,     "wrong"_word,   "myth"_word,    "lie"_word,
      "racist"_word,  "nonsense"_word, "idea"_word,    "wrote"_word,   "shouted"_word,
      "yelled"_word,  "believed"_word, "implied"_word, "slur"_word,    "stated"_word};
  return std::find(kReports.begin(), kReports.end(), token.word) != kReports.end();
}

// "He called you a liar" tells of an insult.
bool is_naming(std::uint32_t word) noexcept {
  return word == "called"_word || word == "calls"_word || word == "call"_word ||
         word == "calling"_word;
}

// What demeans people and is also a plain word for a dog, a tool or a plant.
bool is_of_two_kinds(std::uint32_t word) noexcept {
  return word == "bitch"_word || word == "bitches"_word || word == "hoe"_word ||
         word == "hoes"_word || word == "pussy"_word || word == "pussies"_word;
}

// Reads one sentence; what it finds are counts, and places for evidence.
class HostileReader {
 public:
  HostileReader(const Sentence& sentence, HostileCounts& counts, Strongest<4>& evidence) noexcept
      : sentence_(sentence), tokens_(sentence.tokens), counts_(counts), evidence_(evidence) {}

  void run() noexcept {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      const std::uint16_t hostile = tokens_[at_].hostile;
      if (hostile == 0) continue;
      if (hostile & kOpens) find_phrase();
      if (hostile & (kInsult | kWeakInsult)) find_insult();
      if (hostile & kHarm) find_threat();
      if (hostile & (kGroup | kGroupAdjective)) find_hate();
      if ((hostile & kSlur) && !reported(4)) add(counts_.slurs, at_, at_, 500, "slur");
      if ((hostile & kCoarse) && !reported(4))
        ++(is_of_two_kinds(tokens_[at_].word) ? of_two_kinds_ : coarse_);
      if (hostile & kCurse) ++curses_;
    }
    if (of_two_kinds_ > 0 && !is_of_nature()) coarse_ += of_two_kinds_;
    counts_.coarse += coarse_;
    // What demeans people is no mere exclamation, whoever it is aimed at.
    if (curses_ == 0) return;
    if (is_aimed()) {
      ++counts_.aimed_curses;
    } else if (coarse_ == 0) {
      ++counts_.idle_curses;
    }
  }

 private:
  // At somebody, or at a group.
  bool is_aimed() const noexcept {
    return std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
      return speaks_to(token) || (token.info.is(kThird | kObject) && token.word != "it"_word) ||
             is_hostile(token, kGroup | kSlur);
    });
  }

  // "The bitch had six puppies", "a hoe and a rake": of dogs and tools, where nobody is spoken to.
  bool is_of_nature() const noexcept {
    bool names = false;
    for (const Token& token : tokens_) {
      if (speaks_to(token)) return false;
      names |= is_nature(token.word);
    }
    return names;
  }

  void add(std::uint32_t& count, std::size_t from, std::size_t to, int weight,
           const char* reason) noexcept {
    ++count;
    evidence_.add({tokens_[from].begin, tokens_[to].end}, weight, reason);
  }

  // Somebody else's words: "he called me a ...", "it is wrong to say that ...".
  bool reported(std::size_t reach) const noexcept {
    for (std::size_t i = at_ - std::min(at_, reach); i < at_; ++i) {
      if (is_report(tokens_[i])) return true;
    }
    return false;
  }

  bool denied(std::size_t from, std::size_t to) const noexcept {
    for (std::size_t i = from; i < to; ++i) {
      if (tokens_[i].info.is(kNegator | kSuppose)) return true;
    }
    return false;
  }

  void find_phrase() noexcept {
    for (const HostilePhrase& phrase : hostile_phrases()) {
      std::size_t size = 0;
      while (size < phrase.words.size() && phrase.words[size] != 0 && at_ + size < tokens_.size() &&
             tokens_[at_ + size].word == phrase.words[size])
        ++size;
      if (size < phrase.words.size() && phrase.words[size] != 0) continue;
      if (denied(at_ - std::min<std::size_t>(at_, 3), at_) || reported(4)) return;
      add(phrase.threat ? counts_.threats : counts_.insults, at_, at_ + size - 1,
          phrase.threat ? 400 : 300, phrase.threat ? "threat" : "insult");
      return;
    }
  }

  // May stand between "you" and the insult: "you are such a", "you lying, miserable".
  bool leads_on(const Token& token, int& others) const noexcept {
    if (token.info.is(kNegator | kFirst | kSuppose | kThird | kObject)) return false;
    if (token.has(kAfterBreak) || token.word == "no"_word) return false;
    if (token.info.polarity > 0 && token.info.degree == 0) return false;  // "you lucky bastard"
    if (token.info.is(kConjunction) && token.word != "and"_word) return false;
    if (token.info.is(kQuestion | kPlace)) return false;
    if (token.info.is(kFunction) || token.info.degree != 0 || token.hostile != 0) return true;
    return --others >= 0;
  }

  // "you are such an idiot", "your stupid plan", "get out, you worthless clown", "what a moron you
  // are"; not "you are not stupid", not "was I stupid", and not "do you have animals".
  void find_insult() noexcept {
    const bool strong = is_hostile(tokens_[at_], kInsult);
    int others = strong ? 2 : 0;
    for (std::size_t i = at_; i > 0 && at_ - i < 6; --i) {
      const Token& before = tokens_[i - 1];
      if (speaks_to(before)) {
        if (!strong && !weak_is_said_of(i - 1)) return;
        if (i > 1 && is_naming(tokens_[i - 2].word)) return;
        add(counts_.insults, i - 1, at_, 300, "insult");
        return;
      }
      if (!leads_on(before, others)) break;
    }
    if (strong && (said_behind() || stands_alone() || asks_what_kind() || said_of_others()))
      add(counts_.insults, at_, at_, 300, "insult");
  }

  // "What kind of moron wrote this?"
  bool asks_what_kind() const noexcept {
    return at_ >= 3 && tokens_[at_ - 1].word == "of"_word && tokens_[at_ - 3].word == "what"_word;
  }

  // "The minister is a gutless liar", "he's a complete moron"; not "he was no fool", and not "I was
  // an idiot".
  bool said_of_others() const noexcept {
    if (sentence_.question || is_said_of_things(tokens_[at_]) || is_mild(tokens_[at_]) ||
        reported(8))
      return false;
    int others = 2;
    for (std::size_t i = at_; i > 1 && at_ - i < 5; --i) {
      const Token& before = tokens_[i - 1];
      if (before.word == "is"_word || before.word == "are"_word) {
        const Token& whose = tokens_[i - 2];
        return whose.info.is(kThird) ? whose.word != "it"_word : whose.is_topic();
      }
      if (!leads_on(before, others)) return false;
    }
    return false;
  }

  // Said of others in talk that is civil.
  static bool is_mild(const Token& token) noexcept {
    constexpr std::array kMild = {"fool"_word,   "fools"_word,  "liar"_word,      "loser"_word,
                                  "losers"_word, "coward"_word, "hypocrite"_word, "freak"_word,
                                  "creep"_word,  "jerk"_word,   "scoundrel"_word, "slob"_word};
    return std::find(kMild.begin(), kMild.end(), token.word) != kMild.end();
  }

  // "you rat", "you are a rat", "your a rat"; not "your rat", not "you saw a rat".
  bool weak_is_said_of(std::size_t you) const noexcept {
    if (tokens_[you].word == "your"_word) return false;
    if (at_ + 1 < tokens_.size() && tokens_[at_ + 1].is_topic() &&
        !is_hostile(tokens_[at_ + 1], kInsult | kWeakInsult))
      return false;
    if (you + 1 == at_) return true;
    for (std::size_t i = you + 1; i < at_; ++i) {
      const Token& token = tokens_[i];
      if (token.word == "are"_word || token.word == "re"_word) return true;
      if (!is_hostile(token, kInsult | kWeakInsult | kCurse) && token.info.degree == 0)
        return false;
    }
    return true;
  }

  // "What an imbecile you are!"
  bool said_behind() const noexcept {
    return at_ + 2 < tokens_.size() && speaks_to(tokens_[at_ + 1]) &&
           tokens_[at_ + 2].word == "are"_word;
  }

  // "What an idiot!", "What a complete moron."
  bool is_exclaimed() const noexcept {
    return at_ >= 2 && at_ <= 4 && tokens_[0].word == "what"_word &&
           (tokens_[1].word == "a"_word || tokens_[1].word == "an"_word);
  }

  // "Idiot!", "Shut up, moron.": the whole sentence, or its last word behind a comma.
  bool stands_alone() const noexcept {
    const Token& word = tokens_[at_];
    const bool first = at_ == 0 || word.has(kAfterComma) || is_exclaimed();
    return first && at_ + 1 == tokens_.size() && !sentence_.question && !is_said_of_things(word);
  }

  static bool is_said_of_things(const Token& token) noexcept {
    constexpr std::array kOfThings = {
        "stupid"_word,      "dumb"_word,     "pathetic"_word, "idiotic"_word, "worthless"_word,
        "incompetent"_word, "clueless"_word, "bitch"_word,    "bastard"_word, "prick"_word};
    return std::find(kOfThings.begin(), kOfThings.end(), token.word) != kOfThings.end();
  }

  // "I will kill you", "we're going to break your legs"; not "we will beat your offer".
  void find_threat() noexcept {
    if (at_ + 1 >= tokens_.size() || !speaks_to(tokens_[at_ + 1])) return;
    const bool yours = tokens_[at_ + 1].word == "your"_word;
    const std::size_t behind = at_ + 2;
    if (yours && (behind >= tokens_.size() || !is_body_or_kin(tokens_[behind].word))) return;
    // "beat you at chess", "beat you to it"
    if (!yours && behind < tokens_.size() &&
        (tokens_[behind].word == "at"_word || tokens_[behind].word == "to"_word ||
         tokens_[behind].word == "by"_word))
      return;
    const std::size_t begin = at_ - std::min<std::size_t>(at_, 6);
    if (denied(begin, at_)) return;
    bool self = false;
    for (std::size_t i = begin; i < at_; ++i) {
      const std::uint32_t word = tokens_[i].word;
      self |= tokens_[i].info.is(kFirst) || word == "someone"_word || word == "somebody"_word;
      if (!self || (word != "will"_word && word != "going"_word && word != "want"_word &&
                    word != "love"_word && word != "should"_word))
        continue;
      add(counts_.threats, i, at_ + 1, 400, "threat");
      return;
    }
  }

  // "immigrants are parasites", "women are too stupid to lead", "gays should be shot", "they
  // control the banks".
  void find_hate() noexcept {
    std::size_t i = at_ + 1;
    if (!is_hostile(tokens_[at_], kGroup) || (i < tokens_.size() && is_people(tokens_[i].word))) {
      if (i >= tokens_.size() || !is_people(tokens_[i].word)) return;
      ++i;
    }
    if (sentence_.question || denied(at_ - std::min<std::size_t>(at_, 4), at_) || reported(8))
      return;
    int others = 2;
    bool is = false, ought = false, rules = false;
    for (const std::size_t end = std::min(tokens_.size(), i + 8); i < end; ++i) {
      const Token& token = tokens_[i];
      if (token.has(kAfterBreak) || token.info.is(kSuppose | kContrast | kFirst)) return;
      if (token.info.is(kNegator) && !is_distrusted(i)) return;
      if ((is && (is_hostile(token, kContempt) || is_too_weak(i))) || is_distrusted(i) ||
          (ought && is_hostile(token, kExpel)) || (rules && is_dominated(token.word)) ||
          belongs_in_place(i)) {
        add(counts_.hate, at_, i, 450, "hate");
        return;
      }
      is |= token.word == "are"_word || token.word == "is"_word || token.word == "re"_word;
      ought |= token.word == "should"_word || token.word == "must"_word ||
               token.word == "deserve"_word || token.word == "ought"_word;
      rules |= is_dominion(token.word);
      // "Women are rarely victims of ...": too far for a verdict.
      if (!token.info.is(kFunction) && token.info.degree == 0 && !is_dominion(token.word) &&
          token.hostile == 0 && --others < 0)
        return;
    }
  }

  // "too emotional to lead"
  bool is_too_weak(std::size_t i) const noexcept {
    const std::uint32_t word = tokens_[i].word;
    return tokens_[i - 1].word == "too"_word &&
           (word == "emotional"_word || word == "weak"_word || word == "soft"_word) &&
           i + 1 < tokens_.size() &&
           (tokens_[i + 1].word == "to"_word || tokens_[i + 1].word == "for"_word);
  }

  // "foreigners cannot be trusted"
  bool is_distrusted(std::size_t i) const noexcept {
    return i > 0 && i + 2 < tokens_.size() && tokens_[i].word == "not"_word &&
           tokens_[i - 1].word == "can"_word && tokens_[i + 1].word == "be"_word &&
           tokens_[i + 2].word == "trusted"_word;
  }

  // "women belong in the kitchen"
  bool belongs_in_place(std::size_t i) const noexcept {
    return i + 3 < tokens_.size() &&
           (tokens_[i].word == "belong"_word || tokens_[i].word == "stay"_word) &&
           tokens_[i + 1].word == "in"_word && tokens_[i + 2].info.is(kDeterminer) &&
           (tokens_[i + 3].word == "kitchen"_word || tokens_[i + 3].word == "zoo"_word ||
            tokens_[i + 3].word == "jungle"_word || tokens_[i + 3].word == "gutter"_word);
  }

  const Sentence& sentence_;
  const std::vector<Token>& tokens_;
  HostileCounts& counts_;
  Strongest<4>& evidence_;
  std::size_t at_ = 0;
  int curses_ = 0;
  std::uint32_t coarse_ = 0;
  std::uint32_t of_two_kinds_ = 0;
};

}  // namespace

void read_toxicity(const Sentence& sentence, const LinearModel* model, std::int64_t blame,
                   ToxicityTally& tally) noexcept {
  HostileCounts counts;
  counts.blame = blame;
  std::uint16_t hostile = 0;
  for (const Token& token : sentence.tokens) {
    hostile |= token.hostile;
    if (!token.has(kEmoji)) ++counts.words;
    // A function word may be usual in insults, and yet is none.
    if (token.toxicity > 20 && !token.info.is(kFunction))
      tally.evidence.add({token.begin, token.end}, token.toxicity, "toxic");
  }
  if (hostile != 0) HostileReader(sentence, counts, tally.evidence).run();
  if (model != nullptr)
    tally.worst = std::max(tally.worst, model->score(0, tally.open, toxicity_numbers(counts)));
  LinearModel::add(tally.open, tally.learned);
  tally.open = {};
  tally.counts += counts;
}

std::array<double, kToxicityNumbers> toxicity_numbers(const HostileCounts& counts) noexcept {
  const double words = std::max(1u, counts.words);
  const auto some = [](std::uint32_t count) { return std::min(2u, count) * 0.5; };
  return {some(counts.insults),
          some(counts.threats),
          static_cast<double>(counts.blame) / 10000 / words,
          some(counts.hate),
          some(counts.slurs),
          some(counts.coarse),
          some(counts.aimed_curses),
          some(counts.idle_curses)};
}

}  // namespace scena::metrics

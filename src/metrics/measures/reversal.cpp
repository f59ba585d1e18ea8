#include "metrics/measures/reversal.hpp"

#include <algorithm>
#include <array>

#include "metrics/claims/claim_words.hpp"
#include "metrics/words/few_words.hpp"
#include "metrics/words/word_list.hpp"

namespace scena::metrics {
namespace {

// Behind a word of trouble they make a place, a trade or a matter of it.
constexpr std::string_view kSettingList =
    "ward department unit clinic insurance specialist screening test tests report line form policy "
    "law research desk scale management assessment investigation statistics centre center hospital "
    "hotline squad inspector register office rate rates level levels study trial records code "
    "number lawyer court scene prevention relief medication killer killers claim claims counter "
    "drill alarm exit service handling log tracker patient patients category";
constexpr WordList<count_words(kSettingList)> kSettings{kSettingList};

// Nouns of blame that such a place may be of, beside those that are kTrouble.
constexpr std::string_view kMatterList =
    "fraud death emergency crash crisis disaster abuse war victim terrorism injury pain panic";
constexpr WordList<count_words(kMatterList)> kMatters{kMatterList};

// What good things did not do: "the improvements never came".
constexpr std::string_view kArrivalList =
    "came come arrived arrive happened happen materialised materialized work worked lasted last "
    "appeared appear followed delivered showed existed received kept";
constexpr WordList<count_words(kArrivalList)> kArrivals{kArrivalList};

bool breaks(const Token& token) noexcept {
  return token.has(kAfterBreak | kAfterComma) || token.info.is(kContrast | kConcession);
}

bool is_modal(const Token& token) noexcept {
  constexpr std::array kModals = {"would"_word, "should"_word, "could"_word, "can"_word,
                                  "must"_word,  "may"_word,    "might"_word, "to"_word,
                                  "if"_word,    "please"_word, "let"_word};
  return std::find(kModals.begin(), kModals.end(), token.word) != kModals.end();
}

// "I feel", "I get": what stands between a negation and the trouble that it denies.
constexpr FewWords<10> kFeels("feel"_word, "feeling"_word, "felt"_word, "get"_word, "gets"_word,
                              "getting"_word, "seem"_word, "seems"_word, "look"_word, "as"_word);
constexpr FewWords<3> kScarcely("hardly"_word, "barely"_word, "scarcely"_word);
constexpr FewWords<3> kCouldHave("could"_word, "should"_word, "would"_word);
constexpr FewWords<4> kHopes("expected"_word, "expecting"_word, "hoped"_word, "hoping"_word);

// Before "used to": who is used to it still has it, and what is used to do something serves for it.
constexpr std::string_view kAccustomedList =
    "am is are was were be been being 's get gets getting got gotten grow grows growing grew grown "
    "become becomes becoming became";
constexpr WordList<count_words(kAccustomedList)> kAccustomed{kAccustomedList};

// Beside articles and degrees, in what something could have been: "far better", "worth it".
constexpr FewWords<5> kBeforePraise("far"_word, "way"_word, "lot"_word, "worth"_word,
                                    "something"_word);

constexpr FewWords<6> kEveryOne("more"_word, "all"_word, "every"_word, "everyone"_word,
                                "everybody"_word, "other"_word);
constexpr FewWords<4> kSo("as"_word, "this"_word, "that"_word, "so"_word);

bool is_state(std::uint32_t word) noexcept {
  return word == "down"_word || word == "over"_word || word == "gone"_word;
}

// Reads what stands around one word.
class Surroundings {
 public:
  Surroundings(const Sentence& sentence, std::size_t at) noexcept
      : sentence_(sentence), tokens_(sentence.tokens), at_(at), word_(tokens_[at]) {}

  bool is_bad() const noexcept { return word_.info.polarity < 0 || word_.info.is(kTrouble); }

  // "We avoided a disaster", "free of pain", "without any trouble"; "avoid" alone is a wish.
  Reversal before() const noexcept {
    int others = 2;
    for (std::size_t i = at_; i > 0 && at_ - i < 6; --i) {
      if (breaks(tokens_[i])) return Reversal::none;
      const Token& verb = tokens_[i - 1];
      if (verb.info.is(kReverses) && reaches(i - 1)) return achieved(i - 1);
      if (verb.info.is(kNegator | kConjunction | kFirst | kSecond | kThird | kQuestion))
        return Reversal::none;
      if (!verb.info.is(kFunction) && verb.info.degree == 0 && --others < 0) return Reversal::none;
    }
    return Reversal::none;
  }

  // "The pain is gone", "complaints about delays have fallen", "the charges were dropped".
  Reversal behind() const noexcept {
    bool aside = false;
    const std::size_t end = std::min(tokens_.size(), at_ + 9);
    for (std::size_t i = at_ + 1; i < end; ++i) {
      const Token& token = tokens_[i];
      if (breaks(token) || token.info.is(kNegator | kSuppose | kQuestion)) return Reversal::none;
      const bool passive = after_auxiliary(i);  // "the crisis was averted"
      if (token.info.is(passive ? kFalls | kReverses : aside ? 0u : kFalls) && falls(i))
        return Reversal::good_news;
      if (i == at_ + 1 && (token.word == "of"_word || token.word == "about"_word ||
                           token.word == "from"_word || token.word == "in"_word))
        aside = true;
      const bool passes = token.info.is(kAuxiliary | kTime) || token.info.degree != 0 || aside ||
                          token.word == "all"_word || token.word == "completely"_word ||
                          token.word == "finally"_word || token.word == "now"_word ||
                          token.word == "went"_word || token.word == "came"_word ||
                          token.word == "already"_word;
      if (!passes || token.info.is(kConjunction | kFirst | kSecond | kThird)) return Reversal::none;
    }
    return Reversal::none;
  }

  // "Our profits have fallen by half", only where the fall ends the claim, as "a perfect fall day"
  // has none; "the improvements that they promised never came".
  Reversal lost() const noexcept {
    bool direct = true;
    for (std::size_t i = at_ + 1; i < std::min(tokens_.size(), at_ + 5); ++i) {
      const Token& token = tokens_[i];
      if (breaks(token)) return Reversal::none;
      if (direct && after_auxiliary(i) && token.info.is(kFalls) && !token.info.is(kReverses) &&
          falls(i) && ends_claim(i + 1))
        return Reversal::bad_news;
      if (token.info.is(kNegator))
        return i + 1 < tokens_.size() && kArrivals.has(tokens_[i + 1].word) ? Reversal::bad_news
                                                                            : Reversal::none;
      if (token.info.is(kConjunction | kFirst | kSecond)) return Reversal::none;
      direct &= token.info.is(kAuxiliary) || token.info.degree != 0;
    }
    return Reversal::none;
  }

  // "No longer worried", "hardly hurts", "I don't feel sick any more": trouble that has passed.
  Reversal passed() const noexcept {
    for (std::size_t i = at_; i > 0 && at_ - i < 5; --i) {
      if (breaks(tokens_[i])) return Reversal::none;
      const Token& token = tokens_[i - 1];
      if (token.word == "longer"_word && i > 1 && tokens_[i - 2].word == "no"_word)
        return Reversal::good_news;
      if (kScarcely.has(token.word)) return Reversal::good_news;
      if (token.info.is(kNegator)) return is_now_over() ? Reversal::good_news : Reversal::none;
      if (!token.info.is(kFunction) && token.info.degree == 0 && !kFeels.has(token.word))
        return Reversal::none;
    }
    return Reversal::none;
  }

  // "It used to be great", "I wish it worked", "it could have been better", "we expected better":
  // good that is gone or never came. "I wish you luck", "I'm used to great service" and "I would
  // have loved to" are no such thing.
  Reversal unmet() const noexcept {
    if (sentence_.question) return Reversal::none;
    if (word_.word == "wish"_word && wishes_away())
      return wishes_to_be_there() || wish_praises(at_) ? Reversal::no_feeling : Reversal::bad_news;
    bool past = word_.has(kPastForm);
    for (std::size_t i = at_; i > 0 && at_ - i < 7; --i) {
      if (breaks(tokens_[i])) return Reversal::none;
      const Token& token = tokens_[i - 1];
      if (token.info.is(kNegator)) return Reversal::none;
      if (is_unmet_at(i - 1, past)) return Reversal::bad_news;
      if (is_unaccustomed(i - 1)) return Reversal::no_feeling;
      past |= token.has(kPastForm) || is_past_auxiliary(token);
    }
    return Reversal::none;
  }

  // "It could have been worse."
  bool might_be_worse() const noexcept {
    return at_ > 2 && word_.word == "worse"_word && tokens_[at_ - 2].word == "have"_word &&
           tokens_[at_ - 3].word == "could"_word;
  }

  // "cancer-free"
  bool is_free() const noexcept {
    return at_ + 1 < tokens_.size() && tokens_[at_ + 1].word == "free"_word;
  }

  // "For the poor", not "the poor quality".
  bool is_people() const noexcept {
    constexpr FewWords<4> kPeople("poor"_word, "sick"_word, "weak"_word, "hungry"_word);
    return kPeople.has(word_.word) && at_ > 0 && tokens_[at_ - 1].word == "the"_word &&
           (at_ + 1 == tokens_.size() || !tokens_[at_ + 1].is_topic());
  }

  // "the cancer ward", "any pain?", "a Best Buy", "the poor".
  bool is_only_named() const noexcept {
    const bool last = at_ + 1 == tokens_.size();
    const bool matter = word_.info.is(kTrouble) || kMatters.has(word_.word);
    if (matter && !last && kSettings.has(tokens_[at_ + 1].word)) return true;
    if (is_bad() && sentence_.question && at_ > 0 && tokens_[at_ - 1].word == "any"_word)
      return true;
    if (is_trade() || is_record() || is_people()) return true;
    return is_in_name();
  }

 private:
  // "... any more", "... these days", "... left".
  bool is_now_over() const noexcept {
    for (std::size_t i = at_ + 1; i < std::min(tokens_.size(), at_ + 5); ++i) {
      if (breaks(tokens_[i])) return false;
      const std::uint32_t word = tokens_[i].word, before = tokens_[i - 1].word;
      if (word == "anymore"_word || (word == "more"_word && before == "any"_word)) return true;
      if (word == "days"_word && before == "these"_word) return true;
      if (word == "left"_word && i + 1 == tokens_.size()) return true;
    }
    return false;
  }

  // "I wish it were over", "we wish you had called".
  bool wishes_away() const noexcept {
    for (std::size_t i = at_ + 1; i < std::min(tokens_.size(), at_ + 5); ++i) {
      const Token& token = tokens_[i];
      if (breaks(token) || token.info.is(kConjunction)) return false;
      if (token.has(kPastForm) || is_past_auxiliary(token)) return true;
    }
    return false;
  }

  // "Wish I was there" envies more than it complains.
  bool wishes_to_be_there() const noexcept {
    return at_ + 2 < tokens_.size() && tokens_[at_ + 1].word == "i"_word &&
           (tokens_[at_ + 2].word == "was"_word || tokens_[at_ + 2].word == "were"_word);
  }

  static bool is_past_auxiliary(const Token& token) noexcept {
    constexpr FewWords<6> kAuxiliaries("were"_word, "was"_word, "had"_word, "could"_word,
                                       "would"_word, "did"_word);
    return kAuxiliaries.has(token.word);
  }

  // `past` says whether a past form stands between the token and the word.
  bool is_unmet_at(std::size_t i, bool past) const noexcept {
    const std::uint32_t word = tokens_[i].word;
    const std::uint32_t next = i + 1 < at_ ? tokens_[i + 1].word : 0;
    if (word == "wish"_word || word == "wished"_word) return past && !wish_praises(i);
    if (word == "only"_word) return past && i > 0 && tokens_[i - 1].word == "if"_word;
    if (word == "used"_word) return next == "to"_word && is_of_old(i);
    if (word == "supposed"_word || word == "meant"_word) return next == "to"_word && was_to_be(i);
    if (word == "have"_word && i > 0 && kCouldHave.has(tokens_[i - 1].word))
      return !denied_before(i - 1) && ((next == "been"_word && describes_from(i + 2)) ||
                                       (word_.info.is(kComparative) && past));
    if (!word_.info.is(kComparative) || !kHopes.has(word)) return false;
    return i + 1 == at_ || next == "for"_word || next == "a"_word || next == "much"_word;
  }

  // The word before `i` but for adverbs; 0 where there is none.
  std::uint32_t word_before(std::size_t i) const noexcept {
    while (i > 0 && (tokens_[i - 1].info.is(kTime) || tokens_[i - 1].info.degree != 0 ||
                     tokens_[i - 1].word == "well"_word ||
                     (tokens_[i - 1].says & (std::uint32_t{kAdverb} | kOnly | kThen)) != 0))
      --i;
    return i == 0 ? 0 : tokens_[i - 1].word;
  }

  // "He was not used to such kindness" denies no kindness.
  bool is_unaccustomed(std::size_t i) const noexcept {
    return tokens_[i].word == "used"_word && i + 1 < at_ && tokens_[i + 1].word == "to"_word &&
           denied_before(i) && !is_of_old(i);
  }

  bool denied_before(std::size_t i) const noexcept {
    if (i > 1 && tokens_[i - 1].word == "one"_word) --i;  // "no one"
    return i > 0 && tokens_[i - 1].info.is(kNegator);
  }

  // "It used to be great", "they used to make good coffee"; not "I'm (not) used to good coffee",
  // "money is used to help", nor "the house where I used to play is beautiful".
  bool is_of_old(std::size_t used) const noexcept {
    const bool denied = denied_before(used);
    if (kAccustomed.has(word_before(used - (denied ? 1u : 0u)))) return false;
    return std::none_of(tokens_.begin() + static_cast<std::ptrdiff_t>(std::min(used + 3, at_)),
                        tokens_.begin() + static_cast<std::ptrdiff_t>(at_),
                        [](const Token& token) { return token.info.is(kAuxiliary); });
  }

  // "It was supposed to be a treat", not "this is meant to be fun" and "I meant to thank you".
  bool was_to_be(std::size_t meant) const noexcept {
    const std::uint32_t before = word_before(meant);
    if (before != "was"_word && before != "were"_word) return false;
    if (meant + 2 >= at_ || tokens_[meant + 2].word != "be"_word) return false;
    return std::none_of(tokens_.begin() + static_cast<std::ptrdiff_t>(meant + 3),
                        tokens_.begin() + static_cast<std::ptrdiff_t>(at_),
                        [](const Token& token) { return token.info.is(kPlace); });
  }

  // Only articles, degrees and other praise up to the word: "a really nice, relaxing evening", not
  // "at the wonderful party".
  bool describes_from(std::size_t begin) const noexcept {
    for (std::size_t i = begin; i < at_; ++i) {
      const Token& token = tokens_[i];
      if (token.info.is(kPlace)) return false;
      if (!token.info.is(kDeterminer | kQuantity) && token.info.degree == 0 &&
          token.info.polarity <= 0 && (token.says & kMuch) == 0 && !kBeforePraise.has(token.word))
        return false;
    }
    return true;
  }

  // What is wished for is there, and praised: "I wish I could thank you enough" or "... tell you
  // how happy I am", "I wish more people were as kind as you", "I wish I had found this lovely shop
  // sooner".
  bool wish_praises(std::size_t wish) const noexcept {
    bool could = false, had = false, of_all = false;
    for (std::size_t i = wish + 1; i < std::min(tokens_.size(), wish + 12); ++i) {
      const Token& token = tokens_[i];
      if (breaks(token)) return false;
      if (could && token.word == "thank"_word) return true;
      could |= token.word == "could"_word;
      had |= token.word == "had"_word && tokens_[i - 1].info.is(kFirst);
      of_all |= i < wish + 3 && kEveryOne.has(token.word);
      if (token.info.polarity <= 0) continue;
      const std::uint32_t before = tokens_[i - 1].word;
      if (of_all && kSo.has(before)) return true;
      if (could && before == "how"_word) return true;
      const bool this_one = before == "this"_word || before == "your"_word;
      if (had && this_one && i + 1 < tokens_.size() && tokens_[i + 1].is_topic()) return true;
    }
    return false;
  }

  // "She works at the bank" does not praise her work.
  bool is_trade() const noexcept {
    if (word_.word != "works"_word || at_ + 1 >= tokens_.size()) return false;
    constexpr std::array kBehind = {"at"_word, "for"_word,  "in"_word,   "as"_word,
                                    "on"_word, "from"_word, "here"_word, "there"_word};
    return std::find(kBehind.begin(), kBehind.end(), tokens_[at_ + 1].word) != kBehind.end();
  }

  // "a record low"
  bool is_record() const noexcept {
    return at_ > 0 && (word_.word == "low"_word || word_.word == "high"_word) &&
           (tokens_[at_ - 1].word == "record"_word || tokens_[at_ - 1].word == "time"_word);
  }

  // "I work for Best Buy"; not "Happy Birthday".
  bool is_in_name() const noexcept {
    std::size_t begin = at_, end = at_;
    while (is_name(begin)) --begin;
    while (end < tokens_.size() && is_name(end)) ++end;
    if (end < begin + 3) return false;
    constexpr std::array kBefore = {"for"_word,  "at"_word, "by"_word, "from"_word,
                                    "with"_word, "of"_word, "the"_word};
    return std::find(kBefore.begin(), kBefore.end(), tokens_[begin].word) != kBefore.end();
  }

  bool is_name(std::size_t i) const noexcept {
    return i > 0 && tokens_[i].has(kCapitalised) && !tokens_[i].has(kCapitals | kEmoji) &&
           !tokens_[i].info.is(kFunction);
  }

  // "free" and "clear" free of something only before "of" and "from".
  bool reaches(std::size_t verb) const noexcept {
    const std::uint32_t word = tokens_[verb].word;
    if (word != "free"_word && word != "clear"_word && word != "cleared"_word &&
        word != "clean"_word)
      return true;
    const std::uint32_t next = tokens_[verb + 1].word;
    return next == "of"_word || next == "from"_word;
  }

  Reversal achieved(std::size_t verb) const noexcept {
    if (tokens_[verb].word == "without"_word) return Reversal::good_news;
    if (sentence_.question) return Reversal::no_feeling;
    bool wish = verb == 0 && !is_past(tokens_[0]);  // an imperative
    for (std::size_t i = verb; i > 0 && verb - i < 4; --i) {
      if (breaks(tokens_[i])) break;
      const Token& before = tokens_[i - 1];
      if (before.info.is(kNegator) || before.word == "failed"_word || before.word == "unable"_word)
        return Reversal::remains;
      wish |= is_modal(before);
    }
    return wish ? Reversal::no_feeling : Reversal::good_news;
  }

  static bool is_past(const Token& token) noexcept {
    constexpr std::array kPast = {"solved"_word,  "fixed"_word,   "cured"_word,   "ended"_word,
                                  "avoided"_word, "halved"_word,  "reduced"_word, "healed"_word,
                                  "cleared"_word, "lowered"_word, "stopped"_word, "eased"_word,
                                  "averted"_word, "spared"_word,  "escaped"_word, "settled"_word,
                                  "free"_word};
    return std::find(kPast.begin(), kPast.end(), token.word) != kPast.end();
  }

  bool after_auxiliary(std::size_t i) const noexcept {
    return std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(at_ + 1),
                       tokens_.begin() + static_cast<std::ptrdiff_t>(i),
                       [](const Token& token) { return token.info.is(kAuxiliary); });
  }

  // "is down", "went down", "is over", not "down the road".
  bool falls(std::size_t i) const noexcept {
    if (!is_state(tokens_[i].word)) return true;
    const Token& before = tokens_[i - 1];
    return before.info.is(kAuxiliary) || before.info.degree != 0 || before.word == "went"_word ||
           before.word == "came"_word || before.word == "all"_word || before.word == "now"_word ||
           before.word == "finally"_word || before.info.is(kTime);
  }

  bool ends_claim(std::size_t i) const noexcept {
    return i >= tokens_.size() || breaks(tokens_[i]) || tokens_[i].word == "by"_word ||
           tokens_[i].word == "to"_word || tokens_[i].info.is(kTime | kConjunction) ||
           tokens_[i].word == "sharply"_word || tokens_[i].word == "again"_word;
  }

  const Sentence& sentence_;
  const std::vector<Token>& tokens_;
  std::size_t at_;
  const Token& word_;
};

}  // namespace

Reversal reversal_of(const Sentence& sentence, std::size_t at, std::uint32_t classes) noexcept {
  const Surroundings around(sentence, at);
  if (around.is_only_named()) return Reversal::no_feeling;
  if (!around.is_bad()) {
    if (const Reversal unmet = around.unmet(); unmet != Reversal::none) return unmet;
    return (classes & (kFalls | kNegator)) != 0 ? around.lost() : Reversal::none;
  }
  if (around.is_free() || around.might_be_worse()) return Reversal::good_news;
  Reversal found = (classes & kNegator) != 0 ? around.passed() : Reversal::none;
  if (found == Reversal::none && (classes & kReverses) != 0) found = around.before();
  if (found == Reversal::none && (classes & kFalls) != 0) found = around.behind();
  return found;
}

bool is_unmet(const Sentence& sentence, std::size_t at) noexcept {
  return Surroundings(sentence, at).unmet() == Reversal::bad_news;
}

}  // namespace scena::metrics

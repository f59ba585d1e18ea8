#include "metrics/claims/clause.hpp"

#include <algorithm>
#include <string_view>

#include "metrics/claims/clause_sets.hpp"
#include "metrics/claims/denial.hpp"
#include "metrics/claims/question_bits.hpp"
#include "metrics/claims/subject.hpp"
#include "metrics/words/word_list.hpp"

namespace scena::metrics {
namespace {

void read_number(std::span<const Token> tokens, std::size_t at, Clause& clause) noexcept {
  if (clause.number_count == clause.numbers.size()) return;
  clause.numbers[clause.number_count++] = number_at(tokens, at);
  if (at > 0 && (tokens[at - 1].word == "about"_word || tokens[at - 1].info.degree < 0))
    clause.flags |= kVagueNumber;
}

bool is_particle(const Token& token) noexcept {
  return token.word == "up"_word || token.word == "down"_word || token.word == "on"_word ||
         token.word == "off"_word;
}

constexpr std::string_view kMoves = "go goes going went gone come comes coming came";
constexpr std::string_view kBeing = "is are was were been be stays stayed";

bool is_being(std::uint32_t word) noexcept {
  static constexpr WordList<count_words(kBeing)> being{kBeing};
  return being.has(word);
}

// "The server is up", "fares went down by half": elsewhere such words say little.
bool is_state(std::span<const Token> tokens, std::size_t at) noexcept {
  if (at == 0 || !is_particle(tokens[at])) return false;
  static constexpr WordList<count_words(kMoves)> moves{kMoves};
  const std::uint32_t before = tokens[at - 1].word;
  return at + 1 == tokens.size() || moves.has(before) || is_being(before);
}

// The month, not the auxiliary.
bool is_may(std::span<const Token> tokens, std::size_t at) noexcept {
  return at > 0 && tokens[at].word == "may"_word && tokens[at].has(kCapitalised);
}
constexpr NamedMember may() noexcept {
  return {kMonthSet, 13, 0};  // behind the twelve of the lexicon, which lack it
}

// "By myself", "on my own".
bool is_by_oneself(std::span<const Token> tokens, std::size_t at) noexcept {
  const std::uint32_t word = tokens[at].word;
  if (at == 0) return false;
  if (word == "myself"_word || word == "ourselves"_word) return tokens[at - 1].word == "by"_word;
  if (word != "own"_word || at < 2 || at + 1 < tokens.size()) return false;
  return tokens[at - 2].word == "on"_word;
}

// The opposite of "alone".
constexpr NamedMember company() noexcept {
  return {kAloneSet, 2, 0};
}

// "My girlfriend was with me", "nobody was with me"; not "I have no pen with me".
bool is_with_me(std::span<const Token> tokens, std::size_t at) noexcept {
  if (at < 2 || tokens[at - 1].word != "with"_word) return false;
  if (tokens[at].word != "me"_word && tokens[at].word != "us"_word) return false;
  return std::any_of(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(at),
                     [](const Token& token) {
                       return token.info.is(kPerson | kThird) || token.word == "none"_word;
                     });
}

// "With my friends" is the opposite of "alone"; "with my left arm" is not.
bool is_company(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& token = tokens[at];
  const bool with = at > 0 && tokens[at - 1].word == "with"_word;
  if (with) return token.info.is(kPerson | kObject);
  if (at < 2 || tokens[at - 2].word != "with"_word || !token.is_topic()) return false;
  if (token.info.is(kPerson)) return true;
  const bool describes = at + 1 < tokens.size() && tokens[at + 1].is_topic();
  return tokens[at - 1].word == "my"_word && !describes && !token.info.is(kSpatial);
}

constexpr std::string_view kChanges =
    "moved changed rescheduled postponed delayed switched replaced renamed transferred updated "
    "upgraded converted extended cancelled canceled promoted corrected revised";
constexpr std::string_view kPerfect = "been was were have has had got 've since just now";

constexpr std::string_view kNotOfNow =
    "was were did had will would shall should could might used going";
constexpr std::string_view kHas = "have had own owned possess got";
constexpr std::string_view kOfAnyOne = "a an any no children pets kids";
// What a denial denies whatever else is done: "I don't eat fish", "I never learned to swim".
constexpr std::string_view kAnyDealing = "eat eaten drink drunk use used learn learned learnt";
constexpr std::string_view kOtherOnes =
    "previous former other another next last ex cheaper bigger smaller larger older newer younger "
    "faster";

// What is known, or not, of who, when or how: "I didn't see who was driving".
constexpr std::string_view kKnows =
    "know knew known see saw seen hear heard tell told say said remember remembered recall "
    "recalled notice noticed understand understood idea clue sure certain recognise recognised "
    "recognize recognized read learn learned find found out explain explained mention mentioned "
    "asked ask wonder wondered decide decided guess matter care";
constexpr std::string_view kTells =
    "tell told tells explain explained show showed shown ask asked remind reminded";
// Beside adverbs of degree: "not sure about who", "no idea at all who", "don't know any more who".
constexpr std::string_view kBeforeAsking =
    "about of as to at all any more anymore yet still now then only even just either clearly well "
    "precisely again ever already";

// Reads one clause word by word.
class ClauseReader {
 public:
  ClauseReader(std::span<const Token> tokens, const WordRelations& relations) noexcept
      : tokens_(tokens), relations_(relations) {}

  Clause read() noexcept {
    clause_.span = {tokens_.front().begin, tokens_.back().end};
    find_subject(tokens_, clause_);
    clause_.marks |= opening_moment(tokens_);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      // "Good evening" and "good night" claim nothing about the hour.
      if (i > 0 && tokens_[i - 1].word == "good"_word && tokens_[i].info.set != 0) continue;
      read_flags(i);
      read_topic(i);
    }
    clause_.when |= time_of(tokens_);
    finish_sets(clause_, owners_);
    mark_subject();
    mark_tense();
    if (ended_) clause_.marks &= static_cast<std::uint16_t>(~kThen);
    if (polarity_ != 0) clause_.marks |= polarity_ > 0 ? kPraises : kBlames;
    if (is_courtesy(tokens_)) clause_.flags |= kSupposed;
    if (is_report(tokens_)) clause_.subject = Subject::reported;
    clause_.traits = traits_of(tokens_, clause_);
    sign(clause_);
    return clause_;
  }

 private:
  void read_denial(std::size_t at) noexcept {
    const Denial denial = denial_at(tokens_, at);
    if (denial == Denial::thing) clause_.flags ^= kNegated;
    if (denial == Denial::thing && !tokens_[at].info.is(kNegator)) ended_ = true;
    // "Out of the question", "refuse to": neither now nor then.
    const bool no_plan =
        is_out_of_the_question(tokens_, at) || (tokens_[at].says & kUnwilling) != 0;
    if (denial == Denial::thing && no_plan) clause_.marks |= kIntended;
    const bool ends = (tokens_[at].says & kEnds) != 0 || tokens_[at].word == "up"_word;
    if (denial == Denial::thing && ends) clause_.when |= kEnded;
    if (denial == Denial::quantity) clause_.marks |= kPartial;
    const bool followed = at + 1 < tokens_.size();
    if (followed && tokens_[at].info.is(kNegator) && tokens_[at + 1].word == "longer"_word)
      clause_.flags |= kChanged;
  }

  void read_flags(std::size_t at) noexcept {
    const Token& token = tokens_[at];
    read_denial(at);
    if (token.info.is(kSuppose)) clause_.flags |= kSupposed;
    if (token.info.is(kPast)) clause_.flags |= kChanged;
    if (token.word == "never"_word || token.word == "always"_word) clause_.flags |= kNeverAlways;
    const bool to_follows = at + 1 < tokens_.size() && tokens_[at + 1].word == "to"_word;
    if (token.word == "used"_word && to_follows) {
      clause_.flags |= kChanged;
      if (!clause_.is_marked(kThen | kNow)) clause_.marks |= kThen;
    }
    if (tells_change(at) || is_any_more(at)) clause_.flags |= kChanged;
    if ((token.word == "going"_word && to_follows) || is_wish(at)) clause_.marks |= kIntended;
    if (is_may(tokens_, at)) return;
    // "I take no medicine", "I'm not allergic to anything": denies it of all.
    if (clause_.has(kNegated) && is_any(token.word)) clause_.marks |= kTotal;
    clause_.marks |= static_cast<std::uint16_t>(token.says & ~std::uint32_t{kThen | kNow});
    if ((token.says & kPleads) != 0) clause_.flags |= kSupposed;
    // The first time that is told counts.
    if (!clause_.is_marked(kThen | kNow)) clause_.marks |= moment_at(tokens_, at);
    polarity_ += token.info.polarity;
  }

  static bool is_any(std::uint32_t word) noexcept {
    return word == "anything"_word || word == "anyone"_word || word == "anybody"_word ||
           word == "nothing"_word || word == "nobody"_word;
  }

  bool is_any_more(std::size_t at) const noexcept {
    return tokens_[at].word == "more"_word && at > 0 && tokens_[at - 1].word == "any"_word &&
           at + 1 == tokens_.size();
  }

  // A topic stands behind the word: "never used Java", not "never been used".
  bool has_object(std::size_t at) const noexcept {
    return std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(at + 1), tokens_.end(),
                       [](const Token& token) { return token.is_topic(); });
  }

  // "Pretty short", "quite good".
  bool is_degree(std::size_t at) const noexcept {
    const Token& token = tokens_[at];
    if (token.info.degree == 0 || at + 1 == tokens_.size()) return false;
    if (!tokens_[at + 1].is_topic() || tokens_[at + 1].has(kAfterComma)) return false;
    // A word of a set has a meaning of its own: "a pretty girl".
    const bool is_it = at > 0 && tokens_[at - 1].info.is(kAuxiliary);
    return token.info.set == 0 ? !token.info.is(kNegator) : is_it && token.word == "pretty"_word;
  }

  // "As far as I know": of how sure one is.
  bool is_reserve(std::size_t at) const noexcept {
    return tokens_[at].word == "far"_word && at > 0 && at + 1 < tokens_.size() &&
           tokens_[at - 1].word == "as"_word && tokens_[at + 1].word == "as"_word;
  }

  // "It has been moved to four", "we have switched banks", "the talk was postponed": what is said
  // of before is over. "I moved the chair" tells no such thing.
  bool tells_change(std::size_t at) const noexcept {
    static constexpr WordList<count_words(kChanges)> changes{kChanges};
    static constexpr WordList<count_words(kPerfect)> perfect{kPerfect};
    return at > 0 && changes.has(tokens_[at].word) && perfect.has(tokens_[at - 1].word);
  }

  // "I would stay", "he would like to stay", "I should have stayed".
  bool is_wish(std::size_t at) const noexcept {
    if (at + 1 == tokens_.size()) return false;
    const std::uint32_t word = tokens_[at].word, next = tokens_[at + 1].word;
    if (word == "should"_word || word == "could"_word || word == "might"_word)
      return next == "have"_word;
    if (word != "would"_word) return false;
    if (next == "have"_word) return true;
    const bool own = clause_.subject == Subject::me || clause_.subject == Subject::we;
    return own || next == "like"_word || next == "love"_word || next == "prefer"_word;
  }

  void read_topic(std::size_t at) noexcept {
    const Token& token = tokens_[at];
    if (is_free_of_charge(tokens_, at)) {
      if (clause_.number_count < clause_.numbers.size())
        clause_.numbers[clause_.number_count++] = no_money();
      return;
    }
    if (is_degree(at)) return;
    if (is_reserve(at) || (token.says & kAdverb) != 0 || only_denies(tokens_, at)) return;
    if (is_may(tokens_, at)) {
      add_set(clause_, owners_, may(), token.stem);
      add_stem(clause_, token.stem, true);
      return;
    }
    if (is_state(tokens_, at)) {
      read_state(at);
      return;
    }
    if (is_one_span(tokens_, at)) {
      read_number(tokens_, at, clause_);
      return;
    }
    if (is_pronoun_one(tokens_, at)) return;
    if (is_twelve(tokens_, at) && clause_.number_count < clause_.numbers.size())
      clause_.numbers[clause_.number_count++] = {kHourOfDay, 12'00};
    if (is_number(token) && token.info.set != kOrdinalSet) {
      if (!multiplies(tokens_, at)) read_number(tokens_, at, clause_);
    } else if (token.info.set != 0 && !is_particle(token) && !token.info.is(kNegator)) {
      add_set(clause_, owners_, {token.info.set, token.info.member, 0}, token.stem);
    }
    if (is_by_oneself(tokens_, at)) {
      add_set(clause_, owners_, {kAloneSet, 1, 0}, token.stem);
      add_stem(clause_, token.stem, true);
      return;
    }
    if (is_company(tokens_, at) || is_with_me(tokens_, at)) read_company(at);
    if (asks_in_turn(at)) {
      asked_ = true;
      add_stem(clause_, token.word, true);
    }
    if (is_particle_verb(at)) add_stem(clause_, tokens_[at - 1].stem * 31 + token.word, false);
    if (at > 0 &&
        (token.word == "until"_word || token.word == "till"_word || token.word == "since"_word))
      of_time_ = true;
    if ((token.is_topic() && !multiplies(tokens_, at)) || token.info.is(kObject)) {
      static constexpr WordList<count_words(kAnyDealing)> any_dealing{kAnyDealing};
      const bool dealing = clause_.has(kNegated) && any_dealing.has(token.word) && has_object(at);
      const bool light = of_time_ || dealing ||
                         token.info.is(kLight | kObject | kOpinion | kTime) ||
                         (token.says & (std::uint32_t{kMeasures} | kTotal)) != 0;
      add_stem(clause_, token.stem, light);
      // "I don't drink coffee" is of no drink.
      if (!token.info.is(kTime) && !dealing)
        add_learned_sets(clause_, owners_, relations_, token.stem);
    }
  }

  // "Who" of "I couldn't tell you who was driving"; not "when" of "I didn't see Peter when I was
  // there", nor "what" of "I don't know him or what he does". Nothing but adverbs and who was told
  // stands behind the verb.
  bool asks_in_turn(std::size_t at) const noexcept {
    static constexpr WordList<count_words(kKnows)> knows{kKnows};
    static constexpr WordList<count_words(kBeforeAsking)> before_asking{kBeforeAsking};
    if (at == 0 || !tokens_[at].info.is(kQuestion) || knows_whom(at)) return false;
    // "Who took it or why".
    const std::uint32_t before = tokens_[at - 1].word;
    if (before == "and"_word || before == "or"_word) return asked_;
    std::size_t i = at - 1;
    while (i > 0 && (before_asking.has(tokens_[i].word) || tokens_[i].info.degree != 0 ||
                     (tokens_[i].says & kAdverb) != 0))
      --i;
    if (knows.has(tokens_[i].word)) return true;
    return tokens_[at].word != "when"_word && is_told(i, at);
  }

  // "I told him who ...", "I explained to my boss why ..."; not "I told the man who ...", nor "I
  // told him when ...", which tells the time.
  bool is_told(std::size_t last, std::size_t at) const noexcept {
    static constexpr WordList<count_words(kTells)> tells{kTells};
    const Token& whom = tokens_[last];
    const bool named = tokens_[at].word != "who"_word && tokens_[at].word != "where"_word;
    const bool pronoun = whom.info.is(kObject) || whom.word == "you"_word ||
                         whom.word == "me"_word || whom.word == "us"_word;
    if (!pronoun && !(named && whom.is_topic())) return false;
    std::size_t i = last;
    if (!pronoun && i > 0 && tokens_[i - 1].info.is(kDeterminer)) --i;
    if (i > 0 && tokens_[i - 1].word == "to"_word) --i;
    return i > 0 && tells.has(tokens_[i - 1].word);
  }

  // "I don't know who he is" denies to know him.
  bool knows_whom(std::size_t at) const noexcept {
    if (tokens_[at].word != "who"_word || at + 3 != tokens_.size()) return false;
    if (tokens_[at - 1].stem != "know"_word) return false;
    const std::uint32_t last = tokens_[at + 2].word;
    return last == "is"_word || last == "was"_word || last == "are"_word || last == "were"_word;
  }

  // "Go out", "came back", "give away": more than their verbs.
  bool is_particle_verb(std::size_t at) const noexcept {
    const std::uint32_t word = tokens_[at].word;
    if (at == 0 || (word != "out"_word && word != "back"_word && word != "away"_word &&
                    word != "off"_word && word != "over"_word))
      return false;
    return tokens_[at - 1].is_topic() && tokens_[at - 1].info.is(kLight);
  }

  // "Went up" rose; "is up" rose or works.
  void read_state(std::size_t at) noexcept {
    const Token& token = tokens_[at];
    const bool up = token.word == "up"_word, down = token.word == "down"_word;
    if (up || down) {
      add_set(clause_, owners_, {kRaiseSet, static_cast<std::uint16_t>(up ? 1 : 2), 0}, token.stem);
      if (is_being(tokens_[at - 1].word))
        add_set(clause_, owners_, {kWorkingSet, static_cast<std::uint16_t>(up ? 2 : 1), 0},
                token.stem);
    } else {
      add_set(clause_, owners_, {token.info.set, token.info.member, 0}, token.stem);
    }
    add_stem(clause_, token.stem, false);
  }

  // "With my wife"; "nobody was with me" is alone.
  void read_company(std::size_t at) noexcept {
    const std::uint32_t stem = tokens_[at].stem;
    const bool nobody = std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
      return token.word == "nobody"_word || token.word == "none"_word;
    });
    if (nobody) clause_.flags &= static_cast<std::uint8_t>(~kNegated);
    const Token& token = tokens_[at];
    const bool me = token.word == "me"_word || token.word == "us"_word;
    // Of "me", which both claims may have, no word owns the set.
    add_set(clause_, owners_, nobody ? NamedMember{kAloneSet, 1, 0} : company(),
            me ? tokens_[at - 1].word : stem);
    if (me) clause_.subject = token.word == "me"_word ? Subject::me : Subject::we;
  }

  // "We have", "it is", "she works", "no fever", "we have had"; not "we have not had", and not "he
  // said he is". A denial of the perfect reaches into the past.
  void mark_tense() noexcept {
    static constexpr WordList<count_words(kNotOfNow)> not_of_now{kNotOfNow};
    const std::size_t reach = std::min<std::size_t>(tokens_.size(), 6);
    bool perfect = false;
    for (std::size_t i = 0; i < reach; ++i) {
      const Token& token = tokens_[i];
      if (perfect && (token.has(kPastForm) || token.word == "been"_word)) {
        if (!clause_.has(kNegated)) clause_.flags |= kPresent;
        return;
      }
      if (token.has(kPastForm) || not_of_now.has(token.word)) return;
      perfect = token.word == "have"_word || token.word == "has"_word || token.word == "'ve"_word ||
                token.word == "'s"_word || token.word == "is"_word ||
                (perfect && token.info.is(kFunction));
    }
    clause_.flags |= kPresent;
  }

  // "The red one", "the cheaper one": which one it is not.
  static bool is_one_of_several(std::span<const Token> tokens, std::size_t at) noexcept {
    return at > 1 && tokens[at].word == "one"_word && tokens[at - 1].is_topic();
  }

  // "I don't have my passport with me".
  bool is_not_here() const noexcept {
    if (tokens_.size() < 4) return false;
    const std::uint32_t last = tokens_.back().word;
    return tokens_[tokens_.size() - 2].word == "with"_word &&
           (last == "me"_word || last == "us"_word);
  }

  // "My brother-in-law" is no brother.
  bool is_in_law(std::size_t behind) const noexcept {
    return behind + 1 < tokens_.size() && tokens_[behind].word == "in"_word &&
           tokens_[behind + 1].word == "law"_word;
  }

  // "In other cities".
  bool speaks_of_others() const noexcept {
    return tokens_.size() > 2 && tokens_.front().info.is(kPlace) &&
           (tokens_[1].word == "other"_word || tokens_[1].word == "another"_word);
  }

  // "My old laptop", "my parents' place", "the neighbour's dog": not the one that was spoken of.
  bool names_other_one(std::size_t length) const noexcept {
    static constexpr WordList<count_words(kOtherOnes)> others{kOtherOnes};
    // Not "under the last council, fares ...".
    const bool opens = !tokens_.front().info.is(kPlace) && tokens_.front().word != "under"_word;
    for (std::size_t i = 0; opens && i < length; ++i) {
      // "My parents' place".
      const bool somebodys = i > 0 && tokens_[i - 1].info.is(kPerson) && tokens_[i].is_topic() &&
                             !tokens_[i].info.is(kPerson);
      if (somebodys && i + 1 == length) return true;
      if (others.has(tokens_[i].word) || is_one_of_several(tokens_, i)) return true;
      const bool of_somebody =
          i > 0 && (tokens_[i - 1].word == "my"_word || tokens_[i - 1].word == "our"_word);
      if (of_somebody && tokens_[i].word == "old"_word) return true;
    }
    // "The neighbour's dog": a word of which only a part is read.
    for (std::size_t i = 0; i + 1 < tokens_.size() && i < length; ++i) {
      const Token& token = tokens_[i];
      if (token.end - token.begin == token.length + 2u && tokens_[i + 1].begin != token.begin)
        return true;
    }
    return false;
  }

  // "I have no car", "we never owned a boat"; not "I don't have my car", nor "I have no pen with
  // me".
  bool owns_none() const noexcept {
    static constexpr WordList<count_words(kHas)> has{kHas};
    static constexpr WordList<count_words(kOfAnyOne)> of_any_one{kOfAnyOne};
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (!has.has(tokens_[i].word) || !of_any_one.has(tokens_[i + 1].word)) continue;
      return std::none_of(
          tokens_.begin() + static_cast<std::ptrdiff_t>(i), tokens_.end(),
          [](const Token& token) { return token.word == "with"_word || token.info.is(kTime); });
    }
    return false;
  }

  void mark_subject() noexcept {
    if (clause_.subject == Subject::me || clause_.subject == Subject::we) {
      if (clause_.has(kNegated) && owns_none()) clause_.marks |= kMine;
      if (clause_.has(kNegated) && is_not_here()) clause_.flags |= kOther;
      return;
    }
    // "Do you have any children?" "No."
    if (clause_.subject == Subject::you) {
      if (owns_none()) clause_.marks |= kMine;
      return;
    }
    if (tokens_.front().word == "any"_word) {
      clause_.subject = Subject::you;
      clause_.marks |= kMine;
      return;
    }
    if (!is_noun(clause_.subject)) return;
    const std::size_t length = subject_length(tokens_);
    if (names_other_one(length) || speaks_of_others() || is_in_law(length)) clause_.flags |= kOther;
    const std::uint32_t first = tokens_.front().word;
    if (first == "my"_word || first == "our"_word) clause_.marks |= kMine;
    for (const Token& token : tokens_.first(length)) {
      if (!token.is_topic() || (token.info.is(kTime) && token.word != "last"_word)) continue;
      for (std::size_t i = 0; i < clause_.stem_count; ++i) {
        if (clause_.stems[i] == token.stem)
          clause_.subject_words |= static_cast<std::uint16_t>(1u << i);
      }
    }
  }

  std::span<const Token> tokens_;
  const WordRelations& relations_;
  Clause clause_;
  SetOwners owners_;
  int polarity_ = 0;
  bool ended_ = false;    // "stopped smoking"
  bool of_time_ = false;  // behind "until" and "since"
  bool asked_ = false;    // behind a word that asks in turn
};

// "Before the surgery, I could not walk": what stands before the comma tells the time.
bool takes_time(std::span<const Token> tokens, std::size_t begin) noexcept {
  return begin > 0 && tokens[begin].has(kAfterComma) && !tokens[begin].info.is(kContrast);
}

bool takes_subject(std::span<const Token> tokens, std::size_t begin, std::size_t end) noexcept {
  return begin > 0 && begin + 1 < end && continues_clause(tokens, begin);
}

}  // namespace

bool is_conditional(const Sentence& sentence) noexcept {
  const std::uint32_t first = sentence.tokens.front().word;
  return first == "if"_word || first == "unless"_word || first == "suppose"_word;
}

bool looks_back(const Sentence& sentence, std::size_t begin, std::size_t end) noexcept {
  return takes_time(sentence.tokens, begin) || takes_subject(sentence.tokens, begin, end);
}

Clause read_clause(const Sentence& sentence, std::size_t begin, std::size_t end,
                   const WordRelations& relations) noexcept {
  const std::span<const Token> all(sentence.tokens);
  Clause clause = ClauseReader(all.subspan(begin, end - begin), relations).read();
  const bool leads = takes_time(all, begin);
  if (leads && !clause.is_marked(kThen | kNow)) clause.marks |= moment_of(all.first(begin));
  if (leads && (clause.when & kTimeWords) == 0)
    clause.when |= time_of(all.first(begin)) & ~std::uint32_t{kLimits};
  if (takes_subject(all, begin, end)) {
    Clause before;
    find_subject(all.first(begin), before);
    clause.subject = before.subject;
    clause.subject_stem = before.subject_stem;
  }
  if (sentence.question) {
    clause.flags |= kAsked;
    clause.question = question_bits(all);
  }
  if (is_conditional(sentence)) clause.flags |= kSupposed;
  return clause;
}

}  // namespace scena::metrics

#pragma once

#include <array>
#include <cstdint>

#include "metrics/learned/linear_model.hpp"
#include "metrics/learned/word_vectors.hpp"
#include "metrics/measures/industry.hpp"
#include "metrics/measures/theme_bits.hpp"

namespace scena::metrics {

/// Bytes [begin, end) of a text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// The strongest places so far, in order of strength, earlier ones first among equals.
template <std::size_t N>
struct Strongest {
  struct Item {
    Span span;
    std::int32_t weight = 0;
    const char* reason = "";
  };
  std::array<Item, N> items{};
  std::uint32_t count = 0;

  void add(Span span, std::int32_t weight, const char* reason) noexcept {
    std::uint32_t at = count < N ? count++ : N;
    if (at == N) {
      if (items[N - 1].weight >= weight) return;
      at = N - 1;
    }
    for (; at > 0 && items[at - 1].weight < weight; --at) items[at] = items[at - 1];
    items[at] = {span, weight, reason};
  }
};

/// What kind of answer a question expects, and what kinds a reply offers; a set of bits.
enum Answer : std::uint16_t {
  kYesNo = 1,
  kAmount = 2,
  kMoment = 4,
  kWhere = 8,
  kWho = 16,
  kWhy = 32,
  kOpen = 64,
};
inline constexpr std::size_t kAnswerKinds = 7;
inline constexpr std::uint16_t kAnswers = (1u << kAnswerKinds) - 1;

/// How a question asks; bits that stand beside those of Answer.
enum Manner : std::uint16_t {
  kOfPast = 128,  ///< "Did you", "were you": of what was or happened.
  kOfYou = 256,   ///< "Do you", "your": of who is asked.
};

/// What an open question asks about.
enum class OpenKind : std::uint8_t {
  other,
  manner,     ///< "How do you do it?"
  state,      ///< "How are you?", "how did it feel?"
  event,      ///< "What happened?", "what is wrong?"
  deed,       ///< "What did you do?"
  subject,    ///< "What motivates you?"
  attribute,  ///< "What is your plan?"
  object,     ///< "What do you enjoy?"
  choice,     ///< "Which one do you want?"
};

/// How a reply's first sentence is built: who does, is or has what in it.
enum class ReplyForm : std::uint8_t {
  other,
  asks,         ///< A question.
  command,      ///< "Let's wait.", "Just fix it.", "Trust me."
  own_deed,     ///< "I like helping people", "we go to the sea".
  own_past,     ///< "I went", "I have seen".
  own_state,    ///< "I'm patient", "we were late".
  own_will,     ///< "I will", "we could".
  own_opinion,  ///< "I think", "I suppose".
  own_denial,   ///< "I don't", "I never".
  own_thing,    ///< "My boss ...", "our plan ...".
  you,
  he,
  it,
  points,       ///< "That's", "this is".
  that_clause,  ///< "That I should ask for help".
  deed,         ///< "Teaching children", "by asking".
  purpose,      ///< "To help".
  there,
  all,     ///< "Everybody knows", "people say", "nobody is".
  asked,   ///< Says something of a word of the question: "failure is ...".
  thing,   ///< Says something of another one.
  name,    ///< Names something and no more, or before all else.
  placed,  ///< Opens with where or with what: "with a tax".
  because,
};

/// How a question is worded, as features: its first two and three words, and its last one; 0 where
/// nothing was asked.
struct Wording {
  std::array<std::uint32_t, 3> words{};
  OpenKind kind = OpenKind::other;
};

struct LanguageTally {
  std::uint32_t words = 0;  ///< A contraction is two.
  std::uint32_t contractions = 0;
  std::uint32_t english = 0;
  std::uint32_t foreign = 0;
  std::uint32_t other_script = 0;
  std::uint32_t emoji = 0;
  std::uint32_t familiar = 0;  ///< Not in the lists, but often seen in English.
  std::uint32_t marked = 0;    ///< Words with letters that English lacks.
  std::uint32_t named = 0;  ///< Numbers, and unknown words that start with a capital: maybe names.
  std::uint32_t strange = 0;  ///< Words that are none of all these.
};

struct SentimentTally {
  std::int64_t sum = 0;  ///< Hundredths.
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  std::int64_t decided =
      0;  ///< Part of `positive`, `negative` and `silenced` the rules are sure of.
  std::int64_t silenced = 0;  ///< Of words that have no feeling where they stand.
  std::uint32_t hits = 0;
  std::uint32_t quarters = 0;  ///< Of sentences with a hit; see quarters_of().
  LinearModel::Sums learned;
  Strongest<6> evidence;
};

/// Numbers of a text that toxicity is computed from, beside its words.
inline constexpr std::size_t kToxicityNumbers = 8;

/// What the rules of toxicity find in a sentence or a message.
struct HostileCounts {
  std::uint32_t insults = 0;  ///< Said to somebody.
  std::uint32_t threats = 0;
  std::uint32_t hate = 0;  ///< Contempt of a whole group.
  std::uint32_t slurs = 0;
  std::uint32_t coarse = 0;        ///< Words that demean people, whoever is spoken to.
  std::uint32_t aimed_curses = 0;  ///< Sentences that curse, and speak to or of somebody.
  std::uint32_t idle_curses = 0;   ///< Others that curse, without a coarse word.
  std::uint32_t words = 0;
  std::int64_t blame = 0;  ///< As SentimentTally::negative.

  HostileCounts& operator+=(const HostileCounts& more) noexcept {
    insults += more.insults;
    threats += more.threats;
    hate += more.hate;
    slurs += more.slurs;
    coarse += more.coarse;
    aimed_curses += more.aimed_curses;
    idle_curses += more.idle_curses;
    words += more.words;
    blame += more.blame;
    return *this;
  }
};

struct ToxicityTally {
  HostileCounts counts;
  LinearModel::Sums learned;
  LinearModel::Sums open;  ///< Of the sentence that has not ended yet.
  double worst = -40;      ///< The model's score of the worst sentence, before logistic().
  Strongest<4> evidence;
};

/// Numbers of readability that sophistication is computed from.
inline constexpr std::size_t kLevelNumbers = 10;

/// How the message is written; emoji, numbers and names are no words here.
struct StyleTally {
  std::uint32_t words = 0;
  std::uint32_t capitals = 0;
  std::uint32_t exclamations = 0;  ///< At most three of a sentence.
  std::uint32_t questions = 0;
  std::uint32_t quarters = 0;  ///< Of all sentences; see quarters_of().
  /// Thousandths of each number of each sentence, times the sentence's words.
  std::array<std::int64_t, kLevelNumbers> level{};
  Strongest<4> evidence;
};

/// Numbers of a reply that evasiveness is computed from, beside its words.
inline constexpr std::size_t kEvasionNumbers = 55;

struct EvasionTally {
  std::int32_t strongest = 0;  ///< Thousandths, of the strongest phrase.
  std::int32_t last = 0;       ///< The same in the last sentence, where a reply ends.
  std::int32_t hedges = 0;
  bool about_question = false;  ///< The strongest phrase only repeats the question's verb.
  bool contrast = false;
  bool vague = false;
  bool first_person = false;  ///< As a subject; so are the next two.
  bool second_person = false;
  bool third_person = false;
  bool past = false;              ///< A verb of the past.
  bool event = false;             ///< A sentence that tells what happened.
  bool picks = false;             ///< It opens with "the left one", "this one".
  bool bare = false;              ///< It opens with a name of something and no more.
  bool general = false;           ///< "Always", "everybody": of all, not of what was asked.
  bool limits = false;            ///< "Not", "only", "since": says how far, without yes or no.
  std::int32_t praise = 0;        ///< Sum of positive polarities.
  std::int32_t blame = 0;         ///< Of negative ones.
  std::uint32_t norms = 0;        ///< Words of kNorm in its first sentences.
  std::uint32_t first_norms = 0;  ///< In the first alone.
  bool denies = false;  ///< Its first sentence negates what the question takes for granted.
  std::uint32_t words = 0;
  std::uint32_t news = 0;  ///< Twice the topic words that the question lacks; light ones once.
  ReplyForm form = ReplyForm::other;  ///< Of its first sentence.
  std::uint32_t sentences = 0;
  std::uint32_t questions = 0;
  std::uint32_t shared = 0;  ///< One bit for each topic word of the question.
  std::uint16_t offers = 0;  ///< Bits of Answer.
  std::array<Span, kAnswerKinds> offered{};
  LinearModel::Sums learned;
  Span first_sentence;
  Strongest<4> evidence;
};

/// Closer looks at earlier claims, of which a message may take so many.
struct LooksTaken {
  static constexpr std::uint16_t kMostClashes = 96, kMostOthers = 36;

  std::uint16_t clashes = 0;  ///< At claims that may clash.
  std::uint16_t others = 0;
};

struct ContradictionTally {
  std::int32_t value = 0;  ///< Thousandths.
  Span here;
  Span there;
  std::uint32_t message = 0;  ///< Index into the history.
  const char* reason = "";
  bool compared = false;
  bool opened = false;  ///< What the message replies to is known: its opening was read.
  LooksTaken looks;     ///< Of all its claims.
};

struct EngagementTally {
  std::uint32_t questions = 0;
  std::uint32_t shared = 0;  ///< One bit for each topic word of the last turn.
  Strongest<4> evidence;
};

/// A set of hashed letter 4-grams.
using LetterBits = std::array<std::uint64_t, 4>;

/// Numbers of a text that coverage is computed from.
inline constexpr std::size_t kCoverageNumbers = 55;

struct CoverageTally {
  std::uint32_t asked = 0;  ///< One bit for each topic word of the question.
  std::uint32_t turn = 0;   ///< One bit for each topic word of the whole turn.
  std::uint32_t topic_words = 0;
  std::uint32_t shared_words = 0;
  std::uint16_t asks = 0;  ///< Bits of Answer and Manner.
  bool own = false;        ///< Speaks of the speaker: "I", "me", "our".
  ThemeBits concepts;      ///< Of its topic words that the turn has as well.
  AboutSum about{};        ///< Of its topic words.
  Strongest<4> evidence;
};

struct IndustryTally {
  IndustryPoints points{};
  std::uint8_t served = 0;  ///< So many words from here name whom something is for.
  std::array<Strongest<2>, kIndustryCount> evidence{};
};

/// Sums over the sentences of one message; plain data, so that the end of a text that still grows
/// can be tried on a copy.
struct Tally {
  LanguageTally language;
  StyleTally style;
  SentimentTally sentiment;
  ToxicityTally toxicity;
  EvasionTally evasion;
  ContradictionTally contradiction;
  EngagementTally engagement;
  CoverageTally coverage;
  IndustryTally industry;
  LetterBits letters{};
  Wording wording{};  ///< Of its last question.
};

}  // namespace scena::metrics

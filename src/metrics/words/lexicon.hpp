#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace scena::metrics {

/// What is known of a word besides its polarity; bits of WordInfo::classes.
enum WordClass : std::uint32_t {
  kFunction = 1u << 0,     ///< Carries no topic: articles, pronouns, auxiliaries, ...
  kNegator = 1u << 1,      ///< not, never, hardly, ...
  kContrast = 1u << 2,     ///< but, however: what follows weighs more.
  kConcession = 1u << 3,   ///< although, despite: what follows weighs less.
  kConjunction = 1u << 4,  ///< and, so, because, ...: may open a clause.
  kFirst = 1u << 5,        ///< I, we.
  kSecond = 1u << 6,       ///< you.
  kThird = 1u << 7,        ///< he, she, it, they.
  kObject = 1u << 8,       ///< him, her, them, ...: counts as a topic of its own.
  kQuestion = 1u << 9,     ///< who, when, ...
  kAuxiliary = 1u << 10,   ///< is, did, will, ...
  kDeterminer = 1u << 11,  ///< the, my, this, ...
  kYes = 1u << 12,
  kNo = 1u << 13,
  kCause = 1u << 14,         ///< because, due, ...
  kTime = 1u << 15,          ///< yesterday, Monday, June, ago, ...
  kPerson = 1u << 16,        ///< brother, boss, nobody, ...
  kPlace = 1u << 17,         ///< in, at, near, home, ...
  kQuantity = 1u << 18,      ///< several, many: an amount, but vague.
  kNumber = 1u << 19,        ///< A number word; WordInfo::member is its value.
  kForeign = 1u << 20,       ///< A function word of another language.
  kRequest = 1u << 21,       ///< tell, explain, describe: opens a request.
  kOpinion = 1u << 22,       ///< think, believe: a negation before reaches over it.
  kLight = 1u << 23,         ///< know, go, get: too common to prove a shared topic alone.
  kPast = 1u << 24,          ///< anymore, formerly: says that something changed.
  kSuppose = 1u << 25,       ///< if, whether: what follows is not claimed.
  kAbbreviation = 1u << 26,  ///< mr, dr: a full stop behind does not end a sentence.
  kComparative = 1u << 27,   ///< better, happier: "never been better" is praise.
  kSpatial = 1u << 28,       ///< home, office: a place by itself.
  kReverses = 1u << 29,      ///< avoid, cure, without: makes good news of the trouble behind it.
  kFalls = 1u << 30,         ///< gone, drop, solve: makes good news of the trouble before it.
  kTrouble = 1u << 31,       ///< unemployment, fever: its end is good news.
};

/// 16 bytes; the same for every inflection of a word.
struct WordInfo {
  std::int16_t polarity = 0;  ///< -100..100.
  std::int8_t degree = 0;     ///< Percent by which the next word gains or loses.
  std::uint8_t set = 0;       ///< Words of one set with different members exclude each other.
  std::uint8_t member = 0;
  std::uint8_t contraction = 0;  ///< 1 + index of what the word is short for.
  std::uint16_t phrases = 0;     ///< 1 + index of the group of phrases that start with the word.
  std::uint32_t stem = 0;        ///< The stem's hash where the general rules would miss it.
  std::uint32_t classes = 0;

  bool is(std::uint32_t mask) const noexcept { return (classes & mask) != 0; }
};

/// What a phrase says of a reply.
enum class PhraseKind : std::uint8_t {
  refusal,
  unknown,
  deferral,
  dodge,
  clarify,
  hedge,
  praise,  ///< This and the next: sentiment, not evasion.
  blame,
};

/// Up to six words that stand side by side.
struct Phrase {
  std::array<std::uint32_t, 6> words{};
  std::uint8_t length = 0;
  PhraseKind kind = PhraseKind::hedge;
  std::int16_t strength = 0;  ///< Thousandths of evasiveness, or polarity in hundredths.
};

// A word's hash, byte by byte.
inline constexpr std::uint32_t kHashStart = 2166136261u;
constexpr std::uint32_t hash_step(std::uint32_t state, char c) noexcept {
  return (state ^ static_cast<unsigned char>(c)) * 16777619u;
}
constexpr std::uint32_t hash_end(std::uint32_t state) noexcept {
  state ^= state >> 15;
  return state == 0 ? 1 : state;
}
constexpr std::uint32_t hash_word(std::string_view lower) noexcept {
  std::uint32_t state = kHashStart;
  for (const char c : lower) state = hash_step(state, c);
  return hash_end(state);
}

/// The hash of a word that stands in the code, taken by the compiler: "who"_word.
consteval std::uint32_t operator""_word(const char* text, std::size_t size) {
  return hash_word({text, size});
}

class HashedWord;

/// The polarity of a word, -100..100; the word by its hash_word().
struct WordPolarity {
  std::uint32_t word = 0;
  std::int8_t polarity = 0;
};

/// The words that the metrics know. Built once, immutable afterwards.
class Lexicon {
 public:
  /// The words of the tables; `learned` adds polarities of words that have none there.
  explicit Lexicon(std::span<const WordPolarity> learned = {});

  /// `lower` is lower-case UTF-8. Inflected forms (-s, -ed, -ing, -ly, ...) find their base word.
  /// nullptr when unknown.
  const WordInfo* find(const HashedWord& lower) const noexcept;
  /// stem_hash(lower), or the table's own stem; `info` is what find() gave.
  std::uint32_t stem(const HashedWord& lower, const WordInfo* info) const noexcept;
  /// The phrases that start with a word whose info says so: first those of that word alone, then
  /// in the order of their second words; of equal ones the longer first.
  std::span<const Phrase> phrases(const WordInfo& first) const noexcept;
  /// What a contraction stands for, e.g. "won't": "will", "not"; both empty when it is none.
  /// `info` is what find() gave for it.
  std::array<std::string_view, 2> contraction(std::string_view lower,
                                              const WordInfo* info) const noexcept;
  /// An emoji's polarity, 0 when unknown.
  int emoji(char32_t code_point) const noexcept;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint16_t index = 0;  // 1 + index into infos_; 0 is free
  };

  struct KnownStem {
    std::uint32_t word = 0;
    std::uint32_t stem = 0;
  };

  WordInfo& entry(std::string_view word);
  WordInfo& entry(std::uint32_t hash);
  const WordInfo* exact(std::uint32_t hash) const noexcept;
  const WordInfo* inflected(const HashedWord& lower) const noexcept;
  void add_classes();
  void add_degrees();
  void add_polarity();
  void add_sets();
  void add_stems();
  void add_numbers();
  void add_phrases();
  void add_contractions();
  void add_inherited();
  void add_learned(std::span<const WordPolarity> learned);
  void add_known_stems();

  std::vector<Slot> slots_;
  std::vector<WordInfo> infos_;
  std::vector<KnownStem> stems_;  // of infos_, in their order
  std::vector<Phrase> phrases_;
  std::vector<std::uint32_t> groups_;  // where the phrases of each first word begin, and their end
  std::vector<std::string_view> words_;  // of infos_, into the tables; empty once built
};

/// Sets from this number on exclude each other only where all else is the same: colours, months.
inline constexpr std::uint8_t kFirstWeakSet = 200;
/// The first weak sets name times: weekdays, months, seasons, parts of the day, before and after.
inline constexpr std::uint8_t kLastTimeSet = kFirstWeakSet + 4;
inline constexpr std::uint8_t kMonthSet = kFirstWeakSet + 1;
/// The set of "love", 1, and "hate", 2.
inline constexpr std::uint8_t kLoveSet = 3;
/// The set of "alone", 1, and "together", 2.
inline constexpr std::uint8_t kAloneSet = 4;
/// The set of "raise", 1, and "lower", 2: also "go up" and "go down".
inline constexpr std::uint8_t kRaiseSet = 2;
/// The set of "broken", 1, and "working", 2: also "is down" and "is up".
inline constexpr std::uint8_t kWorkingSet = 5;
/// "First" and "2nd", whose members are their values.
inline constexpr std::uint8_t kOrdinalSet = kFirstWeakSet + 7;
/// Places where somebody is: at home, in the pub.
inline constexpr std::uint8_t kWhereaboutsSet = kOrdinalSet + 1;
/// "With" and "without".
inline constexpr std::uint8_t kWithSet = kOrdinalSet + 2;
/// The set whose members are the values of number words.
inline constexpr std::uint8_t kNumberSet = 255;

}  // namespace scena::metrics

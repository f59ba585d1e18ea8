#include "metrics/claims/clause.hpp"

#include <algorithm>

namespace scena::metrics {
namespace {

bool opens_clause(const Token& token) noexcept {
  return token.info.is(kFirst | kSecond | kThird | kDeterminer);
}

bool is_subject_pronoun(const Token& token) noexcept {
  return token.info.is(kFirst | kSecond | kThird);
}

Subject pronoun(const Token& token) noexcept {
  if (token.word == "i"_word) return Subject::me;
  if (token.info.is(kFirst)) return Subject::we;
  if (token.info.is(kSecond)) return Subject::you;
  if (token.word == "he"_word) return Subject::he;
  if (token.word == "she"_word) return Subject::she;
  return token.word == "it"_word ? Subject::it : Subject::they;
}

void find_subject(std::span<const Token> tokens, Clause& clause) noexcept {
  const Token* noun = nullptr;
  const std::size_t reach = std::min<std::size_t>(tokens.size(), 8);
  for (std::size_t i = 0; i < reach; ++i) {
    const Token& token = tokens[i];
    if (is_subject_pronoun(token)) {
      clause.subject = pronoun(token);
      return;
    }
    if (token.info.is(kAuxiliary) && noun != nullptr) break;
    if (token.is_topic() && !token.info.is(kTime)) {
      // Without an auxiliary the first topic word is the subject, else the last one before it.
      const bool verb_follows = std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(i),
                                            tokens.begin() + static_cast<std::ptrdiff_t>(reach),
                                            [](const Token& t) { return t.info.is(kAuxiliary); });
      if (noun == nullptr || verb_follows) noun = &token;
    }
  }
  if (noun == nullptr) return;
  clause.subject = Subject::noun;
  clause.subject_stem = noun->stem;
}

void add_stem(Clause& clause, std::uint32_t stem, bool light) noexcept {
  const auto end = clause.stems.begin() + clause.stem_count;
  if (std::find(clause.stems.begin(), end, stem) != end) return;
  if (clause.stem_count == clause.stems.size()) return;
  clause.stems[clause.stem_count] = stem;
  if (light) {  // light ones stand in front
    std::swap(clause.stems[clause.stem_count], clause.stems[clause.light_stems]);
    ++clause.light_stems;
  }
  ++clause.stem_count;
}

// While a clause is read a set's owner is a place in `owners`: light stems still move.
struct SetOwners {
  std::array<std::uint32_t, 12> stems{};
};

void add_set(Clause& clause, SetOwners& owners, const NamedMember& named,
             std::uint32_t stem) noexcept {
  if (clause.set_count == clause.sets.size()) return;
  NamedMember placed = named;
  placed.stem = clause.set_count;
  owners.stems[clause.set_count] = stem;
  clause.sets[clause.set_count++] = placed.packed();
}

void add_learned_sets(Clause& clause, SetOwners& owners, const WordRelations& relations,
                      std::uint32_t stem) noexcept {
  for (const WordRelation& relation : relations.find(stem)) {
    const std::uint16_t set = set_in_clauses(relations, relation.set);
    add_set(clause, owners, {set, relation.member, 0}, stem);
  }
}

void finish_sets(Clause& clause, const SetOwners& owners) noexcept {
  const auto end = clause.sets.begin() + clause.set_count;
  for (auto at = clause.sets.begin(); at != end; ++at) {
    NamedMember named = NamedMember::of(*at);
    const std::uint32_t owner = owners.stems[named.stem];
    named.stem = NamedMember::kNoStem;
    for (std::uint8_t i = 0; i < clause.stem_count; ++i) {
      if (clause.stems[i] == owner) named.stem = i;
    }
    *at = named.packed();
  }
  std::sort(clause.sets.begin(), end);
}

// A bit for each word, or for the first set that it is in: so clauses that share only synonyms, or
// opposites, still meet.
std::uint64_t signature_of(const Clause& clause) noexcept {
  std::array<std::uint32_t, 12> meanings = clause.stems;
  const auto mean = [&](const NamedMember& named) {
    if (named.stem != NamedMember::kNoStem) meanings[named.stem] = named.set * 2654435761u >> 16;
  };
  // Of several sets of a word the first one counts, and any other before one of synonyms.
  for (std::size_t i = clause.set_count; i-- > 0;) {
    const NamedMember named = NamedMember::of(clause.sets[i]);
    if ((named.set & kSynonymSets) != 0) mean(named);
  }
  for (std::size_t i = clause.set_count; i-- > 0;) {
    const NamedMember named = NamedMember::of(clause.sets[i]);
    if ((named.set & kSynonymSets) == 0) mean(named);
  }
  std::uint64_t signature = 0;
  for (std::size_t i = 0; i < clause.stem_count; ++i)
    signature |= std::uint64_t{1} << (meanings[i] & 63);
  return signature;
}

struct MarkedWords {
  std::uint8_t mark;
  std::string_view words;
};

constexpr MarkedWords kMarkedWords[] = {
    {kCollects,
     "have has had need needs own owns like likes love loves enjoy buy bought sell sold sells eat "
     "eats ate know speak speaks visit play plays tried"},
    {kUncertain, "maybe perhaps might may could probably possibly should would want wish"},
    {kTotal, "all every everybody everyone everything each entire both whole completely"},
    {kAdds, "also too another other either well others second"},
    {kOnly, "only just alone"},
    {kNone, "no none nobody nothing never neither"},
};

struct MarkedWord {
  std::uint32_t word = 0;
  std::uint8_t mark = 0;
};

constexpr std::size_t kMarkSlots = 256;  // a third of them filled

constexpr std::array<MarkedWord, kMarkSlots> marked_words() {
  std::array<MarkedWord, kMarkSlots> slots{};
  for (const MarkedWords& group : kMarkedWords) {
    for (std::string_view rest = group.words; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const std::uint32_t word = hash_word(rest.substr(0, end));
      std::size_t at = word % kMarkSlots;
      while (slots[at].word != 0) at = (at + 1) % kMarkSlots;
      slots[at] = {word, group.mark};
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return slots;
}
constexpr auto kMarks = marked_words();

// Bits of ClaimMark that a word alone gives.
std::uint8_t marks_of(std::uint32_t word) noexcept {
  std::size_t at = word % kMarkSlots;
  while (kMarks[at].word != 0 && kMarks[at].word != word) at = (at + 1) % kMarkSlots;
  return kMarks[at].mark;
}

// 1 for everything but the words that multiply the number before them.
std::int64_t magnitude(const Token& token) noexcept {
  if (token.word == "hundred"_word) return 100;
  if (token.word == "thousand"_word) return 1'000;
  if (token.word == "million"_word) return 1'000'000;
  return token.word == "billion"_word ? 1'000'000'000 : 1;
}

bool is_number(const Token& token) noexcept {
  return token.has(kDigits) || token.info.is(kNumber);
}

// Part of the number that it stands behind: "three hundred", "two hundred million".
bool multiplies(std::span<const Token> tokens, std::size_t at) noexcept {
  while (at > 0 && magnitude(tokens[at]) != 1) {
    if (is_number(tokens[--at])) return true;
  }
  return false;
}

// The unit of a number is the next topic word: "12 people"; a bare year is a unit of its own.
void add_number(Clause& clause, std::span<const Token> tokens, std::size_t at) noexcept {
  if (clause.number_count == clause.numbers.size()) return;
  auto& number = clause.numbers[clause.number_count++];
  number.value = tokens[at].value;
  std::size_t behind = at + 1;
  for (; behind < tokens.size() && magnitude(tokens[behind]) != 1; ++behind) {
    constexpr std::int64_t kMost = std::int64_t{1} << 60;
    if (number.value < kMost / magnitude(tokens[behind])) number.value *= magnitude(tokens[behind]);
  }
  for (std::size_t i = behind; i < tokens.size() && i < behind + 3; ++i) {
    if (!tokens[i].is_topic()) continue;
    number.unit = tokens[i].stem;
    break;
  }
  const bool year = number.value >= 1900'00 && number.value < 2100'00;
  if (number.unit == 0 && year) number.unit = "year"_word;
  if (at > 0 && (tokens[at - 1].word == "about"_word || tokens[at - 1].info.degree < 0))
    clause.flags |= kVagueNumber;
}

void read_negation(std::span<const Token> tokens, std::size_t at, Clause& clause) noexcept {
  const bool followed = at + 1 < tokens.size();
  if (followed && tokens[at + 1].word == "only"_word) return;  // "not only"
  if (followed && tokens[at + 1].word == "longer"_word) clause.flags |= kChanged;
  // A "no" that answers ("No, I was there") denies the question, not the clause.
  if (at == 0 && tokens[at].info.is(kNo) && followed && tokens[1].has(kAfterComma)) return;
  // "May or may not" denies nothing.
  const std::size_t alternative = at > 1 && tokens[at - 1].info.is(kAuxiliary) ? at - 2 : at - 1;
  if (at > 0 && tokens[alternative].word == "or"_word) return;
  clause.flags ^= kNegated;
}

// All but the place in the text.
bool claims_the_same(const Clause& a, const Clause& b) noexcept {
  return a.flags == b.flags && a.marks == b.marks && a.subject == b.subject && a.asks == b.asks &&
         a.subject_stem == b.subject_stem && a.light_stems == b.light_stems &&
         a.stem_count == b.stem_count && a.set_count == b.set_count &&
         a.number_count == b.number_count && a.stems == b.stems && a.sets == b.sets &&
         a.numbers == b.numbers;
}

}  // namespace

std::uint16_t set_in_clauses(const WordRelations& relations, std::uint16_t set) noexcept {
  const RelationKind kind = relations.kind(set);
  const int group = kind == RelationKind::kind      ? kKindSets
                    : kind == RelationKind::synonym ? kSynonymSets
                                                    : 0;
  return static_cast<std::uint16_t>((set + kLearnedSets) | group);
}

std::size_t clause_end(const Sentence& sentence, std::size_t begin) noexcept {
  const auto& tokens = sentence.tokens;
  for (std::size_t i = begin + 1; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.has(kAfterBreak) || token.info.is(kContrast | kConcession)) return i;
    const bool next_opens = i + 1 < tokens.size() && opens_clause(tokens[i + 1]);
    if (token.info.is(kConjunction) && next_opens) return i;
    if (token.has(kAfterComma) && is_subject_pronoun(token) && i > begin + 1) return i;
  }
  return tokens.size();
}

Clause read_clause(const Sentence& sentence, std::size_t begin, std::size_t end,
                   const WordRelations& relations) noexcept {
  const std::span<const Token> tokens(sentence.tokens.data() + begin, end - begin);
  Clause clause;
  SetOwners owners;
  int polarity = 0;
  clause.span = {tokens.front().begin, tokens.back().end};
  find_subject(tokens, clause);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    // "Good evening" and "good night" claim nothing about the hour.
    if (i > 0 && tokens[i - 1].word == "good"_word && token.info.set != 0) continue;
    if (token.info.is(kNegator)) read_negation(tokens, i, clause);
    if (token.info.is(kSuppose)) clause.flags |= kSupposed;
    if (token.info.is(kPast)) clause.flags |= kChanged;
    if (token.word == "never"_word || token.word == "always"_word) clause.flags |= kNeverAlways;
    if (token.word == "used"_word && i + 1 < tokens.size() && tokens[i + 1].word == "to"_word)
      clause.flags |= kChanged;
    clause.marks |= marks_of(token.word);
    polarity += token.info.polarity;
    if (is_number(token)) {
      add_number(clause, tokens, i);
    } else if (token.info.set != 0) {
      add_set(clause, owners, {token.info.set, token.info.member, 0}, token.stem);
    }
    if ((token.is_topic() && !multiplies(tokens, i)) || token.info.is(kObject)) {
      add_stem(clause, token.stem, token.info.is(kLight | kObject | kOpinion | kTime));
      add_learned_sets(clause, owners, relations, token.stem);
    }
  }
  finish_sets(clause, owners);
  clause.signature = signature_of(clause);
  if (polarity != 0) clause.marks |= polarity > 0 ? kPraises : kBlames;
  if (sentence.question) clause.flags |= kAsked;
  return clause;
}

KeptClauses::Head KeptClauses::head_of(const Clause& c) noexcept {
  Head head;
  head.flags = c.flags;
  head.marks = c.marks;
  head.subject = c.subject;
  head.stem_count = c.stem_count & 15;
  head.light_stems = c.light_stems & 15;
  head.set_count = c.set_count & 15;
  head.number_count = c.number_count & 15;
  if (head.claims()) head.signature = c.signature;
  return head;
}

void KeptClauses::add(const Clause& c) {
  if (words_.size() >= kMaxWords) return;
  heads_.push_back(head_of(c));
  heads_.back().begin = static_cast<std::uint16_t>(words_.size());
  const std::uint32_t length = std::min<std::uint32_t>(c.span.end - c.span.begin, 0xFFFF);
  words_.push_back(c.span.begin);
  words_.push_back(length | std::uint32_t{c.asks} << 16);
  words_.push_back(c.subject_stem);
  words_.insert(words_.end(), c.stems.begin(), c.stems.begin() + c.stem_count);
  words_.insert(words_.end(), c.sets.begin(), c.sets.begin() + c.set_count);
  for (std::size_t i = 0; i < c.number_count; ++i) {
    const auto value = static_cast<std::uint64_t>(c.numbers[i].value);
    words_.push_back(c.numbers[i].unit);
    words_.push_back(static_cast<std::uint32_t>(value));
    words_.push_back(static_cast<std::uint32_t>(value >> 32));
  }
}

bool KeptClauses::has(const Clause& clause) const noexcept {
  const Head wanted = head_of(clause);
  const auto same = [&](const Head& head) {
    return head.signature == wanted.signature && head.flags == wanted.flags &&
           head.marks == wanted.marks && claims_the_same(this->clause(head), clause);
  };
  return std::any_of(heads_.begin(), heads_.end(), same);
}

void KeptClauses::clear() noexcept {
  heads_.clear();
  words_.clear();
}

std::span<const std::uint32_t> KeptClauses::sets(const Head& head) const noexcept {
  return std::span(words_).subspan(head.begin + kFront + head.stem_count, head.set_count);
}

Clause KeptClauses::clause(const Head& head) const noexcept {
  const std::uint32_t* const words = words_.data() + head.begin;
  Clause c;
  c.signature = head.signature;
  c.flags = head.flags;
  c.marks = head.marks;
  c.subject = head.subject;
  c.stem_count = head.stem_count;
  c.light_stems = head.light_stems;
  c.set_count = head.set_count;
  c.number_count = head.number_count;
  c.span = {words[0], words[0] + (words[1] & 0xFFFF)};
  c.asks = static_cast<std::uint16_t>(words[1] >> 16);
  c.subject_stem = words[2];
  const std::uint32_t* next = words + kFront;
  for (std::size_t i = 0; i < c.stem_count; ++i) c.stems[i] = *next++;
  for (std::size_t i = 0; i < c.set_count; ++i) c.sets[i] = *next++;
  for (std::size_t i = 0; i < c.number_count; ++i, next += 3) {
    c.numbers[i].unit = next[0];
    c.numbers[i].value = static_cast<std::int64_t>(next[1] | std::uint64_t{next[2]} << 32);
  }
  return c;
}

}  // namespace scena::metrics

#include "metrics/words/lexicon.hpp"

#include <algorithm>
#include <string>

#include "metrics/words/hashed_word.hpp"
#include "metrics/words/lexicon_data.hpp"
#include "metrics/words/stem.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kSlots = 32768;  // a power of two, about a third full

struct Contraction {
  std::string_view word, first, second;
};

constexpr Contraction kContractions[] = {
    {"ain't", "is", "not"},      {"can't", "can", "not"},
    {"cant", "can", "not"},      {"won't", "will", "not"},
    {"wont", "will", "not"},     {"shan't", "shall", "not"},
    {"cannot", "can", "not"},    {"dont", "do", "not"},
    {"doesnt", "does", "not"},   {"didnt", "did", "not"},
    {"isnt", "is", "not"},       {"wasnt", "was", "not"},
    {"werent", "were", "not"},   {"arent", "are", "not"},
    {"hasnt", "has", "not"},     {"havent", "have", "not"},
    {"hadnt", "had", "not"},     {"wouldnt", "would", "not"},
    {"couldnt", "could", "not"}, {"shouldnt", "should", "not"},
    {"let's", "let", "us"},      {"lets", "let", "us"},
    {"im", "i", "am"},           {"ive", "i", "have"},
    {"gonna", "going", "to"},    {"wanna", "want", "to"},
    {"gotta", "got", "to"},
};

template <class Visit>
void split(std::string_view list, char separator, Visit visit) {
  while (!list.empty()) {
    const auto end = std::min(list.find(separator), list.size());
    auto item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) visit(item);
  }
}

// Appends every way through "a|b c": one phrase for each choice.
void expand(std::string_view pattern, Phrase phrase, std::vector<Phrase>& out) {
  const auto end = std::min(pattern.find(' '), pattern.size());
  const auto choices = pattern.substr(0, end);
  const auto rest = pattern.substr(std::min(end + 1, pattern.size()));
  split(choices, '|', [&](std::string_view word) {
    Phrase longer = phrase;
    longer.words[longer.length++] = hash_word(word);
    if (rest.empty()) {
      out.push_back(longer);
    } else {
      expand(rest, longer, out);
    }
  });
}

}  // namespace

Lexicon::Lexicon(std::span<const WordPolarity> learned) : slots_(kSlots) {
  infos_.reserve(2500 + learned.size());
  add_classes();
  add_degrees();
  add_polarity();
  add_sets();
  add_numbers();
  add_stems();
  add_phrases();
  add_contractions();
  add_inherited();
  add_known_stems();
  add_learned(learned);
}

const WordInfo* Lexicon::exact(std::uint32_t hash) const noexcept {
  for (std::size_t i = hash & (kSlots - 1);; i = (i + 1) & (kSlots - 1)) {
    if (slots_[i].index == 0) return nullptr;
    if (slots_[i].hash == hash) return &infos_[slots_[i].index - 1u];
  }
}

WordInfo& Lexicon::entry(std::string_view word) {
  const std::size_t known = infos_.size();
  WordInfo& info = entry(hash_word(word));
  if (infos_.size() > known) words_.push_back(word);
  return info;
}

WordInfo& Lexicon::entry(std::uint32_t hash) {
  std::size_t i = hash & (kSlots - 1);
  while (slots_[i].index != 0 && slots_[i].hash != hash) i = (i + 1) & (kSlots - 1);
  if (slots_[i].index == 0) {
    infos_.emplace_back();
    slots_[i] = {hash, static_cast<std::uint16_t>(infos_.size())};
  }
  return infos_[slots_[i].index - 1u];
}

void Lexicon::add_classes() {
  for (const auto& group : class_words()) {
    split(group.words, ' ', [&](std::string_view word) {
      WordInfo& info = entry(word);
      // A word that is common in English is no sign of another language.
      if (group.classes == kForeign && info.classes != 0) return;
      info.classes |= group.classes;
    });
  }
}

void Lexicon::add_degrees() {
  for (const auto& group : degree_words()) {
    split(group.words, ' ', [&](std::string_view word) {
      entry(word).degree = static_cast<std::int8_t>(group.value);
    });
  }
}

void Lexicon::add_polarity() {
  for (const auto& group : polarity_words()) {
    split(group.words, ' ', [&](std::string_view word) {
      entry(word).polarity = static_cast<std::int16_t>(group.value);
    });
  }
}

void Lexicon::add_sets() {
  std::uint8_t set = 0;
  for (const auto members : exclusive_sets()) {
    if (members == kWeakSets) {
      set = kFirstWeakSet - 1;
      continue;
    }
    ++set;
    std::uint8_t member = 0;
    split(members, '|', [&](std::string_view words) {
      ++member;
      split(words, ' ', [&](std::string_view word) {
        WordInfo& info = entry(word);
        if (info.set != 0) return;  // the first set that names a word keeps it
        info.set = set;
        info.member = member;
      });
    });
  }
}

void Lexicon::add_numbers() {
  std::uint8_t value = 0;
  split(number_words(), ' ', [&](std::string_view word) {
    WordInfo& info = entry(word);
    info.classes |= kNumber;
    info.set = kNumberSet;
    info.member = value++;
  });
  std::uint8_t tens = 30;
  split("thirty forty fifty sixty seventy eighty ninety", ' ', [&](std::string_view word) {
    WordInfo& info = entry(word);
    info.classes |= kNumber;
    info.set = kNumberSet;
    info.member = tens;
    tens = static_cast<std::uint8_t>(tens + 10);
  });
}

void Lexicon::add_stems() {
  split(irregular_stems(), ' ', [&](std::string_view pair) {
    const auto colon = pair.find(':');
    const auto base = pair.substr(colon + 1);
    const WordInfo* known = exact(hash_word(base));
    WordInfo info = known == nullptr ? WordInfo{} : *known;
    WordInfo& form = entry(pair.substr(0, colon));
    if (form.polarity == 0) form.polarity = info.polarity;
    if (form.set == 0) form.set = info.set, form.member = info.member;
    form.classes |= info.classes;
    form.stem = stem_hash(HashedWord(base));
  });
}

void Lexicon::add_phrases() {
  for (const auto& group : phrase_words()) {
    Phrase phrase;
    phrase.kind = group.kind;
    phrase.strength = static_cast<std::int16_t>(group.strength);
    split(group.phrases, ';', [&](std::string_view pattern) {
      expand(pattern, phrase, phrases_);
      split(pattern.substr(0, pattern.find(' ')), '|', [&](std::string_view word) { entry(word); });
    });
  }
  std::stable_sort(phrases_.begin(), phrases_.end(), [](const Phrase& a, const Phrase& b) {
    if (a.words[0] != b.words[0]) return a.words[0] < b.words[0];
    return a.words[1] != b.words[1] ? a.words[1] < b.words[1] : a.length > b.length;
  });
  for (std::size_t i = 0; i < phrases_.size(); ++i) {
    if (i > 0 && phrases_[i].words[0] == phrases_[i - 1].words[0]) continue;
    groups_.push_back(static_cast<std::uint32_t>(i));
    const auto* known = exact(phrases_[i].words[0]);
    const auto index = static_cast<std::size_t>(known - infos_.data());
    infos_[index].phrases = static_cast<std::uint16_t>(groups_.size());
  }
  groups_.push_back(static_cast<std::uint32_t>(phrases_.size()));
}

std::span<const Phrase> Lexicon::phrases(const WordInfo& first) const noexcept {
  if (first.phrases == 0) return {};
  const std::size_t begin = groups_[first.phrases - 1u];
  return {phrases_.data() + begin, groups_[first.phrases] - begin};
}

void Lexicon::add_contractions() {
  std::uint8_t index = 0;
  for (const auto& known : kContractions) entry(known.word).contraction = ++index;
}

// "worked" may stand in a table of its own and is still a form of "work".
void Lexicon::add_inherited() {
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const WordInfo* base = words_[i].size() < 4 ? nullptr : inflected(HashedWord(words_[i]));
    if (base == nullptr || base == &infos_[i] || base->is(kFunction | kForeign)) continue;
    WordInfo& info = infos_[i];
    if (info.classes == 0) info.classes = base->classes;
    if (info.polarity == 0) info.polarity = base->polarity;
    if (info.set == 0) info.set = base->set, info.member = base->member;
  }
}

// Their text is not known, only the hash: they have no stem of their own, and no form but this.
void Lexicon::add_learned(std::span<const WordPolarity> learned) {
  for (const WordPolarity& word : learned) {
    // More words than an index can name are of no list that we train.
    if (infos_.size() >= kSlots / 2) return;
    WordInfo& info = entry(word.word);
    if (info.polarity == 0 && !info.is(kFunction)) info.polarity = word.polarity;
  }
}

void Lexicon::add_known_stems() {
  stems_.reserve(words_.size());
  for (const std::string_view text : words_) {
    const HashedWord word(text);
    stems_.push_back({word.hash(), stem_hash(word)});
  }
  words_ = {};
}

// An inflected form shares the info of its base word, but has a stem of its own.
std::uint32_t Lexicon::stem(const HashedWord& lower, const WordInfo* info) const noexcept {
  if (info == nullptr) return stem_hash(lower);
  if (info->stem != 0) return info->stem;
  const auto index = static_cast<std::size_t>(info - infos_.data());
  if (index >= stems_.size()) return stem_hash(lower);
  const KnownStem& known = stems_[index];
  return known.word == lower.hash() ? known.stem : stem_hash(lower);
}

const WordInfo* Lexicon::find(const HashedWord& lower) const noexcept {
  if (const WordInfo* whole = exact(lower.hash())) return whole;
  if (lower.size() < 4 || lower.size() > 30) return nullptr;
  const WordInfo* info = inflected(lower);
  // "letter" is no form of "let", nor "pass" of French "pas": such words have no inflected forms.
  return info == nullptr || info->is(kFunction | kForeign) ? nullptr : info;
}

const WordInfo* Lexicon::inflected(const HashedWord& word) const noexcept {
  const std::string_view lower = word.text();
  // The first bytes of the word, and with one letter more: "loved" as "lov" and "love".
  const auto base = [&](std::size_t kept) -> const WordInfo* {
    return kept < 2 ? nullptr : exact(word.hash(kept));
  };
  const auto base_and = [&](std::size_t kept, char more) -> const WordInfo* {
    return kept < 2 ? nullptr : exact(word.hash(kept, more));
  };
  const auto without = [&](std::size_t cut) -> const WordInfo* {
    const std::size_t kept = lower.size() - cut;
    if (const auto* info = base(kept)) return info;
    if (const auto* info = base_and(kept, 'e')) return info;
    if (kept > 2 && lower[kept - 1] == lower[kept - 2]) return base(kept - 1);
    if (kept > 2 && lower[kept - 1] == 'i') return base_and(kept - 1, 'y');
    return nullptr;
  };
  switch (lower.back()) {
    case 'g':
      return lower.ends_with("ing") ? without(3) : nullptr;
    case 'd':
    case 'r':
      return lower[lower.size() - 2] == 'e' ? without(2) : nullptr;
    case 't':
      return lower.ends_with("est") ? without(3) : nullptr;
    case 's': {
      if (const auto* info = base(lower.size() - 1)) return info;
      return lower.ends_with("es") ? without(2) : nullptr;
    }
    case 'y': {
      if (!lower.ends_with("ly")) return nullptr;
      return without(2);
    }
    default:
      return nullptr;
  }
}

std::array<std::string_view, 2> Lexicon::contraction(std::string_view lower,
                                                     const WordInfo* info) const noexcept {
  if (info != nullptr && info->contraction != 0) {
    const auto& known = kContractions[info->contraction - 1u];
    if (known.word == lower) return {known.first, known.second};
  }
  const auto quote = lower.find('\'');
  if (quote == std::string_view::npos || quote == 0) return {};
  if (lower.ends_with("n't")) return {lower.substr(0, lower.size() - 3), "not"};
  const auto ending = lower.substr(quote + 1);
  const auto front = lower.substr(0, quote);
  if (ending == "m") return {front, "am"};
  if (ending == "re") return {front, "are"};
  if (ending == "ve") return {front, "have"};
  if (ending == "ll") return {front, "will"};
  if (ending == "d") return {front, "would"};
  if (ending != "s") return {};
  const WordInfo* owner = find(HashedWord(front));
  const bool verb = owner != nullptr && owner->is(kThird | kQuestion);
  return {front, verb || front == "there" || front == "here" || front == "that" ? "is" : ""};
}

int Lexicon::emoji(char32_t c) const noexcept {
  if (c == 0x2764 || c == 0x1F970 || c == 0x1F929 || (c >= 0x1F60D && c <= 0x1F60E)) return 80;
  if (c >= 0x1F493 && c <= 0x1F49F) return 65;
  if ((c >= 0x1F600 && c <= 0x1F60C) || (c >= 0x1F617 && c <= 0x1F61B)) return 55;
  if (c == 0x1F44D || c == 0x1F44F || c == 0x1F389 || c == 0x1F64F || c == 0x2728) return 50;
  if (c == 0x1F642 || c == 0x263A || c == 0x1F917 || c == 0x1F618 || c == 0x2705) return 50;
  if (c == 0x1F44E || c == 0x1F494 || c == 0x1F92E || c == 0x1F4A9 || c == 0x274C) return -65;
  if ((c >= 0x1F61E && c <= 0x1F62D) || c == 0x1F612 || c == 0x1F613 || c == 0x1F641) return -55;
  if (c == 0x1F614 || c == 0x2639 || c == 0x1F630 || c == 0x1F631 || c == 0x1F92C) return -55;
  return 0;
}

}  // namespace scena::metrics

#include "metrics/claims/clause_sets.hpp"

#include <algorithm>

namespace scena::metrics {
namespace {

constexpr bool is_synonym(std::uint16_t set) noexcept {
  return set >= kLearnedSets && (set & kSynonymSets) != 0;
}

// The place for one more set of a word; the number of all: none.
std::size_t place_for(std::uint16_t set, std::uint32_t stem, const SetOwners& owners,
                      Clause& clause) noexcept {
  const std::size_t all = clause.sets.size();
  if (clause.set_count < all) return clause.set_count++;
  if (is_synonym(set)) return all;
  const auto set_at = [&](std::size_t at) { return NamedMember::of(clause.sets[at]).set; };
  for (std::size_t at = all; owners.synonyms > 0 && at-- > 0;) {
    if (is_synonym(set_at(at))) return at;
  }
  const auto sets_of = [&](std::uint32_t owner) {
    return std::count(owners.stems.begin(), owners.stems.end(), owner);
  };
  if (sets_of(stem) > 0) return all;
  for (std::size_t at = all; at-- > 0;) {
    if (set_at(at) >= kLearnedSets && sets_of(owners.stems[at]) > 1) return at;
  }
  return all;
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
    signature |= std::uint64_t{1} << (meanings[i] & 63) | std::uint64_t{1}
                                                              << (clause.stems[i] & 63);
  // "I am a nurse" and "I was alone" meet any other state of theirs.
  const bool states = clause.is_marked(kIs | kWas) && clause.stem_count - clause.light_stems < 3;
  if (states && !is_noun(clause.subject))
    signature |= std::uint64_t{1} << (40 + static_cast<int>(clause.subject));
  signature |= std::uint64_t{clause.traits.any()} << 16;
  // "I'm 25" and "she is free" have no other word.
  for (std::size_t i = 0; i < clause.number_count; ++i) {
    if (clause.numbers[i].unit != 0)
      signature |= std::uint64_t{1} << (clause.numbers[i].unit >> 4 & 63);
  }
  return signature;
}

}  // namespace

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

void add_set(Clause& clause, SetOwners& owners, const NamedMember& named,
             std::uint32_t stem) noexcept {
  const std::uint8_t before = clause.set_count;
  const std::size_t at = place_for(named.set, stem, owners, clause);
  if (at == clause.sets.size()) return;
  if (at < before && is_synonym(NamedMember::of(clause.sets[at]).set)) --owners.synonyms;
  if (is_synonym(named.set)) ++owners.synonyms;
  NamedMember placed = named;
  placed.stem = static_cast<std::uint8_t>(at);
  owners.stems[at] = stem;
  clause.sets[at] = placed.packed();
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

std::uint16_t set_in_clauses(const WordRelations& relations, std::uint16_t set) noexcept {
  const RelationKind kind = relations.kind(set);
  const int group = kind == RelationKind::kind      ? kKindSets
                    : kind == RelationKind::synonym ? kSynonymSets
                                                    : 0;
  return static_cast<std::uint16_t>((set + kLearnedSets) | group);
}

void sign(Clause& clause) noexcept {
  clause.signature = signature_of(clause);
}

}  // namespace scena::metrics

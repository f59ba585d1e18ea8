#include "metrics/history.hpp"

#include <algorithm>

#include "metrics/clause.hpp"

namespace scena::metrics {
namespace {

template <std::size_t N>
void add_unique(std::array<std::uint32_t, N>& list, std::uint8_t& count, std::uint64_t& bits,
                std::uint32_t stem) {
  const auto end = list.begin() + count;
  if (count == N || std::find(list.begin(), end, stem) != end) return;
  list[count++] = stem;
  bits |= std::uint64_t{1} << (stem & 63);
}

template <std::size_t N>
std::uint8_t place_of(const std::array<std::uint32_t, N>& list, std::uint8_t count,
                      std::uint32_t stem) {
  const auto end = list.begin() + count;
  const auto at = std::find(list.begin(), end, stem);
  return at == end ? Topic::kNowhere : static_cast<std::uint8_t>(at - list.begin());
}

void add_meanings(const Clause& clause, Topic& topic) {
  for (std::size_t i = 0; i < clause.set_count; ++i) {
    const NamedMember named = NamedMember::of(clause.sets[i]);
    if (named.set < kLearnedSets || named.stem == NamedMember::kNoStem) continue;
    if (topic.meaning_count == topic.meanings.size()) return;
    const std::uint32_t stem = clause.stems[named.stem];
    topic.meanings[topic.meaning_count++] = {clause.sets[i] >> 4,
                                             place_of(topic.asked, topic.asked_count, stem),
                                             place_of(topic.turn, topic.turn_count, stem)};
  }
}

void add_clause(const Clause& clause, Topic& topic) {
  topic.asks |= clause.asks;
  for (std::size_t i = 0; i < clause.stem_count; ++i) {
    if (i >= clause.light_stems)
      add_unique(topic.turn, topic.turn_count, topic.turn_bits, clause.stems[i]);
    if (clause.has(kAsked))
      add_unique(topic.asked, topic.asked_count, topic.asked_bits, clause.stems[i]);
  }
  add_meanings(clause, topic);
}

}  // namespace

void History::push(KeptMessage message) {
  ++generation_;
  if (messages_.size() == kMaxMessages) messages_.erase(messages_.begin());
  // Doubling would leave half of a long session's memory unused.
  if (messages_.size() == messages_.capacity()) messages_.reserve(messages_.size() + 10);
  messages_.push_back(std::move(message));
}

void History::forget_from(std::string_view id) {
  const auto first = std::find_if(messages_.begin(), messages_.end(),
                                  [&](const KeptMessage& m) { return m.id == id; });
  if (first == messages_.end()) return;
  ++generation_;
  messages_.erase(first, messages_.end());
}

Topic History::topic_for(std::uint32_t speaker) const {
  Topic topic;
  const auto last = std::find_if(messages_.rbegin(), messages_.rend(),
                                 [&](const KeptMessage& m) { return m.speaker != speaker; });
  if (last == messages_.rend()) return topic;
  topic.exists = true;
  topic.english = last->english;
  topic.letters = last->letters;
  std::span<const std::uint32_t> packed(last->clauses);
  while (!packed.empty()) {
    add_clause(unpack(packed), topic);
    packed = packed.subspan(packed_size(packed.data()));
  }
  return topic;
}

}  // namespace scena::metrics

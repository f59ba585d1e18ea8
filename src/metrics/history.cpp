#include "metrics/history.hpp"

#include <algorithm>

#include "metrics/measures/concepts.hpp"

namespace scena::metrics {
namespace {

// Returns where the stem stands in the list.
template <std::size_t N>
std::uint8_t add_unique(std::array<std::uint32_t, N>& list, std::uint8_t& count,
                        std::uint64_t& bits, std::uint32_t stem) {
  const auto end = list.begin() + count;
  const auto known = std::find(list.begin(), end, stem);
  if (known != end) return static_cast<std::uint8_t>(known - list.begin());
  if (count == N) return Topic::kNowhere;
  list[count] = stem;
  bits |= std::uint64_t{1} << (stem & 63);
  return count++;
}

void add_clause(const Clause& clause, Topic& topic) {
  topic.asks |= clause.asks & kAnswers;
  topic.manner |= clause.asks & ~kAnswers;
  std::array<Topic::Meaning, 12> places{};  // of the clause's stems
  const int own = clause.stem_count - clause.borrowed;
  for (std::size_t i = 0; i < static_cast<std::size_t>(own); ++i) {
    topic.concepts |= concepts_of(clause.stems[i]);
    if (i >= clause.light_stems)
      places[i].turn = add_unique(topic.turn, topic.turn_count, topic.turn_bits, clause.stems[i]);
    if (clause.has(kAsked))
      places[i].asked =
          add_unique(topic.asked, topic.asked_count, topic.asked_bits, clause.stems[i]);
  }
  for (std::size_t i = 0; i < clause.set_count; ++i) {
    const NamedMember named = NamedMember::of(clause.sets[i]);
    if (named.set < kLearnedSets || named.stem >= own) continue;
    if (topic.meaning_count == topic.meanings.size()) return;
    Topic::Meaning& meaning = topic.meanings[topic.meaning_count++];
    meaning = places[named.stem];
    meaning.set = named.set;
    meaning.member = named.member;
    topic.meaning_bits |= std::uint64_t{1} << Topic::meaning_bit(meaning.set);
  }
}

}  // namespace

void History::push(KeptMessage message) {
  ++generation_;
  if (messages_.size() == kMaxMessages) messages_.erase(messages_.begin());
  // Doubling would leave half of a long session's memory unused, and most sessions are short.
  if (messages_.size() == messages_.capacity())
    messages_.reserve(messages_.size() + messages_.size() / 4 + 1);
  messages_.push_back(std::move(message));
}

void History::forget_from(std::string_view id) {
  const auto first = std::find_if(messages_.begin(), messages_.end(),
                                  [&](const KeptMessage& m) { return m.id == id; });
  if (first == messages_.end()) return;
  ++generation_;
  messages_.erase(first, messages_.end());
}

std::optional<Clause> History::question_for(std::uint32_t speaker) const noexcept {
  if (messages_.empty() || messages_.back().speaker == speaker || !messages_.back().english)
    return std::nullopt;
  const KeptClauses& clauses = messages_.back().clauses;
  const auto heads = clauses.heads();
  for (std::size_t i = heads.size(); i-- > 0;) {
    if ((heads[i].flags & kAsked) == 0) continue;
    const Clause clause = clauses.clause(heads[i]);
    const bool follows_up = (clause.question & kFollowsUp) != 0;  // "And here?"
    if (follows_up || clause.stem_count + clause.number_count > 0) return clause;
  }
  return std::nullopt;
}

Topic History::topic_for(std::uint32_t speaker, const WordVectors& vectors) const {
  Topic topic;
  const auto last = std::find_if(messages_.rbegin(), messages_.rend(),
                                 [&](const KeptMessage& m) { return m.speaker != speaker; });
  if (last == messages_.rend()) return topic;
  topic.exists = true;
  topic.english = last->english;
  topic.letters = last->letters;
  topic.wording = last->wording;
  for (const KeptClauses::Head& head : last->clauses.heads())
    add_clause(last->clauses.clause(head), topic);
  const bool asks = topic.asked_count > 0;
  const auto words = asks ? std::span<const std::uint32_t>(topic.asked).first(topic.asked_count)
                          : std::span<const std::uint32_t>(topic.turn).first(topic.turn_count);
  for (const std::uint32_t stem : words) vectors.add(vectors.place_of(stem), topic.about);
  return topic;
}

}  // namespace scena::metrics

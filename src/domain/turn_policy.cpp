#include "domain/turn_policy.hpp"

#include <algorithm>
#include <vector>

#include "domain/metric_rule.hpp"

namespace scena {
namespace {

using Participants = std::vector<const TurnParticipant*>;
using Speakers = std::span<const std::string_view>;

// Those present, in the policy's order; who is not named in it comes after, in the order of
// joining.
Participants in_order(const TurnPolicy& policy, std::span<const TurnParticipant> present) {
  Participants sorted;
  const auto add = [&](const TurnParticipant& participant) {
    if (std::find(sorted.begin(), sorted.end(), &participant) == sorted.end())
      sorted.push_back(&participant);
  };
  for (const auto& id : policy.order) {
    for (const auto& participant : present) {
      if (participant.id == id) add(participant);
    }
  }
  for (const auto& participant : present) add(participant);
  return sorted;
}

// Who spoke longest ago; of those who never spoke, the first in order.
std::string longest_silent(const Participants& group, Speakers speakers) {
  const auto last_spoke = [&](const TurnParticipant* participant) {
    const auto found = std::find(speakers.rbegin(), speakers.rend(), participant->id);
    return speakers.rend() - found;  // 0: never
  };
  const auto silent =
      std::min_element(group.begin(), group.end(),
                       [&](const auto* a, const auto* b) { return last_spoke(a) < last_spoke(b); });
  return (*silent)->id;
}

std::string behind_last(const Participants& order, Speakers speakers) {
  // The last speaker may have left: then the one before counts.
  for (auto last = speakers.rbegin(); last != speakers.rend(); ++last) {
    const auto found =
        std::find_if(order.begin(), order.end(), [&](const auto* p) { return p->id == *last; });
    if (found != order.end())
      return std::next(found) == order.end() ? order.front()->id : (*std::next(found))->id;
  }
  return order.front()->id;
}

std::optional<std::string> by_metrics(const TurnPolicy& policy,
                                      std::span<const TurnParticipant> present,
                                      std::string_view last_speaker,
                                      std::span<const MetricScore> scores) {
  for (const SpeakerRule& rule : policy.when) {
    const bool is_here = std::any_of(present.begin(), present.end(),
                                     [&](const auto& one) { return one.id == rule.next; });
    if (is_here && MetricRule(rule).holds(last_speaker, scores).value_or(false)) return rule.next;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> next_speaker(const TurnPolicy& policy,
                                        std::span<const TurnParticipant> present,
                                        std::span<const std::string_view> last_speakers,
                                        std::span<const MetricScore> last_scores) {
  if (!last_speakers.empty()) {
    if (auto next = by_metrics(policy, present, last_speakers.back(), last_scores)) return next;
  }
  if (policy.kind == TurnPolicy::Kind::host || present.empty()) return std::nullopt;
  const Participants order = in_order(policy, present);
  Participants humans, characters;
  for (const auto* participant : order)
    (participant->human ? humans : characters).push_back(participant);
  if (policy.kind == TurnPolicy::Kind::round_robin || humans.empty() || characters.empty()) {
    return behind_last(order, last_speakers);
  }
  if (last_speakers.empty()) return order.front()->id;
  const bool human_spoke = std::any_of(
      humans.begin(), humans.end(), [&](const auto* p) { return p->id == last_speakers.back(); });
  return longest_silent(human_spoke ? characters : humans, last_speakers);
}

}  // namespace scena

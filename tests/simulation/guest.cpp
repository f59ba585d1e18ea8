#include "simulation/guest.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace scena::test {
namespace {

bool leaves(const Event& event) {
  if (event.type != "participant.left") return false;
  const auto data = parse_json(event.data);
  return data && data->value("participant", "") == Guest::kId;
}

}  // namespace

bool Guest::open(Session& session) {
  const SessionInfo info = session.info();
  const bool there = std::any_of(info.participants.begin(), info.participants.end(),
                                 [](const auto& one) { return one.id == kId && one.present; });
  if (!there) return false;
  SubscribeOptions options;
  options.after = cursor_;
  options.participant = kId;
  options.max_events = 16;
  opened_ = info.last_seq;
  events_.emplace(session.events(options));
  return true;
}

void Guest::leave() {
  if (events_) cursor_ = events_->cursor();
  events_.reset();
}

bool Guest::read(Session& session, std::size_t most) {
  if (!events_ && !open(session)) return false;
  Event event;
  bool any = false, lagged = false;
  while (most-- > 0 && !lagged && events_->next(event)) {
    any = true;
    lagged = event.type == "lagged";
    if (!lagged) take(event);
  }
  const bool ended = events_->ended();
  if (ended && !lagged) ended_.emplace_back(opened_, session.info().last_seq);
  if (ended || lagged) leave();
  return any;
}

void Guest::take(const Event& event) {
  if (!event.audience.admits(kId, "participant"))
    findings_.add(event.stream + ": a guest got " + event.type + ", which is not for him");
  if (event.is_durable()) seen_.push_back(event.seq);
}

void Guest::check(const std::vector<Event>& log, const SessionModel& model) const {
  const std::string name = model.info().id + ": a guest";
  std::vector<std::uint64_t> may;
  for (const Event& event : log) {
    if (event.audience.admits(kId, "participant") && !model.was_missed(kId, event))
      may.push_back(event.seq);
  }
  const Participant* const guest = model.participant(kId);
  if (guest && guest->present && seen_ != may) {
    findings_.add(name + " was given " + std::to_string(seen_.size()) + " events of " +
                  std::to_string(may.size()));
  }
  if (!std::includes(may.begin(), may.end(), seen_.begin(), seen_.end()))
    findings_.add(name + " was given something twice, or what he missed");
  for (const auto& [opened, ended] : ended_) {
    const bool left =
        std::any_of(log.begin(), log.end(), [&, begin = opened, end = ended](const Event& event) {
          return event.seq > begin && event.seq <= end && leaves(event);
        });
    if (!left) findings_.add(name + "'s viewer ended though he was there");
  }
}

}  // namespace scena::test

#include "simulation/shaky_storage.hpp"

namespace scena::test {

std::vector<Result<void>> ShakyStorage::commit(std::span<const Batch> group) {
  if (dead_) {
    if (std::exchange(keep_last_, false)) (void)inner_->commit(group);
    return {group.size(), Error::fixed(ErrorCode::closed, "simulated: the process is dead")};
  }
  if (full_)
    return {group.size(), Error::fixed(ErrorCode::storage_full, "simulated: the disk is full")};
  if (random_.unit() < refused_share_) {
    if (defect_ == Defect::keep_refused) (void)inner_->commit(group);
    return {group.size(),
            Error::fixed(ErrorCode::storage_failed, "simulated: the commit was lost")};
  }
  if (defect_ == Defect::none) return inner_->commit(group);
  if (defect_ == Defect::lose_acknowledged && now_and_then())
    return std::vector<Result<void>>(group.size());
  std::vector<Batch> changed(group.begin(), group.end());
  for (auto& batch : changed) plant(batch);
  return inner_->commit(changed);
}

void ShakyStorage::plant(Batch& batch) {
  for (auto& append : batch.appends) {
    if (append.events.empty()) continue;
    for (auto& event : append.events) change_event(event);
    const Event last = append.events.back();
    if (defect_ == Defect::second_terminal && last.type == "turn.finished" && now_and_then()) {
      add_event(append, last, "turn.finished");
    }
    if (defect_ == Defect::wrong_state && last.type == "turn.finished" && now_and_then()) {
      add_event(append, last, "session.resumed");
    }
  }
}

void ShakyStorage::add_event(Append& append, const Event& like, std::string_view type) {
  Event more = like;
  more.type = type;
  ++more.seq;
  append.events.push_back(std::move(more));
}

void ShakyStorage::change_event(Event& event) {
  const auto replace = [&event](std::string_view what, std::string_view by) {
    if (const auto at = event.data.find(what); at != std::string::npos)
      event.data.replace(at, what.size(), by);
  };
  if (defect_ == Defect::change_text && event.type == "message.stored") replace(". ", "! ");
  if (defect_ == Defect::change_cost && event.type == "budget.settled")
    replace("\"cost\":\"0.0", "\"cost\":\"0.1");
}

Result<std::vector<Event>> ShakyStorage::read_events(std::string_view tenant,
                                                     std::string_view stream, std::uint64_t after,
                                                     std::size_t limit) {
  auto events = inner_->read_events(tenant, stream, after, limit);
  if (!events || events->size() < 3) return events;
  const std::size_t middle = events->size() / 2;
  const auto at = events->begin() + static_cast<std::ptrdiff_t>(middle);
  if (defect_ == Defect::drop_event) events->erase(at);
  if (defect_ == Defect::repeat_event) events->insert(at, Event(*at));
  if (defect_ == Defect::swap_events) std::swap(*at, *(at - 1));
  return events;
}

}  // namespace scena::test

#include "engine/actor/commit_draft.hpp"

namespace scena::engine {

std::string session_stream(std::string_view session) {
  return "session:" + std::string(session);
}

CommitDraft::CommitDraft(std::string tenant, std::string session, std::uint64_t after, WallTime now,
                         std::string cause)
    : tenant_(std::move(tenant)),
      session_(std::move(session)),
      stream_(session_stream(session_)),
      after_(after),
      now_(now),
      cause_(std::move(cause)) {}

void CommitDraft::add(std::string_view type, std::string_view actor, std::string data,
                      Audience audience) {
  Event event;
  event.stream = stream_;
  event.seq = last_seq() + 1;
  event.type = type;
  event.time = now_;
  event.actor = actor;
  event.audience = std::move(audience);
  event.cause = cause_;
  event.data = std::move(data);
  events_.push_back(std::move(event));
}

Result<std::vector<ParsedEvent>> CommitDraft::take_events() {
  std::vector<ParsedEvent> parsed;
  parsed.reserve(events_.size());
  for (auto& event : events_) {
    auto one = parse_event(std::move(event));
    if (!one) return one.error();
    parsed.push_back(std::move(*one));
  }
  return parsed;
}

Batch CommitDraft::take_batch(const std::vector<ParsedEvent>& events, const SessionFacts& facts) {
  Append append;
  append.tenant = tenant_;
  append.stream = stream_;
  append.expected_seq = after_;
  append.events.reserve(events.size());
  for (const auto& parsed : events) append.events.push_back(parsed.event);
  batch_.appends.push_back(std::move(append));
  batch_.records.push_back(session_record(tenant_, facts));
  if (remembered_) {
    std::string& json = remembered_->json;
    json.back() = ',';
    json += "\"info\":";
    write_session_info(json, facts.info);
    json += '}';
    batch_.records.push_back(std::move(*remembered_));
  }
  return std::move(batch_);
}

RecordWrite session_record(const std::string& tenant, const SessionFacts& facts) {
  RecordWrite record;
  record.key = {tenant, "session", facts.info.id};
  record.erase = facts.removed;
  if (!facts.removed) {
    write_session_info(record.json, facts.info);
    record.index = {{"state", to_string(facts.info.state)}};
    if (!facts.info.owner.empty()) record.index.emplace_back("owner", facts.info.owner);
  }
  return record;
}

}  // namespace scena::engine

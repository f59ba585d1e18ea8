#include "engine/actor/commit_draft.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "domain/score_json.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kMessageBytes = 512;  // what usually stands around a message's texts
constexpr std::size_t kEvents = 4;          // of a commit that starts or ends a turn

std::size_t text_bytes(const Message& message) noexcept {
  std::size_t bytes = 0;
  for (const auto& part : message.parts) bytes += part.text.size() + part.text.size() / 16;
  return bytes;
}

}  // namespace

std::string session_stream(std::string_view session) {
  std::string stream(kSessionStreams);  // appending leaves no room for more: sessions keep it
  return stream.append(session);
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
                      Audience audience, EventValue value) {
  if (events_.empty()) events_.reserve(kEvents);
  events_.emplace_back();
  events_.back().value = std::move(value);
  Event& event = events_.back().event;
  event.stream = stream_;
  event.seq = last_seq();
  event.type = type;
  event.time = now_;
  event.actor = actor;
  event.audience = std::move(audience);
  event.cause = cause_;
  event.data = std::move(data);
}

void CommitDraft::add_message(Message message) {
  std::string data;
  data.reserve(kMessageBytes + text_bytes(message));
  data += "{\"message\":";
  JsonWriter writer(data);
  write_message(writer, message);
  data += '}';
  const std::string speaker = message.speaker;
  Audience audience = message.audience;
  add("message.stored", speaker, std::move(data), std::move(audience), std::move(message));
}

void CommitDraft::add_scores(std::string_view message, std::vector<MetricScore> scores) {
  for (MetricScore& score : scores) settle_score(score);
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("message", message).key("scores");
  write_scores(writer, scores);
  writer.end_object();
  add("metrics.stored", "engine", std::move(data), {Audience::Kind::hosts, {}},
      StoredScores{std::string(message), std::move(scores)});
}

std::size_t CommitDraft::count_of(std::string_view type) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(events_.begin(), events_.end(),
                    [type](const ParsedEvent& drafted) { return drafted.event.type == type; }));
}

Result<std::vector<ParsedEvent>> CommitDraft::take_events() {
  if (failure_) return *failure_;
  for (ParsedEvent& drafted : events_) {
    if (drafted.has_value()) continue;
    auto parsed = parse_event(std::move(drafted.event));
    if (!parsed) return parsed.error();
    drafted = std::move(*parsed);
  }
  return std::move(events_);
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
  if (facts.removed) {
    JobWrite erase;
    erase.op = JobWrite::Op::erase_stream;
    erase.tenant = tenant_;
    erase.stream = stream_;
    batch_.jobs.push_back(std::move(erase));
  }
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

std::string created_field(WallTime created) {
  return fmt::format("{:020}", created.time_since_epoch().count());
}

RecordWrite session_record(const std::string& tenant, const SessionFacts& facts) {
  RecordWrite record;
  record.key = {tenant, "session", facts.info.id};
  record.erase = facts.removed;
  if (!facts.removed) {
    write_session_info(record.json, facts.info);
    record.index = {{"state", to_string(facts.info.state)},
                    {"created", created_field(facts.info.created)},
                    {std::string(kPresetField), facts.preset_sha256}};
    if (!facts.info.owner.empty()) record.index.emplace_back("owner", facts.info.owner);
  }
  return record;
}

}  // namespace scena::engine

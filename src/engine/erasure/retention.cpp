#include "engine/erasure/retention.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/projection/session_loader.hpp"

namespace scena::engine {
namespace {

constexpr std::chrono::hours kLongest{365 * 24};
constexpr int kRetentionAttempts =
    1'000'000;  // it must go, however often the store was out of order

struct Kept {
  std::string parent;
  std::string preset_sha256;
  bool due = false;  // its time is over, and forks read it
};

RecordWrite retention_record(const std::string& tenant, const std::string& id, const Kept& kept) {
  RecordWrite record;
  record.key = {tenant, std::string(kRetentionRecord), id};
  JsonWriter(record.json)
      .begin_object()
      .member("parent", kept.parent)
      .member(kPresetField, kept.preset_sha256)
      .member("due", kept.due)
      .end_object();
  if (!kept.preset_sha256.empty()) record.index.emplace_back(kPresetField, kept.preset_sha256);
  if (!kept.parent.empty()) record.index.emplace_back("parent", kept.parent);
  return record;
}

Result<std::optional<Kept>> find_kept(Storage& storage, const std::string& tenant,
                                      const std::string& id) {
  const auto record = storage.get({tenant, std::string(kRetentionRecord), id});
  if (!record) return record.error();
  if (!*record) return std::optional<Kept>();
  const auto json = parse_json((*record)->json);
  if (!json || !json->is_object())
    return Error::fixed(ErrorCode::storage_corrupt, "retention record: is no JSON object");
  return std::optional(Kept{json->value("parent", ""), json->value(std::string(kPresetField), ""),
                            json->value("due", false)});
}

// Whether a fork of `id` is there besides `gone`.
Result<bool> has_forks(Storage& storage, const std::string& tenant, const std::string& id,
                       const std::vector<std::string>& gone) {
  return is_found_besides(storage, tenant, kRetentionRecord, {"parent", id}, gone);
}

Result<void> set_due(Storage& storage, const std::string& tenant, const std::string& id, Kept kept,
                     bool due) {
  if (std::exchange(kept.due, due) == due) return {};
  Batch batch;
  batch.records.push_back(retention_record(tenant, id, kept));
  auto results = storage.commit({&batch, 1});
  if (results.size() != 1)
    return Error::fixed(ErrorCode::internal, "storage: a commit gave no answer; please report it");
  return std::move(results.front());
}

// What has become of a session.
struct Fate {
  bool ended = false;
  bool removed = false;
  std::uint64_t seq = 0;  // of the event that ended it; 0: its events cannot be read any more
};

// Where its events cannot be read any more, the session's record tells: a deleted one has none.
Result<Fate> fate_of(Storage& storage, const std::string& tenant, const std::string& id) {
  const auto model = load_model(storage, tenant, id);
  if (model) {
    const auto& ended = model->facts().ended;
    return Fate{ended.has_value(), model->facts().removed, ended ? ended->seq : 0};
  }
  if (!is_unreadable(model.error()) && model.error().code() != ErrorCode::not_found)
    return model.error();
  const auto record = storage.get({tenant, "session", id});
  if (!record) return record.error();
  if (!*record) return Fate{true, true};
  const auto info = read_session_info((*record)->json);
  if (!info) return info.error();
  return Fate{info->state == SessionState::completed || info->state == SessionState::error};
}

}  // namespace

bool is_retention_ttl(std::chrono::milliseconds ttl) noexcept {
  return ttl.count() >= 0 && ttl <= kLongest;
}

Result<std::optional<std::chrono::milliseconds>> retention_of(
    const Config& config, std::optional<Retention> retention,
    std::optional<std::chrono::milliseconds> ttl, bool is_host) {
  std::optional<std::chrono::milliseconds> chosen, configured;
  if (retention.value_or(config.retention) == Retention::session)
    chosen = ttl.value_or(config.retention_ttl);
  if (config.retention == Retention::session) configured = config.retention_ttl;
  if (ttl && !chosen) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "/retention_ttl: the session is kept; set `retention` to \"session\" too");
  }
  if (!is_host && configured && (!chosen || *chosen > *configured)) {
    return Error::fixed(ErrorCode::permission_denied,
                        "only the host may keep a session longer than the configuration says");
  }
  return chosen;
}

void add_retention(const std::string& tenant, const SessionFacts& facts, bool is_new,
                   const std::optional<SessionEnd>& end, const JobRunner& jobs, Batch& batch) {
  if (!facts.retention) return;
  const std::string& id = facts.info.id;
  if (is_new)
    batch.records.push_back(
        retention_record(tenant, id, {facts.info.parent, facts.preset_sha256, false}));
  if (!facts.ended || facts.ended == end) return;
  std::string payload;
  JsonWriter(payload)
      .begin_object()
      .member("session", id)
      .member("seq", facts.ended->seq)
      .end_object();
  // Not of the session's stream: it outlives the session's deletion.
  JobWrite job = jobs.make(tenant, std::string(kRetentionJob),
                           "retention/" + id + "/" + std::to_string(facts.ended->seq), payload);
  // An imported event may have any time.
  const bool fits = facts.ended->time <= WallTime::max() - *facts.retention;
  job.run_after = fits ? facts.ended->time + *facts.retention : WallTime::max();
  job.max_attempts = kRetentionAttempts;
  job.max_open = 0;
  batch.jobs.push_back(std::move(job));
}

Result<SessionsToErase> sessions_past(Storage& storage, const std::string& tenant,
                                      const std::string& id, std::uint64_t seq) {
  SessionsToErase sessions;
  const auto kept = find_kept(storage, tenant, id);
  if (!kept) return kept.error();
  if (!*kept) return sessions;  // it was erased before
  const auto fate = fate_of(storage, tenant, id);
  if (!fate) return fate.error();
  if (!fate->ended || (fate->seq != 0 && fate->seq != seq)) return sessions;
  if (!fate->removed) sessions.live.push_back(id);
  sessions.end_seq = seq;
  const auto forked = has_forks(storage, tenant, id, {});
  if (!forked) return forked.error();
  if (*forked) {
    if (auto marked = set_due(storage, tenant, id, **kept, true); !marked) return marked.error();
    return sessions;
  }
  sessions.all.push_back(id);
  return sessions;
}

Result<void> add_due_parents(Storage& storage, const std::string& tenant,
                             std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto kept = find_kept(storage, tenant, ids[i]);
    if (!kept) return kept.error();
    const std::string parent = *kept ? (*kept)->parent : std::string();
    if (parent.empty() || std::find(ids.begin(), ids.end(), parent) != ids.end()) continue;
    const auto above = find_kept(storage, tenant, parent);
    if (!above) return above.error();
    if (!*above || !(*above)->due) continue;
    const auto read = has_forks(storage, tenant, parent, ids);
    if (!read) return read.error();
    if (*read) continue;
    const auto fate = fate_of(storage, tenant, parent);
    if (!fate) return fate.error();
    if (fate->removed || (fate->ended && fate->seq == 0)) {
      ids.push_back(parent);
      continue;
    }
    // Its deletion failed, so that it may run again: its own job comes back to it.
    if (auto cleared = set_due(storage, tenant, parent, **above, false); !cleared) return cleared;
  }
  return {};
}

}  // namespace scena::engine

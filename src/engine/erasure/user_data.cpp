#include "engine/erasure/user_data.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/json.hpp"
#include "domain/session_model.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/actor/first_result.hpp"
#include "engine/analytics/analytics_rows.hpp"
#include "engine/erasure/retention.hpp"
#include "engine/projection/session_loader.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kErasurePage = 500;

bool has_part(const SessionInfo& info, std::string_view subject) {
  return info.owner == subject ||
         std::any_of(info.participants.begin(), info.participants.end(),
                     [&](const Participant& one) { return one.subject == subject; });
}

struct StoredSession {
  std::string id;
  std::string parent;
  bool live = false;
  bool found = false;
};

// A deleted session has no record any more: its events tell.
Result<StoredSession> look_at(Storage& storage, const std::string& tenant, std::string id,
                              std::string_view subject) {
  StoredSession session;
  const auto record = storage.get({tenant, "session", id});
  if (!record) return record.error();
  if (*record) {
    const auto info = read_session_info((*record)->json);
    if (!info) return info.error();
    session = {std::move(id), info->parent, true, has_part(*info, subject)};
    return session;
  }
  const auto model = load_model(storage, tenant, id);
  if (!model) return model.error();
  session = {std::move(id), model->info().parent, false, has_part(model->info(), subject)};
  return session;
}

Result<std::vector<StoredSession>> all_sessions(Storage& storage, const std::string& tenant,
                                                std::string_view subject,
                                                std::vector<std::string>& unreadable) {
  std::vector<StoredSession> sessions;
  std::string after;
  for (bool more = true; more;) {
    const auto names = storage.streams(tenant, after, kErasurePage);
    if (!names) return names.error();
    more = names->size() == kErasurePage;
    if (more) after = names->back();
    for (const auto& name : *names) {
      if (!name.starts_with(kSessionStreams)) continue;
      const std::string id = name.substr(kSessionStreams.size());
      auto session = look_at(storage, tenant, id, subject);
      if (!session && !is_unreadable(session.error())) return session.error();
      if (session) {
        sessions.push_back(std::move(*session));
      } else {
        unreadable.push_back(id);
      }
    }
  }
  return sessions;
}

// First results of commands: of the session's own ones, and of those that made it.
Result<void> erase_results(Storage& storage, const std::string& tenant, const std::string& session,
                           Batch& batch) {
  const auto erase = [&](const Record& record) {
    RecordWrite write;
    write.key = record.key;
    write.erase = true;
    batch.records.push_back(std::move(write));
  };
  if (auto own = each_result_of(storage, tenant, session, erase); !own) return own;
  return each_result_that_made(storage, tenant, session, erase);
}

// The hash of its preset; empty where nothing tells any more. Documents come first, as the events
// of a session that goes need not be readable.
Result<std::string> preset_of(Storage& storage, const std::string& tenant, const std::string& id) {
  for (const std::string_view kind : {std::string_view("session"), kRetentionRecord}) {
    const auto record = storage.get({tenant, std::string(kind), id});
    if (!record) return record.error();
    if (!*record) continue;
    for (const auto& [field, value] : (*record)->index)
      if (field == kPresetField) return value;
  }
  auto sha256 = find_preset(storage, tenant, id);
  const bool is_lost =
      !sha256 && (is_unreadable(sha256.error()) || sha256.error().code() == ErrorCode::not_found);
  return is_lost ? Result<std::string>(std::string()) : sha256;
}

// The text of a preset goes with the last session that can still be opened and was made of it.
Result<void> erase_presets(Storage& storage, const std::string& tenant,
                           const std::vector<std::string>& ids, Batch& batch) {
  std::set<std::string> presets;
  for (const std::string& id : ids) {
    auto sha256 = preset_of(storage, tenant, id);
    if (!sha256) return sha256.error();
    if (!sha256->empty()) presets.insert(std::move(*sha256));
  }
  for (const std::string& sha256 : presets) {
    const auto needed =
        is_found_besides(storage, tenant, "session", {std::string(kPresetField), sha256}, ids);
    if (!needed) return needed.error();
    if (!*needed) batch.blob_erasures.push_back({tenant, sha256});
  }
  return {};
}

}  // namespace

Result<bool> is_found_besides(Storage& storage, const std::string& tenant, std::string_view kind,
                              const std::pair<std::string, std::string>& where,
                              const std::vector<std::string>& gone) {
  RecordQuery query;
  query.tenant = tenant;
  query.kind = kind;
  query.where = where;
  query.limit = std::min(kErasurePage, gone.size() + 1);
  for (;;) {
    const auto found = storage.list(query);
    if (!found) return found.error();
    for (const Record& record : *found) {
      if (std::find(gone.begin(), gone.end(), record.key.id) == gone.end()) return true;
    }
    if (found->size() < query.limit) return false;
    query.after_id = found->back().key.id;
  }
}

bool is_unreadable(const Error& error) noexcept {
  return error.code() == ErrorCode::storage_corrupt || error.code() == ErrorCode::version_mismatch;
}

Result<SessionsToErase> sessions_of_user(Storage& storage, const std::string& tenant,
                                         std::string_view subject) {
  SessionsToErase sessions;
  auto stored = all_sessions(storage, tenant, subject, sessions.unreadable);
  if (!stored) return stored.error();
  std::map<std::string, std::vector<StoredSession*>, std::less<>> forks;
  std::vector<StoredSession*> found;
  for (auto& session : *stored) {
    if (!session.parent.empty()) forks[session.parent].push_back(&session);
    if (session.found) found.push_back(&session);
  }
  while (!found.empty()) {
    StoredSession& session = *found.back();
    found.pop_back();
    sessions.all.push_back(session.id);
    if (session.live) sessions.live.push_back(session.id);
    const auto children = forks.find(session.id);
    if (children == forks.end()) continue;
    for (StoredSession* child : children->second) {
      if (!std::exchange(child->found, true)) found.push_back(child);
    }
  }
  return sessions;
}

Result<void> erase_sessions(Storage& storage, const std::string& tenant,
                            const SessionsToErase& sessions) {
  if (sessions.all.empty()) return sessions.scrub ? storage.scrub() : Result<void>();
  Batch batch;
  for (const std::string& id : sessions.all) {
    batch.erasures.push_back({tenant, session_stream(id)});
    JobWrite jobs;
    jobs.op = JobWrite::Op::erase_stream;
    jobs.tenant = tenant;
    jobs.stream = session_stream(id);
    batch.jobs.push_back(std::move(jobs));
    for (const std::string_view kind :
         {std::string_view("session"), kAnalyticsRow, kRetentionRecord}) {
      RecordWrite erase;
      erase.key = {tenant, std::string(kind), id};
      erase.erase = true;
      batch.records.push_back(std::move(erase));
    }
    if (auto done = erase_results(storage, tenant, id, batch); !done) return done;
  }
  if (auto done = erase_presets(storage, tenant, sessions.all, batch); !done) return done;
  auto results = storage.commit({&batch, 1});
  if (results.size() != 1)
    return Error::fixed(ErrorCode::internal, "storage: a commit gave no answer; please report it");
  if (!results.front()) return results.front();
  return sessions.scrub ? storage.scrub() : Result<void>();
}

}  // namespace scena::engine

#include "storage/backends/sqlite/writer.hpp"

#include <sqlite3.h>

#include "storage/backends/sqlite/errors.hpp"
#include "storage/backends/sqlite/rows.hpp"
#include "storage/batch_check.hpp"

namespace scena::sqlite {
namespace {

// Streams whose end is remembered; when more were written they are looked up again. Few enough that
// a process which creates and closes sessions for days is not seen to grow.
constexpr std::size_t kMaxStreams = 4'096;

bool can_fail_half_way(const Batch& batch) {
  return batch.appends.size() + batch.records.size() + batch.jobs.size() > 1;
}

}  // namespace

Writer::Writer(Connection& connection, std::string file)
    : connection_(connection),
      file_(std::move(file)),
      insert_event_(connection.database(),
                    "INSERT INTO event(stream, seq, type, time, actor, audience, cause, data) "
                    "VALUES(?,?,?,?,?,?,?,?)") {}

std::vector<Result<void>> Writer::commit(std::span<const Batch> group) {
  std::vector<Result<void>> results;
  if (group.empty()) return results;
  results.reserve(group.size());
  bool committing = false;
  try {
    if (streams_.size() > kMaxStreams) streams_.clear();
    witness_.kind = Witness::Kind::none;
    Query(connection_, "BEGIN IMMEDIATE").run();
    for (const auto& batch : group) results.push_back(apply(batch));
    committing = true;
    Query(connection_, "COMMIT").run();
    return results;
  } catch (...) {
    const auto failure = current_error(file_);
    abandon();
    if (committing && is_committed(failure)) return results;
    results.assign(group.size(), failure);
    return results;
  }
}

void Writer::abandon() noexcept {
  connection_.roll_back();
  streams_.clear();
}

bool Writer::is_committed(const Error& failure) {
  // A full disk or a lock is answered before anything is written for good.
  if (failure.code() == ErrorCode::storage_full || failure.code() == ErrorCode::unavailable)
    return false;
  try {
    return find_witness();
  } catch (...) {
    return false;
  }
}

bool Writer::find_witness() {
  switch (witness_.kind) {
    case Witness::Kind::none:
      return false;
    case Witness::Kind::event:
      return Query(connection_, "SELECT 1 FROM event WHERE id = ?").bind(witness_.number).next();
    case Witness::Kind::record: {
      Query query(connection_,
                  "SELECT version FROM record WHERE tenant = ? AND kind = ? AND id = ?");
      const bool exists = query.bind(witness_.tenant).bind(witness_.name).bind(witness_.id).next();
      return (exists ? query.number(0) : 0) == witness_.number;
    }
    case Witness::Kind::blob:
      return Query(connection_, "SELECT 1 FROM blob WHERE tenant = ? AND sha256 = ?")
          .bind(witness_.tenant)
          .bind(witness_.id)
          .next();
    case Witness::Kind::job: {
      Query query(connection_, "SELECT revision FROM job WHERE tenant = ? AND id = ?");
      return query.bind(witness_.tenant).bind(witness_.id).next() &&
             query.number(0) == witness_.number;
    }
  }
  return false;
}

void Writer::run_savepoint(const char* sql) {
  Query(connection_, sql).run();
}

Result<void> Writer::apply(const Batch& batch) {
  if (auto checked = check_batch(batch); !checked) return checked;
  // What cannot fail after its first write needs no savepoint: the check stands before the write.
  if (!can_fail_half_way(batch)) return apply_all(batch);
  run_savepoint("SAVEPOINT batch");
  const auto witness = witness_;
  auto applied = apply_all(batch);
  if (!applied) {
    run_savepoint("ROLLBACK TO batch");
    witness_ = witness;
    streams_.clear();
  }
  run_savepoint("RELEASE batch");
  return applied;
}

Result<void> Writer::apply_all(const Batch& batch) {
  for (const auto& append : batch.appends) {
    if (auto applied = apply(append); !applied) return applied;
  }
  for (const auto& write : batch.records) {
    if (auto applied = apply(write); !applied) return applied;
  }
  for (const auto& write : batch.jobs) {
    if (auto applied = apply(write); !applied) return applied;
  }
  for (const auto& write : batch.blobs) apply(write);
  return {};
}

Writer::Stream& Writer::stream(const std::string& tenant, const std::string& name) {
  key_.assign(tenant).push_back('\0');
  key_.append(name);
  if (const auto known = streams_.find(key_); known != streams_.end()) return known->second;
  Stream found;
  {
    Query query(connection_, "SELECT id FROM stream WHERE tenant = ? AND name = ?");
    if (query.bind(tenant).bind(name).next()) found.id = query.number(0);
  }
  if (found.id != 0) {
    Query query(connection_, "SELECT max(seq) FROM event WHERE stream = ?");
    if (query.bind(found.id).next()) found.last_seq = query.count(0);
  }
  return streams_.emplace(key_, found).first->second;
}

Result<void> Writer::apply(const Append& append) {
  if (append.lease_epoch > 0) {
    const auto name = lease_name(append.tenant, append.stream);
    Query query(connection_, "SELECT epoch FROM lease WHERE name = ?");
    if (query.bind(name).next() && query.count(0) > append.lease_epoch)
      return stale_lease(append, query.count(0));
  }
  auto& target = stream(append.tenant, append.stream);
  if (target.last_seq != append.expected_seq) return stale_append(append, target.last_seq);
  if (append.events.empty()) return {};
  if (target.id == 0) {
    Query(connection_, "INSERT INTO stream(tenant, name) VALUES(?, ?)")
        .bind(append.tenant)
        .bind(append.stream)
        .run();
    target.id = sqlite3_last_insert_rowid(connection_.handle());
  }
  for (const auto& event : append.events) insert(target.id, event);
  target.last_seq += append.events.size();
  witness_.kind = Witness::Kind::event;
  witness_.number = sqlite3_last_insert_rowid(connection_.handle());
  return {};
}

void Writer::insert(std::int64_t stream, const Event& event) {
  std::string audience;
  Query query(insert_event_);
  query.bind(stream)
      .bind_count(event.seq)
      .bind(event.type)
      .bind(to_column(event.time))
      .bind(event.actor);
  if (event.audience.kind == Audience::Kind::all) {
    query.bind_null();
  } else {
    query.bind(audience = audience_text(event.audience));
  }
  query.bind(event.cause).bind(event.data).run();
}

Result<void> Writer::apply(const RecordWrite& write) {
  const auto& key = write.key;
  std::uint64_t version = 0;
  {
    Query query(connection_, "SELECT version FROM record WHERE tenant = ? AND kind = ? AND id = ?");
    if (query.bind(key.tenant).bind(key.kind).bind(key.id).next()) version = query.count(0);
  }
  if (write.expected_version && *write.expected_version != version)
    return stale_record(write, version);
  if (write.erase && version == 0) return {};
  write_index(write, version > 0);
  if (write.erase) {
    Query(connection_, "DELETE FROM record WHERE tenant = ? AND kind = ? AND id = ?")
        .bind(key.tenant)
        .bind(key.kind)
        .bind(key.id)
        .run();
  } else {
    std::string fields;
    Query query(
        connection_,
        "INSERT INTO record(tenant, kind, id, version, json, fields) VALUES(?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(tenant, kind, id) DO UPDATE SET "
        "version = excluded.version, json = excluded.json, fields = excluded.fields");
    query.bind(key.tenant).bind(key.kind).bind(key.id).bind_count(version + 1).bind(write.json);
    if (write.index.empty()) {
      query.bind_null();
    } else {
      query.bind(fields = fields_text(write.index));
    }
    query.run();
  }
  witness_ = {Witness::Kind::record, key.tenant, key.kind, key.id,
              write.erase ? 0 : static_cast<std::int64_t>(version + 1)};
  return {};
}

void Writer::write_index(const RecordWrite& write, bool exists) {
  const auto& key = write.key;
  if (exists) {
    Query(connection_, "DELETE FROM record_index WHERE tenant = ? AND kind = ? AND id = ?")
        .bind(key.tenant)
        .bind(key.kind)
        .bind(key.id)
        .run();
  }
  if (write.erase) return;
  for (const auto& [field, value] : write.index) {
    Query(
        connection_,
        "INSERT OR IGNORE INTO record_index(tenant, kind, field, value, id) VALUES(?, ?, ?, ?, ?)")
        .bind(key.tenant)
        .bind(key.kind)
        .bind(field)
        .bind(value)
        .bind(key.id)
        .run();
  }
}

void Writer::apply(const BlobWrite& write) {
  Query(connection_,
        "INSERT OR IGNORE INTO blob(tenant, sha256, media_type, bytes) VALUES(?, ?, ?, ?)")
      .bind(write.tenant)
      .bind(write.sha256)
      .bind(write.media_type)
      .bind_bytes(write.bytes)
      .run();
  if (witness_.kind == Witness::Kind::none)
    witness_ = {Witness::Kind::blob, write.tenant, {}, write.sha256, 0};
}

Result<void> Writer::apply(const JobWrite& write) {
  if (write.op == JobWrite::Op::enqueue) {
    Query(connection_,
          "INSERT OR IGNORE INTO job(tenant, id, kind, state, payload, result, priority, attempts, "
          "max_attempts, "
          "run_after, revision) VALUES(?, ?, ?, 'waiting', ?, '', ?, 0, ?, ?, 1)")
        .bind(write.tenant)
        .bind(write.id)
        .bind(write.kind)
        .bind(write.payload)
        .bind(std::int64_t{write.priority})
        .bind(std::int64_t{write.max_attempts})
        .bind(to_column(write.run_after))
        .run();
    if (sqlite3_changes(connection_.handle()) > 0)
      witness_ = {Witness::Kind::job, write.tenant, {}, write.id, 1};
    return {};
  }
  std::string state;
  std::int64_t revision = 0;
  bool is_last_attempt = false;
  {
    Query query(
        connection_,
        "SELECT state, attempts >= max_attempts, revision FROM job WHERE tenant = ? AND id = ?");
    if (!query.bind(write.tenant).bind(write.id).next()) return job_not_found(write);
    state = query.text(0);
    is_last_attempt = query.number(1) != 0;
    revision = query.number(2);
  }
  const bool is_running = state == state_text(Job::State::running);
  if (write.op == JobWrite::Op::cancel) {
    if (!is_running && state != state_text(Job::State::waiting)) return {};
    Query(connection_,
          "UPDATE job SET state = 'cancelled', revision = revision + 1 WHERE tenant = ? AND id = ?")
        .bind(write.tenant)
        .bind(write.id)
        .run();
  } else {
    if (!is_running) return job_not_running(write);
    const bool is_finish = write.op == JobWrite::Op::finish;
    const std::string next = state_text(is_finish         ? Job::State::done
                                        : is_last_attempt ? Job::State::dead
                                                          : Job::State::waiting);
    Query(connection_,
          "UPDATE job SET state = ?1, result = ?2, revision = revision + 1, "
          "run_after = CASE ?1 WHEN 'waiting' THEN ?3 ELSE run_after END WHERE tenant = ?4 AND id "
          "= ?5")
        .bind(next)
        .bind(write.payload)
        .bind(to_column(write.run_after))
        .bind(write.tenant)
        .bind(write.id)
        .run();
  }
  witness_ = {Witness::Kind::job, write.tenant, {}, write.id, revision + 1};
  return {};
}

}  // namespace scena::sqlite

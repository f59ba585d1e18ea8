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
  return batch.appends.size() + batch.records.size() + batch.jobs.size() + batch.erasures.size() >
         1;
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
      const bool exists = query.bind(witness_.tenant).bind(witness_.id).next();
      return (exists ? query.number(0) : 0) == witness_.number;
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
  for (const auto& erase : batch.erasures) apply(erase);
  for (const auto& erase : batch.blob_erasures) apply(erase);
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
  std::string fields, earlier_fields;
  if (!write.erase && !write.index.empty()) fields = fields_text(write.index);
  {
    Query query(connection_,
                "SELECT version, fields FROM record WHERE tenant = ? AND kind = ? AND id = ?");
    if (query.bind(key.tenant).bind(key.kind).bind(key.id).next()) {
      version = query.count(0);
      if (!query.is_null(1)) earlier_fields = query.text(1);
    }
  }
  if (write.expected_version && *write.expected_version != version)
    return stale_record(write, version);
  if ((write.erase || write.if_present) && version == 0) return {};
  if (fields != earlier_fields) write_index(write, version > 0);
  if (write.erase) {
    Query(connection_, "DELETE FROM record WHERE tenant = ? AND kind = ? AND id = ?")
        .bind(key.tenant)
        .bind(key.kind)
        .bind(key.id)
        .run();
  } else {
    Query query(
        connection_,
        "INSERT INTO record(tenant, kind, id, version, json, fields) VALUES(?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(tenant, kind, id) DO UPDATE SET "
        "version = excluded.version, json = excluded.json, fields = excluded.fields");
    query.bind(key.tenant).bind(key.kind).bind(key.id).bind_count(version + 1).bind(write.json);
    if (fields.empty()) {
      query.bind_null();
    } else {
      query.bind(fields);
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

void Writer::apply(const StreamErase& erase) {
  const Stream gone = stream(erase.tenant, erase.stream);
  streams_.erase(key_);  // of stream(), just now
  if (gone.id == 0) return;
  Query(connection_, "DELETE FROM event WHERE stream = ?").bind(gone.id).run();
  Query(connection_, "DELETE FROM stream WHERE id = ?").bind(gone.id).run();
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

void Writer::apply(const BlobErase& erase) {
  Query(connection_, "DELETE FROM blob WHERE tenant = ? AND sha256 = ?")
      .bind(erase.tenant)
      .bind(erase.sha256)
      .run();
}

}  // namespace scena::sqlite

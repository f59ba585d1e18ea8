#include "storage/backends/sqlite/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <mutex>

#include "storage/backends/sqlite/backup.hpp"
#include "storage/backends/sqlite/errors.hpp"
#include "storage/backends/sqlite/file_guard.hpp"
#include "storage/backends/sqlite/header_probe.hpp"
#include "storage/backends/sqlite/jobs/job_rows.hpp"
#include "storage/backends/sqlite/opening.hpp"
#include "storage/backends/sqlite/reader_pool.hpp"
#include "storage/backends/sqlite/rows.hpp"
#include "storage/backends/sqlite/schema.hpp"
#include "storage/backends/sqlite/writer.hpp"
#include "storage/batch_check.hpp"

namespace scena::sqlite {
namespace {

Error read_only_store() {
  return Error::fixed(ErrorCode::unsupported,
                      "sqlite: the store was opened read-only; open it without read_only to write");
}

Result<void> in_place(const Connection& connection, const std::string& path) {
  if (!connection.file_has_moved()) return {};
  return Error(ErrorCode::storage_failed,
               fmt::format("sqlite: \"{}\" was removed or renamed while it was open, and what is "
                           "written would be lost; put it back, or open the store anew",
                           path));
}

class SqliteStorage final : public Storage {
 public:
  SqliteStorage(const Options& options, FileGuard guard, std::unique_ptr<Connection> connection)
      : options_(options),
        guard_(std::move(guard)),
        connection_(std::move(connection)),
        writer_(connection_ ? std::make_unique<Writer>(*connection_, options.path) : nullptr),
        readers_(options.readers, [this] { return open_reader(options_); }) {}

  StorageInfo info() const override {
    return {"sqlite", options_.path, schema_version(), true, options_.read_only};
  }

  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    if (!writer_) return std::vector<Result<void>>(group.size(), read_only_store());
    std::lock_guard lock(write_mutex_);
    if (auto fine = may_write(); !fine)
      return std::vector<Result<void>>(group.size(), fine.error());
    return writer_->commit(group);
  }

  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after_seq, std::size_t limit) override {
    return read<std::vector<Event>>([&](Connection& reader) -> Result<std::vector<Event>> {
      const std::string owner(tenant), name(stream);
      Query query(
          reader,
          "SELECT seq, type, time, actor, audience, cause, data FROM event WHERE stream = "
          "(SELECT id FROM stream WHERE tenant = ? AND name = ?) AND seq > ? ORDER BY seq LIMIT ?");
      query.bind(owner).bind(name).bind_count(after_seq).bind_count(limit);
      std::vector<Event> events;
      while (query.next()) {
        auto event = read_event(query, stream);
        if (!event) return event.error();
        events.push_back(std::move(*event));
      }
      return events;
    });
  }

  Result<std::uint64_t> last_seq(std::string_view tenant, std::string_view stream) override {
    return read<std::uint64_t>([&](Connection& reader) {
      const std::string owner(tenant), name(stream);
      Query query(reader,
                  "SELECT max(seq) FROM event WHERE stream = (SELECT id FROM stream WHERE tenant = "
                  "? AND name = ?)");
      query.bind(owner).bind(name);
      return query.next() ? query.count(0) : 0;
    });
  }

  Result<std::vector<std::string>> streams(std::string_view tenant, std::string_view after,
                                           std::size_t limit) override {
    return read<std::vector<std::string>>([&](Connection& reader) {
      const std::string owner(tenant), start(after);
      Query query(reader,
                  "SELECT name FROM stream WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?");
      query.bind(owner).bind(start).bind_count(limit);
      std::vector<std::string> names;
      while (query.next()) names.push_back(query.text(0));
      return names;
    });
  }

  Result<std::optional<Record>> get(const RecordKey& key) override {
    return read<std::optional<Record>>([&](Connection& reader) -> Result<std::optional<Record>> {
      Query query(reader,
                  "SELECT tenant, kind, id, version, json, fields FROM record WHERE tenant = ? AND "
                  "kind = ? AND id = ?");
      if (!query.bind(key.tenant).bind(key.kind).bind(key.id).next())
        return std::optional<Record>();
      auto record = read_record(query);
      if (!record) return record.error();
      return std::optional<Record>(std::move(*record));
    });
  }

  Result<std::vector<Record>> list(const RecordQuery& query) override {
    return read<std::vector<Record>>([&](Connection& reader) { return list(reader, query); });
  }

  Result<std::optional<std::string>> blob(std::string_view tenant,
                                          std::string_view sha256) override {
    return read<std::optional<std::string>>([&](Connection& reader) -> std::optional<std::string> {
      const std::string owner(tenant), hash(sha256);
      Query query(reader, "SELECT bytes FROM blob WHERE tenant = ? AND sha256 = ?");
      if (!query.bind(owner).bind(hash).next()) return std::nullopt;
      return query.text(0);
    });
  }

  Result<std::optional<Job>> claim_job(const JobClaim& claim) override {
    return write<std::optional<Job>>(
        [&](Connection& writer) { return sqlite::claim_job(writer, claim); });
  }

  Result<std::size_t> reclaim_jobs(WallTime expired_by, WallTime now, std::string_view reason,
                                   std::span<const std::uint64_t> spared) override {
    return write<std::size_t>([&](Connection& writer) {
      return sqlite::reclaim_jobs(writer, expired_by, now, std::string(reason), spared);
    });
  }

  Result<std::optional<WallTime>> next_job_time(std::string_view kind, WallTime now) override {
    return read<std::optional<WallTime>>(
        [&](Connection& reader) { return sqlite::next_job_time(reader, std::string(kind), now); });
  }

  Result<std::size_t> purge_jobs(WallTime done_before, WallTime dead_before) override {
    return write<std::size_t>(
        [&](Connection& writer) { return sqlite::purge_jobs(writer, done_before, dead_before); });
  }

  Result<std::optional<Job>> job(std::string_view tenant, std::string_view id) override {
    return read<std::optional<Job>>(
        [&](Connection& reader) { return find_job(reader, std::string(tenant), std::string(id)); });
  }

  Result<std::vector<Job>> jobs(const JobQuery& query) override {
    return read<std::vector<Job>>([&](Connection& reader) { return list_jobs(reader, query); });
  }

  Result<std::vector<JobCount>> count_jobs(std::string_view tenant) override {
    return read<std::vector<JobCount>>(
        [&](Connection& reader) { return sqlite::count_jobs(reader, std::string(tenant)); });
  }

  Result<Lease> acquire_lease(std::string_view name, std::string_view owner, WallTime now,
                              Duration length) override {
    return write<Lease>([&](Connection& writer) -> Result<Lease> {
      Lease lease{std::string(name), std::string(owner), 0,
                  now + std::chrono::duration_cast<std::chrono::microseconds>(length)};
      // An owner of '' means released: the row stays, so that the epochs grow for ever.
      Query query(
          writer,
          "INSERT INTO lease(name, owner, epoch, expires) VALUES(?1, ?2, 1, ?3) "
          "ON CONFLICT(name) DO UPDATE SET epoch = epoch + (owner <> ?2), owner = ?2, expires = ?3 "
          "WHERE owner = ?2 OR owner = '' OR expires <= ?4 RETURNING epoch");
      query.bind(lease.name).bind(lease.owner).bind(to_column(lease.expires)).bind(to_column(now));
      if (!query.next()) return lease_held(name);
      lease.epoch = query.count(0);
      query.run();
      return lease;
    });
  }

  Result<void> release_lease(const Lease& lease) override {
    const auto done = write<bool>([&](Connection& writer) {
      Query(writer, "UPDATE lease SET owner = '' WHERE name = ? AND owner = ? AND epoch = ?")
          .bind(lease.name)
          .bind(lease.owner)
          .bind_count(lease.epoch)
          .run();
      return true;
    });
    if (!done) return done.error();
    return {};
  }

  Result<void> scrub() override {
    const auto scrubbed = write<bool>([&](Connection& writer) -> Result<bool> {
      if (auto clean = sqlite::scrub(writer, options_.path); !clean) return clean.error();
      return true;
    });
    if (!scrubbed) return scrubbed.error();
    return {};
  }

  Result<void> backup(const std::string& path) override {
    if (auto here = writer_in_place(); !here) return here;
    return sqlite::backup(options_, path);
  }

  Result<void> check() override {
    if (auto here = writer_in_place(); !here) return here;
    const auto checked = read<bool>([&](Connection& reader) -> Result<bool> {
      if (auto here = in_place(reader, options_.path); !here) return here.error();
      if (auto whole = check_database(reader, options_.path); !whole) return whole.error();
      return true;
    });
    if (!checked) return checked.error();
    return {};
  }

 private:
  // With write_mutex_ held. The file first: beside one that is gone no lock is made anew.
  Result<void> may_write() {
    if (auto here = in_place(*connection_, options_.path); !here) return here;
    return guard_.renew(options_.path);
  }

  // A new reader opens what has the name now, which may be another file.
  Result<void> writer_in_place() {
    if (!writer_) return {};
    std::lock_guard lock(write_mutex_);
    return in_place(*connection_, options_.path);
  }

  template <class T, class Use>
  Result<T> read(Use use) {
    try {
      return readers_.with([&](Connection& reader) -> Result<T> { return use(reader); });
    } catch (...) {
      return current_error(options_.path);
    }
  }

  template <class T, class Use>
  Result<T> write(Use use) {
    if (!writer_) return read_only_store();
    std::lock_guard lock(write_mutex_);
    if (auto fine = may_write(); !fine) return fine.error();
    try {
      return use(*connection_);
    } catch (...) {
      const auto failure = current_error(options_.path);
      connection_->roll_back();
      return failure;
    }
  }

  static Result<std::vector<Record>> list(Connection& reader, const RecordQuery& wanted) {
    const bool up = !wanted.newest_first;
    const bool paged = !wanted.after_id.empty();
    // Six fixed texts, chosen, never composed from what was asked for.
    const char* const texts[3][2] = {
        {"SELECT tenant, kind, id, version, json, fields FROM record WHERE tenant = ?1 AND kind = "
         "?2 AND "
         "(NOT ?3 OR id < ?4) ORDER BY id DESC LIMIT ?5",
         "SELECT tenant, kind, id, version, json, fields FROM record WHERE tenant = ?1 AND kind = "
         "?2 AND "
         "(NOT ?3 OR id > ?4) ORDER BY id LIMIT ?5"},
        {"SELECT r.tenant, r.kind, r.id, r.version, r.json, r.fields FROM record_index i JOIN "
         "record r ON "
         "r.tenant = i.tenant AND r.kind = i.kind AND r.id = i.id WHERE i.tenant = ?1 AND i.kind = "
         "?2 AND "
         "(NOT ?3 OR i.id < ?4) AND i.field = ?6 AND i.value = ?7 ORDER BY i.id DESC LIMIT ?5",
         "SELECT r.tenant, r.kind, r.id, r.version, r.json, r.fields FROM record_index i JOIN "
         "record r ON "
         "r.tenant = i.tenant AND r.kind = i.kind AND r.id = i.id WHERE i.tenant = ?1 AND i.kind = "
         "?2 AND "
         "(NOT ?3 OR i.id > ?4) AND i.field = ?6 AND i.value = ?7 ORDER BY i.id LIMIT ?5"},
        {"SELECT r.tenant, r.kind, r.id, r.version, r.json, r.fields FROM record_index o JOIN "
         "record r ON r.tenant = o.tenant AND r.kind = o.kind AND r.id = o.id WHERE o.tenant = ?1 "
         "AND o.kind = ?2 AND o.field = ?8 AND (NOT ?3 OR (o.value, o.id) < (?9, ?4)) AND (?6 IS "
         "NULL OR EXISTS (SELECT 1 FROM record_index i WHERE i.tenant = ?1 AND i.kind = ?2 AND "
         "i.field = ?6 AND i.value = ?7 AND i.id = o.id)) ORDER BY o.value DESC, o.id DESC LIMIT "
         "?5",
         "SELECT r.tenant, r.kind, r.id, r.version, r.json, r.fields FROM record_index o JOIN "
         "record r ON r.tenant = o.tenant AND r.kind = o.kind AND r.id = o.id WHERE o.tenant = ?1 "
         "AND o.kind = ?2 AND o.field = ?8 AND (NOT ?3 OR (o.value, o.id) > (?9, ?4)) AND (?6 IS "
         "NULL OR EXISTS (SELECT 1 FROM record_index i WHERE i.tenant = ?1 AND i.kind = ?2 AND "
         "i.field = ?6 AND i.value = ?7 AND i.id = o.id)) ORDER BY o.value, o.id LIMIT ?5"}};
    const bool ordered = !wanted.order_by.empty();
    Query query(reader, texts[ordered ? 2 : wanted.where ? 1 : 0][up ? 1 : 0]);
    query.bind(wanted.tenant)
        .bind(wanted.kind)
        .bind(std::int64_t{paged})
        .bind(wanted.after_id)
        .bind_count(wanted.limit);
    if (wanted.where) {
      query.bind(wanted.where->first).bind(wanted.where->second);
    } else if (ordered) {
      query.bind_null().bind_null();
    }
    if (ordered) query.bind(wanted.order_by).bind(wanted.after_value);
    std::vector<Record> page;
    while (query.next()) {
      auto record = read_record(query);
      if (!record) return record.error();
      page.push_back(std::move(*record));
    }
    return page;
  }

  const Options options_;
  FileGuard guard_;  // released last
  std::unique_ptr<Connection> connection_;
  std::mutex write_mutex_;
  std::unique_ptr<Writer> writer_;
  ReaderPool readers_;
};

}  // namespace

Result<std::unique_ptr<Storage>> open(const Options& given) {
  try {
    auto options = given;
    options.path = canonical_path(given.path);
    options.frozen = options.read_only && !can_write_beside(options.path) &&
                     ::access((options.path + "-wal").c_str(), F_OK) != 0;
    // Before the lock: what is refused gets no lock file beside it.
    if (auto file = check_is_file(options.path); !file) return file.error();
    if (auto probed = probe_header(options.path, options.vfs); !probed) return probed.error();
    FileGuard guard;
    std::unique_ptr<Connection> writer;
    if (!options.read_only) {
      auto taken = FileGuard::take(options.path);
      if (!taken) return taken.error();
      guard = std::move(*taken);
    }
    if (auto opened = open_database(options, writer); !opened) return opened.error();
    return std::unique_ptr<Storage>(
        std::make_unique<SqliteStorage>(options, std::move(guard), std::move(writer)));
  } catch (...) {
    return current_error(given.path);
  }
}

Result<std::string> path_of(const StorageOptions& options) {
  auto path = options.location();
  if (path.starts_with("//")) path.erase(0, 2);
  if (path.empty() || path == ":memory:") {
    return Error::fixed(ErrorCode::invalid_argument,
                        "sqlite: name a file, e.g. \"sqlite:scena.db\"; \"memory:\" keeps nothing");
  }
  if (path.find('?') != std::string::npos || path.find('\0') != std::string::npos) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "sqlite: a file name without \"?\" parameters is expected");
  }
  return path;
}

Result<std::unique_ptr<Storage>> make_storage(const StorageOptions& options) {
  auto path = path_of(options);
  if (!path) return path.error();
  Options made;
  made.path = std::move(*path);
  made.durability = options.durability;
  made.read_only = options.read_only;
  return open(made);
}

}  // namespace scena::sqlite

#include "storage/backends/sqlite/opening.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "storage/backends/sqlite/errors.hpp"
#include "storage/backends/sqlite/file_guard.hpp"
#include "storage/backends/sqlite/header_probe.hpp"
#include "storage/backends/sqlite/schema.hpp"

namespace scena::sqlite {
namespace {

/// One clear error in place of one for each statement that misses its table.
Result<void> judge_tables(Connection& connection, const Options& options) {
  const auto found =
      connection.database()
          .execAndGet(
              "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
              "('stream', 'event', 'record', 'record_index', 'blob', 'job', 'lease')")
          .getInt64();
  if (found == 7) return {};
  return Error(
      ErrorCode::storage_corrupt,
      fmt::format("sqlite: \"{}\": {} of its 7 tables are missing; remove it, its -wal and "
                  "its -shm, and restore a backup",
                  options.path, 7 - found));
}

/// The header again, as the write-ahead log has it: it may be newer than the file itself.
Result<void> judge_content(Connection& connection, const Options& options) {
  const auto application = connection.pragma_number("application_id");
  const auto version = connection.pragma_number("user_version");
  // Reads and parses the whole schema: a damaged one is found here, before anything is written.
  const auto tables =
      connection.database().execAndGet("SELECT count(*) FROM sqlite_schema").getInt64();
  if (application == kApplicationId) {
    if (version > schema_version()) return newer_database(options.path, version);
    if (version < schema_version() && options.read_only) {
      return Error(ErrorCode::version_mismatch,
                   fmt::format("sqlite: \"{}\" has the older schema {}; open it once for writing",
                               options.path, version));
    }
    return version < 1 ? Result<void>() : judge_tables(connection, options);
  }
  if (application != 0 || tables > 0) return foreign_database(options.path);
  if (!options.read_only) return {};
  return Error(
      ErrorCode::not_found,
      fmt::format("sqlite: \"{}\" holds nothing yet; open it once for writing", options.path));
}

Result<void> use_write_ahead_log(Connection& connection, const Options& options) {
  const auto mode = connection.database().execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") {
    return Error(
        ErrorCode::storage_failed,
        fmt::format(
            "sqlite: \"{}\": its file system cannot share memory, which the write-ahead log needs; "
            "use a local disk",
            options.path));
  }
  connection.execute(options.durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                             : "PRAGMA synchronous = NORMAL");
  connection.execute("PRAGMA temp_store = MEMORY");
  connection.execute("PRAGMA journal_size_limit = 67108864");
  return {};
}

// Read without a log's shared memory, which would be a file beside this one.
std::string frozen_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

void checkpoint_on_close(Connection& connection, bool on) {
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

}  // namespace

std::unique_ptr<Connection> open_reader(const Options& options) {
  const int flags = SQLITE_OPEN_READONLY | (options.frozen ? SQLITE_OPEN_URI : 0);
  auto reader =
      std::make_unique<Connection>(options.frozen ? frozen_uri(options.path) : options.path, flags,
                                   options.vfs, options.busy_timeout);
  reader->execute("PRAGMA query_only = ON");
  reader->execute("PRAGMA cell_size_check = ON");
  return reader;
}

Result<void> open_database(const Options& options, std::unique_ptr<Connection>& writer) {
  if (options.read_only) {
    auto reader = open_reader(options);
    return judge_content(*reader, options);
  }
  if (auto created = create_private_file(options.path); !created) return created;
  auto connection = std::make_unique<Connection>(options.path, SQLITE_OPEN_READWRITE, options.vfs,
                                                 options.busy_timeout);
  if (sqlite3_db_readonly(connection->handle(), "main") == 1)
    return to_error(SQLITE_READONLY, options.path);
  checkpoint_on_close(*connection, false);
  if (auto judged = judge_content(*connection, options); !judged) return judged;
  // The schema comes before the log: so the file's own header names us from its first commit on.
  migrate(*connection, migrations());
  if (auto logged = use_write_ahead_log(*connection, options); !logged) return logged;
  checkpoint_on_close(*connection, true);
  writer = std::move(connection);
  return {};
}

Result<void> scrub(Connection& writer, const std::string& path) {
  // Erased bytes stay in pages that were freed, merged or split, and in the log. The copy that is
  // made on the way holds nothing erased, and is as large as the database: not in memory.
  writer.execute("PRAGMA temp_store = FILE");
  try {
    writer.execute("VACUUM");
  } catch (...) {
    writer.execute("PRAGMA temp_store = MEMORY");
    throw;
  }
  writer.execute("PRAGMA temp_store = MEMORY");
  Query log(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
  if (log.next() && log.number(0) == 0) return {};
  return Error(ErrorCode::unavailable,
               fmt::format("sqlite: \"{}\": another program reads the log, which holds erased text "
                           "until it ends; try again",
                           path));
}

Result<void> check_database(Connection& reader, const std::string& path) {
  Query integrity(reader, "PRAGMA integrity_check(1)");
  if (!integrity.next() || integrity.text(0) != "ok") return to_error(SQLITE_CORRUPT, path);
  Query holes(reader,
              "SELECT s.name, e.last FROM (SELECT stream, min(seq) AS first, max(seq) AS last, "
              "count(*) AS number "
              "FROM event GROUP BY stream) e LEFT JOIN stream s ON s.id = e.stream "
              "WHERE s.id IS NULL OR e.first <> 1 OR e.last <> e.number LIMIT 1");
  if (holes.next()) {
    return Error(
        ErrorCode::storage_corrupt,
        fmt::format("sqlite: \"{}\": stream \"{}\" has a hole before seq {}; remove the file, its "
                    "-wal and its -shm, and restore a backup",
                    path, holes.text(0), holes.number(1)));
  }
  return {};
}

}  // namespace scena::sqlite

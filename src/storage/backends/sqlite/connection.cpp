#include "storage/backends/sqlite/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace scena::sqlite {

Connection::Connection(const std::string& path, int flags, const std::string& vfs,
                       std::chrono::milliseconds busy_timeout)
    : database_(path, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                static_cast<int>(busy_timeout.count()), vfs) {
  // A file may be handed to us by anybody: its schema gets no functions with side effects.
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

SQLite::Statement& Connection::prepared(const char* sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
  return statements_.try_emplace(sql, database_, sql).first->second;
}

std::int64_t Connection::pragma_number(const char* name) {
  return database_.execAndGet(fmt::format("PRAGMA {}", name)).getInt64();
}

bool Connection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(handle()) == 0;
}

bool Connection::file_has_moved() const noexcept {
  int moved = 0;
  // A VFS that cannot tell leaves the answer alone. The file is not opened for it: closing it would
  // drop the locks that SQLite holds on it in this process.
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

void Connection::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace scena::sqlite

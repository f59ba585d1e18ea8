#include "storage/backends/sqlite/backup.hpp"

#include <SQLiteCpp/Backup.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <random>

#include "storage/backends/sqlite/errors.hpp"
#include "storage/backends/sqlite/file_guard.hpp"
#include "storage/backends/sqlite/opening.hpp"

namespace scena::sqlite {
namespace {

void copy(const Options& source, const std::string& temporary) {
  auto reader = open_reader(source);
  SQLite::Database target(temporary, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, 0, source.vfs);
  {
    SQLite::Backup backup(target, reader->database());
    // In one step: it reads one snapshot of the log, and the writer goes on meanwhile.
    const int code = backup.executeStep(-1);
    if (code != SQLITE_DONE) throw SQLite::Exception("backup", code);
  }
  // The copy is one file, and is read where nothing can be written: it has no log beside it.
  target.exec("PRAGMA journal_mode=DELETE");
}

// Another backup to the same place may be under way, or may have died.
std::string temporary_name(const std::string& path) {
  std::random_device random;
  return fmt::format("{}.{:08x}{:08x}.part", path, random(), random());
}

}  // namespace

Result<void> backup(const Options& source, const std::string& given) {
  const std::string path = canonical_path(given);
  // Under another name until it is whole: a half copy must not look like a backup.
  const auto temporary = temporary_name(path);
  try {
    if (::access(path.c_str(), F_OK) == 0) {
      return Error(ErrorCode::already_exists, "sqlite: \"" + path + "\" exists; name a new file");
    }
    if (auto created = create_new_private_file(temporary); !created) return created;
    Result<void> done;
    try {
      copy(source, temporary);
      done = publish_file(temporary, path);
    } catch (...) {
      done = current_error(path);
    }
    if (!done) ::unlink(temporary.c_str());
    return done;
  } catch (...) {
    return current_error(path);
  }
}

}  // namespace scena::sqlite

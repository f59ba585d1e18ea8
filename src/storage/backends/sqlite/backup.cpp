#include "storage/backends/sqlite/backup.hpp"

#include <SQLiteCpp/Backup.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/part_file.hpp"
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

// What backups to the same place that were killed have left; others may be under way.
void remove_left_copies(const std::filesystem::path& path) {
  remove_left_parts(path.parent_path().string(), path.filename().string());
}

}  // namespace

Result<void> backup(const Options& source, const std::string& given) {
  const std::string path = canonical_path(given);
  try {
    if (::access(path.c_str(), F_OK) == 0) {
      return Error(ErrorCode::already_exists, "sqlite: \"" + path + "\" exists; name a new file");
    }
    remove_left_copies(path);
    // Under another name until it is whole: a half copy must not look like a backup.
    const auto part = PartFile::create(path);
    if (!part) return file_error(path, errno);
    copy(source, part->name());
    return publish_file(part->name(), path);
  } catch (...) {
    return current_error(path);
  }
}

}  // namespace scena::sqlite

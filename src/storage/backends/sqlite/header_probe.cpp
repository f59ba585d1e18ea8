#include "storage/backends/sqlite/header_probe.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <vector>

#include "storage/backends/sqlite/errors.hpp"
#include "storage/backends/sqlite/schema.hpp"

namespace scena::sqlite {
namespace {

constexpr char kMagic[] = "SQLite format 3";  // with its NUL
constexpr int kHeaderBytes = 100;
constexpr int kUserVersionAt = 60;
constexpr int kApplicationIdAt = 68;

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

// Reads through SQLite's own file layer: a plain open and close would drop the locks that another
// connection of this process holds on the file.
int read_header(sqlite3_vfs* vfs, const std::string& path, unsigned char (&header)[kHeaderBytes],
                bool& empty) {
  std::vector<char> full(static_cast<std::size_t>(vfs->mxPathname) + 2);
  if (const int code = vfs->xFullPathname(vfs, path.c_str(), vfs->mxPathname, full.data());
      (code & 0xFF) != SQLITE_OK) {
    return code;
  }
  const char* name = sqlite3_create_filename(full.data(), "", "", 0, nullptr);
  if (!name) return SQLITE_NOMEM;
  std::vector<std::max_align_t> memory(
      static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
  auto* file = reinterpret_cast<sqlite3_file*>(memory.data());
  int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
  int code = vfs->xOpen(vfs, name, file, flags, &flags);
  if (code == SQLITE_OK) {
    sqlite3_int64 size = 0;
    code = file->pMethods->xFileSize(file, &size);
    empty = size == 0;
    if (code == SQLITE_OK && !empty) code = file->pMethods->xRead(file, header, kHeaderBytes, 0);
  }
  if (file->pMethods) file->pMethods->xClose(file);
  sqlite3_free_filename(name);
  return code;
}

}  // namespace

Error foreign_database(const std::string& path) {
  return {ErrorCode::invalid_argument,
          fmt::format("sqlite: \"{}\" belongs to another program; name another file", path)};
}

Error newer_database(const std::string& path, long long version) {
  return {ErrorCode::version_mismatch,
          fmt::format("sqlite: \"{}\" has schema {}, this build knows up to {}; use a newer one",
                      path, version, schema_version())};
}

Result<void> probe_header(const std::string& path, const std::string& vfs_name) {
  auto* vfs = sqlite3_vfs_find(vfs_name.empty() ? nullptr : vfs_name.c_str());
  if (!vfs) return Error::fixed(ErrorCode::invalid_argument, "sqlite: no such VFS is registered");
  int exists = 0;
  if (vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &exists) != SQLITE_OK || !exists)
    return {};
  unsigned char header[kHeaderBytes] = {};
  bool empty = false;
  const int code = read_header(vfs, path, header, empty);
  if (empty) return {};
  const bool is_short = code == SQLITE_IOERR_SHORT_READ;
  if (code != SQLITE_OK && !is_short) return to_error(code, path);
  if (is_short || std::memcmp(header, kMagic, sizeof kMagic) != 0)
    return to_error(SQLITE_NOTADB, path);
  const auto application = big_endian(header + kApplicationIdAt);
  const auto version = big_endian(header + kUserVersionAt);
  // Zero: perhaps empty but for its header; the schema is looked at once it is open.
  if (application != 0 && application != kApplicationId) return foreign_database(path);
  if (application == kApplicationId && version > static_cast<std::uint32_t>(schema_version())) {
    return newer_database(path, version);
  }
  return {};
}

}  // namespace scena::sqlite

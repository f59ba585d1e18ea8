#pragma once

#include <sys/types.h>

#include <scena/result.hpp>
#include <string>

namespace scena::sqlite {

/// That a file could not be written, and why: `fault` is an errno.
Error file_error(const std::string& path, int fault);

/// The right to write to a database file, across processes and inside one: an open-file-description
/// lock on "<file>.lock", which the system frees when the process dies. The lock file stays behind,
/// since whoever removes it could remove another engine's.
class FileGuard {
 public:
  FileGuard() noexcept = default;
  FileGuard(FileGuard&& other) noexcept;
  FileGuard& operator=(FileGuard&& other) noexcept;
  ~FileGuard();

  /// conflict while another engine holds it, storage_failed when the lock file cannot be made.
  static Result<FileGuard> take(const std::string& database);

  /// Before each write. Somebody may have removed the lock file, so that the next engine would find
  /// nobody: it is made and locked again. conflict, from then on, when another engine was quicker:
  /// what this one remembers of the file may be wrong.
  Result<void> renew(const std::string& database);

 private:
  static Result<FileGuard> take(const std::string& database, int flags);
  FileGuard(int descriptor, pid_t owner) noexcept : descriptor_(descriptor), owner_(owner) {}

  int descriptor_ = -1;
  pid_t owner_ = 0;
};

/// Ok where there is a file or nothing yet; invalid_argument for a folder, a pipe or a device,
/// which are not opened: a pipe would wait for a writer for ever.
Result<void> check_is_file(const std::string& path);

/// Makes the file, readable and writable by its owner alone, when it does not exist. An existing
/// one is not even opened: closing it would drop the locks that SQLite holds on it in this process.
Result<void> create_private_file(const std::string& path);

/// Gives a finished file its name, unless that name exists (already_exists), and makes it durable.
Result<void> publish_file(const std::string& temporary, const std::string& path);

/// The path from the root on with symbolic links resolved, so that one file has one lock, and that
/// SQLite takes no path for a URI.
std::string canonical_path(const std::string& path);

/// Whether a file can be made beside this one.
bool can_write_beside(const std::string& path) noexcept;

}  // namespace scena::sqlite

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "storage/storage_options.hpp"

namespace scena::sqlite {

struct Options {
  std::string path;
  Durability durability = Durability::power;
  bool read_only = false;
  /// Nobody writes to the file while it is open: it is read without the log's shared memory, which
  /// cannot be made beside it. Set by open().
  bool frozen = false;
  std::string vfs;  ///< Name of a registered SQLite VFS; empty: the system's.
  /// How long a call waits for another program's lock on the file before it gives up.
  std::chrono::milliseconds busy_timeout{1000};
  std::size_t readers = 4;  ///< Connections that read beside the writer; more readers wait.
};

/// Opens or creates a file in WAL mode. One writer a file, kept by a lock on "<file>.lock" that the
/// system frees when the process dies; any number of read-only openings beside it.
///
/// Errors: conflict (another engine writes to it), version_mismatch (newer schema), storage_corrupt
/// (damaged or no database), invalid_argument (another program's database), storage_failed (cannot
/// be created or written). None of them changes the file.
Result<std::unique_ptr<Storage>> open(const Options& options);

/// open() for "sqlite:FILE", "sqlite://FILE" (three slashes: an absolute path) and "file:FILE".
Result<std::unique_ptr<Storage>> make_storage(const StorageOptions& options);

/// The file that a URL names.
Result<std::string> path_of(const StorageOptions& options);

}  // namespace scena::sqlite

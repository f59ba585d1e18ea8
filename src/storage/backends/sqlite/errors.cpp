#include "storage/backends/sqlite/errors.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <new>

namespace scena::sqlite {
namespace {

struct Meaning {
  ErrorCode code;
  const char* text;
};

Meaning meaning_of_io_error(int extended_code) {
  switch (extended_code) {
    case SQLITE_IOERR_NOMEM:
      return {ErrorCode::out_of_memory, "an allocation failed"};
    case SQLITE_IOERR_SHMSIZE:  // the log's shared memory is a file beside the database
      return {ErrorCode::storage_full, "the disk is full; make space, nothing needs a restart"};
    case SQLITE_IOERR_CORRUPTFS:
      return {ErrorCode::storage_corrupt, "the file system is damaged"};
    default:
      return {ErrorCode::storage_failed,
              "the disk reported an error; nothing of this write was kept"};
  }
}

Meaning meaning_of(int extended_code) {
  switch (extended_code & 0xFF) {
    case SQLITE_FULL:
      return {ErrorCode::storage_full, "the disk is full; make space, nothing needs a restart"};
    case SQLITE_IOERR:
      return meaning_of_io_error(extended_code);
    case SQLITE_NOMEM:
      return {ErrorCode::out_of_memory, "an allocation failed"};
    case SQLITE_CORRUPT:
      return {ErrorCode::storage_corrupt,
              "the database is damaged; remove it, its -wal and its -shm, and restore a backup"};
    case SQLITE_NOTADB:
      return {ErrorCode::storage_corrupt, "the file is not a database"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {ErrorCode::unavailable, "the file is locked by another program; try again"};
    case SQLITE_SCHEMA:
      return {ErrorCode::unavailable, "the schema was changed by another program; try again"};
    case SQLITE_READONLY:
      return {ErrorCode::storage_failed, "the file or its disk is read-only"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::storage_failed,
              "the file cannot be opened; check its folder and its rights"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::storage_failed, "access to the file was refused"};
    case SQLITE_NOLFS:
      return {ErrorCode::storage_failed, "the file system cannot hold a file of this size"};
    case SQLITE_TOOBIG:
      return {ErrorCode::too_large, "a value is larger than the database can hold"};
    case SQLITE_INTERRUPT:
    case SQLITE_ABORT:
      return {ErrorCode::cancelled, "the statement was interrupted"};
    // The schema forbids only what was checked before: the file's content cannot be what we wrote.
    case SQLITE_CONSTRAINT:
      return {ErrorCode::storage_corrupt, "the content contradicts itself; run the store's check"};
    default:
      return {ErrorCode::internal, "an unexpected answer of the database library"};
  }
}

}  // namespace

Error to_error(int extended_code, std::string_view file) {
  const auto meaning = meaning_of(extended_code);
  if (meaning.code == ErrorCode::out_of_memory) {
    return Error::fixed(ErrorCode::out_of_memory,
                        "sqlite: an allocation failed; nothing was changed");
  }
  return {meaning.code, fmt::format("sqlite: \"{}\": {} ({}, code {})", file, meaning.text,
                                    sqlite3_errstr(extended_code), extended_code)};
}

Error current_error(std::string_view file) {
  try {
    try {
      throw;
    } catch (const SQLite::Exception& error) {
      const int extended = error.getExtendedErrorCode();
      // The library keeps -1 where it threw without asking SQLite.
      return to_error(extended > 0
                          ? extended
                          : (error.getErrorCode() > 0 ? error.getErrorCode() : SQLITE_MISUSE),
                      file);
    }
  } catch (const std::bad_alloc&) {
    return Error::fixed(ErrorCode::out_of_memory,
                        "sqlite: an allocation failed; nothing was changed");
  } catch (...) {
    return Error::fixed(ErrorCode::internal, "sqlite: an unexpected exception");
  }
}

}  // namespace scena::sqlite

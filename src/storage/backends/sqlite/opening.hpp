#pragma once

#include <memory>

#include "storage/backends/sqlite/connection.hpp"
#include "storage/backends/sqlite/sqlite.hpp"

namespace scena::sqlite {

/// Judges a file that probe_header() let through, creates or migrates it, and leaves the writer's
/// connection in `writer`; with read_only it only judges. May throw SQLite::Exception; a file that
/// is refused stays as it was.
Result<void> open_database(const Options& options, std::unique_ptr<Connection>& writer);

/// A connection that only reads.
std::unique_ptr<Connection> open_reader(const Options& options);

/// Storage::scrub(): the file written anew without what was erased, and an empty log.
/// unavailable while another program reads the log. May throw SQLite::Exception.
Result<void> scrub(Connection& writer, const std::string& path);

/// PRAGMA integrity_check and our own rules: no hole in a stream, no event without its stream.
Result<void> check_database(Connection& reader, const std::string& path);

}  // namespace scena::sqlite

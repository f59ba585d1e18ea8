#pragma once

#include <scena/result.hpp>
#include <string>

namespace scena::sqlite {

/// Looks at the first bytes of a database file before it is opened, so that a file that is not ours
/// stays as it is. Ok: absent, empty, or one of ours that this build can read. Else storage_corrupt
/// (no database), invalid_argument (another program's) or version_mismatch (newer).
Result<void> probe_header(const std::string& path, const std::string& vfs);

/// The error of a file with another application's mark.
Error foreign_database(const std::string& path);
/// The error of a file with a newer schema.
Error newer_database(const std::string& path, long long version);

}  // namespace scena::sqlite

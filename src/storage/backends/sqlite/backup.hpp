#pragma once

#include "storage/backends/sqlite/sqlite.hpp"

namespace scena::sqlite {

/// Copies the committed state of the store into a new file, beside a running writer and readers.
Result<void> backup(const Options& source, const std::string& path);

}  // namespace scena::sqlite

#pragma once

#include <memory>

#include "storage/storage_options.hpp"

namespace scena::memory {

/// A store in this process's memory: no file, no socket, gone with the process. Events are kept
/// packed, a few bytes each beside their data.
Result<std::unique_ptr<Storage>> make_storage(const StorageOptions& options);

}  // namespace scena::memory

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "storage/storage_options.hpp"

namespace scena {

/// Opens a store of one kind; `options.url` starts with the scheme it was registered for.
using StorageFactory =
    std::function<Result<std::unique_ptr<Storage>>(const StorageOptions& options)>;

/// Kinds of stores by the scheme of their URL. A value of its owner, not a global: two engines in
/// one process share nothing. Threading: one thread at a time; open() may run on many once all are
/// added.
class StorageRegistry {
 public:
  /// Adds a kind, or replaces the one of that scheme.
  void add(std::string scheme, StorageFactory factory);

  /// Opens the store that `options.url` names. An unknown scheme is invalid_argument and the error
  /// names the known ones.
  Result<std::unique_ptr<Storage>> open(StorageOptions options) const;

 private:
  std::string known_schemes() const;

  std::map<std::string, StorageFactory, std::less<>> factories_;
};

/// Adds memory and sqlite ("file" means sqlite, as in DATABASE_URL=file:x).
void add_builtin_storages(StorageRegistry& registry);

/// Opens a store with the built-in kinds: "memory:", "sqlite:FILE", "sqlite://FILE", "file:FILE".
Result<std::unique_ptr<Storage>> open_storage(StorageOptions options);

}  // namespace scena

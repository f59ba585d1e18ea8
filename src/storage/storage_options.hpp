#pragma once

#include <scena/ext/storage.hpp>
#include <string>

namespace scena {

/// How a store is opened; what a backend's factory gets.
struct StorageOptions {
  std::string url;  ///< "memory:", "sqlite:FILE", or as DATABASE_URL has it: "file:FILE".
  Durability durability = Durability::power;
  bool read_only = false;  ///< Reads beside a running engine; every write is refused.
  /// Opens "memory:" instead when the place cannot be written or created (storage_failed), never
  /// when it is damaged, newer or in use. info().backend tells.
  bool fallback_to_memory = false;

  /// The part of `url` behind the scheme's colon.
  std::string location() const { return url.substr(url.find(':') + 1); }
};

}  // namespace scena

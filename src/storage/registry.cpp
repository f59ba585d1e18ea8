#include "storage/registry.hpp"

#include <fmt/format.h>

#include "storage/backends/memory/memory.hpp"
#include "storage/backends/sqlite/sqlite.hpp"

namespace scena {

void StorageRegistry::add(std::string scheme, StorageFactory factory) {
  factories_.insert_or_assign(std::move(scheme), std::move(factory));
}

Result<std::unique_ptr<Storage>> StorageRegistry::open(StorageOptions options) const {
  const auto colon = options.url.find(':');
  const auto scheme = std::string_view(options.url).substr(0, colon);
  const auto factory = colon == std::string::npos ? factories_.end() : factories_.find(scheme);
  if (factory == factories_.end()) {
    // Only the scheme is repeated: the rest of a URL may hold a password.
    return Error(ErrorCode::invalid_argument,
                 fmt::format("storage: {} is not a store; use one of {}",
                             colon == std::string::npos ? "a name without \"scheme:\""
                                                        : fmt::format("\"{}:\"", scheme),
                             known_schemes()));
  }
  auto opened = factory->second(options);
  const bool falls_back =
      options.fallback_to_memory && !opened && opened.error().code() == ErrorCode::storage_failed;
  if (!falls_back) return opened;
  options.url = "memory:";
  options.fallback_to_memory = false;
  return open(std::move(options));
}

std::string StorageRegistry::known_schemes() const {
  std::string names;
  for (const auto& [scheme, factory] : factories_)
    names += fmt::format("{}\"{}:\"", names.empty() ? "" : ", ", scheme);
  return names;
}

void add_builtin_storages(StorageRegistry& registry) {
  registry.add("memory", memory::make_storage);
  registry.add("sqlite", sqlite::make_storage);
  registry.add("file", sqlite::make_storage);
}

Result<std::unique_ptr<Storage>> open_storage(StorageOptions options) {
  StorageRegistry registry;
  add_builtin_storages(registry);
  return registry.open(std::move(options));
}

}  // namespace scena

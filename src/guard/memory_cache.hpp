#pragma once

#include <mutex>

#include "guard/cache_store.hpp"
#include "guard/lru_cache.hpp"

namespace scena::guard {

/// A CacheStore in this process: an LruCache behind a mutex.
class MemoryCache final : public CacheStore {
 public:
  /// `clock` outlives this object.
  MemoryCache(std::size_t max_bytes, const Clock& clock) : clock_(clock), entries_(max_bytes) {}

  /// Another bound from now on; what is within it stays.
  void set_max_bytes(std::size_t max_bytes);

  void get(const std::string& key, Found found) override;
  void put(const std::string& key, Bytes bytes, Duration ttl) override;
  void erase_prefix(std::string_view prefix) override;
  std::size_t bytes() const override;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  LruCache<Bytes> entries_;
};

}  // namespace scena::guard

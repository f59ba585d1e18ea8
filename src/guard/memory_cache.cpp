#include "guard/memory_cache.hpp"

namespace scena::guard {

void MemoryCache::set_max_bytes(std::size_t max_bytes) {
  std::lock_guard lock(mutex_);
  entries_.set_max_bytes(max_bytes);
}

void MemoryCache::get(const std::string& key, Found found) {
  Bytes bytes;
  {
    std::lock_guard lock(mutex_);
    if (const Bytes* held = entries_.find(key, clock_.now())) bytes = *held;
  }
  found(std::move(bytes));
}

void MemoryCache::put(const std::string& key, Bytes bytes, Duration ttl) {
  const std::size_t size = bytes->capacity();
  std::lock_guard lock(mutex_);
  entries_.put(key, std::move(bytes), size, clock_.now() + ttl);
}

void MemoryCache::erase_prefix(std::string_view prefix) {
  std::lock_guard lock(mutex_);
  entries_.erase_if(
      [prefix](std::string_view key, const Bytes&) { return key.starts_with(prefix); });
}

std::size_t MemoryCache::bytes() const {
  std::lock_guard lock(mutex_);
  return entries_.bytes();
}

}  // namespace scena::guard

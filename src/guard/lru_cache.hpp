#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <scena/ext/clock.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace scena::guard {

/// Values by key, bounded in bytes; the one not asked for the longest goes first, and none is given
/// out after its time. `Value` is copied out; its size is what the caller says.
template <class Value>
class LruCache {
 public:
  explicit LruCache(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// The value, valid until the next call; nullptr when there is none or its time is over.
  const Value* find(std::string_view key, TimePoint now) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    if (now >= found->second->expires) {
      remove(found->second);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front().value;
  }

  /// Keeps a value until `expires`. One that is larger than the whole cache is not kept.
  void put(std::string key, Value value, std::size_t bytes, TimePoint expires) {
    if (const auto old = places_.find(key); old != places_.end()) remove(old->second);
    bytes += key.size() + kEntryBytes;
    if (bytes > max_bytes_) return;
    shrink_to(max_bytes_ - bytes);
    entries_.push_front({std::move(key), std::move(value), bytes, expires});
    places_.emplace(entries_.front().key, entries_.begin());
    bytes_ += bytes;
  }

  /// Another bound from now on.
  void set_max_bytes(std::size_t max_bytes) {
    max_bytes_ = max_bytes;
    shrink_to(max_bytes);
  }

  void erase(std::string_view key) {
    if (const auto found = places_.find(key); found != places_.end()) remove(found->second);
  }

  /// Erases what `matches` says, by key and value.
  template <class Matches>
  std::size_t erase_if(Matches matches) {
    std::size_t erased = 0;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const auto next = std::next(entry);
      if (matches(std::string_view(entry->key), entry->value)) {
        remove(entry);
        ++erased;
      }
      entry = next;
    }
    return erased;
  }

  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return places_.size(); }
  /// Entries that had to make room for others.
  std::uint64_t evicted() const noexcept { return evicted_; }

 private:
  static constexpr std::size_t kEntryBytes = 128;  // what an entry costs beside key and value

  struct Entry {
    std::string key;
    Value value;
    std::size_t bytes;
    TimePoint expires;
  };
  using Entries = std::list<Entry>;

  void shrink_to(std::size_t bytes) {
    while (bytes_ > bytes) {
      remove(std::prev(entries_.end()));
      ++evicted_;
    }
  }

  void remove(typename Entries::iterator entry) {
    bytes_ -= entry->bytes;
    places_.erase(entry->key);
    entries_.erase(entry);
  }

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  Entries entries_;  // the last asked for in front
  std::unordered_map<std::string_view, typename Entries::iterator> places_;
};

}  // namespace scena::guard

#pragma once

#include <cstddef>
#include <memory>
#include <scena/ext/clock.hpp>
#include <string>
#include <string_view>

#include "base/unique_function.hpp"

namespace scena::guard {

/// Where a layer keeps bytes it may need again: this process's memory, or a server that several
/// engines share. Losing it loses time, never an answer.
///
/// Threading: every function from any thread.
class CacheStore {
 public:
  using Bytes = std::shared_ptr<const std::string>;
  using Found = UniqueFunction<void(Bytes)>;

  virtual ~CacheStore() = default;

  /// Calls `found` once with the bytes or nullptr: inside this call, or later from any thread.
  virtual void get(const std::string& key, Found found) = 0;
  /// Keeps the bytes for `ttl` at most.
  virtual void put(const std::string& key, Bytes bytes, Duration ttl) = 0;
  /// Drops whatever key begins so.
  virtual void erase_prefix(std::string_view prefix) = 0;
  /// Bytes held now, as far as it knows.
  virtual std::size_t bytes() const = 0;
};

}  // namespace scena::guard

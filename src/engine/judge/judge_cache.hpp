#pragma once

#include <mutex>
#include <optional>
#include <scena/message.hpp>
#include <string>

#include "guard/lru_cache.hpp"

namespace scena::engine {

/// Opinions that were paid for, by judge_key() and tenant: an equal text under the same words is
/// not judged again. Holds numbers, labels and places, no text of anybody.
///
/// Threading: any thread.
class JudgeCache {
 public:
  explicit JudgeCache(std::size_t max_bytes) : opinions_(max_bytes) {}

  /// The opinion as one on that message, marked as cached.
  std::optional<JudgedScore> find(const std::string& tenant, const std::string& key,
                                  const std::string& message);
  void put(const std::string& tenant, const std::string& key, const JudgedScore& opinion);

 private:
  std::mutex mutex_;
  guard::LruCache<JudgedScore> opinions_;
};

}  // namespace scena::engine

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <scena/ext/clock.hpp>
#include <string>
#include <vector>

#include "engine/loop_gate.hpp"
#include "engine/tools/tool_outcome.hpp"
#include "guard/lru_cache.hpp"
#include "guard/single_flight.hpp"

namespace scena::engine {

/// Results of tools that are kept for a while, and who waits for a call that is under way. Keys
/// hold tenant, tool and arguments.
///
/// Threading: any thread.
class ToolCache {
 public:
  /// Called on the waiter's loop with what the call brought; nothing when it was given up, and
  /// somebody else has to make it.
  using Landed = std::function<void(const std::optional<ToolOutcome>&)>;
  struct Waiter {
    std::shared_ptr<LoopGate> gate;
    Landed landed;
  };

  ToolCache(std::size_t max_bytes, const Clock& clock) : clock_(clock), results_(max_bytes) {}

  static std::string key(std::string_view tenant, std::string_view tool,
                         std::string_view arguments);

  /// A kept result; else nothing, and `leads` says whether the caller is to make the call and
  /// land() it, or `waiter` is told.
  std::optional<std::string> find_or_join(const std::string& key, Waiter waiter, bool& leads);
  /// Drops every kept result of a tenant.
  void forget_results(std::string_view tenant);
  /// The leader's call has ended: a good result is kept for `keep`, and the others hear of it.
  void land(const std::string& key, const std::optional<ToolOutcome>& outcome,
            std::chrono::milliseconds keep);

 private:
  const Clock& clock_;
  std::mutex mutex_;
  guard::LruCache<std::string> results_;
  guard::SingleFlight<Waiter> flights_;
};

}  // namespace scena::engine

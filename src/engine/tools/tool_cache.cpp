#include "engine/tools/tool_cache.hpp"

#include "base/clock.hpp"

namespace scena::engine {

std::string ToolCache::key(std::string_view tenant, std::string_view tool,
                           std::string_view arguments) {
  std::string key(tenant);
  key += '\0';
  key += tool;
  key += '\0';
  key += arguments;
  return key;
}

std::optional<std::string> ToolCache::find_or_join(const std::string& key, Waiter waiter,
                                                   bool& leads) {
  std::lock_guard lock(mutex_);
  leads = false;
  if (const std::string* kept = results_.find(key, clock_.now())) return *kept;
  leads = flights_.join(key, std::move(waiter));
  return std::nullopt;
}

void ToolCache::forget_results(std::string_view tenant) {
  const std::string prefix = std::string(tenant) + '\0';
  std::lock_guard lock(mutex_);
  results_.erase_if(
      [&](std::string_view key, const std::string&) { return key.starts_with(prefix); });
}

void ToolCache::land(const std::string& key, const std::optional<ToolOutcome>& outcome,
                     std::chrono::milliseconds keep) {
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    if (outcome && !outcome->failed)
      results_.put(key, outcome->text, outcome->text.size(), after(clock_.now(), keep));
    waiters = flights_.land(key);
  }
  for (auto& waiter : waiters)
    waiter.gate->post([landed = std::move(waiter.landed), outcome] { landed(outcome); });
}

}  // namespace scena::engine

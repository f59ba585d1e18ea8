#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/policy.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "guard/cache_store.hpp"
#include "guard/memory_cache.hpp"
#include "llm/layers/breaker.hpp"
#include "llm/layers/cache.hpp"
#include "llm/layers/concurrency.hpp"
#include "llm/layers/pacing.hpp"

namespace scena::llm {

/// What the layers of all loops of an engine share, and what outlives a change of policy: breakers,
/// places, quotas, the response cache. A member whose limits changed begins anew.
///
/// Threading: any thread.
class LayerState {
 public:
  LayerState(const Clock& clock, CacheBooks::Pricing pricing);

  std::shared_ptr<SharedBreaker> breaker(const std::string& service, guard::BreakerLimits limits);
  std::shared_ptr<SharedPlaces> places(const std::string& service, guard::ConcurrencyLimits limits);
  /// One for each key of a service.
  std::shared_ptr<SharedPacer> pacer(const std::string& service, std::size_t key);
  /// The one of all chains, with that bound from now on.
  std::shared_ptr<guard::CacheStore> cache(std::size_t max_bytes);
  const std::shared_ptr<CacheBooks>& books() const noexcept { return books_; }

  struct BreakerFigures {
    std::string state;
    Duration wait{};
    std::uint64_t times_opened = 0;
    guard::CircuitBreaker::Counts counts;
    std::optional<ErrorCode> last_error;
    bool answered = false;            ///< A call ended well.
    std::optional<Duration> failing;  ///< How long; absent: the last call that tells was fine.
  };
  std::map<std::string, BreakerFigures> breakers(TimePoint now) const;
  std::size_t cache_bytes() const;
  /// Drops every kept answer of a tenant.
  void forget_answers(std::string_view tenant);

 private:
  const Clock& clock_;
  std::shared_ptr<CacheBooks> books_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<SharedBreaker>> breakers_;
  std::map<std::string, std::shared_ptr<SharedPlaces>> places_;
  std::map<std::pair<std::string, std::size_t>, std::shared_ptr<SharedPacer>> pacers_;
  std::shared_ptr<guard::MemoryCache> cache_;
};

class ModelBook;

/// What a chain is made of, beside its policy.
struct ChainParts {
  net::Loop& loop;
  LayerState& state;
  Logger log;
  int max_retries = 2;
  std::uint64_t seed = 0;
  std::uint64_t edition = 0;  ///< Of the services: answers of another one are not given out again.
  /// Makes the providers of a service: one for each of its keys, told apart by their place. Heads
  /// of their answers go to the pacer of that key.
  std::function<Result<std::vector<std::shared_ptr<Provider>>>(const std::string& service)> make;
  /// The model that a service is asked for when nobody names one; empty or not set: not known.
  std::function<std::string(const std::string& service)> default_model = {};
  const ModelBook* models = nullptr;  ///< As ProviderContext::models.
};

/// The layers around the services of one loop, by one policy: cache, route, fallback, continuation,
/// breaker, retry, places, key rotation, pacing. Layers with nothing to do are left out.
///
/// Replaced as a whole when the policy changes; replies that run keep the one they began with.
/// Threading: provider() on any thread, one at a time; what it returns on the loop.
class ProviderChain : public std::enable_shared_from_this<ProviderChain> {
 public:
  ProviderChain(ChainParts parts, Policy policy)
      : parts_(std::move(parts)), policy_(std::move(policy)) {}

  const Policy& policy() const noexcept { return policy_; }
  /// The service of that name or URL with everything around it.
  Result<std::shared_ptr<Provider>> provider(const std::string& service);

 private:
  using Made = std::map<std::string, std::shared_ptr<Provider>>;

  const ServicePolicy& limits_of(const std::string& service) const noexcept;
  std::string default_model(const std::string& service) const;
  /// From the continuation inwards.
  Result<std::shared_ptr<Provider>> service(const std::string& name);
  Result<std::shared_ptr<Provider>> with_fallbacks(const std::string& name);
  Result<std::shared_ptr<Provider>> keys(const std::string& name, const ServicePolicy& limits);
  bool may_be_scripted(const std::string& name);

  ChainParts parts_;
  const Policy policy_;
  std::recursive_mutex mutex_;
  Made services_;
  std::set<std::string> scripted_;  // of services_: those that are not asked over HTTP
  Made with_fallbacks_;
  Made whole_;
};

}  // namespace scena::llm

#include "llm/layers/chain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/lasting.hpp"
#include "base/model_alias.hpp"
#include "llm/http_provider.hpp"
#include "llm/layers/continuation.hpp"
#include "llm/layers/degraded.hpp"
#include "llm/layers/fallback.hpp"
#include "llm/layers/key_rotation.hpp"
#include "llm/layers/request_key.hpp"
#include "llm/layers/retry.hpp"
#include "llm/layers/route.hpp"

namespace scena::llm {

// --- what is shared ------------------------------------------------------------------------------

LayerState::LayerState(const Clock& clock, CacheBooks::Pricing pricing)
    : clock_(clock), books_(std::make_shared<CacheBooks>(std::move(pricing))) {}

std::shared_ptr<SharedBreaker> LayerState::breaker(const std::string& service,
                                                   guard::BreakerLimits limits) {
  std::lock_guard lock(mutex_);
  auto& held = breakers_[service];
  if (!held || held->limits() != limits) held = std::make_shared<SharedBreaker>(limits);
  return held;
}

std::shared_ptr<SharedPlaces> LayerState::places(const std::string& service,
                                                 guard::ConcurrencyLimits limits) {
  std::lock_guard lock(mutex_);
  auto& held = places_[service];
  if (!held || held->limits() != limits) held = std::make_shared<SharedPlaces>(limits);
  return held;
}

std::shared_ptr<SharedPacer> LayerState::pacer(const std::string& service, std::size_t key) {
  std::lock_guard lock(mutex_);
  auto& held = pacers_[{service, key}];
  if (!held) held = std::make_shared<SharedPacer>();
  return held;
}

std::shared_ptr<guard::CacheStore> LayerState::cache(std::size_t max_bytes) {
  std::lock_guard lock(mutex_);
  if (!cache_)
    cache_ = std::make_shared<guard::MemoryCache>(max_bytes, clock_);
  else
    cache_->set_max_bytes(max_bytes);
  return cache_;
}

std::map<std::string, LayerState::BreakerFigures> LayerState::breakers(TimePoint now) const {
  std::lock_guard lock(mutex_);
  std::map<std::string, BreakerFigures> figures;
  for (const auto& [service, shared] : breakers_) {
    shared->with([&, &name = service](guard::CircuitBreaker& breaker) {
      figures[name] = {to_string(breaker.state(now)),
                       breaker.wait(now),
                       breaker.times_opened(),
                       breaker.counts(),
                       std::nullopt,
                       false,
                       std::nullopt};
    });
    BreakerFigures& found = figures[service];
    found.last_error = shared->last_error();
    found.answered = shared->answered();
    if (const auto since = shared->failing_since()) found.failing = now - *since;
  }
  return figures;
}

std::size_t LayerState::cache_bytes() const {
  std::lock_guard lock(mutex_);
  return cache_ ? cache_->bytes() : 0;
}

void LayerState::forget_answers(std::string_view tenant) {
  std::lock_guard lock(mutex_);
  if (cache_) cache_->erase_prefix(request_key_prefix(tenant));
}

// --- the chain -----------------------------------------------------------------------------------

const ServicePolicy& ProviderChain::limits_of(const std::string& service) const noexcept {
  static const Lasting<ServicePolicy> kUsual;
  const ServicePolicy* others = &kUsual.get();
  for (const auto& one : policy_.services) {
    if (one.service == service) return one;
    if (one.service.empty()) others = &one;
  }
  return *others;
}

std::string ProviderChain::default_model(const std::string& service) const {
  return parts_.default_model ? parts_.default_model(service) : std::string{};
}

Result<std::shared_ptr<Provider>> ProviderChain::keys(const std::string& name,
                                                      const ServicePolicy& limits) {
  auto made = parts_.make(name);
  if (!made) return made.error();
  const bool over_http = std::all_of(made->begin(), made->end(), [](const auto& provider) {
    return dynamic_cast<const HttpProvider*>(provider.get()) != nullptr;
  });
  if (!over_http) scripted_.insert(name);
  std::vector<std::shared_ptr<SharedPacer>> pacers;
  for (std::size_t i = 0; limits.pacing && i < made->size(); ++i) {
    auto& key = (*made)[i];
    pacers.push_back(parts_.state.pacer(name, i));
    if (parts_.default_model) pacers.back()->set_default_model(default_model(name));
    key = std::make_shared<PacingProvider>(
        std::move(key), parts_.loop, PacingProvider::on_key(pacers.back()), made->size() == 1);
  }
  if (made->size() == 1) return std::move(made->front());
  std::shared_ptr<Provider> rotation =
      std::make_shared<KeyRotationProvider>(std::move(*made), parts_.loop, parts_.log);
  if (pacers.empty()) return rotation;
  return std::shared_ptr<Provider>(std::make_shared<PacingProvider>(
      std::move(rotation), parts_.loop, PacingProvider::on_first_of(std::move(pacers))));
}

Result<std::shared_ptr<Provider>> ProviderChain::service(const std::string& name) {
  if (const auto made = services_.find(name); made != services_.end()) return made->second;
  const ServicePolicy& limits = limits_of(name);
  auto inner = keys(name, limits);
  if (!inner) return inner;
  std::shared_ptr<Provider> provider = std::move(*inner);
  if (limits.running > 0) {
    provider = std::make_shared<ConcurrencyProvider>(
        std::move(provider), parts_.loop,
        parts_.state.places(name, {limits.running, limits.waiting}));
  }
  RetryLimits retry = policy_.retry;
  if (!retry.max_retries) retry.max_retries = parts_.max_retries;
  if (*retry.max_retries > 0) {
    provider = std::make_shared<RetryProvider>(std::move(provider), parts_.loop, retry, parts_.seed,
                                               parts_.log);
  }
  if (limits.failures_to_open > 0) {
    provider = std::make_shared<BreakerProvider>(
        std::move(provider), parts_.loop,
        parts_.state.breaker(name, {limits.failures_to_open, limits.open_for}));
  }
  if (policy_.continuation.attempts > 0) {
    provider = std::make_shared<ContinuationProvider>(
        std::move(provider), parts_.loop, policy_.continuation.attempts, parts_.log, parts_.models);
  }
  services_.emplace(name, provider);
  return provider;
}

Result<std::shared_ptr<Provider>> ProviderChain::with_fallbacks(const std::string& name) {
  if (const auto made = with_fallbacks_.find(name); made != with_fallbacks_.end())
    return made->second;
  auto own = service(name);
  if (!own) return own;
  std::shared_ptr<Provider> provider = *own;
  std::vector<FallbackTarget> targets{{provider, {}}};
  for (const auto& rule : policy_.fallbacks) {
    if (!rule.from.empty() && rule.from != name) continue;
    std::string target = rule.provider.empty() ? name : rule.provider;
    std::string model = rule.model;
    resolve_alias(policy_.aliases, target, model);
    if (target == name && model.empty()) continue;
    auto made = service(target);
    if (!made) return made;
    // Named, so that the books know it also where the service fails before it says so.
    if (model.empty()) model = default_model(target);
    targets.push_back({std::move(*made), std::move(model), std::move(target)});
  }
  if (targets.size() > 1)
    provider = std::make_shared<FallbackProvider>(std::move(targets), parts_.loop, parts_.log);
  if (!policy_.degraded.empty())
    provider = std::make_shared<DegradedProvider>(std::move(provider), policy_.degraded);
  with_fallbacks_.emplace(name, provider);
  return provider;
}

// Whether the service, or one that a rule may send its calls to, reads the request's script.
bool ProviderChain::may_be_scripted(const std::string& name) {
  if (scripted_.contains(name)) return true;
  for (const auto& rule : policy_.routes) {
    for (const auto& to : rule.to) {
      std::string target = to.provider.empty() ? name : to.provider, model = to.model;
      resolve_alias(policy_.aliases, target, model);
      if (!service(target) || scripted_.contains(target)) return true;
    }
  }
  return false;
}

Result<std::shared_ptr<Provider>> ProviderChain::provider(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (const auto made = whole_.find(name); made != whole_.end()) return made->second;
  auto own = with_fallbacks(name);
  if (!own) return own;
  std::shared_ptr<Provider> provider = std::move(*own);
  if (!policy_.routes.empty()) {
    // A chain that is replaced lives as long as its replies; the layer must not keep it alive.
    provider = std::make_shared<RouteProvider>(
        std::move(provider), policy_.routes, policy_.aliases,
        [weak = weak_from_this()](const std::string& target) -> Result<RouteTarget> {
          const auto chain = weak.lock();
          if (!chain) return Error::fixed(ErrorCode::closed, "the engine was closed");
          std::lock_guard inside(chain->mutex_);
          auto made = chain->with_fallbacks(target);
          if (!made) return made.error();
          std::string asked = chain->default_model(target);
          return RouteTarget{std::move(*made), asked.empty() ? target : std::move(asked)};
        });
  }
  if (policy_.cache.max_bytes > 0) {
    provider = std::make_shared<CacheProvider>(
        std::move(provider), fmt::format("{}#{}", name, parts_.edition), parts_.loop,
        parts_.state.cache(policy_.cache.max_bytes), parts_.state.books(), policy_.cache.ttl,
        may_be_scripted(name));
  }
  whole_.emplace(name, provider);
  return provider;
}

}  // namespace scena::llm

#include <scena/engine.hpp>

#include "base/config_members.hpp"
#include "engine/access/authorizer.hpp"
#include "engine/api/handles.hpp"
#include "engine/money/ledger.hpp"

namespace scena {

void Engine::update_policy(std::string_view json) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  const Policy policy = Policy::from_json(json).value_or_throw();
  impl_->core->change_services([&](engine::ServiceSet& services) { services.policy = policy; })
      .value_or_throw();
}

void Engine::set_providers(const std::map<std::string, ProviderConfig>& providers) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  Config config = impl_->core->config();
  config.providers = providers;
  if (const auto faults = config.check(); !faults.empty()) throw faults_error("providers", faults);
  impl_->core
      ->change_services([&](engine::ServiceSet& services) {
        if (services.providers != providers) ++services.edition;
        services.providers = providers;
      })
      .value_or_throw();
}

void Engine::set_models(std::string_view json) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  impl_->core->set_models(json).value_or_throw();
}

void Engine::set_prices(const std::map<std::string, Price>& prices) {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  Config given;
  given.prices = prices;
  if (const auto faults = given.check(); !faults.empty()) throw faults_error("prices", faults);
  impl_->core->set_prices(prices);
}

std::vector<CostRow> Engine::costs(const CostQuery& query, const std::vector<CostBy>& by) const {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  for (const auto& [name, day] : {std::pair("from", query.from), std::pair("to", query.to)}) {
    if (day.empty() || engine::is_day(day)) continue;
    throw Error(ErrorCode::invalid_argument,
                std::string(name) + ": must be a day such as \"2026-11-01\", or empty");
  }
  return engine::add_up_costs(*impl_->core->storage(), impl_->who().tenant, query, by)
      .value_or_throw();
}

std::map<std::string, CacheFigures> Engine::cache_figures() const {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  return impl_->core->layers().books()->figures();
}

std::map<std::string, ServiceHealth> Engine::service_health() const {
  impl_->core->usable().value_or_throw();
  engine::Authorizer::host_only(impl_->who()).value_or_throw();
  std::map<std::string, ServiceHealth> health;
  for (const auto& [service, seen] : impl_->core->layers().breakers(impl_->core->clock().now())) {
    ServiceHealth& one = health[service];
    one.breaker = seen.state;
    one.wait = std::chrono::ceil<std::chrono::milliseconds>(seen.wait);
    one.times_opened = seen.times_opened;
    one.answered = seen.counts.answered;
    one.failed = seen.counts.failed;
    one.refused = seen.counts.refused;
    one.rejected = seen.counts.rejected;
    if (seen.last_error) one.last_error = to_string(*seen.last_error);
  }
  return health;
}

}  // namespace scena

#include <algorithm>
#include <fstream>

#include "base/config_members.hpp"
#include "base/json.hpp"
#include "base/model_alias.hpp"
#include "base/redact.hpp"
#include "domain/judge/judge_rubric.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/money/find_price.hpp"
#include "engine/turn/turn_plan.hpp"
#include "metrics/analysis/offline.hpp"
#include "metrics/builtin.hpp"

// Which models, prices and tools there are, and calls outside of any session.

namespace scena::engine {

namespace {

constexpr std::size_t kMaxUnpriced = 1'000;  // models that the log names

// The error may repeat its pointer in front; a fault has it apart.
void add_fault(std::vector<Fault>& faults, std::string pointer, const Error& error) {
  std::string_view message = error.what();
  if (message.starts_with(pointer + ": ")) message.remove_prefix(pointer.size() + 2);
  faults.push_back({std::move(pointer), std::string(message), ""});
}

}  // namespace

// Every provider that is configured is looked at now, so that a typo is found before the first
// turn.
std::vector<Fault> Core::service_faults(const ServiceSet& services) const {
  std::vector<Fault> faults;
  for (const auto& [name, provider] : services.providers) {
    const std::string at = json_pointer("/providers", name);
    if (auto checked = providers_->check(provider); !checked)
      add_fault(faults, at + std::string(checked.error().pointer()), checked.error());
  }
  const auto look = [&](const std::string& name, const std::string& pointer) {
    if (name.empty()) return;
    if (auto checked = check_provider(services, name); !checked)
      add_fault(faults, pointer, checked.error());
  };
  const Policy& policy = services.policy;
  for (const auto& [name, alias] : policy.aliases) {
    const std::string at = json_pointer("/policy/aliases", name);
    if (check_provider(services, name)) {
      faults.push_back({at, "has the name of a provider; choose another one for the alias", ""});
    } else if (!dependencies_.embedders.contains(alias.provider)) {
      look(alias.provider, at + "/provider");
    }
  }
  for (std::size_t i = 0; i < policy.fallbacks.size(); ++i)
    look(policy.fallbacks[i].provider, "/policy/fallbacks/" + std::to_string(i) + "/provider");
  for (std::size_t i = 0; i < policy.routes.size(); ++i) {
    for (std::size_t k = 0; k < policy.routes[i].to.size(); ++k) {
      look(policy.routes[i].to[k].provider,
           "/policy/routes/" + std::to_string(i) + "/to/" + std::to_string(k) + "/provider");
    }
  }
  for (std::size_t i = 0; i < policy.budgets.size(); ++i) {
    look(policy.budgets[i].cheaper.provider,
         "/policy/budgets/" + std::to_string(i) + "/cheaper/provider");
  }
  look(config_.analysis.provider, "/analysis/provider");
  look(config_.judge.provider, "/judge/provider");
  look(config_.provider, "/provider");
  return faults;
}

void Core::add_judge_faults(std::vector<Fault>& faults) const {
  const auto look = [&](const std::string& metric, std::string pointer) {
    if (find_judged_metric(metric)) return;
    faults.push_back(
        {std::move(pointer), "is not a metric that is judged; use " + judged_metric_names(), ""});
  };
  for (std::size_t i = 0; i < config_.judge.metrics.size(); ++i)
    look(config_.judge.metrics[i], "/judge/metrics/" + std::to_string(i));
  for (const auto& [metric, words] : config_.judge.rubric)
    look(metric, json_pointer("/judge/rubric", metric));
}

// What the configuration says of things that this build and the host have, or have not.
Result<void> Core::check_config() const {
  std::vector<Fault> faults = config_.check();
  const auto add = [&faults](Fault fault) {
    const bool named = std::any_of(faults.begin(), faults.end(), [&fault](const Fault& known) {
      return known.pointer == fault.pointer;
    });
    if (!named) faults.push_back(std::move(fault));
  };
  for (Fault& fault : service_faults({config_.providers, config_.policy})) add(std::move(fault));
  std::vector<Fault> more;
  add_judge_faults(more);
  if (const auto metrics = metrics::make_builtin_analyzer(config_.metrics); !metrics)
    add_fault(more, std::string(metrics.error().pointer()), metrics.error());
  if (const auto& file = config_.http.ca_file; !file.empty() && !std::ifstream(file)) {
    more.push_back({"/http/ca_file", "cannot be read; name a file of certificates in PEM",
                    "\"/etc/ssl/certs/ca-certificates.crt\""});
  }
  for (Fault& fault : more) add(std::move(fault));
  if (!faults.empty()) return faults_error("configuration", faults);
  return {};
}

std::shared_ptr<const metrics::OfflineAnalysis> Core::offline_analysis() {
  std::lock_guard lock(mutex_);
  if (!offline_analysis_) offline_analysis_ = std::make_shared<const metrics::OfflineAnalysis>();
  return offline_analysis_;
}

Result<void> Core::check_provider(const ServiceSet& services, const std::string& name) const {
  if (dependencies_.providers.contains(name) || services.providers.contains(name)) return {};
  auto checked = providers_->check(LoopHost::settings_of(services, name));
  if (!checked) return Error(checked.error()).with_pointer("/provider");
  return {};
}

Result<void> Core::check_provider(const std::string& name) const {
  return check_provider(*services(), name);
}

Result<void> Core::check_choice(const Principal& who, const std::string& name) const {
  const auto set = services();
  if (auto known = check_provider(*set, name); !known || who.is_host()) return known;
  if (dependencies_.providers.contains(name) || set->providers.contains(name)) return {};
  const auto url = providers_->check(name);
  if (!url || url->base_url.empty()) return {};
  return Error::fixed(ErrorCode::permission_denied,
                      "only the host may name a provider's address; use a provider of the "
                      "configuration or KIND:MODEL")
      .with_pointer("/provider");
}

Result<void> Core::check_choices(const Principal& who, const Preset& preset) const {
  std::vector<std::pair<std::string, const std::string*>> named = {
      {"/model/provider", &preset.model.provider},
      {"/analysis/provider", &preset.analysis.provider}};
  if (preset.next_question)
    named.emplace_back("/next_question/model/provider", &preset.next_question->model.provider);
  for (std::size_t i = 0; i < preset.characters.size(); ++i)
    named.emplace_back("/characters/" + std::to_string(i) + "/model/provider",
                       &preset.characters[i].model.provider);
  for (const auto& [pointer, name] : named) {
    if (name->empty()) continue;
    auto allowed = check_choice(who, *name);
    if (!allowed && allowed.error().code() == ErrorCode::permission_denied)
      return Error(allowed.error()).with_pointer(pointer);
  }
  return {};
}

std::shared_ptr<const ServiceSet> Core::services() const {
  std::lock_guard lock(mutex_);
  return services_;
}

Result<void> Core::change_services(const std::function<void(ServiceSet&)>& change) {
  // Two changes at once take their turns: each sees what the other left.
  std::lock_guard changing(changing_services_);
  const auto before = this->services();
  ServiceSet services = before ? *before : ServiceSet();
  change(services);
  if (const auto faults = service_faults(services); !faults.empty())
    return faults_error("services", faults);
  for (const auto& [name, provider] : services.providers) {
    log_core_->redactor().add(provider.api_key);
    for (const auto& key : provider.more_keys) log_core_->redactor().add(key);
    for (const auto& [header, value] : provider.headers) log_core_->redactor().add(value);
    for (const auto& [member, value] : provider.query) {
      if (is_sensitive_name(member)) log_core_->redactor().add(value);
    }
  }
  services.facts.clear();
  for (const auto& [name, provider] : services.providers) {
    services.facts[name] = {providers_->default_model(provider),
                            providers_->output_limit(provider)};
  }
  auto held = std::make_shared<const ServiceSet>(std::move(services));
  {
    std::lock_guard lock(mutex_);
    services_ = held;
  }
  for (auto& host : hosts_) host->use(held);
  return {};
}

Result<void> Core::admit(const Principal& who, SessionCommand command) {
  if (who.is_host()) return {};
  return rates_.admit(services()->policy.rates, who, rate_class(command), clock_->now());
}

std::optional<Price> Core::price_of(const std::string& served, const std::string& asked) const {
  std::shared_ptr<const std::map<std::string, Price>> prices;
  {
    std::lock_guard lock(mutex_);
    prices = prices_;
  }
  return find_price(*prices, *models_.current(), served, asked);
}

void Core::warn_unpriced(const std::string& model) {
  {
    std::lock_guard lock(mutex_);
    if (unpriced_.size() >= kMaxUnpriced || !unpriced_.insert(model).second) return;
  }
  log_.warn("a budget does not bound this model: it has no price; set one in \"prices\"",
            {{"model", model}});
}

Result<void> Core::set_models(std::string_view json) {
  auto newer = llm::ModelCatalog::from_json(json);
  if (!newer) return newer.error();
  std::lock_guard changing(changing_services_);
  models_.replace(models_.current()->with(*newer));
  return {};
}

Money Core::price(const std::string& served, const std::string& asked, const Usage& usage) const {
  if (usage == Usage{}) return {};
  const auto price = price_of(served, asked);
  return price ? cost_of(*price, usage) : Money{};
}

void Core::set_prices(const std::map<std::string, Price>& prices) {
  std::lock_guard lock(mutex_);
  auto merged = *prices_;
  for (const auto& [model, price] : prices) merged.insert_or_assign(model, price);
  prices_ = std::make_shared<const std::map<std::string, Price>>(std::move(merged));
}

Result<void> Core::rebuild_analytics(Storage& storage, const std::string& tenant,
                                     const SessionFacts& facts, Batch& batch) {
  return analytics_.rebuild(storage, tenant, facts, clock_->wall(), *jobs_, batch);
}

void Core::row_was_rebuilt(const std::string& tenant, const std::string& id) {
  std::shared_ptr<SessionActor> actor;
  {
    std::lock_guard lock(mutex_);
    const auto found = actors_.find(tenant + "/" + id);
    if (found == actors_.end()) return;
    actor = found->second;
  }
  actor->host().gate()->post([weak = std::weak_ptr(actor)] {
    if (const auto loaded = weak.lock()) loaded->row_was_rebuilt();
  });
}

std::vector<Fault> Core::check_tools(const Preset& preset) const {
  return hosts_.front()->tools().check(preset);
}

Result<Pending<Completion>> Core::complete(std::string name, ReplyRequest request,
                                           std::shared_ptr<ReplySink> live,
                                           const std::stop_token& stop) {
  resolve_alias(services()->policy.aliases, name, request.model);
  request.max_bytes = std::min<std::size_t>(request.max_bytes, config_.limits.answer_bytes);
  if (auto known = check_provider(name); !known) return known.error();
  LoopHost* host = nullptr;
  {
    std::lock_guard lock(mutex_);
    host = &host_for_next_session();
  }
  auto provider = host->provider(name);
  if (!provider) return provider.error();
  auto answer = std::make_shared<detail::PendingState<Completion>>(weak_from_this());
  auto run = std::make_shared<CompletionRun>(
      weak_from_this(), host->gate(), static_cast<std::int64_t>(config_.limits.answer_tokens),
      std::move(live), answer, stop, WorkCount::token(work_));
  completions_.add(run);
  std::string asked =
      request.model.empty() ? host->default_model(*services(), name) : request.model;
  host->loop().post([run, provider = std::move(*provider), request = std::move(request),
                     asked = std::move(asked)]() mutable {
    run->start(std::move(provider), std::move(request), std::move(asked));
  });
  return Pending<Completion>(std::move(answer));
}

}  // namespace scena::engine

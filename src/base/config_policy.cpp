#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/config_members.hpp"
#include "base/json.hpp"
#include "base/model_alias.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxRules = 1'000;
constexpr std::size_t kMaxDegraded = 16u << 10;

class PolicyCheck {
 public:
  PolicyCheck(const Policy& policy, std::string_view parent, std::vector<Fault>& faults)
      : policy_(policy), parent_(parent), faults_(faults) {}

  void run() {
    check_sizes();
    for (const auto& [name, alias] : policy_.aliases) check_alias(name, alias);
    for (std::size_t i = 0; i < policy_.routes.size(); ++i) check_route(i);
    for (std::size_t i = 0; i < policy_.fallbacks.size(); ++i) check_fallback(i);
    for (std::size_t i = 0; i < policy_.services.size(); ++i) check_service(i);
    for (std::size_t i = 0; i < policy_.tools.size(); ++i) check_tool(i);
    for (std::size_t i = 0; i < policy_.rates.size(); ++i) check_rate(i);
    for (std::size_t i = 0; i < policy_.budgets.size(); ++i) check_budget(i);
    check_numbers();
  }

 private:
  template <class... Parts>
  void fault(std::string message, std::string example, const Parts&... parts) {
    std::string pointer = parent_;
    (pointer.append("/").append(parts), ...);
    faults_.push_back({std::move(pointer), std::move(message), std::move(example)});
  }

  void check_sizes() {
    const auto most = [this](const char* name, std::size_t size) {
      if (size > kMaxRules) fault(fmt::format("has more than {} rules", kMaxRules), "[]", name);
    };
    most("aliases", policy_.aliases.size());
    most("routes", policy_.routes.size());
    most("fallbacks", policy_.fallbacks.size());
    most("services", policy_.services.size());
    most("rates", policy_.rates.size());
    most("budgets", policy_.budgets.size());
    if (policy_.degraded.size() > kMaxDegraded)
      fault("is longer than 16 KiB", "\"Back in a minute.\"", "degraded");
  }

  // Whether its provider is known, and whether the name is a provider's: see Config::check().
  void check_alias(const std::string& name, const ModelAlias& alias) {
    const std::string pointer = json_pointer("/aliases", name).substr(1);
    if (name.empty() || name.size() > 128)
      fault("must have a name of 1 to 128 bytes", "\"fast\"", pointer);
    if (alias.provider.empty() && alias.model.empty())
      return fault("must name a provider or a model", R"({"model":"gpt-4o-mini"})", pointer);
    if (is_circular(policy_.aliases, name))
      fault("leads back to a name that was passed already; name a service's own model",
            "\"gpt-4o-mini\"", pointer, "model");
  }

  // Numbers set in code rather than read from JSON meet the same bounds.
  void check_numbers() {
    if (policy_.cache.ttl.count() < 1) fault("must be at least 1", "3600000", "cache", "ttl_ms");
    if (policy_.continuation.attempts < 0 || policy_.continuation.attempts > 10)
      fault("must be a whole number from 0 to 10", "1", "continuation", "attempts");
    const RetryLimits& retry = policy_.retry;
    if (retry.max_retries && (*retry.max_retries < 0 || *retry.max_retries > 100))
      fault("must be a whole number from 0 to 100", "2", "retry", "max_retries");
    if (retry.first_delay.count() < 0)
      fault("must not be negative", "500", "retry", "first_delay_ms");
    if (retry.longest_delay < retry.first_delay)
      fault("must not be below first_delay_ms", "8000", "retry", "longest_delay_ms");
    if (retry.longest_server_delay.count() < 0)
      fault("must not be negative", "120000", "retry", "longest_server_delay_ms");
  }

  void check_route(std::size_t i) {
    const RouteRule& rule = policy_.routes[i];
    const std::string at = std::to_string(i);
    if (rule.name.empty() || rule.name.size() > 128)
      fault("must be a name of 1 to 128 bytes", "\"long-prompts\"", "routes", at, "name");
    if (rule.tokens_from && rule.tokens_below && *rule.tokens_from >= *rule.tokens_below)
      fault("must be above tokens_from", "8000", "routes", at, "tokens_below");
    if (rule.to.empty()) {
      fault("needs at least one target", R"([{"model":"gpt-4o-mini"}])", "routes", at, "to");
    }
    for (std::size_t k = 0; k < rule.to.size(); ++k) {
      if (rule.to[k].weight < 1 || rule.to[k].weight > 1'000'000)
        fault("must be a whole number from 1 to 1000000", "1", "routes", at, "to",
              std::to_string(k), "weight");
      if (rule.to[k].provider.empty() && rule.to[k].model.empty())
        fault("must name a provider or a model", R"({"model":"gpt-4o-mini"})", "routes", at, "to",
              std::to_string(k));
    }
  }

  void check_fallback(std::size_t i) {
    const FallbackRule& rule = policy_.fallbacks[i];
    if (rule.provider.empty() && rule.model.empty())
      fault("must name a provider or a model", R"({"provider":"anthropic"})", "fallbacks",
            std::to_string(i));
  }

  void check_service(std::size_t i) {
    const ServicePolicy& service = policy_.services[i];
    const std::string at = std::to_string(i);
    if (!services_.insert(service.service).second)
      fault("stands here twice", "\"openai\"", "services", at, "service");
    if (service.failures_to_open < 0)
      fault("must be a whole number from 0 to 1000000", "3", "services", at, "failures_to_open");
    if (service.open_for.count() < 0)
      fault("must not be negative", "20000", "services", at, "open_for_ms");
  }

  void check_tool(std::size_t i) {
    const ToolPolicy& tool = policy_.tools[i];
    const std::string at = std::to_string(i);
    if (!tools_.insert(tool.tool).second)
      fault("stands here twice", "\"weather\"", "tools", at, "tool");
    if (tool.failures_to_open < 0)
      fault("must be a whole number from 0 to 1000000", "3", "tools", at, "failures_to_open");
    if (tool.open_for.count() < 0)
      fault("must not be negative", "60000", "tools", at, "open_for_ms");
  }

  void check_rate(std::size_t i) {
    const RateRule& rule = policy_.rates[i];
    if (rule.span.count() < 1)
      fault("must be at least 1", "60000", "rates", std::to_string(i), "span_ms");
    if (rule.calls > 100'000)
      fault("must be a whole number from 0 to 100000", "100", "rates", std::to_string(i), "calls");
  }

  void check_budget(std::size_t i) {
    const BudgetRule& rule = policy_.budgets[i];
    const std::string at = std::to_string(i);
    if (rule.limit.pico_usd <= 0)
      fault("must be an amount in USD above zero", "\"5.00\"", "budgets", at, "limit");
    const bool ascending =
        std::is_sorted(rule.marks.begin(), rule.marks.end(), [](int a, int b) { return a <= b; }) ||
        rule.marks.size() < 2;
    const bool percents = std::all_of(rule.marks.begin(), rule.marks.end(),
                                      [](int mark) { return mark >= 1 && mark <= 100; });
    if (!ascending || !percents)
      fault("must rise, from 1 to 100", "[50,80,100]", "budgets", at, "marks");
    const bool has_target = !rule.cheaper.model.empty() || !rule.cheaper.provider.empty();
    if ((rule.at_limit == AtLimit::cheaper) != has_target)
      fault("goes with \"at_limit\": \"cheaper\": set both or none", R"({"model":"gpt-4o-mini"})",
            "budgets", at, "cheaper");
  }

  const Policy& policy_;
  std::string parent_;
  std::vector<Fault>& faults_;
  std::set<std::string_view> services_;
  std::set<std::string_view> tools_;
};

}  // namespace

std::vector<RateRule> default_rate_rules() {
  std::vector<RateRule> rules;
  for (const RateKind kind : {RateKind::api, RateKind::ai, RateKind::create}) {
    rules.push_back({.kind = kind, .of = RateOf::user, .guest = false, .calls = 100});
    rules.push_back({.kind = kind, .of = RateOf::address, .guest = true, .calls = 30});
  }
  return rules;
}

void check_policy(const Policy& policy, std::string_view parent, std::vector<Fault>& faults) {
  PolicyCheck(policy, parent, faults).run();
}

}  // namespace scena

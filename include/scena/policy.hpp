#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <scena/result.hpp>
#include <scena/usage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Where a call goes: a name of Config::providers or a provider URL, and one of its models.
struct PolicyTarget {
  std::string provider;  ///< Empty: the service that was asked for; for a call that named an alias,
                         ///< the one that the alias stands for.
  std::string model;     ///< Empty: the model that was asked for, or that service's default.
  int weight = 1;        ///< Share among the targets of one rule; picked by the session's seed.
  bool operator==(const PolicyTarget&) const = default;
};

/// What a model's name stands for, wherever a model is named; at least one of the two is set.
struct ModelAlias {
  std::string provider;  ///< A name of Config::providers or a provider URL; empty: the service that
                         ///< was asked for.
  std::string model;  ///< Its model, or another alias; empty: that service's default. The alias's
                      ///< own name is the service's own model of that name.
  bool operator==(const ModelAlias&) const = default;
};

/// Sends calls that match everything it names to one of its targets; the first rule counts.
struct RouteRule {
  std::string name;                          ///< Stands in the turn's route.
  std::optional<std::int64_t> tokens_from;   ///< Estimated tokens of the prompt, at least.
  std::optional<std::int64_t> tokens_below;  ///< The prompt has fewer tokens.
  std::optional<bool> tools;                 ///< Whether the request offers tools.
  std::vector<std::string> tiers;            ///< One of them; empty: any.
  std::vector<std::string> languages;        ///< BCP 47 tags, "de" also meets "de-AT"; empty: any.
  std::optional<Money> budget_below;         ///< The tightest budget has less left than that.
  std::vector<PolicyTarget> to;              ///< At least one.
  bool operator==(const RouteRule&) const = default;
};

/// Where a call goes when a service fails before the first content; rules of one service are tried
/// in their order.
struct FallbackRule {
  std::string from;      ///< The service that failed; empty: any.
  std::string provider;  ///< Name in `providers`; empty: the one that failed.
  std::string model;     ///< Its model.
  bool operator==(const FallbackRule&) const = default;
};

/// Complete answers are kept and given out again for the very same request of the same tenant.
struct CachePolicy {
  std::size_t max_bytes = 0;                 ///< 0: no cache.
  std::chrono::milliseconds ttl{3'600'000};  ///< How long an answer is kept.
  bool operator==(const CachePolicy&) const = default;
};

/// How often a reply that broke off in its text is taken up again.
struct ContinuationPolicy {
  int attempts = 0;  ///< 0: never.
  bool operator==(const ContinuationPolicy&) const = default;
};

/// Waiting between the tries of Config::max_retries.
struct RetryLimits {
  std::optional<int> max_retries;                  ///< Not set: Config::max_retries.
  std::chrono::milliseconds first_delay{500};      ///< Doubled for each further retry.
  std::chrono::milliseconds longest_delay{8'000};  ///< Bound of the doubling.
  /// A longer wait asked for by the provider is not waited but handed on.
  std::chrono::milliseconds longest_server_delay{120'000};
  bool operator==(const RetryLimits&) const = default;
};

/// How one service is protected, and protects itself.
struct ServicePolicy {
  std::string service;                         ///< A name of Config::providers; empty: all others.
  int failures_to_open = 3;                    ///< In a row, until the breaker opens; 0: never.
  std::chrono::milliseconds open_for{20'000};  ///< Until one trial call may go.
  std::size_t running = 0;                     ///< Calls at once; 0: no limit.
  std::size_t waiting = 100;                   ///< Calls in line behind them; the next is refused.
  bool pacing = true;  ///< Wait for the quota that the service's own answers tell of.
  bool operator==(const ServicePolicy&) const = default;
};

/// When a tool that keeps failing is left in peace.
struct ToolPolicy {
  std::string tool;                            ///< Its name; empty: all others.
  int failures_to_open = 3;                    ///< In a row, until no call is made; 0: never.
  std::chrono::milliseconds open_for{60'000};  ///< Until one trial call may go.
  bool operator==(const ToolPolicy&) const = default;
};

/// What a call does: anything, ask a model, create a session.
enum class RateKind { api, ai, create };
/// By what callers are told apart.
enum class RateOf { user, address, key };

/// At most `calls` in any span of that length. Of the rules of one class and subject the first that
/// matches the caller counts.
struct RateRule {
  RateKind kind = RateKind::api;           ///< Calls that it counts.
  RateOf of = RateOf::user;                ///< By what callers are told apart.
  std::string tier;                        ///< Empty: any.
  std::optional<bool> guest;               ///< Guests have the role "guest" or no subject.
  std::uint32_t calls = 100;               ///< Calls allowed in any span.
  std::chrono::milliseconds span{60'000};  ///< Length of the window.
  bool operator==(const RateRule&) const = default;
};
/// Signed in 100 a minute by user, guests 30 a minute by address, each class by itself.
std::vector<RateRule> default_rate_rules();

/// Whose spending a budget bounds.
enum class BudgetOf { session, user, tenant };
/// Over which time, by the calendar in UTC.
enum class BudgetOver { total, day, month };
/// What happens to a call that could pass the limit: no call; one to the cheaper model; or the call
/// is made while anything is left, and the reply is cut where the money ends.
enum class AtLimit { refuse, cheaper, cut };

/// What happens to a call whose model has no price while a budget binds it: it is made, costs
/// nothing in the books, and its settlement says `unpriced`; or it is refused.
enum class Unpriced { allow, refuse };

/// An upper bound of spending, by calendar days and months in UTC.
struct BudgetRule {
  BudgetOf of = BudgetOf::session;      ///< Whose spending.
  BudgetOver over = BudgetOver::total;  ///< Over which time.
  std::string tier;                     ///< Empty: any.
  Money limit;                          ///< Upper bound.
  std::vector<int> marks{50, 80, 100};  ///< Percent that raise `budget.alert`, once a window.
  AtLimit at_limit = AtLimit::refuse;   ///< What happens there.
  PolicyTarget cheaper;                 ///< For AtLimit::cheaper.
  bool operator==(const BudgetRule&) const = default;
};

/// How calls to models are chosen, protected and limited. Engine::update_policy() replaces it while
/// the engine runs.
struct Policy {
  std::map<std::string, ModelAlias> aliases;  ///< Models by names of the host's own.
  CachePolicy cache;                          ///< Answers given out again.
  std::vector<RouteRule> routes;              ///< The first that matches counts.
  std::vector<FallbackRule> fallbacks;        ///< Whom to ask when a service failed.
  ContinuationPolicy continuation;            ///< Of replies that broke off.
  RetryLimits retry;                    ///< Of replies that failed before their first content.
  std::vector<ServicePolicy> services;  ///< How single services are protected.
  std::vector<ToolPolicy> tools;        ///< How single tools are protected.
  std::string degraded;  ///< Answer when no service can be asked; empty: the failure is told.
  std::vector<RateRule> rates = default_rate_rules();  ///< Of the calls of principals.
  std::vector<BudgetRule> budgets;                     ///< Of money.
  Unpriced unpriced = Unpriced::allow;                 ///< Under a budget.

  /// Reads the JSON object that stands in a configuration as "policy"; unknown members are faults.
  /// All faults in one Error (invalid_argument).
  static Result<Policy> from_json(std::string_view json);
  /// As JSON, every member.
  std::string to_json() const;

  bool operator==(const Policy&) const = default;
};

}  // namespace scena

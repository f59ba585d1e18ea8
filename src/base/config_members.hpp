#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <scena/config.hpp>
#include <string_view>

namespace scena {

// The one list of what a configuration holds: reading, writing and the reference page's test all go
// through it. A visitor has a call operator (name, member, Bounds or Enum or nothing) per type.

/// Limits of a number, both inclusive.
struct Bounds {
  double low = 0;
  double high = 9e15;
};

constexpr Bounds kSize{1, 9e15};
constexpr Bounds kTime{0, 86'400'000.0 * 365};

/// How a string member is checked and shown.
enum class Text { plain, url };
/// What an amount that may be absent is when it is there: a bound of spending, or a price, which
/// may be 0.
enum class Amount { bound, price };

/// The words of an enumeration, in the order of its values.
template <class E>
struct Words;
template <>
struct Words<Durability> {
  static constexpr std::array<std::string_view, 2> kAll{"power", "process"};
};
template <>
struct Words<StorageThread> {
  static constexpr std::array<std::string_view, 3> kAll{"auto", "on", "off"};
};
template <>
struct Words<Watcher> {
  static constexpr std::array<std::string_view, 2> kAll{"none", "pipe"};
};
template <>
struct Words<ClockKind> {
  static constexpr std::array<std::string_view, 2> kAll{"real", "virtual"};
};
template <>
struct Words<Mode> {
  static constexpr std::array<std::string_view, 2> kAll{"development", "production"};
};
template <>
struct Words<LogLevel> {
  static constexpr std::array<std::string_view, 6> kAll{"trace", "debug", "info",
                                                        "warn",  "error", "off"};
};

template <>
struct Words<RateKind> {
  static constexpr std::array<std::string_view, 3> kAll{"api", "ai", "create"};
};
template <>
struct Words<RateOf> {
  static constexpr std::array<std::string_view, 3> kAll{"user", "address", "key"};
};
template <>
struct Words<BudgetOf> {
  static constexpr std::array<std::string_view, 3> kAll{"session", "user", "tenant"};
};
template <>
struct Words<BudgetOver> {
  static constexpr std::array<std::string_view, 3> kAll{"total", "day", "month"};
};
template <>
struct Words<AtLimit> {
  static constexpr std::array<std::string_view, 3> kAll{"refuse", "cheaper", "cut"};
};
template <>
struct Words<Unpriced> {
  static constexpr std::array<std::string_view, 2> kAll{"allow", "refuse"};
};

template <>
struct Words<Retention> {
  static constexpr std::array<std::string_view, 2> kAll{"keep", "session"};
};

template <>
struct Words<WhenFull> {
  static constexpr std::array<std::string_view, 2> kAll{"refuse", "drop_oldest"};
};

template <>
struct Words<TextCut> {
  static constexpr std::array<std::string_view, 3> kAll{"gpt2", "cl100k", "o200k"};
};

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, Timeouts>
void visit_members(V& v, T& timeouts) {
  v("connect_ms", timeouts.connect, kTime);
  v("first_byte_ms", timeouts.first_byte, kTime);
  v("idle_ms", timeouts.idle, kTime);
  v("total_ms", timeouts.total, kTime);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, HttpConfig>
void visit_members(V& v, T& http) {
  v("proxy", http.proxy, Text::url);
  v("ca_file", http.ca_file, Text::plain);
  v("verify", http.verify);
  v("max_connections_per_host", http.max_connections_per_host, kSize);
  v("pool_idle_ms", http.pool_idle, kTime);
  v("max_header_bytes", http.max_header_bytes, kSize);
  v("max_line_bytes", http.max_line_bytes, kSize);
  v("max_body_bytes", http.max_body_bytes, kSize);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, Limits>
void visit_members(V& v, T& limits) {
  v("history_items", limits.history_items, kSize);
  v("history_tokens", limits.history_tokens, kSize);
  v("message_bytes", limits.message_bytes, kSize);
  v("answer_bytes", limits.answer_bytes, kSize);
  v("answer_tokens", limits.answer_tokens, kSize);
  v("viewer_events", limits.viewer_events, kSize);
  v("viewer_bytes", limits.viewer_bytes, kSize);
  v("commands_per_session", limits.commands_per_session, kSize);
  v("sessions_loaded", limits.sessions_loaded, kSize);
  v("live_metric_updates_per_second", limits.live_metric_updates_per_second, Bounds{1, 1'000});
  v("tool_rounds", limits.tool_rounds, Bounds{1, 100});
  v("tool_calls_per_round", limits.tool_calls_per_round, Bounds{1, 128});
  v("tool_cache_bytes", limits.tool_cache_bytes, kSize);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, AnalysisConfig>
void visit_members(V& v, T& analysis) {
  v("on_completion", analysis.on_completion);
  v("provider", analysis.provider, Text::url);
  v("model", analysis.model, Text::plain);
  v("rounds", analysis.rounds, Bounds{1, 10});
  v("prompt_tokens", analysis.prompt_tokens, Bounds{1'000, 9e15});
  v("answer_tokens", analysis.answer_tokens, Bounds{100, 1'000'000});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, JudgeConfig>
void visit_members(V& v, T& judge) {
  v("provider", judge.provider, Text::url);
  v("model", judge.model, Text::plain);
  v("metrics", judge.metrics);
  v("below_confidence", judge.below_confidence, Bounds{0, 1});
  v("max_per_session", judge.max_per_session, kSize);
  v("session_budget", judge.session_budget);
  v("day_budget", judge.day_budget);
  v("answer_tokens", judge.answer_tokens, Bounds{100, 1'000'000});
  v("rubric", judge.rubric);
  v("cache_bytes", judge.cache_bytes, Bounds{0, 9e15});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, AnalyticsConfig>
void visit_members(V& v, T& analytics) {
  v("enabled", analytics.enabled);
  v("retention_days", analytics.retention_days, Bounds{1, 36'500});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, HttpToolConfig>
void visit_members(V& v, T& tool) {
  v("description", tool.description, Text::plain);
  v.options("parameters", tool.parameters);
  v("method", tool.method, Text::plain);
  v("url", tool.url, Text::url);
  v("headers", tool.headers);
  v.options("body", tool.body);
  v("secret", tool.secret, Text::plain);
  v("result", tool.result, Text::plain);
  v("private_network", tool.private_network);
  v("time_limit_ms", tool.time_limit, Bounds{1, kTime.high});
  v("max_result_bytes", tool.max_result_bytes, kSize);
  v("max_result_tokens", tool.max_result_tokens, kSize);
  v("cache_ms", tool.cache_for, kTime);
  v("idempotent", tool.idempotent);
  v("needs_approval", tool.needs_approval);
  v("everywhere", tool.everywhere);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, JobsConfig>
void visit_members(V& v, T& jobs) {
  v("run", jobs.run);
  v("max_attempts", jobs.max_attempts, Bounds{1, 1'000});
  v("first_delay_ms", jobs.first_delay, kTime);
  v("longest_delay_ms", jobs.longest_delay, kTime);
  v("max_open", jobs.max_open, kSize);
  v("when_full", jobs.when_full);
  v("keep_done_ms", jobs.keep_done, kTime);
  v("keep_dead_ms", jobs.keep_dead, kTime);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, WebhookConfig>
void visit_members(V& v, T& webhook) {
  v("url", webhook.url, Text::url);
  v("secret", webhook.secret, Text::plain);
  v("events", webhook.events);
  v("tenant", webhook.tenant, Text::plain);
  v("public_only", webhook.public_only);
  v("max_attempts", webhook.max_attempts, Bounds{1, 1'000});
  v("max_waiting", webhook.max_waiting, kSize);
  v("time_limit_ms", webhook.time_limit, Bounds{1, kTime.high});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, TokenCounterConfig>
void visit_members(V& v, T& counter) {
  v("file", counter.file, Text::plain);
  v("cut", counter.cut);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, ProviderConfig>
void visit_members(V& v, T& provider) {
  v("url", provider.url, Text::url);
  v("base_url", provider.base_url, Text::url);
  v("api_key", provider.api_key);
  v("more_keys", provider.more_keys);
  v("model", provider.model, Text::plain);
  v("organization", provider.organization, Text::plain);
  v("headers", provider.headers);
  v("query", provider.query);
  v.options("body", provider.body);
  v.options("options", provider.options);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, Price>
void visit_members(V& v, T& price) {
  v("input", price.input);
  v("output", price.output);
  v("cached_input", price.cached_input, Amount::price);
  v("cache_write", price.cache_write, Amount::price);
  v("request", price.request);
  v("reasoning", price.reasoning, Amount::price);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, CachePolicy>
void visit_members(V& v, T& cache) {
  v("max_bytes", cache.max_bytes, Bounds{0, 9e15});
  v("ttl_ms", cache.ttl, Bounds{1, kTime.high});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, PolicyTarget>
void visit_members(V& v, T& target) {
  v("provider", target.provider, Text::url);
  v("model", target.model, Text::plain);
  v("weight", target.weight, Bounds{1, 1'000'000});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, ModelAlias>
void visit_members(V& v, T& alias) {
  v("provider", alias.provider, Text::url);
  v("model", alias.model, Text::plain);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, RouteRule>
void visit_members(V& v, T& rule) {
  v("name", rule.name, Text::plain);
  v("tokens_from", rule.tokens_from, kSize);
  v("tokens_below", rule.tokens_below, kSize);
  v("tools", rule.tools);
  v("tiers", rule.tiers);
  v("languages", rule.languages);
  v("budget_below", rule.budget_below);
  v("to", rule.to);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, FallbackRule>
void visit_members(V& v, T& rule) {
  v("from", rule.from, Text::url);
  v("provider", rule.provider, Text::url);
  v("model", rule.model, Text::plain);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, ContinuationPolicy>
void visit_members(V& v, T& continuation) {
  v("attempts", continuation.attempts, Bounds{0, 10});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, RetryLimits>
void visit_members(V& v, T& retry) {
  v("max_retries", retry.max_retries, Bounds{0, 100});
  v("first_delay_ms", retry.first_delay, kTime);
  v("longest_delay_ms", retry.longest_delay, kTime);
  v("longest_server_delay_ms", retry.longest_server_delay, kTime);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, ServicePolicy>
void visit_members(V& v, T& service) {
  v("service", service.service, Text::url);
  v("failures_to_open", service.failures_to_open, Bounds{0, 1'000'000});
  v("open_for_ms", service.open_for, kTime);
  v("running", service.running, Bounds{0, 9e15});
  v("waiting", service.waiting, Bounds{0, 9e15});
  v("pacing", service.pacing);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, ToolPolicy>
void visit_members(V& v, T& tool) {
  v("tool", tool.tool, Text::plain);
  v("failures_to_open", tool.failures_to_open, Bounds{0, 1'000'000});
  v("open_for_ms", tool.open_for, kTime);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, RateRule>
void visit_members(V& v, T& rule) {
  v("class", rule.kind);
  v("of", rule.of);
  v("tier", rule.tier, Text::plain);
  v("guest", rule.guest);
  v("calls", rule.calls, Bounds{0, 100'000});
  v("span_ms", rule.span, Bounds{1, kTime.high});
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, BudgetRule>
void visit_members(V& v, T& rule) {
  v("of", rule.of);
  v("over", rule.over);
  v("tier", rule.tier, Text::plain);
  v("limit", rule.limit);
  v("marks", rule.marks, Bounds{1, 100});
  v("at_limit", rule.at_limit);
  v("cheaper", rule.cheaper);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, Policy>
void visit_members(V& v, T& policy) {
  v("aliases", policy.aliases);
  v("cache", policy.cache);
  v("routes", policy.routes);
  v("fallbacks", policy.fallbacks);
  v("continuation", policy.continuation);
  v("retry", policy.retry);
  v("services", policy.services);
  v("tools", policy.tools);
  v("degraded", policy.degraded, Text::plain);
  v("rates", policy.rates);
  v("budgets", policy.budgets);
  v("unpriced", policy.unpriced);
}

template <class V, class T>
requires std::same_as<std::remove_const_t<T>, Config>
void visit_members(V& v, T& config) {
  v("storage", config.storage, Text::url);
  v("storage_read_only", config.storage_read_only);
  v("storage_fallback", config.storage_fallback);
  v("durability", config.durability);
  v("storage_thread", config.storage_thread);
  v("threads", config.threads, Bounds{0, 1'024});
  v("watcher", config.watcher);
  v("clock", config.clock);
  v("seed", config.seed);
  v("mode", config.mode);
  v("provider", config.provider, Text::url);
  v("model", config.model, Text::plain);
  v("providers", config.providers);
  v("stream", config.stream);
  v("max_retries", config.max_retries, Bounds{0, 100});
  v("timeouts", config.timeouts);
  v("http", config.http);
  v("limits", config.limits);
  v("log_level", config.log_level);
  v("log_levels", config.log_levels);
  v("log_message_text", config.log_message_text);
  v("session_budget", config.session_budget);
  v("prices", config.prices);
  v("token_counters", config.token_counters);
  v("policy", config.policy);
  v("metrics", config.metrics);
  v("live_metrics", config.live_metrics);
  v("analysis", config.analysis);
  v("judge", config.judge);
  v("analytics", config.analytics);
  v("retention", config.retention);
  v("retention_ttl_ms", config.retention_ttl, kTime);
  v("tools", config.tools);
  v("jobs", config.jobs);
  v("webhooks", config.webhooks);
  v("tape_record", config.tape_record, Text::plain);
  v("tape_replay", config.tape_replay, Text::plain);
  v("tape_speed", config.tape_speed, Bounds{0, 1'000});
}

/// What cannot be said of one member alone; pointers begin with `parent`.
void check_policy(const Policy& policy, std::string_view parent, std::vector<Fault>& faults);

/// Every fault in one Error (invalid_argument), one line each; its pointer is the first one's.
Error faults_error(std::string_view what, const std::vector<Fault>& faults);

}  // namespace scena

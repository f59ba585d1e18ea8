#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <scena/byte_pairs.hpp>
#include <scena/ext/log_sink.hpp>
#include <scena/ext/provider.hpp>
#include <scena/ext/storage.hpp>
#include <scena/policy.hpp>
#include <scena/secret.hpp>
#include <scena/usage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// One fault of a configuration or preset: where, what, and what would be right.
struct Fault {
  std::string pointer;  ///< JSON pointer or name of the environment variable.
  std::string message;  ///< What is wrong and what to do.
  std::string example;  ///< A value that would be accepted; may be empty.
  bool operator==(const Fault&) const = default;
};

/// One model service. The name in Config::providers is what sessions and presets refer to.
struct ProviderConfig {
  std::string
      url;  ///< "script:", "fault:", "openai:gpt-4o", "anthropic:MODEL", "openai+http://host/v1".
  std::string base_url;  ///< Overrides the kind's default, e.g. "http://localhost:8080/v1".
  Secret api_key;        ///< Or empty: read from the secret source by the kind's usual name.
  std::vector<Secret> more_keys;          ///< Taken in turn when a key is refused or throttled.
  std::string model;                      ///< Default model; overrides the one in the URL.
  std::string organization;               ///< Organisation id that `openai:` sends; empty: none.
  std::map<std::string, Secret> headers;  ///< More header fields of each request, by name.
  std::map<std::string, Secret> query;    ///< More query members of each request, not encoded.
  std::string body;  ///< Members that replace those of each model request's body: a JSON object;
                     ///< null takes one out.
  std::string
      options;  ///< Provider's own options as a JSON object ("script" replies, "fault" schedule).
  bool operator==(const ProviderConfig&) const = default;
};

/// The kind at the front of a provider's URL: "openai" of "openai:gpt-4o" and of
/// "openai+http://host/v1": what stands before the first ":", "+" or "@". A bare name is returned
/// whole. A view into `url`.
std::string_view provider_kind(std::string_view url) noexcept;

/// How services are reached. Bounds are bytes; an answer over one fails with too_large.
struct HttpConfig {
  Secret proxy;                                   ///< "", "env" or "http://[user:pass@]host:port".
  std::string ca_file;                            ///< PEM file in place of the system's.
  bool verify = true;                             ///< Checks certificates and host names.
  std::size_t max_connections_per_host = 20'000;  ///< Open connections to one host.
  std::chrono::milliseconds pool_idle{60'000};    ///< How long an unused connection is kept.
  std::size_t max_header_bytes = 64u << 10;       ///< Of an answer's head.
  std::size_t max_line_bytes = 1u << 20;          ///< One SSE event or NDJSON line.
  std::size_t max_body_bytes = 32u << 20;         ///< Of an answer's body, decompressed.
  bool operator==(const HttpConfig&) const = default;
};

/// A tool that makes one HTTP request: its name is the key in Config::tools. URL, header values and
/// body may hold slots, {{name}} for an argument (absent: empty) and {{secret}}.
struct HttpToolConfig {
  std::string description;     ///< For the model.
  std::string parameters;      ///< JSON schema of the arguments, an object's; empty: no arguments.
  std::string method = "GET";  ///< GET, POST, PUT, PATCH or DELETE.
  std::string url;  ///< Slots in path and query are percent-encoded; none may stand in the host.
  std::map<std::string, std::string> headers;  ///< Of each request, by name.
  std::string body;    ///< A JSON value; a text that is one slot takes the argument's own type.
  std::string secret;  ///< Name in the secret source; while it is absent, the tool is not offered.
  std::string result;  ///< JSON pointer of what the model gets of the answer; empty: all of it.
  bool private_network = false;                  ///< Allow http, and loopback or private addresses.
  std::chrono::milliseconds time_limit{10'000};  ///< Of one call, on the engine's clock.
  std::size_t max_result_bytes = 64u << 10;      ///< A larger answer is a failed call.
  std::size_t max_result_tokens = 16'000;        ///< See ToolOptions.
  std::chrono::milliseconds cache_for{0};        ///< See ToolOptions.
  bool idempotent = true;                        ///< See ToolOptions.
  bool needs_approval = false;                   ///< See ToolOptions.
  bool everywhere = false;                       ///< See ToolOptions.
  bool operator==(const HttpToolConfig&) const = default;
};

/// What happens to a new job when its queue is full.
enum class WhenFull {
  refuse,       ///< It is refused, overloaded.
  drop_oldest,  ///< The one that waits longest gives way and is a dead letter.
};

/// How background jobs are tried again, bounded and kept.
struct JobsConfig {
  /// False: jobs are stored and wait for another engine over the same store; that goes for
  /// analyses, judges, event sinks and retention, too.
  bool run = true;
  int max_attempts = 3;                              ///< Starts of a job, crashes included.
  std::chrono::milliseconds first_delay{1'000};      ///< After the first failure, then doubled.
  std::chrono::milliseconds longest_delay{300'000};  ///< Never longer; half of each is random.
  std::size_t max_open = 10'000;          ///< Jobs of a tenant and kind that wait or run.
  WhenFull when_full = WhenFull::refuse;  ///< Over max_open.
  std::chrono::milliseconds keep_done{7LL * 86'400'000};   ///< Then done and cancelled ones go.
  std::chrono::milliseconds keep_dead{30LL * 86'400'000};  ///< Then dead letters go.
  bool operator==(const JobsConfig&) const = default;
};

/// An address that gets events by HTTP, signed as the Standard Webhooks scheme does it; its name is
/// the key in Config::webhooks. See docs/reference/webhooks.md.
struct WebhookConfig {
  std::string url;                   ///< Where events are posted to.
  std::string secret;                ///< Name in the secret source of the key, "whsec_" and base64.
  std::vector<std::string> events;   ///< As EventSinkOptions::events.
  std::string tenant;                ///< Only this one's events; empty: of all tenants.
  bool public_only = false;          ///< The URL came as data: https to public addresses alone.
  int max_attempts = 8;              ///< Deliveries of one event before it is a dead letter.
  std::size_t max_waiting = 10'000;  ///< Over it the oldest waiting event is dropped.
  std::chrono::milliseconds time_limit{15'000};  ///< Of one delivery.
  bool operator==(const WebhookConfig&) const = default;
};

/// A vocabulary of byte pairs on this machine, read when the engine opens: models of its family are
/// counted exactly. How their names begin is the key in Config::token_counters.
struct TokenCounterConfig {
  std::string file;            ///< As for byte_pair_counter_from_file(). Never fetched.
  std::optional<TextCut> cut;  ///< Required: another family's would miscount without a word.
  bool operator==(const TokenCounterConfig&) const = default;
};

/// Bounds of queues and histories. None may be zero.
struct Limits {
  std::size_t history_items = 50;  ///< Messages that go to the model.
  /// Estimated tokens of the prompt: the history gets what its fixed parts leave, and the newest
  /// turn is always in it.
  std::size_t history_tokens = 16'000;
  std::size_t message_bytes = 256u << 10;  ///< Of one message.
  std::size_t answer_bytes = 4u << 20;     ///< Of one reply's text.
  /// Counted or estimated tokens of one answer of a model, in a session or of Engine::complete(),
  /// with its reasoning and its calls of tools: what stops a service that ignores `max_tokens`.
  std::size_t answer_tokens = 262'144;
  std::size_t viewer_events = 1'000;        ///< Per viewer, then deltas are merged.
  std::size_t viewer_bytes = 1u << 20;      ///< Waiting for one viewer.
  std::size_t commands_per_session = 64;    ///< Waiting commands; the next is refused, overloaded.
  std::size_t sessions_loaded = 100'000;    ///< Sessions held in memory at once.
  int live_metric_updates_per_second = 10;  ///< 1 to 1000 for each message being written.
  std::size_t tool_rounds = 8;              ///< Times that a model may ask for tools in one turn.
  std::size_t tool_calls_per_round = 16;    ///< More at once are failed calls.
  std::size_t tool_cache_bytes = 8u << 20;  ///< Of all results kept for a while.
  bool operator==(const Limits&) const = default;
};

/// The analysis that follows each completed session. A preset's `analysis` names another model.
struct AnalysisConfig {
  bool on_completion = true;  ///< False: only Session::analyze() makes one.
  std::string provider;       ///< Name in `providers`, or a provider URL; empty: no model is asked,
                              ///< the analysis is measured alone.
  std::string model;          ///< Empty: the provider's default.
  int rounds = 3;             ///< Times a model may answer, until its answer is right.
  std::size_t prompt_tokens = 12'000;  ///< Estimated, of one request; longer sessions go in parts.
  std::size_t answer_tokens = 4'000;   ///< Of one answer.
  bool operator==(const AnalysisConfig&) const = default;
};

/// A model's second opinion on scores of messages that the metrics are unsure of. Off without a
/// provider. See docs/guide/judge.md.
struct JudgeConfig {
  std::string provider;  ///< Name in `providers`, or a provider URL; empty: nobody is asked.
  std::string model;     ///< Empty: the provider's default.
  /// Which metrics: sentiment, evasiveness, toxicity, sophistication, contradiction.
  std::vector<std::string> metrics = {"sentiment", "evasiveness", "toxicity"};
  double below_confidence = 0.5;        ///< Scores of less confidence are judged.
  std::size_t max_per_session = 50;     ///< Messages of one session that are judged.
  std::optional<Money> session_budget;  ///< What judging one session may cost.
  std::optional<Money> day_budget;      ///< What judging may cost a tenant a day, in UTC.
  std::size_t answer_tokens = 1'000;    ///< Of one answer.
  /// By metric: what its values mean, in place of the built-in words. A preset's `judge` wins.
  std::map<std::string, std::string> rubric;
  std::size_t cache_bytes = 1u << 20;  ///< Of opinions kept for equal texts; 0: none.
  bool operator==(const JudgeConfig&) const = default;
};

/// Whether each session is counted one by one, and for how long. See docs/reference/analytics.md.
struct AnalyticsConfig {
  bool enabled = true;      ///< False: no row of any session is written.
  int retention_days = 30;  ///< After these a session's row goes, and daily counts stay.
  bool operator==(const AnalyticsConfig&) const = default;
};

/// What becomes of a session that has ended: completed, failed or deleted.
enum class Retention {
  keep,     ///< It stays until it is deleted, and its events longer.
  session,  ///< Nothing of it is left when its time to live is over.
};

/// What the engine reads time from: the system, or a clock that moves by Engine::advance().
enum class ClockKind { real, virtual_time };
/// Whether a pipe tells a host's loop when to poll: for loops that cannot watch an epoll
/// descriptor.
enum class Watcher { none, pipe };
/// Whether commits have a thread of their own. automatic: with a store that syncs, on the real
/// clock.
enum class StorageThread { automatic, on, off };
/// production refuses keys from examples and keys under 8 characters.
enum class Mode { development, production };

/// Everything an engine is built from, as one value. Config::check() reports all faults at once.
struct Config {
  std::string storage = "memory:";  ///< "memory:" or "sqlite:FILE".
  bool storage_read_only = false;   ///< Reads beside a running engine; every change is refused.
  bool storage_fallback =
      false;  ///< Use memory: when the store's place cannot be written; capabilities() tells.
  Durability durability = Durability::power;  ///< What an acknowledged message survives.
  StorageThread storage_thread =
      StorageThread::automatic;     ///< Off with `threads` 0: a poll may wait for one sync.
  int threads = 0;                  ///< Loop threads of the engine's own; 0: the host calls poll().
  Watcher watcher = Watcher::none;  ///< pipe: needs `threads` 0.
  ClockKind clock = ClockKind::real;  ///< virtual_time: needs `threads` 0.
  std::optional<std::uint64_t> seed;  ///< Makes ids and random choices repeatable.
  Mode mode = Mode::development;      ///< How strictly keys are checked.

  std::string provider = "script";                  ///< Name in `providers`, or a provider URL.
  std::string model;                                ///< Empty: the provider's default.
  std::map<std::string, ProviderConfig> providers;  ///< Model services by name.
  bool stream = true;   ///< Ask services for replies piece by piece; false: each comes whole.
  int max_retries = 2;  ///< Of one reply that failed before any of it was delivered; 0: none.
  Timeouts timeouts;    ///< Of each exchange with a model.
  HttpConfig http;      ///< Connections, proxy, certificates, bounds.
  Limits limits;        ///< Bounds of queues and histories.

  LogLevel log_level = LogLevel::info;         ///< For modules without one of their own.
  std::map<std::string, LogLevel> log_levels;  ///< Per module.
  bool log_message_text = false;               ///< Lets texts of messages into the log.

  std::optional<Money> session_budget;  ///< Upper bound of one session's cost.
  std::map<std::string, Price>
      prices;  ///< By model, as providers name it; "*" for all others. None: the catalog's, else 0.
  /// By how the names of their models begin ("gpt-4o"); the longest that fits counts, "*" fits all.
  /// Dependencies::token_counters go first.
  std::map<std::string, TokenCounterConfig> token_counters;
  Policy policy;                     ///< How calls to models are chosen, protected and limited.
  std::vector<std::string> metrics;  ///< Names to compute; empty: all built-in ones.
  bool live_metrics = true;          ///< Measures while tokens arrive.
  AnalysisConfig analysis;           ///< What follows a completed session.
  JudgeConfig judge;                 ///< Who gives a second opinion on unsure scores.
  AnalyticsConfig analytics;         ///< What is kept of sessions to count them.
  Retention retention = Retention::keep;          ///< Of sessions that do not say it themselves.
  std::chrono::milliseconds retention_ttl{0};     ///< From a session's end to its erasure.
  std::map<std::string, HttpToolConfig> tools;    ///< By the name that models use.
  JobsConfig jobs;                                ///< Background jobs.
  std::map<std::string, WebhookConfig> webhooks;  ///< Addresses that get events, by name.

  std::string tape_record;  ///< File to record HTTP exchanges into; empty: none.
  std::string tape_replay;  ///< File whose exchanges take the network's place; empty: none.
  double tape_speed = 1.0;  ///< 1: as recorded; 0: as fast as possible.

  /// Every fault, or an empty list.
  std::vector<Fault> check() const;

  /// Reads a JSON object; unknown members are faults. All faults in one Error (invalid_argument),
  /// one line each: pointer, reason, example.
  static Result<Config> from_json(std::string_view json);
  /// The same from a file of up to 1 MiB.
  static Result<Config> from_file(const std::string& path);
  /// Reads the environment variables of docs/reference/configuration.md over `base`.
  static Result<Config> from_env(Config base);
  static Result<Config> from_env() { return from_env(Config{}); }
  /// The configuration as JSON with secrets replaced by "***".
  std::string to_json() const;

  bool operator==(const Config&) const = default;
};

}  // namespace scena

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <scena/completion.hpp>
#include <scena/config.hpp>
#include <scena/costs.hpp>
#include <scena/ext/analyzer.hpp>
#include <scena/ext/clock.hpp>
#include <scena/ext/embedder.hpp>
#include <scena/ext/event_sink.hpp>
#include <scena/ext/filter.hpp>
#include <scena/ext/job_handler.hpp>
#include <scena/ext/log_sink.hpp>
#include <scena/ext/provider.hpp>
#include <scena/ext/secret_source.hpp>
#include <scena/ext/storage.hpp>
#include <scena/ext/token_counter.hpp>
#include <scena/ext/tool.hpp>
#include <scena/jobs.hpp>
#include <scena/pending.hpp>
#include <scena/preset.hpp>
#include <scena/principal.hpp>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// What a host puts in the place of scena's own parts. Empty members: the configuration decides.
/// Everything given is shared with the host and kept until the engine is destroyed.
struct Dependencies {
  std::shared_ptr<Clock> clock;           ///< What time is read from.
  std::shared_ptr<LogSink> log;           ///< Where log lines go; without one nowhere.
  std::shared_ptr<Storage> storage;       ///< In place of Config::storage.
  std::shared_ptr<SecretSource> secrets;  ///< For keys that the configuration leaves out.
  std::map<std::string, std::shared_ptr<Provider>> providers;  ///< By the name that sessions use.
  std::map<std::string, std::shared_ptr<Embedder>> embedders;  ///< By the same names.
  std::vector<std::shared_ptr<Analyzer>> analyzers;            ///< Beside the built-in ones.
  std::shared_ptr<Filter> filter;            ///< Looks at every text that enters or leaves a model.
  std::vector<std::shared_ptr<Tool>> tools;  ///< Beside those of Config::tools.
  std::shared_ptr<ToolApproval> tool_approval;  ///< Asked before calls of tools that need it.
  std::map<std::string, std::shared_ptr<JobHandler>> job_handlers;  ///< By the kind of their jobs.
  std::map<std::string, std::shared_ptr<EventSink>> event_sinks;    ///< Beside Config::webhooks.
  /// By how the names of their models begin ("gpt-4o"); the longest that fits counts, "*" fits all.
  std::map<std::string, std::shared_ptr<TokenCounter>> token_counters;
};

/// What a new session has beside its preset. Empty members: the preset's, else the configuration's.
struct SessionOptions {
  std::string id;     ///< Empty: a new UUID of version 7.
  std::string owner;  ///< User id of the owner.
  std::string title;  ///< Empty: the preset's.
  std::map<std::string, std::string>
      variables;                              ///< Values in text form; checked against the preset.
  std::map<std::string, std::string> labels;  ///< The host's own names and values.
  std::string provider;                       ///< Overrides preset and configuration.
  std::string model;                          ///< Overrides preset and configuration.
  /// Who plays a character: "human" or "ai"; overrides the preset.
  std::map<std::string, std::string> played_by;
  std::optional<std::uint64_t> seed;  ///< Of this session's generator; empty: from the engine's.
  std::string command_id;             ///< The same id again returns the session made first.
  /// Empty: the configuration's. Forks are erased as their parent is. Others than the host may only
  /// shorten what the configuration says.
  std::optional<Retention> retention;
  std::optional<std::chrono::milliseconds> retention_ttl;  ///< Empty: the configuration's.
};

/// Which stored sessions to list.
struct SessionQuery {
  std::string after;                  ///< Page::next of the page before; empty: the first page.
  std::size_t limit = 0;              ///< Sessions in a page, at most 1000; 0: 50.
  std::optional<SessionState> state;  ///< Only those in it.
};

/// Sessions, the one created last first; of the same time the one with the greater id.
struct Page {
  std::vector<SessionInfo> sessions;  ///< At most `limit` of the query.
  std::string next;                   ///< Hand back as `after`; empty: this was the last page.
};

/// Which presets to list.
struct PresetQuery {
  std::string after;      ///< Id of the last preset of the page before; empty: the first page.
  std::size_t limit = 0;  ///< Presets in a page, at most 1000; 0: 50.
  std::string category;   ///< Empty: all.
};

/// What a preset is, without its texts.
struct PresetInfo {
  std::string id;           ///< What create_session() takes.
  std::string version;      ///< Grows with each change of a preset.
  std::string title;        ///< For people.
  std::string description;  ///< What it is about, in a sentence or two.
  std::string category;     ///< e.g. "interview".
  bool builtin = false;     ///< Comes with the library; no stored one has its id.
};

/// Presets, ordered by id.
struct PresetPage {
  std::vector<PresetInfo> presets;  ///< By id.
  std::string next;                 ///< Hand back as `after`; empty: this was the last page.
};

/// What the engine holds now, and how often its bounded queues overflowed since it was opened.
struct EngineStats {
  std::size_t sessions_loaded = 0;     ///< Held in memory now.
  std::size_t commits_waiting = 0;     ///< Batches the store has not taken yet.
  std::uint64_t commands_refused = 0;  ///< overloaded: over limits.commands_per_session.
  std::uint64_t deltas_merged = 0;     ///< Because a viewer was slow: limits.viewer_events, _bytes.
  std::uint64_t viewers_lagged = 0;    ///< Ended with `lagged`, because merging was not enough.
  std::size_t jobs_running = 0;        ///< Attempts at jobs under way.
  std::uint64_t jobs_refused = 0;      ///< overloaded: over jobs.max_open. Dropped: Jobs::counts().
  bool idle = false;  ///< Nothing is under way: what Engine::run_until_idle() waits for.
};

/// How a model service fares, as its circuit breaker saw it since the engine was opened or the
/// limits of that breaker changed.
struct ServiceHealth {
  std::string breaker;                ///< "closed": it is asked; "open": it is not, for a while;
                                      ///< "half_open": one call tries whether it is back.
  std::chrono::milliseconds wait{0};  ///< While open: until a call may try.
  std::uint64_t times_opened = 0;     ///< How often it failed too often.
  std::uint64_t answered = 0;         ///< Calls that ended well.
  std::uint64_t failed = 0;           ///< Calls whose end speaks against the service.
  std::uint64_t refused = 0;          ///< Calls that were not made because it was open.
  std::uint64_t rejected = 0;         ///< Calls whose key the service did not take (401, 403).
  std::string last_error;  ///< Code of the last failed or rejected call; empty: there was none.
  bool operator==(const ServiceHealth&) const = default;
};

/// Whether a service was reachable when it was asked last.
struct Reachability {
  std::string state;  ///< "unknown": no call has told yet; "ok": the last call that tells ended
                      ///< well; "failing": it did not, or the key was not taken.
  std::chrono::milliseconds failing_for{0};  ///< Since the first failure that no success followed.
  std::string last_error;                    ///< While failing: the code of the last failure.
  bool operator==(const Reachability&) const = default;
};

/// What is compiled in, configured and reachable, without network calls.
struct Capabilities {
  std::string version;                 ///< The library's.
  std::string storage;                 ///< URL in use, without secrets.
  bool storage_durable = false;        ///< Something is left when the process ends.
  bool storage_thread = false;         ///< False: poll() may take one sync longer than its budget.
  std::string durability;              ///< "power" or "process".
  int threads = 0;                     ///< Loop threads of the engine's own.
  bool virtual_clock = false;          ///< Time moves by advance() only.
  std::vector<std::string> providers;  ///< Kinds this build can talk to.
  std::vector<std::string> configured_providers;  ///< Names in Config::providers and Dependencies.
  std::vector<std::string> storages;              ///< Kinds of stores in this build.
  std::vector<std::string> metrics;  ///< Names of the built-in metrics, then of the host's own.
  std::vector<std::string> tools;  ///< Those that can be offered: of the host, and configured ones
                                   ///< whose secret is there.
  bool https = false;              ///< TLS is compiled in.
  std::string tls_library;         ///< What serves it, with its version: "OpenSSL 3.0.17".
  /// By name: the configured services and those that sessions named, as the engine's own calls
  /// found them; services whose policy has no breaker stay "unknown". Nothing is asked for this: a
  /// call of Engine::complete() asks a service at once.
  std::map<std::string, Reachability> services;
  /// The same as one line of JSON, members in this order.
  std::string to_json() const;
};

/// json: what import_session() takes; jsonl: an event a line; markdown: for people.
enum class ExportFormat { json, jsonl, markdown };

/// One engine: sessions, presets, storage and model services behind one object. Does nothing behind
/// the host's back: no output, no signal handlers. With `threads = 0` it has no loop thread; one
/// thread for the disk runs when `storage_thread` is on, which is the default with `sqlite:`,
/// durability `power` and the real clock, and one more with `watcher = pipe`.
///
/// Threading: with `threads = 0` everything, callbacks included, runs inside poll() and the
/// blocking calls, on the thread that makes them. One thread at a time runs the loop: a blocking
/// call of another one waits for its turn, poll(), advance() and next_deadline() fail with
/// wrong_state meanwhile. Other calls may come from any thread.
/// put_preset, remove_preset, seed_presets, import_session and rebuild wait for the store, which
/// fails with wrong_state inside a callback; their `..._later` forms wait for nothing.
/// Two engines in one process share nothing. After fork() the child must not use the parent's
/// engine: its calls fail with wrong_state. What the child destroys of it is let go without an end,
/// its memory stays until the process ends; the parent's engine notices nothing.
class Engine {
 public:
  /// Checks the configuration, opens the storage and starts the threads named above.
  /// @throws Error invalid_argument with every fault at once; the storage's own errors.
  static Engine open(const Config& config = {}, Dependencies dependencies = {});
  /// The same without exceptions.
  static Result<Engine> try_open(const Config& config, Dependencies dependencies = {}) noexcept;

  Engine(Engine&&) noexcept;  ///< The other may then only be destroyed or assigned to.
  /// What was held before ends as in the destructor; the other is as after a move.
  Engine& operator=(Engine&&) noexcept;
  /// close() when open() made it; an engine of as() ends nothing. Inside a callback of the engine
  /// it closes when the callback has returned; until then calls fail with closed.
  ~Engine();

  /// The same engine under somebody's rights. @throws Error invalid_argument for names that are
  /// empty, too long or not UTF-8.
  Engine as(const Principal& principal) const;

  /// Creates a session of a stored or built-in preset. Queued like every command: use the handle at
  /// once; it fails later if creating failed.
  /// @throws Error not_found for an unknown preset, invalid_argument for options at fault (every
  ///         one is named: variables that are missing or of the wrong type, unknown characters and
  ///         providers), already_exists for a taken id, permission_denied where somebody else than
  ///         the host names a provider's address.
  Session create_session(std::string_view preset, const SessionOptions& options = {});
  /// The same with a preset that need not be stored; the session keeps a copy. @throws Error
  /// invalid_argument with every fault of the preset.
  Session create_session(const Preset& preset, const SessionOptions& options = {});
  /// A stored session. Its open turn, if a crash left one, is marked interrupted first.
  /// @throws Error not_found, also where the principal may not know of it; limit_reached; storage
  ///         errors.
  Session session(std::string_view id);
  /// Stored sessions, newest first, page by page; under a principal's rights those it owns. Neither
  /// a session that is created nor one that is deleted meanwhile moves the pages behind it.
  /// @throws Error invalid_argument for a limit over 1000 or an `after` that is none;
  ///         storage errors.
  Page sessions(const SessionQuery& query = {}) const;

  /// Asks a model service for one reply outside of any session, through the layers of that
  /// provider. Returns at once; nothing is stored. A failed call is an answer, too: it tells its
  /// error and what came before it.
  ///
  /// @param provider  Name of a configured provider, or a provider URL.
  /// @param request   Model, messages, limits; copied. Its `timeouts` count, its `max_bytes` up to
  ///                  `limits.answer_bytes`, and `limits.answer_tokens`: a reply that passes one
  ///                  ends as truncated, too_large.
  /// @param live      Hears the reply while it comes, on the engine's thread; may be null. It is
  ///                  let go of when it throws.
  /// @param stop      A stop request ends the call with outcome cancelled.
  /// @throws Error permission_denied unless it is the host; not_found or invalid_argument for a
  ///         provider that cannot be used; unauthenticated without a key; closed.
  Pending<Completion> complete(std::string_view provider, ReplyRequest request,
                               std::shared_ptr<ReplySink> live = nullptr,
                               std::stop_token stop = {});

  /// Stored and built-in presets, page by page. @throws Error invalid_argument for a bad limit.
  PresetPage presets(const PresetQuery& query) const;
  std::vector<PresetInfo> presets() const;  ///< All of them.
  /// A stored preset, else the built-in one of that id. @throws Error not_found.
  Preset preset(std::string_view id) const;
  /// Stores a preset for later sessions; running ones keep theirs.
  /// @throws Error invalid_argument with all faults; permission_denied unless it is the host.
  void put_preset(const Preset& preset);
  /// Takes a stored preset out of the store; sessions keep their copies.
  /// @throws Error not_found, also for built-in ones; permission_denied unless it is the host.
  void remove_preset(std::string_view id);
  /// Stores the built-in presets that are not stored yet. @return how many were new.
  /// @throws Error permission_denied unless it is the host; storage errors.
  std::size_t seed_presets();
  /// The three above without waiting for the store, also inside callbacks. They take effect in the
  /// order of the calls, and the answer is there when it is stored. Faults of the arguments and
  /// permission_denied are thrown at once; everything else is what the answer fails with.
  Pending<void> put_preset_later(const Preset& preset);
  Pending<void> remove_preset_later(std::string_view id);  ///< See put_preset_later().
  Pending<std::size_t> seed_presets_later();               ///< See put_preset_later().

  /// The session as one text, as far as it is stored. @throws Error not_found, also before its
  /// creation is stored; permission_denied for `json` unless it is the host.
  std::string export_session(std::string_view id, ExportFormat format) const;
  /// Stores a session exported as JSON under its own id. @throws Error already_exists,
  /// invalid_argument; version_mismatch; permission_denied unless it is the host.
  Session import_session(std::string_view json);
  /// Makes the stored projections of a session again from its events. @return true when they were
  /// equal already. @throws Error not_found; permission_denied unless it is the host.
  bool rebuild(std::string_view id);
  /// The two above without waiting for the store, as put_preset_later().
  Pending<Session> import_session_later(std::string_view json);
  Pending<bool> rebuild_later(std::string_view id);  ///< See put_preset_later().
  /// Erases everything of one user of this tenant: the sessions that `subject` owns or takes or
  /// took part in, deleted ones too, whole, with every fork of them, what others said there, their
  /// analyses, jobs, events on their way to sinks, rows and kept results; the tenant's kept replies
  /// and results of tools; and then the bytes of all this in the store's files. A reply under way
  /// is cancelled. Counts and sums of money stay, with the user's name and without text; so does
  /// what the host has elsewhere: backups, exports, logs, what was delivered already.
  ///
  /// Reads the events of every deleted session of the tenant, and rewrites a SQLite file: for
  /// requests of people, not for every day. Repeat it when it failed.
  /// @return how many sessions went. @throws Error permission_denied unless it is the host;
  ///         unavailable while another program reads the file; invalid_argument; storage_corrupt
  ///         with the names of sessions that could not be read, when all others are gone; storage
  ///         errors.
  std::size_t erase_user(std::string_view subject);
  /// The same without waiting, as put_preset_later().
  Pending<std::size_t> erase_user_later(std::string_view subject);
  /// Writes a consistent copy of the store to `path` while the engine runs. @throws Error
  /// already_exists: no file is overwritten; unsupported for `memory:`; permission_denied unless it
  /// is the host.
  void backup(const std::string& path);
  /// Reads the whole store and judges its structure: its pages, its indexes, streams without holes.
  /// Takes as long as reading the file; others may write meanwhile. @throws Error storage_corrupt,
  /// which says what to do; storage errors; permission_denied unless it is the host.
  void check_storage() const;

  /// Vectors for texts, from a provider by its name in the configuration or its URL; `provider`
  /// empty: the configuration's. No session and no budget is involved; the host prices the usage.
  /// @return a handle that fails with permission_denied unless it is the host, invalid_argument for
  ///         texts at fault, unsupported for a
  ///         provider without embeddings, cancelled or closed when the engine is closed first, or
  ///         as the service's answers do.
  Pending<Embeddings> embed(std::string_view provider, EmbeddingRequest request);
  /// Replaces how calls to models are chosen, protected and limited: the JSON object that stands in
  /// a configuration as "policy". Turns that start from now on go by it, running ones end as they
  /// began. Breakers and quotas keep what they know, the response cache its answers.
  /// @throws Error invalid_argument with every fault at once; permission_denied unless it is the
  ///         host.
  void update_policy(std::string_view json);
  /// Replaces Config::providers in the same way. @throws as update_policy.
  void set_providers(const std::map<std::string, ProviderConfig>& providers);
  /// Adds to the catalog of models from now on: a JSON object of "date", "source" and "models", as
  /// docs/guide/providers.md shows. A record replaces the one of its name.
  /// @throws Error invalid_argument with the pointer of the member at fault; permission_denied
  ///         unless it is the host.
  void set_models(std::string_view json);
  /// Sets what those models charge from now on; models not named keep their price.
  /// @throws Error invalid_argument for a negative price; permission_denied unless it is the host.
  void set_prices(const std::map<std::string, Price>& prices);
  /// Adds up the ledger of this tenant: one row for each combination of `by` that has calls, sorted
  /// by it; without `by` one row of everything. Exact to 10^-12 USD; reads the store.
  /// @throws Error invalid_argument for a day that is none; permission_denied unless it is the
  /// host;
  ///         storage errors.
  std::vector<CostRow> costs(const CostQuery& query = {}, const std::vector<CostBy>& by = {}) const;
  /// What the response cache did since the engine was opened, by model. @throws Error closed;
  /// permission_denied unless it is the host.
  std::map<std::string, CacheFigures> cache_figures() const;
  /// How the services fare that a turn has asked for, by the name that sessions use. Without a
  /// network call; services whose policy has no breaker are left out. @throws Error closed;
  /// permission_denied unless it is the host.
  std::map<std::string, ServiceHealth> service_health() const;

  /// The background jobs of this tenant. @throws Error closed; wrong_state after fork().
  Jobs jobs() const;

  /// What is built in and configured, without network calls. @throws Error closed; wrong_state
  /// after fork().
  Capabilities capabilities() const;
  /// What is held now and what overflowed so far. @throws Error closed; wrong_state after fork().
  EngineStats stats() const;

  /// Runs what is ready, callbacks included, for about `budget` (never longer by more than one
  /// callback); zero: one round. Returns how many callbacks ran.
  /// @throws Error wrong_state inside a callback, while another thread runs the loop and with
  ///         threads of the engine's own; closed.
  std::size_t poll(std::chrono::microseconds budget = std::chrono::microseconds(0));
  /// Readable when poll() has work: an epoll descriptor, or the watcher's pipe when configured.
  int wait_fd() const;
  /// When poll() must be called at the latest, on the engine's clock; nullopt: only when readable,
  /// or never, with threads of the engine's own and after close().
  /// @throws Error wrong_state while another thread runs the loop.
  std::optional<TimePoint> next_deadline() const;
  /// The engine's clock: virtual time moves by advance() and inside blocking calls. These take it
  /// to what is under way waits for, never past their own time limit, and to the limit when nothing
  /// is under way; never to jobs queued for later by themselves.
  const Clock& clock() const;
  /// Moves virtual time on, running every timer on the way. @throws Error wrong_state on a real
  /// clock, inside a callback or while another thread runs the loop, invalid_argument for a
  /// negative step, or one that takes the clock more than 100 years from its start.
  void advance(Duration step);
  /// Blocks until every queued command and turn, and every job whose time has come, is done
  /// (virtual time moves on as needed, but not to jobs queued for later). A job whose end the store
  /// refuses is not waited for.
  /// @throws Error wrong_state inside a callback; closed; timeout: something is still under way.
  void run_until_idle(std::optional<std::chrono::milliseconds> timeout = std::nullopt);

  /// No new work; running turns end as interrupted, stores are flushed, threads joined, the one of
  /// the host's that runs the loop is waited for. No callback comes after it returns. Safe to call
  /// twice.
  /// @return false inside a callback, where it does nothing: close it later.
  bool close() noexcept;
  /// The first half of close() without waiting, for hosts whose thread must not wait for a disk
  /// (`threads = 0`): new work is refused, running turns are interrupted, and poll() carries that
  /// on until it fails with closed. From then on no function of the host is called any more, and
  /// close(), which may wait for the store, may be called on any thread that is not polling.
  /// @return false inside a callback, and with threads of the engine's own: nothing happened.
  bool begin_close() noexcept;

  class Impl;

 private:
  friend struct EngineParts;  // the library's own way in
  explicit Engine(std::shared_ptr<Impl> impl) noexcept;
  std::shared_ptr<Impl> impl_;
};

/// The library's version, e.g. "0.1.0".
const char* version() noexcept;

}  // namespace scena

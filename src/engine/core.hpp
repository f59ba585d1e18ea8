#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <scena/engine.hpp>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/id.hpp"
#include "base/log.hpp"
#include "bus/bus.hpp"
#include "domain/preset_render.hpp"
#include "domain/session_model.hpp"
#include "engine/access/rate_gate.hpp"
#include "engine/analytics/analytics_desk.hpp"
#include "engine/jobs/job_runner.hpp"
#include "engine/judge/judge_cache.hpp"
#include "engine/loop_host.hpp"
#include "engine/money/bill.hpp"
#include "engine/money/budget_office.hpp"
#include "engine/preset_catalog.hpp"
#include "engine/service_set.hpp"
#include "engine/sinks/event_sinks.hpp"
#include "engine/tools/tool_breakers.hpp"
#include "engine/tools/tool_cache.hpp"
#include "engine/turn/completion_run.hpp"
#include "engine/work_count.hpp"
#include "llm/model_catalog.hpp"
#include "llm/registry.hpp"
#include "storage/registry.hpp"
#include "storage/storage_queue.hpp"

namespace scena::metrics {
class OfflineAnalysis;
}

namespace scena::engine {

class SessionActor;
struct TurnPlan;

/// What every part of one engine shares: configuration, clock, storage, loops, sessions. Built and
/// wired here; owned by the Engine and kept alive by the handles it gave out.
///
/// Threading: any thread, unless a function says otherwise.
class Core final : public detail::Driver, public std::enable_shared_from_this<Core> {
 public:
  static Result<std::shared_ptr<Core>> open(const Config& config, Dependencies dependencies,
                                            NetworkMaker make_network = {});
  ~Core() override;

  const Config& config() const noexcept { return config_; }
  const Dependencies& dependencies() const noexcept { return dependencies_; }
  Clock& clock() const noexcept { return *clock_; }
  const Logger& log() const noexcept { return log_; }
  /// The store; after close() an empty one in memory, so that late readers find nothing.
  std::shared_ptr<Storage> storage() const;
  PresetCatalog& presets() noexcept { return *presets_; }
  Bus& bus() noexcept { return *bus_; }
  ToolCache& tool_cache() noexcept { return *tool_cache_; }
  ToolBreakers& tool_breakers() noexcept { return tool_breakers_; }
  JudgeCache& judge_cache() noexcept { return judge_cache_; }
  JobRunner& jobs() noexcept { return *jobs_; }
  const EventSinks& sinks() const noexcept { return *sinks_; }
  AnalyticsDesk& analytics() noexcept { return analytics_; }
  /// The one whose loop background work runs on.
  LoopHost& first_host() noexcept { return *hosts_.front(); }
  /// The price of a model as the service calls it, else as it was asked for, both also without a
  /// vendor before a slash, else that of "*", else the catalog's.
  std::optional<Price> price_of(const std::string& served, const std::string& asked) const;
  /// What that usage costs; zero for models without a price.
  Money price(const std::string& served, const std::string& asked, const Usage& usage) const;
  /// The same, for a Bill.
  Bill::Pricing pricing() const {
    return [this](const std::string& served, const std::string& asked, const Usage& usage) {
      return price(served, asked, usage);
    };
  }
  /// A budget binds a call whose model has no price: said in the log, once a model.
  void warn_unpriced(const std::string& model);
  /// Adds records to the catalog of models, which providers and prices ask.
  Result<void> set_models(std::string_view json);
  /// Sets the prices of those models; others keep theirs.
  void set_prices(const std::map<std::string, Price>& prices);

  /// Services and policy for what starts now.
  std::shared_ptr<const ServiceSet> services() const;
  /// Changes them, from what they are when no other change is under way. Whatever thread calls.
  /// @return invalid_argument with every fault; nothing has changed then.
  Result<void> change_services(const std::function<void(ServiceSet&)>& change);
  BudgetOffice& budgets() noexcept { return *budgets_; }
  const llm::LayerState& layers() const noexcept { return *layers_; }
  /// Replies and results of tools that are kept for later calls of a tenant.
  void forget_kept_answers(const std::string& tenant);
  /// rate_limited when the policy lets `who` make no further call of that class now.
  Result<void> admit(const Principal& who, SessionCommand command);
  /// Measures whole sessions; made when it is first asked for.
  std::shared_ptr<const metrics::OfflineAnalysis> offline_analysis();
  const std::vector<std::shared_ptr<Analyzer>>& analyzers() const noexcept { return analyzers_; }
  Capabilities capabilities() const;

  /// True in a child of fork(), whose copy of the parent's engine must be left alone.
  bool is_forked() const noexcept;
  /// Refuses what cannot work: after close(), and in a child after fork().
  Result<void> usable() const noexcept;

  /// The actor of a session, loaded from storage when it is not in memory. not_found without
  /// events. It comes with one handle counted (SessionActor::add_handle), which the caller drops.
  Result<std::shared_ptr<SessionActor>> actor(const std::string& tenant, const std::string& id);
  /// A new actor for a session that is about to be created; with one handle counted, too.
  Result<std::shared_ptr<SessionActor>> new_actor(const std::string& tenant, const std::string& id);
  /// A handle was dropped: lets go of sessions that nobody uses and that have nothing to do.
  void release(const std::shared_ptr<SessionActor>& actor) noexcept;
  /// Its creation failed: the id is free for the session that has it, or for another try.
  void forget(const SessionActor& actor);
  /// The session that a creation under this command id made before, or is making now; empty: none,
  /// and `id` is noted as the one that makes it.
  Result<std::string> claim_creation(const Principal& who, const std::string& command_id,
                                     const std::string& id);
  void creation_ended(const std::string& id);
  /// Erases of this tenant's creations what is no first result any more, a few with each new one.
  void forget_old_creations(const std::string& tenant, LoopHost& host);
  std::size_t loaded_sessions() const;
  /// A host's callback threw; it stays there, and the log says so.
  void callback_threw() noexcept override;
  /// Counted here as long as idle() is to be false.
  WorkCount& work() noexcept { return *work_; }
  void count_overload() noexcept { overloads_.fetch_add(1, std::memory_order_relaxed); }
  EngineStats stats() const;

  /// Runs `work` where commits run, behind all that was queued before: what it reads is what it
  /// changes. `done` comes on the loop; both are dropped when the engine is closed first.
  void at_store(StorageQueue::Call work, std::function<void(Result<void>)> done);
  /// wrong_state where waiting would wait for itself.
  Result<void> may_wait() const;
  /// Adds the row that a session's events give, where it is not as it stands in the store. Any
  /// thread.
  Result<void> rebuild_analytics(Storage& storage, const std::string& tenant,
                                 const SessionFacts& facts, Batch& batch);
  /// It was committed: a session that is loaded looks for its row again. Any thread.
  void row_was_rebuilt(const std::string& tenant, const std::string& id);
  /// The bytes that a plan would send.
  Result<std::string> describe_request(LoopHost& host, const TurnPlan& plan);
  /// One reply outside of any session; errors of a provider that cannot be made.
  Result<Pending<Completion>> complete(std::string provider, ReplyRequest request,
                                       std::shared_ptr<ReplySink> live,
                                       const std::stop_token& stop);
  std::string next_command_id();
  std::shared_ptr<ViewerCounters> viewer_counters() const noexcept { return viewer_counters_; }

  /// Id and seed for the next session.
  struct Birth {
    std::string id;
    std::uint64_t seed;
  };
  Birth next_birth();

  /// Presets rendered with a session's variables are shared among equal sessions.
  Result<std::shared_ptr<const RenderedPreset>> rendered(const std::string& tenant,
                                                         const std::string& sha256,
                                                         const VariableValues& values);

  // --- the loop, with threads = 0 -------------------------------------------------------------
  Result<std::size_t> poll(std::chrono::microseconds budget);
  int wait_fd() const;
  Result<std::optional<TimePoint>> next_deadline() const;
  Result<void> advance(Duration step);
  Result<void> run_until_idle(std::optional<std::chrono::milliseconds> timeout);

  Result<void> drive(const std::function<bool()>& ready,
                     std::optional<std::chrono::milliseconds> timeout) override;
  void notify() noexcept override;
  bool inside_callback() const noexcept;

  /// Refuses new work and interrupts what runs; polls then carry it on until they fail with closed.
  void begin_close() noexcept;
  bool is_ending() const noexcept { return is_ending_.load(std::memory_order_acquire); }
  void close() noexcept;
  /// The same for an owner that goes inside a callback: nothing new is taken from now on, and the
  /// engine closes when the callback has returned and its thread is outside of the loop.
  void close_outside() noexcept;

  /// Starts on a loop of its own choice and answers there, with an Error when it cannot start.
  void embed(const std::string& provider, EmbeddingRequest request, Embedder::Done done);

  /// not_found, or the fault of the URL, for a provider that sessions could not use.
  Result<void> check_provider(const std::string& name) const;
  /// The same for a name that `who` chose, and for the names in a preset of its own: who is not the
  /// host chooses among the configuration's providers and the services' own addresses, since a
  /// provider is sent the host's key.
  Result<void> check_choice(const Principal& who, const std::string& name) const;
  Result<void> check_choices(const Principal& who, const Preset& preset) const;
  /// The tools that a preset names and that this engine does not have.
  std::vector<Fault> check_tools(const Preset& preset) const;

 private:
  Core(const Config& config, Dependencies dependencies, NetworkMaker make_network);
  Result<void> build();
  std::vector<Fault> service_faults(const ServiceSet& services) const;
  Result<void> check_provider(const ServiceSet& services, const std::string& name) const;
  void add_judge_faults(std::vector<Fault>& faults) const;
  Result<void> check_config() const;
  Result<void> open_storage();
  Result<void> build_loops();
  Result<void> open_jobs();
  Result<void> open_sinks();
  std::size_t poll_round(std::chrono::microseconds budget);
  void arm_watcher();
  std::optional<TimePoint> due() const;
  bool has_unflushed_commits() const;
  class LoopTurn;
  void take_loop(std::optional<LoopTurn>& turn);
  void wait_for_loop(std::chrono::milliseconds longest, const std::function<bool()>& ready);
  Result<void> run_loop_until(const std::function<bool()>& ready,
                              std::optional<std::chrono::milliseconds> timeout, const Error& late);
  bool step(std::chrono::milliseconds longest, TimePoint until);
  bool pass_idle_time(TimePoint until);
  bool idle() const noexcept { return !work_->any(); }
  void release_storage() noexcept;
  bool end_if_left() noexcept;
  static Error too_many_sessions();
  static std::shared_ptr<SessionActor> with_handle(const std::shared_ptr<SessionActor>& actor);
  bool end_round(std::chrono::microseconds budget, std::size_t& ran);
  Result<std::size_t> end_some(std::chrono::microseconds budget);
  bool end_on(std::chrono::milliseconds longest, TimePoint until);
  bool is_closing() const noexcept { return is_released_.load() && !is_over_.load(); }
  void wind_down();
  LoopHost& host_for_next_session() noexcept;
  std::stop_source embeddings_;  // ends those under way

  const std::shared_ptr<WorkCount> work_ = std::make_shared<WorkCount>();
  Config config_;
  Dependencies dependencies_;
  NetworkMaker make_network_;
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<Log> log_core_;
  Logger log_;
  std::shared_ptr<Storage> storage_;
  std::unique_ptr<StorageQueue> storage_queue_;
  std::unique_ptr<llm::ProviderRegistry> providers_;
  llm::ModelBook models_;
  std::unique_ptr<llm::LayerState> layers_;
  std::unique_ptr<BudgetOffice> budgets_;
  RateGate rates_;
  AnalyticsDesk analytics_;
  std::unique_ptr<PresetCatalog> presets_;
  std::unique_ptr<Bus> bus_;
  std::unique_ptr<ToolCache> tool_cache_;
  ToolBreakers tool_breakers_;
  JudgeCache judge_cache_;
  std::vector<std::shared_ptr<Analyzer>> analyzers_;
  std::shared_ptr<const metrics::OfflineAnalysis> offline_analysis_;  // under mutex_
  std::vector<std::unique_ptr<LoopHost>> hosts_;
  std::shared_ptr<JobRunner> jobs_;
  std::unique_ptr<EventSinks> sinks_;
  std::unique_ptr<net::PipeWatcher> watcher_;
  std::uint64_t run_seed_ = 0;
  unsigned fork_generation_ = 0;

  std::mutex changing_services_;  // held over a whole change; before mutex_
  mutable std::mutex mutex_;
  using Actors = std::unordered_map<std::string, std::shared_ptr<SessionActor>>;
  class Loading;
  void take_out(Actors::iterator actor) noexcept;
  Actors actors_;
  std::vector<Loading*> loadings_;  // under mutex_
  SharedTable<RenderedPreset> rendered_;
  std::shared_ptr<const ServiceSet> services_;
  std::shared_ptr<const std::map<std::string, Price>> prices_;
  std::set<std::string> unpriced_;  // told in the log; under mutex_
  Completions completions_;
  std::map<std::string, std::string> creations_;       // under way: session by its command's key
  std::map<std::string, std::string> creation_walks_;  // by tenant: the last one looked at
  std::uint64_t births_ = 0;
  std::atomic<std::uint64_t> commands_{0};
  std::shared_ptr<WorkCount> embeds_ =
      std::make_shared<WorkCount>();  // idle() does not wait for them
  std::atomic<std::uint64_t> overloads_{0};
  std::shared_ptr<ViewerCounters> viewer_counters_ = std::make_shared<ViewerCounters>();
  std::size_t next_host_ = 0;
  std::atomic<bool> closed_{false};
  std::atomic<bool> is_ending_{false};    // closed, and polls carry on what runs
  std::atomic<bool> is_released_{false};  // close() was called,
  std::atomic<bool> is_over_{false};      // and is through: no wait is answered any more
  // Set by close_outside(), inside the loop of this thread; `left_` is read by that thread alone.
  std::atomic<std::thread::id> left_by_{};
  std::shared_ptr<Core> left_;
  std::unordered_map<std::string, std::shared_ptr<SessionActor>> ending_;  // while it closes
  std::chrono::steady_clock::time_point give_up_;
  bool end_moves_ = false;  // its next round is due at once,
  bool has_ended_ = false;  // or its last poll, which says so

  std::atomic<int> waiting_for_loop_{0};  // threads behind the one that runs it, with threads = 0
  std::mutex wait_mutex_;
  std::condition_variable progressed_;
};

}  // namespace scena::engine

#include "engine/core.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <pthread.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/config_members.hpp"
#include "engine/actor/first_result.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/analysis/analysis_jobs.hpp"
#include "engine/analysis/analysis_plan.hpp"
#include "engine/analytics/analytics_jobs.hpp"
#include "engine/erasure/retention.hpp"
#include "engine/judge/judge_jobs.hpp"
#include "engine/judge/judge_plan.hpp"
#include "engine/money/token_files.hpp"
#include "engine/projection/session_loader.hpp"
#include "engine/sinks/webhook.hpp"
#include "engine/turn/turn_plan.hpp"
#include "metrics/builtin.hpp"

namespace scena::engine {
namespace {

using namespace std::chrono_literals;

// The one mutable global of the library: counts forks, so that a child can be told that its copy of
// the parent's engine is not usable.
std::atomic<unsigned> fork_count{0};

void count_forks() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { fork_count.fetch_add(1); });
  (void)registered;
  // A host may exit without closing its engine: OpenSSL then must not be torn down under our
  // threads.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

bool wants_storage_thread(const Config& config) {
  if (config.threads > 0) return true;  // several loops share one writer
  if (config.storage_thread != StorageThread::automatic)
    return config.storage_thread == StorageThread::on;
  if (config.storage.starts_with("memory:") || config.clock == ClockKind::virtual_time)
    return false;
  return config.durability == Durability::power;
}

}  // namespace

Core::Core(const Config& config, Dependencies dependencies, NetworkMaker make_network)
    : config_(config),
      dependencies_(std::move(dependencies)),
      make_network_(std::move(make_network)),
      analytics_(config.analytics),
      judge_cache_(config.judge.cache_bytes) {}

Core::~Core() {
  close();
}

Result<std::shared_ptr<Core>> Core::open(const Config& config, Dependencies dependencies,
                                         NetworkMaker make_network) {
  count_forks();
  std::shared_ptr<Core> core(new Core(config, std::move(dependencies), std::move(make_network)));
  core->fork_generation_ = fork_count.load();
  if (auto built = core->build(); !built) {
    core->close();
    return built.error();
  }
  return core;
}

bool Core::is_forked() const noexcept {
  return fork_count.load(std::memory_order_relaxed) != fork_generation_;
}

Result<void> Core::build() {
  providers_ = std::make_unique<llm::ProviderRegistry>();
  llm::add_builtin_providers(*providers_);
  if (auto fine = check_config(); !fine) return fine;
  if (auto read = read_token_files(config_, dependencies_.token_counters); !read) return read;
  clock_ = dependencies_.clock;
  if (!clock_ && config_.clock == ClockKind::virtual_time)
    clock_ = std::make_shared<VirtualClock>();
  if (!clock_) clock_ = std::make_shared<SystemClock>();
  if (clock_->is_virtual() && config_.threads != 0) {
    return Error::fixed(ErrorCode::invalid_argument, "threads: a virtual clock needs threads = 0");
  }
  log_core_ = std::make_shared<Log>(
      dependencies_.log, *clock_,
      LogOptions{config_.log_level, config_.log_levels, config_.log_message_text});
  log_ = log_core_->logger("engine");
  run_seed_ = config_.seed ? *config_.seed : Random::system_seed();

  prices_ = std::make_shared<const std::map<std::string, Price>>(config_.prices);
  layers_ = std::make_unique<llm::LayerState>(*clock_, pricing());
  budgets_ = std::make_unique<BudgetOffice>([this] { return storage(); });
  const auto configured = [this](ServiceSet& services) {
    services.providers = config_.providers;
    services.policy = config_.policy;
  };
  if (auto fine = change_services(configured); !fine) return fine;
  auto metrics = metrics::make_builtin_analyzer(config_.metrics);
  if (!metrics) return metrics.error();
  analyzers_.push_back(std::move(*metrics));
  const auto builtin = metrics::builtin_names();
  for (const auto& analyzer : dependencies_.analyzers) {
    // Two scores of one name could not be told apart in messages, thresholds and conditions.
    if (std::find(builtin.begin(), builtin.end(), analyzer->name()) != builtin.end()) {
      return Error(ErrorCode::invalid_argument, "analyzers: \"" + std::string(analyzer->name()) +
                                                    "\" is a built-in metric; rename the analyzer");
    }
    if (std::any_of(analyzers_.begin() + 1, analyzers_.end(),
                    [&](const auto& other) { return other->name() == analyzer->name(); })) {
      return Error(ErrorCode::invalid_argument,
                   "analyzers: \"" + std::string(analyzer->name()) +
                       "\" is the name of another analyzer, too; rename one of them");
    }
    analyzers_.push_back(analyzer);
  }

  if (auto opened = open_storage(); !opened) return opened;
  presets_ = std::make_unique<PresetCatalog>([this] { return storage(); });
  auto bus = make_bus("local:");
  if (!bus) return bus.error();
  bus_ = std::move(*bus);
  tool_cache_ = std::make_unique<ToolCache>(config_.limits.tool_cache_bytes, *clock_);
  return build_loops();
}

Result<void> Core::open_storage() {
  if (dependencies_.storage) {
    storage_ = dependencies_.storage;
  } else {
    auto opened = scena::open_storage({.url = config_.storage,
                                       .durability = config_.durability,
                                       .read_only = config_.storage_read_only,
                                       .fallback_to_memory = config_.storage_fallback});
    if (!opened) return opened.error();
    storage_ = std::move(*opened);
  }
  const auto mode =
      wants_storage_thread(config_) ? StorageQueue::Mode::thread : StorageQueue::Mode::caller;
  storage_queue_ = std::make_unique<StorageQueue>(*storage_, mode);
  return {};
}

Result<void> Core::build_loops() {
  const int count = std::max(1, config_.threads);
  for (int i = 0; i < count; ++i) {
    hosts_.push_back(std::make_unique<LoopHost>(*clock_, config_, dependencies_, *storage_queue_,
                                                *providers_, models_, *layers_, *log_core_));
    if (auto opened = hosts_.back()->open(make_network_); !opened) return opened;
    hosts_.back()->use(services_);
  }
  if (auto opened = open_jobs(); !opened) return opened;
  if (config_.watcher == Watcher::pipe) {
    try {
      watcher_ = std::make_unique<net::PipeWatcher>(hosts_[0]->loop());
      arm_watcher();
    } catch (const Error& error) {
      return error;
    }
  }
  if (config_.threads > 0) {
    for (auto& host : hosts_) host->start_thread([this] { return end_if_left(); });
  }
  return {};
}

Result<void> Core::open_jobs() {
  jobs_ = std::make_shared<JobRunner>(JobRunner::Parts{*hosts_[0], *clock_, config_.jobs, run_seed_,
                                                       log_core_->logger("jobs"), work_,
                                                       [this] { notify(); }});
  for (const auto& [kind, handler] : dependencies_.job_handlers) {
    if (kind.starts_with(kOwnKinds)) {
      return Error(
          ErrorCode::invalid_argument,
          "job handler \"" + kind + "\": kinds that begin with \"scena.\" are the engine's own");
    }
    if (auto added = jobs_->add(kind, handler); !added) return added;
  }
  if (auto added = jobs_->add(kAnalysisJob, make_analysis_jobs(weak_from_this())); !added)
    return added;
  if (auto added = jobs_->add(kJudgeJob, make_judge_jobs(weak_from_this())); !added) return added;
  if (auto added = jobs_->add(std::string(kAnalyticsJob), make_analytics_jobs(weak_from_this()));
      !added)
    return added;
  if (auto added = jobs_->add(std::string(kRetentionJob), make_retention_jobs(weak_from_this()));
      !added)
    return added;
  if (auto opened = open_sinks(); !opened) return opened;
  if (config_.jobs.run && !storage_->info().read_only) jobs_->start();
  return {};
}

Result<void> Core::open_sinks() {
  sinks_ = std::make_unique<EventSinks>([this] { return storage(); });
  for (const auto& [name, sink] : dependencies_.event_sinks) {
    if (auto added = sinks_->add(name, sink, *jobs_); !added) return added;
  }
  for (const auto& [name, config] : config_.webhooks) {
    const std::string pointer = "/webhooks/" + name;
    const auto at = [&pointer](const Error& error, const char* member) {
      return Error(error).with_pointer(pointer + member);
    };
    std::optional<Secret> secret;
    if (dependencies_.secrets) {
      auto found = dependencies_.secrets->get(config.secret);
      if (!found) return at(found.error(), "/secret");
      secret = std::move(*found);
    }
    if (!secret) {
      return at(Error(ErrorCode::unauthenticated,
                      "webhook \"" + name + "\": no secret \"" + config.secret +
                          "\"; give the engine a source of secrets that has it"),
                "/secret");
    }
    log_core_->redactor().add(*secret);
    auto key = webhook_key(secret->reveal());
    if (!key) return at(key.error(), "/secret");
    auto hook = make_webhook(config, std::move(*key), hosts_[0]->http(), *clock_);
    if (auto added = sinks_->add(name, std::move(hook), *jobs_); !added)
      return at(added.error(), "");
  }
  return {};
}

Result<void> Core::usable() const noexcept {
  if (is_forked()) {
    return Error::fixed(
        ErrorCode::wrong_state,
        "this process was forked from the engine's; open an engine of its own here");
  }
  if (closed_.load(std::memory_order_acquire) ||
      left_by_.load(std::memory_order_acquire) != std::thread::id{})
    return Error::fixed(ErrorCode::closed, "the engine was closed");
  return {};
}

// --- sessions ----------------------------------------------------------------------------------

Core::Birth Core::next_birth() {
  std::lock_guard lock(mutex_);
  Random random = Random::for_session(run_seed_, ++births_);
  Birth birth;
  birth.id = uuid_v7(clock_->wall(), random);
  birth.seed = random.next();
  return birth;
}

LoopHost& Core::host_for_next_session() noexcept {
  return *hosts_[next_host_++ % hosts_.size()];
}

// A session on its way out of the store, which nobody waits for with the lock. What was read is
// outdated when somebody else had the session meanwhile, changed it and let go of it.
class Core::Loading {
 public:
  Loading(Core& core, const std::string& key) : core_(core), key_(key) {
    std::lock_guard lock(core_.mutex_);
    core_.loadings_.push_back(this);
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;
  ~Loading() {
    std::lock_guard lock(core_.mutex_);
    std::erase(core_.loadings_, this);
  }
  /// Both under the lock.
  void note_departure(const std::string& key) noexcept { outdated_ |= key == key_; }
  bool take_outdated() noexcept { return std::exchange(outdated_, false); }

 private:
  Core& core_;
  const std::string& key_;
  bool outdated_ = false;
};

// Under the lock.
void Core::take_out(Actors::iterator actor) noexcept {
  for (Loading* loading : loadings_) loading->note_departure(actor->first);
  actors_.erase(actor);
}

Result<std::shared_ptr<SessionActor>> Core::actor(const std::string& tenant,
                                                  const std::string& id) {
  if (auto fine = usable(); !fine) return fine.error();
  const std::string key = tenant + "/" + id;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = actors_.find(key); found != actors_.end())
      return with_handle(found->second);
  }
  Loading loading(*this, key);
  std::shared_ptr<SessionActor> actor;
  while (!actor) {
    auto model = load_model(*storage(), tenant, id);
    if (!model) return model.error();
    if (model->facts().removed) return Error::fixed(ErrorCode::not_found, "no such session");
    std::lock_guard lock(mutex_);
    if (const auto found = actors_.find(key); found != actors_.end())
      return with_handle(found->second);
    if (loading.take_outdated()) continue;
    if (actors_.size() >= config_.limits.sessions_loaded) return too_many_sessions();
    actor = std::make_shared<SessionActor>(*this, host_for_next_session(), tenant, id);
    actor->adopt(std::move(*model));
    actor->add_handle();
    actors_.emplace(key, actor);
  }
  if (storage()->info().read_only) return actor;
  try {
    actor->recover();
  } catch (...) {
    std::lock_guard lock(mutex_);
    // Loaded and recovered again by whoever asks next.
    if (const auto found = actors_.find(key); found != actors_.end()) take_out(found);
    throw;
  }
  return actor;
}

// Counted while the map is locked, so that nobody lets go of the session in between.
std::shared_ptr<SessionActor> Core::with_handle(const std::shared_ptr<SessionActor>& actor) {
  actor->add_handle();
  return actor;
}

Error Core::too_many_sessions() {
  return Error::fixed(ErrorCode::limit_reached,
                      "too many sessions are loaded (limits.sessions_loaded); drop handles of "
                      "sessions that are not used");
}

Result<std::shared_ptr<SessionActor>> Core::new_actor(const std::string& tenant,
                                                      const std::string& id) {
  if (auto fine = usable(); !fine) return fine.error();
  std::lock_guard lock(mutex_);
  if (actors_.contains(tenant + "/" + id)) {
    return Error::fixed(ErrorCode::already_exists,
                        "session: the id is taken; leave `id` empty for a new one");
  }
  if (actors_.size() >= config_.limits.sessions_loaded) return too_many_sessions();
  auto actor = std::make_shared<SessionActor>(*this, host_for_next_session(), tenant, id);
  actors_.emplace(tenant + "/" + id, actor);
  return with_handle(actor);
}

void Core::forget(const SessionActor& actor) {
  std::lock_guard lock(mutex_);
  const auto found = actors_.find(actor.tenant() + "/" + actor.id());
  if (found != actors_.end() && found->second.get() == &actor) take_out(found);
  std::erase_if(creations_, [&](const auto& entry) { return entry.second == actor.id(); });
}

void Core::forget_kept_answers(const std::string& tenant) {
  layers_->forget_answers(tenant);
  tool_cache_->forget_results(tenant);
  presets_->let_go();
  std::lock_guard lock(mutex_);
  rendered_.let_go();
}

Result<std::string> Core::claim_creation(const Principal& who, const std::string& command_id,
                                         const std::string& id) {
  Command command;
  command.id = command_id;
  command.who = who;
  const RecordKey key{who.tenant, "command", command_key({}, command)};
  auto first = find_first_result(*storage(), key, clock_->wall());
  if (!first) return first.error();
  if (*first) return (*first)->value("session", "");
  std::lock_guard lock(mutex_);
  const auto [made, is_new] = creations_.emplace(who.tenant + "/" + key.id, id);
  return is_new ? std::string() : made->second;
}

void Core::creation_ended(const std::string& id) {
  std::lock_guard lock(mutex_);
  std::erase_if(creations_, [&](const auto& entry) { return entry.second == id; });
}

// Each creation adds one record and looks at sixteen, in a round over all of them: what is kept is
// bounded by the creations of two days, and no single creation pays for many.
void Core::forget_old_creations(const std::string& tenant, LoopHost& host) {
  const std::string prefix = "/";  // command_key() of no session: no other key begins so
  RecordQuery query;
  query.tenant = tenant;
  query.kind = "command";
  query.limit = 16;
  {
    std::lock_guard lock(mutex_);
    const auto walk = creation_walks_.find(tenant);
    query.after_id = walk == creation_walks_.end() ? prefix : walk->second;
  }
  const auto records = storage()->list(query);
  if (!records) return;
  bool more = records->size() == query.limit;
  Batch batch;
  for (const Record& record : *records) {
    if (!record.key.id.starts_with(prefix)) {
      more = false;
      break;
    }
    if (is_outdated(record, clock_->wall())) batch.records.push_back(erased(record));
  }
  {
    std::lock_guard lock(mutex_);
    if (more) {
      creation_walks_[tenant] = records->back().key.id;
    } else {
      creation_walks_.erase(tenant);
    }
  }
  if (!batch.records.empty()) (void)host.storage().submit(std::move(batch), [](Result<void>) {});
}

void Core::callback_threw() noexcept {
  try {
    log_.error("a callback of the host threw an exception; it was stopped there", {});
  } catch (...) {
    // No memory to say so.
  }
}

EngineStats Core::stats() const {
  EngineStats stats;
  stats.sessions_loaded = loaded_sessions();
  stats.commands_refused = overloads_.load(std::memory_order_relaxed);
  stats.deltas_merged = viewer_counters_->merged.load(std::memory_order_relaxed);
  stats.viewers_lagged = viewer_counters_->lagged.load(std::memory_order_relaxed);
  stats.jobs_running = jobs_->running();
  stats.jobs_refused = jobs_->refused();
  if (storage_queue_) stats.commits_waiting = storage_queue_->pending();
  stats.idle = idle();
  return stats;
}

// The map's pointer and the caller's are the last ones: nobody can reach the session any more but
// by its id, and then it is loaded again.
void Core::release(const std::shared_ptr<SessionActor>& actor) noexcept {
  if (is_forked()) return;  // a thread of the parent may have held the lock
  std::lock_guard lock(mutex_);
  if (closed_.load(std::memory_order_relaxed) || actor->handles() != 0 || !actor->is_idle()) return;
  try {
    const auto found = actors_.find(actor->tenant() + "/" + actor->id());
    if (found != actors_.end() && found->second == actor) take_out(found);
  } catch (const std::bad_alloc&) {
    // It stays loaded until its next handle goes.
  }
}

std::size_t Core::loaded_sessions() const {
  std::lock_guard lock(mutex_);
  return actors_.size();
}

Result<std::shared_ptr<const RenderedPreset>> Core::rendered(const std::string& tenant,
                                                             const std::string& sha256,
                                                             const VariableValues& values) {
  std::string key = sha256;
  for (const auto& [name, value] : values)
    key += fmt::format("/{}:{}{}:{}", name.size(), name, value.size(), value);
  {
    std::lock_guard lock(mutex_);
    if (auto shared = rendered_.find(key)) return shared;
  }
  auto snapshot = presets_->by_hash(tenant, sha256);
  if (!snapshot) return snapshot.error();
  auto made = RenderedPreset::make((*snapshot)->preset, values);
  if (!made) return made.error();
  auto shared = std::make_shared<const RenderedPreset>(std::move(*made));
  std::lock_guard lock(mutex_);
  return rendered_.insert(key, std::move(shared));
}

std::string Core::next_command_id() {
  return "c" + std::to_string(commands_.fetch_add(1, std::memory_order_relaxed) + 1);
}

Result<void> Core::may_wait() const {
  if (!inside_callback()) return {};
  return Error::fixed(ErrorCode::wrong_state,
                      "a blocking call inside a callback would wait for itself; do it later");
}

void Core::at_store(StorageQueue::Call work, std::function<void(Result<void>)> done) {
  auto answer = [busy = WorkCount::token(work_), done = std::move(done)](Result<void> result) {
    done(std::move(result));
  };
  const bool posted =
      hosts_[0]->gate()->post([host = hosts_[0].get(), work = std::move(work), answer]() mutable {
        if (auto taken = host->storage().call(std::move(work), answer); !taken)
          answer(taken.error());
      });
  if (posted) return;
  const auto open = usable();
  answer(open ? Error::fixed(ErrorCode::out_of_memory, "not enough memory to change the store")
              : open.error());
}

Result<std::string> Core::describe_request(LoopHost& host, const TurnPlan& plan) {
  auto provider = host.provider(plan.provider);
  if (!provider) return provider.error();
  return (*provider)->request_body(plan.request);
}

std::shared_ptr<Storage> Core::storage() const {
  std::lock_guard lock(mutex_);
  return storage_;
}

}  // namespace scena::engine

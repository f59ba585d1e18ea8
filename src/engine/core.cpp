#include "engine/core.hpp"

#include <openssl/crypto.h>
#include <pthread.h>

#include <algorithm>
#include <thread>

#include "base/clock.hpp"
#include "base/config_members.hpp"
#include "engine/actor/first_result.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/projection/session_loader.hpp"
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

Core::Core(const Config& config, Dependencies dependencies)
    : config_(config), dependencies_(std::move(dependencies)) {}

Core::~Core() {
  close();
}

Result<std::shared_ptr<Core>> Core::open(const Config& config, Dependencies dependencies) {
  count_forks();
  std::shared_ptr<Core> core(new Core(config, std::move(dependencies)));
  core->fork_generation_ = fork_count.load();
  if (auto built = core->build(); !built) {
    core->close();
    return built.error();
  }
  return core;
}

Result<void> Core::build() {
  if (const auto faults = config_.check(); !faults.empty())
    return faults_error("configuration", faults);
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

  providers_ = std::make_unique<llm::ProviderRegistry>();
  llm::add_builtin_providers(*providers_);
  prices_ = std::make_shared<const std::map<std::string, Price>>(config_.prices);
  layers_ = std::make_unique<llm::LayerState>(
      *clock_,
      [this](const std::string& model, const Usage& usage) { return price(model, model, usage); });
  budgets_ = std::make_unique<BudgetOffice>([this] { return storage(); });
  if (auto fine = use({config_.providers, config_.policy}); !fine) return fine;
  auto metrics = metrics::make_builtin_analyzer(config_.metrics);
  if (!metrics) return metrics.error();
  analyzers_.push_back(std::move(*metrics));
  for (const auto& analyzer : dependencies_.analyzers) analyzers_.push_back(analyzer);

  if (auto opened = open_storage(); !opened) return opened;
  presets_ = std::make_unique<PresetCatalog>([this] { return storage(); });
  auto bus = make_bus("local:");
  if (!bus) return bus.error();
  bus_ = std::move(*bus);
  tool_cache_ = std::make_unique<ToolCache>(config_.limits.tool_cache_bytes, *clock_);
  return build_loops();
}

// Every provider that is configured is looked at now, so that a typo is found before the first
// turn.
Result<void> Core::check_providers(const ServiceSet& services) const {
  for (const auto& [name, provider] : services.providers) {
    if (auto checked = providers_->check(provider.url); !checked) {
      return Error(checked.error()).with_pointer("/providers/" + name + "/url");
    }
  }
  const auto target = [&](const std::string& name, const std::string& pointer) -> Result<void> {
    if (name.empty()) return {};
    auto checked = check_provider(services, name);
    if (!checked) return Error(checked.error()).with_pointer(pointer);
    return {};
  };
  const Policy& policy = services.policy;
  for (std::size_t i = 0; i < policy.fallbacks.size(); ++i) {
    const std::string at = "/policy/fallbacks/" + std::to_string(i) + "/provider";
    if (auto known = target(policy.fallbacks[i].provider, at); !known) return known;
  }
  for (std::size_t i = 0; i < policy.routes.size(); ++i) {
    for (std::size_t k = 0; k < policy.routes[i].to.size(); ++k) {
      const std::string at =
          "/policy/routes/" + std::to_string(i) + "/to/" + std::to_string(k) + "/provider";
      if (auto known = target(policy.routes[i].to[k].provider, at); !known) return known;
    }
  }
  for (std::size_t i = 0; i < policy.budgets.size(); ++i) {
    const std::string at = "/policy/budgets/" + std::to_string(i) + "/cheaper/provider";
    if (auto known = target(policy.budgets[i].cheaper.provider, at); !known) return known;
  }
  return check_provider(services, config_.provider);
}

Result<void> Core::check_provider(const ServiceSet& services, const std::string& name) const {
  if (dependencies_.providers.contains(name) || services.providers.contains(name)) return {};
  auto checked = providers_->check(name);
  if (!checked) return Error(checked.error()).with_pointer("/provider");
  return {};
}

Result<void> Core::check_provider(const std::string& name) const {
  return check_provider(*services(), name);
}

std::shared_ptr<const ServiceSet> Core::services() const {
  std::lock_guard lock(mutex_);
  return services_;
}

Result<void> Core::use(ServiceSet services) {
  if (auto known = check_providers(services); !known) return known;
  for (const auto& [name, provider] : services.providers) {
    log_core_->redactor().add(Secret(provider.api_key));
    for (const auto& key : provider.more_keys) log_core_->redactor().add(Secret(key));
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
    if (auto opened = hosts_.back()->open(); !opened) return opened;
    hosts_.back()->use(services_);
  }
  if (config_.watcher == Watcher::pipe) {
    try {
      watcher_ = std::make_unique<net::PipeWatcher>(hosts_[0]->loop());
      watcher_->arm();
    } catch (const Error& error) {
      return error;
    }
  }
  if (config_.threads > 0) {
    for (auto& host : hosts_) host->start_thread();
  }
  return {};
}

Result<void> Core::usable() const noexcept {
  if (fork_count.load(std::memory_order_relaxed) != fork_generation_) {
    return Error::fixed(
        ErrorCode::wrong_state,
        "this process was forked from the engine's; open an engine of its own here");
  }
  if (closed_.load(std::memory_order_acquire))
    return Error::fixed(ErrorCode::closed, "the engine was closed");
  return {};
}

std::optional<Price> Core::price_of(const std::string& served, const std::string& asked) const {
  std::shared_ptr<const std::map<std::string, Price>> prices;
  {
    std::lock_guard lock(mutex_);
    prices = prices_;
  }
  for (const std::string& name : {served, asked, std::string("*")}) {
    if (const auto found = prices->find(name); found != prices->end()) return found->second;
  }
  const auto catalog = models_.current();
  const auto price = catalog->price(served);
  return price ? price : catalog->price(asked);
}
Result<void> Core::set_models(std::string_view json) {
  auto newer = llm::ModelCatalog::from_json(json);
  if (!newer) return newer.error();
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

Result<std::shared_ptr<SessionActor>> Core::actor(const std::string& tenant,
                                                  const std::string& id) {
  if (auto fine = usable(); !fine) return fine.error();
  const std::string key = tenant + "/" + id;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = actors_.find(key); found != actors_.end())
      return with_handle(found->second);
  }
  auto model = load_model(*storage(), tenant, id);
  if (!model) return model.error();
  if (model->facts().removed) return Error::fixed(ErrorCode::not_found, "no such session");
  std::shared_ptr<SessionActor> actor;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = actors_.find(key); found != actors_.end())
      return with_handle(found->second);
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
    actors_.erase(key);  // loaded and recovered again by whoever asks next
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
  if (found != actors_.end() && found->second.get() == &actor) actors_.erase(found);
  std::erase_if(creations_, [&](const auto& entry) { return entry.second == actor.id(); });
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
  if (storage_queue_) stats.commits_waiting = storage_queue_->pending();
  return stats;
}

// The map's pointer and the caller's are the last ones: nobody can reach the session any more but
// by its id, and then it is loaded again.
void Core::release(const std::shared_ptr<SessionActor>& actor) noexcept {
  std::lock_guard lock(mutex_);
  if (closed_.load(std::memory_order_relaxed) || actor->handles() != 0 || !actor->is_idle()) return;
  try {
    const auto found = actors_.find(actor->tenant() + "/" + actor->id());
    if (found != actors_.end() && found->second == actor) actors_.erase(found);
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
  for (const auto& [name, value] : values) key += '\0' + name + '\0' + value;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = rendered_.find(key); found != rendered_.end()) {
      if (auto shared = found->second.lock()) return shared;
    }
  }
  auto snapshot = presets_->by_hash(tenant, sha256);
  if (!snapshot) return snapshot.error();
  auto made = RenderedPreset::make((*snapshot)->preset, values);
  if (!made) return made.error();
  auto shared = std::make_shared<const RenderedPreset>(std::move(*made));
  std::lock_guard lock(mutex_);
  if (rendered_.size() > 4'096)
    std::erase_if(rendered_, [](const auto& entry) { return entry.second.expired(); });
  rendered_[key] = shared;
  return shared;
}

std::string Core::next_command_id() {
  return "c" + std::to_string(commands_.fetch_add(1, std::memory_order_relaxed) + 1);
}

Result<void> Core::commit_now(Batch batch) {
  if (inside_callback()) {
    return Error::fixed(ErrorCode::wrong_state,
                        "a blocking call inside a callback would wait for itself; do it later");
  }
  auto state = std::make_shared<detail::PendingState<bool>>(weak_from_this());
  auto done = [state](Result<void> result) {
    if (result) {
      state->resolve(true);
    } else {
      state->resolve(result.error());
    }
  };
  hosts_[0]->loop().post([this, batch = std::move(batch), done]() mutable {
    if (auto submitted = hosts_[0]->storage().submit(std::move(batch), done); !submitted)
      done(submitted.error());
  });
  auto committed = Pending<bool>(state).wait();
  if (!committed) return committed.error();
  return {};
}

Result<std::string> Core::describe_request(LoopHost& host, const TurnPlan& plan) {
  auto provider = host.provider(plan.provider);
  if (!provider) return provider.error();
  return (*provider)->request_body(plan.request);
}

Result<Pending<Completion>> Core::complete(const std::string& name, ReplyRequest request,
                                           std::shared_ptr<ReplySink> live,
                                           const std::stop_token& stop) {
  if (auto known = check_provider(name); !known) return known.error();
  LoopHost* host = nullptr;
  {
    std::lock_guard lock(mutex_);
    host = &host_for_next_session();
  }
  auto provider = host->provider(name);
  if (!provider) return provider.error();
  auto answer = std::make_shared<detail::PendingState<Completion>>(weak_from_this());
  auto run = std::make_shared<CompletionRun>(weak_from_this(), host->gate(), std::move(live),
                                             answer, stop);
  completions_.add(run);
  host->loop().post([run, provider = std::move(*provider), request = std::move(request)]() mutable {
    run->start(std::move(provider), std::move(request));
  });
  return Pending<Completion>(std::move(answer));
}

// --- the loop ----------------------------------------------------------------------------------

bool Core::inside_callback() const noexcept {
  for (const auto& host : hosts_) {
    if (host->is_inside()) return true;
  }
  return false;
}

std::size_t Core::poll_round(std::chrono::microseconds budget) {
  LoopHost& host = *hosts_[0];
  const LoopHost::Inside inside(host);
  if (watcher_) watcher_->drain();
  const auto start = std::chrono::steady_clock::now();
  std::size_t ran = host.loop().poll(budget);
  if (const std::size_t committed = storage_queue_->flush(); committed != 0) {
    ran += committed;
    // What was committed is answered now, as far as the budget reaches.
    const auto spent =
        std::chrono::ceil<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    if (budget.count() <= 0) {
      ran += host.loop().poll(budget);
    } else if (spent < budget) {
      ran += host.loop().poll(budget - spent);
    }
  }
  arm_watcher();
  return ran;
}

// The watcher sees the loop alone: commits that wait for the next flush are shown to it as a task.
void Core::arm_watcher() {
  if (!watcher_) return;
  if (has_unflushed_commits()) hosts_[0]->loop().post([] {});
  watcher_->arm();
}

bool Core::has_unflushed_commits() const {
  return storage_queue_ && storage_queue_->mode() == StorageQueue::Mode::caller &&
         storage_queue_->pending() > 0;
}

Result<std::size_t> Core::poll(std::chrono::microseconds budget) {
  if (config_.threads > 0) {
    return Error::fixed(
        ErrorCode::wrong_state,
        "poll: this engine has threads of its own; it is polled only with threads = 0");
  }
  if (inside_callback())
    return Error::fixed(ErrorCode::wrong_state, "poll: refused inside a callback");
  return poll_round(budget);
}

int Core::wait_fd() const {
  return watcher_ ? watcher_->descriptor() : hosts_[0]->loop().wait_fd();
}

std::optional<TimePoint> Core::next_deadline() const {
  if (has_unflushed_commits()) return clock_->now();
  return hosts_[0]->loop().next_deadline();
}

bool Core::idle() const {
  if (completions_.any()) return false;
  std::lock_guard lock(mutex_);
  for (const auto& [key, actor] : actors_) {
    if (actor->has_work()) return false;
  }
  return true;
}

// One step towards whatever is waited for: what is ready now, else the wait for the next thing.
bool Core::step(std::chrono::milliseconds longest) {
  if (poll_round(0us) != 0 || hosts_[0]->loop().has_ready_work()) return true;
  const LoopHost::Inside inside(*hosts_[0]);
  const std::size_t ran = hosts_[0]->loop().run_once(longest);
  arm_watcher();
  return ran != 0;
}

Result<void> Core::drive(const std::function<bool()>& ready,
                         std::optional<std::chrono::milliseconds> timeout) {
  if (ready()) return {};
  if (inside_callback()) {
    return Error::fixed(ErrorCode::wrong_state,
                        "a blocking call inside a callback would wait for itself; use then()");
  }
  const auto late =
      Error::fixed(ErrorCode::timeout, "the answer did not come in time; it may still come");
  if (config_.threads > 0) {
    std::unique_lock lock(wait_mutex_);
    const auto done = [&] { return ready() || closed_.load(); };
    if (!timeout) {
      progressed_.wait(lock, done);
    } else if (!progressed_.wait_for(lock, *timeout, done)) {
      return late;
    }
    if (!ready()) return Error::fixed(ErrorCode::closed, "the engine was closed");
    return {};
  }
  const TimePoint end = timeout ? clock_->now() + *timeout : TimePoint::max();
  while (!ready()) {
    if (auto fine = usable(); !fine) return fine;
    if (clock_->now() >= end) return late;
    auto longest = std::chrono::milliseconds(1'000);
    if (timeout)
      longest =
          std::min(longest, std::chrono::ceil<std::chrono::milliseconds>(end - clock_->now()));
    // Virtual time that nothing is waiting for passes like the real time spent here.
    if (!step(longest) && timeout) clock_->advance_to(std::min(end, clock_->now() + longest));
  }
  return {};
}

void Core::notify() noexcept {
  if (config_.threads == 0) return;
  std::lock_guard lock(wait_mutex_);
  progressed_.notify_all();
}

void Core::advance(Duration step) {
  const TimePoint end = clock_->now() + step;
  for (;;) {
    while (poll_round(0us) != 0 || hosts_[0]->loop().has_ready_work()) {
    }
    const auto next = hosts_[0]->loop().next_deadline();
    if (!next || *next > end) break;
    clock_->advance_to(*next);
  }
  clock_->advance_to(end);
  poll_round(0us);
}

void Core::run_until_idle() {
  if (config_.threads > 0) {
    std::unique_lock lock(wait_mutex_);
    while (!progressed_.wait_for(lock, 10ms, [this] { return idle() || closed_.load(); })) {
    }
    return;
  }
  while (!idle() && usable()) step(1'000ms);
}

// Running turns end as interrupted and are stored; bounded, whatever a store or a provider does.
void Core::wind_down(const std::unordered_map<std::string, std::shared_ptr<SessionActor>>& actors) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  const auto busy = [](const auto& entry) { return entry.second->has_work(); };
  // Nobody else, neither a thread of ours nor the host's filter or model, could still answer.
  const bool alone = storage_queue_ && storage_queue_->mode() == StorageQueue::Mode::caller &&
                     !dependencies_.filter && dependencies_.providers.empty() &&
                     dependencies_.tools.empty();
  for (int idle_rounds = 0;;) {
    for (const auto& [key, actor] : actors) actor->shut_down();
    completions_.cancel_all();
    std::size_t ran = storage_queue_ ? storage_queue_->flush() : 0;
    for (auto& host : hosts_) ran += host->loop().poll(100ms);
    idle_rounds = ran == 0 ? idle_rounds + 1 : 0;
    // What is open and cannot move was lost with the memory that failed under it.
    const bool ended = std::none_of(actors.begin(), actors.end(), busy) && !completions_.any();
    if (ended || (alone && idle_rounds > 2) || std::chrono::steady_clock::now() > give_up) return;
    if (storage_queue_ && storage_queue_->mode() == StorageQueue::Mode::thread)
      std::this_thread::sleep_for(1ms);
  }
}

// Handles may outlive the engine, its file must not stay locked by them.
void Core::release_storage() noexcept {
  storage_queue_.reset();
  try {
    auto empty = scena::open_storage({.url = "memory:"});
    std::lock_guard lock(mutex_);
    if (empty) storage_ = std::move(*empty);
  } catch (...) {
    // No memory: the file is let go with the last handle.
  }
}

std::shared_ptr<Storage> Core::storage() const {
  std::lock_guard lock(mutex_);
  return storage_;
}

void Core::close() noexcept {
  if (closed_.exchange(true)) return;
  const bool forked = fork_count.load() != fork_generation_;
  if (forked) return;
  embeddings_.request_stop();
  for (auto& host : hosts_) host->stop_thread();
  std::unordered_map<std::string, std::shared_ptr<SessionActor>> actors;
  {
    std::lock_guard lock(mutex_);
    actors.swap(actors_);
  }
  try {
    for (auto& host : hosts_) host->loop().poll(100ms);
    wind_down(actors);
    if (storage_queue_) storage_queue_->stop();
    for (auto& host : hosts_) host->loop().poll(100ms);
  } catch (...) {
    // Out of memory while closing: what was acknowledged is committed, the rest is recovered later.
  }
  for (const auto& [key, actor] : actors) actor->let_go();
  for (auto& host : hosts_) host->shut_down();
  watcher_.reset();
  actors.clear();
  release_storage();
  notify();
}

}  // namespace scena::engine

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/config_members.hpp"
#include "engine/batch/board.hpp"
#include "engine/batch/journal.hpp"
#include "engine/batch/plan.hpp"
#include "engine/batch/session_run.hpp"
#include "engine/money/token_files.hpp"

namespace scena {
namespace engine {
namespace {

using namespace std::chrono_literals;

// What an engine keeps of its sessions is given back by letting go of it.
constexpr std::size_t kSessionsPerEngine = 200;
// How long one of several engines of a worker is waited for.
constexpr auto kLook = 20ms;

std::string fork_source(const BatchPlan& plan, const BatchOptions& options) {
  if (!plan.fork) return {};
  if (!plan.fork->file.empty()) {
    std::ifstream file(plan.fork->file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file) return text;
    throw Error(ErrorCode::not_found, "/fork/file: " + plan.fork->file + " cannot be read");
  }
  Config config = options.config;
  config.storage_read_only = true;
  config.threads = 0;
  Engine store = Engine::open(config, options.dependencies());
  return store.export_session(plan.fork->session, ExportFormat::json);
}

// A batch opens many engines: vocabularies are read once, for all of them.
BatchOptions with_counters(BatchOptions options) {
  TokenCounters counters;
  read_token_files(options.config, counters).value_or_throw();
  options.dependencies = [given = std::move(options.dependencies), counters] {
    Dependencies made = given ? given() : Dependencies{};
    made.token_counters.insert(counters.begin(), counters.end());
    return made;
  };
  return options;
}

Config engine_config(const BatchPlan& plan, const BatchOptions& options) {
  Config config = options.config;
  config.storage = "memory:";
  config.storage_read_only = false;
  config.threads = 0;
  config.watcher = Watcher::none;
  config.jobs.run = true;  // no other engine has this one's store
  if (plan.session_money &&
      (!config.session_budget || *plan.session_money < *config.session_budget))
    config.session_budget = plan.session_money;
  return config;
}

// Everything that the workers share; every function takes the lock.
class SharedBatch {
 public:
  SharedBatch(const BatchPlan& plan, const BatchOptions& options, const BatchParts& parts)
      : plan_(plan), options_(options), runs_(batch_runs(plan)), rows_(runs_.size()) {
    if (!options.folder.empty()) journal_.emplace(Journal::open(options.folder).value_or_throw());
    if (plan.keep_sessions && journal_)
      make_private_folder(options.folder + "/sessions").value_or_throw();
    take_earlier(parts);
  }

  /// Tells of what an earlier try has finished, before the first run.
  void tell_of_earlier() {
    const std::lock_guard lock(mutex_);
    if (repeated_ != 0) tell();
  }

  /// The next run. Waits where money may come back, unless the worker has others to look after.
  std::optional<BatchRun> take(bool may_wait) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (stopping()) return std::nullopt;
      const auto next = board_->next();
      if (next == BatchBoard::Next::run) break;
      if (next == BatchBoard::Next::money) stopped_ = "money";
      if (next != BatchBoard::Next::wait || !may_wait) return std::nullopt;
      changed_.wait(lock, options_.stop,
                    [this] { return failure_ || board_->next() != BatchBoard::Next::wait; });
    }
    const BatchRun& run = runs_[board_->start()];
    if (journal_ && plan_.money)
      check(journal_->start(run.key, plan_.session_money.value_or(Money{})));
    tell();
    return run;
  }

  void finish(SessionRun& session) {
    BatchRow row = session.finish();
    const std::string exported = plan_.keep_sessions && journal_ ? session.exported() : "";
    if (!exported.empty()) {
      write_whole_file(options_.folder + "/sessions/" + row.key + ".json", exported)
          .value_or_throw();
    }
    const std::lock_guard lock(mutex_);
    if (journal_) check(journal_->finish(row));
    board_->settle(row.cost);
    add(std::move(row));
    changed_.notify_all();
    tell();
  }

  void give_up(const SessionRun& session) {
    const Money cost = session.cost();
    const std::lock_guard lock(mutex_);
    if (journal_ && (plan_.money || cost.pico_usd != 0)) check(journal_->lose(session.key(), cost));
    board_->settle(cost);
    changed_.notify_all();
  }

  /// The first failure that is not a session's own ends the batch.
  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
    changed_.notify_all();
  }

  bool is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping();
  }

  /// Rows and their files; after all workers have ended.
  BatchResult result() {
    BatchResult result;
    for (auto& row : rows_) {
      if (row) result.rows.push_back(std::move(*row));
    }
    result.left = runs_.size() - result.rows.size();
    result.repeated = repeated_;
    result.cost = board_->spent();
    if (result.left != 0) result.stopped = options_.stop.stop_requested() ? "cancelled" : stopped_;
    if (journal_) write_files(result.rows);
    if (failure_) throw Error(*failure_);
    return result;
  }

 private:
  void take_earlier(const BatchParts& parts) {
    std::vector<std::size_t> waiting;
    Money spent;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      places_[runs_[i].key] = i;
      if (!take_row(runs_[i], parts.digest(runs_[i]))) waiting.push_back(i);
    }
    if (journal_) {
      spent = journal_->content().lost;
      for (const auto& [key, row] : journal_->content().rows) spent += row.cost;
    }
    board_.emplace(std::move(waiting), plan_.money, plan_.session_money.value_or(Money{}), spent);
  }

  // True when an earlier try has finished this run.
  bool take_row(const BatchRun& run, const std::string& digest) {
    if (!journal_) return false;
    const auto found = journal_->content().rows.find(run.key);
    if (found == journal_->content().rows.end()) return false;
    if (found->second.digest != digest) {
      throw Error(ErrorCode::conflict, options_.folder + ": has a session \"" + run.key +
                                           "\" that was made otherwise (another preset, model, "
                                           "configuration or limit); name another folder");
    }
    if (options_.retry_failed && !found->second.error.empty()) return false;
    ++repeated_;
    add(found->second);
    return true;
  }

  void add(BatchRow row) {
    if (!row.error.empty()) ++failed_;
    ++done_;
    const std::size_t place = places_.at(row.key);
    rows_[place] = std::move(row);
  }

  bool stopping() const { return failure_ || options_.stop.stop_requested(); }

  // Under the lock: remembers, wakes and throws.
  void check(const Result<void>& written) {
    if (written) return;
    if (!failure_) failure_ = written.error();
    changed_.notify_all();
    throw Error(written.error());
  }

  void tell() {
    if (!options_.progress) return;
    options_.progress({.total = runs_.size(),
                       .done = done_,
                       .failed = failed_,
                       .running = board_->running(),
                       .cost = board_->spent()});
  }

  void write_files(const std::vector<BatchRow>& rows) {
    const std::string folder = options_.folder + "/";
    write_whole_file(folder + "rows.jsonl", rows_to_jsonl(rows)).value_or_throw();
    write_whole_file(folder + "rows.csv", rows_to_csv(rows)).value_or_throw();
    write_whole_file(folder + "summary.json", groups_to_json(group_rows(rows))).value_or_throw();
  }

  const BatchPlan& plan_;
  const BatchOptions& options_;
  const std::vector<BatchRun> runs_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::optional<BatchRow>> rows_;
  std::map<std::string, std::size_t> places_;
  std::optional<Journal> journal_;
  std::optional<BatchBoard> board_;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
  std::size_t repeated_ = 0;
  std::string stopped_;
  std::optional<Error> failure_;
};

// One thread with its engines and the sessions in them.
class BatchWorker {
 public:
  BatchWorker(SharedBatch& shared, const BatchPlan& plan, const BatchOptions& options,
              const BatchParts& parts, std::size_t at_once)
      : shared_(shared), plan_(plan), options_(options), parts_(parts), at_once_(at_once) {}

  void work() noexcept {
    try {
      while (fill()) {
        look();
        collect();
      }
    } catch (const Error& error) {
      shared_.fail(error);
    } catch (const std::bad_alloc&) {
      shared_.fail(Error::fixed(ErrorCode::out_of_memory, "not enough memory for the batch"));
    } catch (const std::exception&) {
      shared_.fail(Error::fixed(ErrorCode::internal, "the batch failed inside; please report it"));
    }
    give_up();
  }

 private:
  // An engine of its own makes a session independent of those beside it: on the virtual clock it
  // begins at the same time, and a fork gets its seed.
  bool is_alone() const { return plan_.fork || options_.config.clock == ClockKind::virtual_time; }

  // False when there is nothing left to do.
  bool fill() {
    if (shared_.is_stopping()) return false;
    while (sessions_.size() < at_once_) {
      const auto run = shared_.take(sessions_.empty());
      if (!run) break;
      sessions_.push_back(std::make_unique<SessionRun>(engine_for(*run), plan_, parts_, *run));
    }
    return !sessions_.empty();
  }

  std::shared_ptr<Engine> engine_for(const BatchRun& run) {
    if (current_ && !is_alone() && used_ < kSessionsPerEngine) {
      ++used_;
      return current_;
    }
    Config config = engine_config(plan_, options_);
    config.seed = parts_.engine_seed(run);
    current_ = std::make_shared<Engine>(Engine::open(config, options_.dependencies()));
    used_ = 1;
    return current_;
  }

  // Virtual time is waited for to the end; of real engines each gets its turn.
  void look() {
    if (options_.config.clock == ClockKind::virtual_time) return sessions_.front()->wait({});
    std::vector<SessionRun*> firsts;  // one of each engine
    for (const auto& session : sessions_) {
      const bool seen = std::any_of(firsts.begin(), firsts.end(), [&session](const auto* other) {
        return other->engine() == session->engine();
      });
      if (!seen) firsts.push_back(session.get());
    }
    const auto each = std::chrono::milliseconds(
        std::max<std::int64_t>(kLook.count() / static_cast<std::int64_t>(firsts.size()), 1));
    for (SessionRun* session : firsts) session->wait(each);
  }

  void collect() {
    for (std::size_t i = 0; i < sessions_.size();) {
      if (!sessions_[i]->ready()) {
        ++i;
        continue;
      }
      shared_.finish(*sessions_[i]);
      sessions_.erase(sessions_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // What is paid for to the end has its row, whatever its sinks have got.
  void give_up() noexcept {
    for (const auto& session : sessions_) {
      try {
        if (session->is_paid()) {
          shared_.finish(*session);
        } else {
          shared_.give_up(*session);
        }
      } catch (const Error& error) {
        shared_.fail(error);
      } catch (const std::exception&) {
        // no memory to tell more: the run has no row, and is made again
      }
    }
    sessions_.clear();
    current_.reset();
  }

  SharedBatch& shared_;
  const BatchPlan& plan_;
  const BatchOptions& options_;
  const BatchParts& parts_;
  std::size_t at_once_;
  std::vector<std::unique_ptr<SessionRun>> sessions_;
  std::shared_ptr<Engine> current_;
  std::size_t used_ = 0;
};

std::size_t sessions_per_worker(const BatchPlan& plan, const BatchOptions& options) {
  if (options.config.clock == ClockKind::virtual_time) return 1;
  return std::max<std::size_t>(plan.sessions_at_once / options.workers, 1);
}

// Returns when all workers have ended.
void work(SharedBatch& shared, const BatchPlan& plan, const BatchOptions& options,
          const BatchParts& parts) {
  const std::size_t at_once = sessions_per_worker(plan, options);
  std::vector<std::jthread> workers;
  try {
    for (std::size_t i = 0; i < std::min<std::size_t>(options.workers, plan.sessions_at_once); ++i)
      workers.emplace_back([&] { BatchWorker(shared, plan, options, parts, at_once).work(); });
  } catch (const std::system_error&) {
    shared.fail(Error::fixed(ErrorCode::unavailable,
                             "the system has no thread left for a worker; ask for fewer"));
  }
}

}  // namespace
}  // namespace engine

BatchResult run_batch(const BatchPlan& plan, const BatchOptions& given) {
  auto faults = plan.check();
  if (!faults.empty()) throw faults_error("plan", faults);
  if (given.workers == 0 || given.workers > 256)
    throw Error::fixed(ErrorCode::invalid_argument, "workers: must be from 1 to 256");
  faults = engine::engine_config(plan, given).check();
  if (!faults.empty()) throw faults_error("configuration", faults);
  const BatchOptions options = engine::with_counters(given);
  const engine::BatchParts parts(plan, options.config, options.dependencies(),
                                 engine::fork_source(plan, options));
  engine::SharedBatch shared(plan, options, parts);
  shared.tell_of_earlier();
  engine::work(shared, plan, options, parts);
  return shared.result();
}

}  // namespace scena

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <scena/config.hpp>
#include <scena/ext/job_handler.hpp>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/log.hpp"
#include "engine/jobs/job_run.hpp"
#include "engine/work_count.hpp"
#include "storage/storage_queue.hpp"

namespace scena::engine {

class LoopHost;

/// Kinds of the engine's own jobs begin so; a host cannot enqueue them.
inline constexpr std::string_view kOwnKinds = "scena.";

/// Runs the jobs that lie in the store: claims them, calls their handlers, stores how it went. See
/// README.md for how other parts of the engine use it.
///
/// What it knows of a job stands in the store alone: an engine that ends leaves its running jobs
/// there, and the next one takes them back.
///
/// Threading: any thread, unless a function says otherwise.
class JobRunner : public std::enable_shared_from_this<JobRunner> {
 public:
  struct Parts {
    LoopHost& host;  ///< On whose loop handlers are called.
    Clock& clock;
    JobsConfig config;
    std::uint64_t seed = 0;
    Logger log;
    std::shared_ptr<WorkCount> work;
    std::function<void()> progressed;  ///< Whoever waits for the engine looks again.
  };

  explicit JobRunner(Parts parts);

  /// Before start(): who does the jobs of a kind. invalid_argument for bad kinds and handlings.
  Result<void> add(const std::string& kind, std::shared_ptr<JobHandler> handler);
  /// Takes back what an engine before this one left running, and begins.
  void start();
  bool has(std::string_view kind) const { return kinds_.contains(kind); }

  /// A job for a batch, by the configuration: bound, attempts, time.
  JobWrite make(std::string tenant, std::string kind, std::string id, std::string payload) const;
  /// Jobs were committed: looks for what can run.
  void wake() noexcept;
  /// Commits a change of jobs and looks. `done` comes on the loop, or at once with an error.
  using Done = std::function<void(Result<void>)>;
  void commit(JobWrite write, Done done);
  /// It was cancelled: the attempt under way is asked to stop.
  void stop_job(const std::string& tenant, const std::string& id) noexcept;

  /// An id that no job of this engine has. `seeded`: it repeats with the configuration's seed.
  std::string next_id(bool seeded);

  std::size_t running() const noexcept { return running_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

  /// The engine closes and no loop runs any more: attempts are asked to stop, and stay running in
  /// the store.
  void stop() noexcept;

 private:
  struct Kind {
    std::string name;
    std::shared_ptr<JobHandler> handler;
    JobHandling handling;
    std::size_t running = 0;
    bool claiming = false;
    bool again = false;  // something was committed while a claim was on its way
    int failures = 0;    // of claims, in a row
    WallTime retry{};    // when the last attempt is due that follows a failed one
    net::TimerId timer = 0;
  };
  struct Claimed;
  struct Attempt {
    std::shared_ptr<JobRun> run;
    bool waits = false;  ///< For the next try to store its end; it is no work under way then.
  };
  using RunKey = std::pair<std::string, std::string>;
  using OwnJobs = std::vector<std::uint64_t>;  // Job::number of each

  /// One piece of work that is counted, until it goes.
  struct Busy {
    ~Busy() { runner.free_one(); }
    JobRunner& runner;
  };

  // On the loop.
  void take_over(int tries);
  void took_over(std::size_t jobs);
  void look_at_all();
  void look(Kind& kind);
  void claimed(Kind& kind, Claimed& found);
  void look_at(Kind& kind, Duration delay, net::TimerKind timer);
  void begin(Kind& kind, Job job);
  void ended(Kind& kind, const Job& job, JobEnd end);
  void store(Kind& kind, std::shared_ptr<const Job> job, JobWrite write, int tries);
  /// The attempt at the job, unless it was released.
  Attempt* attempt_at(const Job& job);
  void release(Kind& kind, const Job& job);
  void let_go(Kind& kind, const Job& job);  ///< As release(), and looks for no other.
  bool upkeep_is_due();
  OwnJobs own_jobs() const;
  void submit(JobWrite write, Done done);
  void free_one() noexcept;
  WallTime wall() const noexcept { return parts_.clock.wall(); }

  Parts parts_;
  std::string owner_;
  std::mutex id_mutex_;
  Random ids_;
  Random jitter_;
  std::map<std::string, Kind, std::less<>> kinds_;  // does not change after start()
  std::map<RunKey, Attempt> runs_;
  std::optional<TimePoint> upkeep_;  // when the store was last looked through
  bool ready_ = false;               // what an engine before this one left was taken back
  bool stopped_ = false;
  std::atomic<bool> woken_{false};
  std::atomic<std::size_t> running_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace scena::engine

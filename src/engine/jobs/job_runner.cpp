#include "engine/jobs/job_runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/jobs/job_delay.hpp"
#include "engine/loop_host.hpp"

namespace scena::engine {
namespace {

using namespace std::chrono_literals;

// A claim outlives its attempt's time limit by this: storing the end may take a while.
constexpr std::chrono::minutes kClaimMargin{5};
constexpr std::chrono::minutes kUpkeepEvery{1};
constexpr Duration kLongestTimer = std::chrono::hours(1);
constexpr std::size_t kMaxKindBytes = 100;
constexpr std::string_view kCutShort = "the engine ended while the job ran";

bool is_kind_name(std::string_view name) noexcept {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxKindBytes &&
         std::all_of(name.begin(), name.end(), good);
}

// Claims that nobody ended, and jobs that are kept no longer.
Result<void> look_through(Storage& storage, WallTime now, const JobsConfig& config,
                          const std::vector<std::uint64_t>& own) {
  auto taken = storage.reclaim_jobs(now, now, kCutShort, own);
  if (!taken) return taken.error();
  auto purged = storage.purge_jobs(now - config.keep_done, now - config.keep_dead);
  return purged ? Result<void>() : purged.error();
}

}  // namespace

// What one look at the store found.
struct JobRunner::Claimed {
  Result<std::optional<Job>> job = std::optional<Job>();
  std::optional<WallTime> next;
};

JobRunner::JobRunner(Parts parts)
    : parts_(std::move(parts)), ids_(Random::for_session(parts_.seed, 0)), jitter_(ids_.next()) {}

Result<void> JobRunner::add(const std::string& kind, std::shared_ptr<JobHandler> handler) {
  const auto fault = [&kind](std::string_view what) {
    return Error(ErrorCode::invalid_argument, fmt::format("job handler \"{}\": {}", kind, what));
  };
  if (!is_kind_name(kind))
    return Error::fixed(
        ErrorCode::invalid_argument,
        "job handlers: a kind has 1 to 100 letters, digits, \".\", \"_\" and \"-\"");
  if (!handler) return fault("it is null");
  Kind made;
  made.name = kind;
  try {
    made.handling = handler->handling();
  } catch (...) {
    return fault("handling() threw an exception");
  }
  if (made.handling.time_limit.count() <= 0) return fault("time_limit must be above zero");
  if (made.handling.parallel == 0) return fault("parallel must be above zero");
  made.handler = std::move(handler);
  if (!kinds_.emplace(kind, std::move(made)).second) return fault("the kind has a handler already");
  return {};
}

void JobRunner::start() {
  if (kinds_.empty()) return;
  owner_ = next_id(false);
  parts_.work->add();
  parts_.host.loop().post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    const Busy busy{*self};
    self->take_over(0);
  });
}

JobWrite JobRunner::make(std::string tenant, std::string kind, std::string id,
                         std::string payload) const {
  JobWrite write;
  write.tenant = std::move(tenant);
  write.kind = std::move(kind);
  write.id = std::move(id);
  write.payload = std::move(payload);
  write.now = write.run_after = wall();
  write.max_attempts = parts_.config.max_attempts;
  write.max_open = parts_.config.max_open;
  write.drop_oldest = parts_.config.when_full == WhenFull::drop_oldest;
  return write;
}

std::string JobRunner::next_id(bool seeded) {
  std::lock_guard lock(id_mutex_);
  if (seeded) return uuid_v7(wall(), ids_);
  Random system(Random::system_seed());
  return uuid_v7(wall(), system);
}

// Counted from here on: whoever waits until nothing is left waits for what is found, too.
void JobRunner::wake() noexcept {
  if (woken_.exchange(true)) return;
  parts_.work->add();
  const bool posted = parts_.host.gate()->post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    const Busy busy{*self};
    self->woken_ = false;
    self->look_at_all();
  });
  if (posted) return;
  woken_ = false;
  free_one();
}

void JobRunner::free_one() noexcept {
  if (parts_.work->end() && parts_.progressed) parts_.progressed();
}

void JobRunner::commit(JobWrite write, Done done) {
  parts_.work->add();
  const bool posted =
      parts_.host.gate()->post([weak = weak_from_this(), write = std::move(write), done]() mutable {
        const auto self = weak.lock();
        if (!self) return;
        self->submit(std::move(write), [self, done = std::move(done)](Result<void> result) {
          const Busy busy{*self};
          if (!result && result.error().code() == ErrorCode::overloaded) ++self->refused_;
          if (result) self->wake();
          done(std::move(result));
        });
      });
  if (posted) return;
  free_one();
  done(Error::fixed(ErrorCode::closed, "the engine was closed"));
}

void JobRunner::submit(JobWrite write, Done done) {
  Batch batch;
  batch.jobs.push_back(std::move(write));
  auto submitted = parts_.host.storage().submit(std::move(batch), done);
  if (!submitted) done(submitted);
}

void JobRunner::stop_job(const std::string& tenant, const std::string& id) noexcept {
  parts_.host.gate()->post([weak = weak_from_this(), key = RunKey(tenant, id)] {
    const auto self = weak.lock();
    if (!self) return;
    const auto found = self->runs_.find(key);
    if (found == self->runs_.end()) return;
    const auto run = found->second.run;
    run->stop();
    self->release(self->kinds_.find(run->job().kind)->second, run->job());
  });
}

// --- on the loop --------------------------------------------------------------------------------

// Nothing of this engine runs yet: what the store calls running was left by one that ended.
void JobRunner::take_over(int tries) {
  if (stopped_) return;
  auto taken = std::make_shared<Result<std::size_t>>(std::size_t{0});
  const auto done = [weak = weak_from_this(), taken, tries](const Result<void>& result) {
    const auto self = weak.lock();
    if (!self) return;
    const Busy busy{*self};
    if (result && *taken) return self->took_over(**taken);
    const Error& error = result ? taken->error() : result.error();
    self->parts_.log.warn("jobs wait: the store cannot be asked; it is tried again later",
                          {{"error", error.what()}});
    self->parts_.host.loop().after(job_delay(self->parts_.config, tries + 1, self->jitter_.unit()),
                                   [weak, tries] {
                                     if (const auto again = weak.lock())
                                       again->take_over(tries + 1);
                                   });
  };
  parts_.work->add();
  auto called = parts_.host.storage().call(
      [taken, now = wall()](Storage& storage) {
        *taken = storage.reclaim_jobs(WallTime::max(), now, kCutShort, {});
      },
      done);
  if (!called) done(called);
}

void JobRunner::took_over(std::size_t jobs) {
  if (jobs > 0) parts_.log.warn("jobs whose engine ended were taken back", {{"jobs", jobs}});
  ready_ = true;
  look_at_all();
}

void JobRunner::look_at_all() {
  for (auto& [name, kind] : kinds_) look(kind);
}

void JobRunner::look(Kind& kind) {
  if (stopped_ || !ready_) return;
  if (kind.claiming) {
    kind.again = true;
    return;
  }
  if (kind.running >= kind.handling.parallel) return;  // the end of one looks again
  if (kind.timer != 0) parts_.host.loop().cancel(std::exchange(kind.timer, 0));
  const WallTime now = wall();
  auto found = std::make_shared<Claimed>();
  JobClaim claim{kind.name, owner_, now, after(after(now, kind.handling.time_limit), kClaimMargin)};
  const bool upkeep = upkeep_is_due();
  const auto search = [found, claim, upkeep, own = upkeep ? own_jobs() : OwnJobs(),
                       config = parts_.config](Storage& storage) {
    if (upkeep) {
      if (auto kept = look_through(storage, claim.now, config, own); !kept) {
        found->job = kept.error();
        return;
      }
    }
    found->job = storage.claim_job(claim);
    if (!found->job || *found->job) return;
    auto next = storage.next_job_time(claim.kind, claim.now);
    if (next) {
      found->next = *next;
    } else {
      found->job = next.error();
    }
  };
  kind.claiming = true;
  parts_.work->add();
  auto called = parts_.host.storage().call(
      search, [weak = weak_from_this(), &kind, found](Result<void> result) {
        const auto self = weak.lock();
        if (!self) return;
        if (!result) found->job = result.error();
        self->claimed(kind, *found);
      });
  if (called) return;
  found->job = called.error();
  claimed(kind, *found);
}

// Not beside another claim: what it finds would be taken for a dead worker's after a jump of the
// wall clock.
bool JobRunner::upkeep_is_due() {
  const TimePoint now = parts_.clock.now();
  if (upkeep_ && now - *upkeep_ < kUpkeepEvery) return false;
  for (const auto& [name, kind] : kinds_) {
    if (kind.claiming) return false;
  }
  upkeep_ = now;
  return true;
}

// What runs here is not a dead worker's, whatever the wall clock says.
JobRunner::OwnJobs JobRunner::own_jobs() const {
  OwnJobs numbers;
  for (const auto& [key, attempt] : runs_) numbers.push_back(attempt.run->job().number);
  return numbers;
}

void JobRunner::claimed(Kind& kind, Claimed& found) {
  const Busy busy{*this};
  kind.claiming = false;
  if (!found.job) {
    upkeep_.reset();
    parts_.log.warn("the store gave no job; it is asked again later",
                    {{"kind", kind.name}, {"error", found.job.error().what()}});
    look_at(kind, job_delay(parts_.config, ++kind.failures, jitter_.unit()),
            net::TimerKind::awaited);
  } else {
    kind.failures = 0;
    if (auto& job = *found.job) {
      begin(kind, std::move(*job));
      look(kind);
    } else if (std::exchange(kind.again, false)) {
      look(kind);
    } else if (found.next) {
      // What failed is under way; what was queued for later is waited for by nobody.
      look_at(kind, std::chrono::duration_cast<Duration>(*found.next - wall()),
              *found.next <= kind.retry ? net::TimerKind::awaited : net::TimerKind::standing);
    }
  }
}

void JobRunner::look_at(Kind& kind, Duration delay, net::TimerKind timer) {
  if (stopped_) return;
  if (kind.timer != 0) parts_.host.loop().cancel(kind.timer);
  kind.timer = parts_.host.loop().after(
      std::clamp(delay, Duration{}, kLongestTimer),
      [weak = weak_from_this(), &kind] {
        const auto self = weak.lock();
        if (!self) return;
        kind.timer = 0;
        self->look(kind);
      },
      timer);
}

void JobRunner::begin(Kind& kind, Job job) {
  auto held = std::make_shared<const Job>(std::move(job));
  auto run = std::make_shared<JobRun>(*held, kind.handler, kind.handling.time_limit,
                                      parts_.host.loop(), parts_.host.gate(), parts_.log,
                                      [weak = weak_from_this(), &kind, held](JobEnd end) {
                                        if (const auto self = weak.lock())
                                          self->ended(kind, *held, std::move(end));
                                      });
  // The store gave the job again: the attempt before has lost it.
  if (const auto former = runs_.find({held->tenant, held->id}); former != runs_.end()) {
    const auto lost = former->second.run;
    lost->stop();
    let_go(kinds_.find(lost->job().kind)->second, lost->job());
  }
  runs_[{held->tenant, held->id}] = {run};
  ++kind.running;
  parts_.work->add();
  running_.fetch_add(1);
  run->start();
}

void JobRunner::ended(Kind& kind, const Job& job, JobEnd end) {
  JobWrite write;
  write.op = end.how == JobEnd::How::done ? JobWrite::Op::finish : JobWrite::Op::fail;
  write.tenant = job.tenant;
  write.kind = job.kind;
  write.id = job.id;
  write.payload = std::move(end.text);
  write.claim = job.claim;
  write.final = end.how == JobEnd::How::given_up;
  write.now = wall();
  write.run_after = write.now + job_delay(parts_.config, job.attempts, jitter_.unit());
  if (write.op == JobWrite::Op::fail) {
    const bool dead = write.final || job.attempts >= job.max_attempts;
    if (!dead) kind.retry = std::max(kind.retry, write.run_after);
    parts_.log.log(dead ? LogLevel::warn : LogLevel::info,
                   dead ? "a job failed for good" : "a job failed and is tried again later",
                   {{"kind", job.kind}, {"job", job.id}, {"attempts", job.attempts}});
  }
  store(kind, std::make_shared<const Job>(job), std::move(write), 0);
}

// The end of an attempt is not lost to a store that fails for a while: it is tried until it is
// stored, or the job is not ours any more. Nobody waits for a store that may fail for ever.
void JobRunner::store(Kind& kind, std::shared_ptr<const Job> job, JobWrite write, int tries) {
  submit(write, [weak = weak_from_this(), &kind, job, write, tries](const Result<void>& result) {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    const auto code = result ? ErrorCode::ok : result.error().code();
    if (code == ErrorCode::ok || code == ErrorCode::conflict || code == ErrorCode::not_found)
      return self->release(kind, *job);
    self->parts_.log.warn(
        "the end of a job could not be stored; it is tried again later",
        {{"kind", job->kind}, {"job", job->id}, {"error", result.error().what()}});
    if (Attempt* attempt = self->attempt_at(*job); attempt && !attempt->waits) {
      attempt->waits = true;
      self->free_one();
    }
    self->parts_.host.loop().after(job_delay(self->parts_.config, tries + 1, self->jitter_.unit()),
                                   [weak, &kind, job, write, tries] {
                                     const auto again = weak.lock();
                                     if (!again || again->stopped_) return;
                                     if (Attempt* attempt = again->attempt_at(*job);
                                         attempt && attempt->waits) {
                                       attempt->waits = false;
                                       again->parts_.work->add();
                                     }
                                     again->store(kind, job, write, tries + 1);
                                   });
  });
}

JobRunner::Attempt* JobRunner::attempt_at(const Job& job) {
  const auto found = runs_.find({job.tenant, job.id});
  const bool holds = found != runs_.end() && found->second.run->job().claim == job.claim;
  return holds ? &found->second : nullptr;
}

void JobRunner::release(Kind& kind, const Job& job) {
  if (attempt_at(job) == nullptr) return;
  parts_.work->add();
  const Busy busy{*this};  // until the next job is looked for
  let_go(kind, job);
  look(kind);
}

void JobRunner::let_go(Kind& kind, const Job& job) {
  const Attempt* attempt = attempt_at(job);
  if (attempt == nullptr) return;
  const bool counted = !attempt->waits;
  runs_.erase(RunKey(job.tenant, job.id));
  --kind.running;
  running_.fetch_sub(1);
  if (counted) free_one();
}

void JobRunner::stop() noexcept {
  stopped_ = true;
  for (auto& [name, kind] : kinds_) {
    if (kind.timer != 0) parts_.host.loop().cancel(std::exchange(kind.timer, 0));
  }
  for (auto& [key, attempt] : std::exchange(runs_, {})) attempt.run->stop();
}

}  // namespace scena::engine

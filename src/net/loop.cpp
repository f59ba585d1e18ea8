#include "net/loop.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "net/wake_set.hpp"

namespace scena::net {
namespace {

namespace asio = boost::asio;
using RealClock = std::chrono::steady_clock;

/// How long a poll may go on by real time.
class Budget {
 public:
  explicit Budget(std::chrono::microseconds budget) noexcept
      : one_round_(budget.count() <= 0), end_(RealClock::now() + std::max(budget, {})) {}

  bool one_round() const noexcept { return one_round_; }
  bool is_over() const noexcept { return !one_round_ && RealClock::now() >= end_; }

 private:
  bool one_round_;
  RealClock::time_point end_;
};

struct Io {
  Io() : context(1), work(context.get_executor()) {}
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
};

}  // namespace

struct Loop::Impl {
  explicit Impl(Clock& engine_clock) : clock(engine_clock) {}

  enum class Phase { tasks, timers, sockets };

  void take_posted();
  bool run_tasks(const Budget& budget);
  bool run_timers(const Budget& budget);
  bool run_sockets(const Budget& budget);
  bool run_connected(const Budget& budget);
  bool run_asio(const Budget& budget);
  bool run_phase(const Budget& budget);
  std::size_t poll(const Budget& budget);
  bool has_tasks() const;
  bool is_polling_here() const noexcept { return poller.load() == std::this_thread::get_id(); }

  Clock& clock;
  WakeSet wakes;
  TimerQueue timers;
  std::unique_ptr<Io> io;

  mutable std::mutex mutex;
  std::vector<Task> posted;  // guarded by mutex
  bool woken = false;        // guarded by mutex
  std::atomic<std::thread::id> poller;

  std::vector<Task> running;  // the round's tasks; those before `next_task` are done
  std::size_t next_task = 0;
  std::uint64_t timer_mark = 0;
  TimePoint timer_limit{};
  Phase phase = Phase::tasks;
  bool in_phase = false;      // the phase was begun by a poll that ran out of budget
  bool sockets_left = false;  // what no descriptor shows any more may wait for the next round
  std::size_t watched = 0;    // descriptors of Asio in the set
  bool asio_touched = false;  // since it had nothing to run
  std::size_t ran = 0;
};

void Loop::Impl::take_posted() {
  running.clear();
  next_task = 0;
  const std::lock_guard lock(mutex);
  if (woken) wakes.clear();
  woken = false;
  running.swap(posted);
}

// Each run_ function is true when its phase came to its end, false when the budget did.
bool Loop::Impl::run_tasks(const Budget& budget) {
  if (!std::exchange(in_phase, true)) take_posted();
  while (next_task < running.size()) {
    if (ran > 0 && budget.is_over()) return false;
    Task task = std::move(running[next_task++]);
    ++ran;
    task();
  }
  return true;
}

bool Loop::Impl::run_timers(const Budget& budget) {
  if (!std::exchange(in_phase, true)) {
    timer_mark = timers.mark();
    timer_limit = clock.now();
  }
  while (!timers.empty()) {
    if (ran > 0 && budget.is_over()) return false;
    Task task = timers.take_due(timer_limit, timer_mark);
    if (!task) break;
    ++ran;
    task();
  }
  return true;
}

bool Loop::Impl::run_sockets(const Budget& budget) {
  sockets_left = false;
  return run_connected(budget) && run_asio(budget);
}

constexpr int kHandlersPerRound = 256;  // then tasks and timers have their turn

bool Loop::Impl::run_connected(const Budget& budget) {
  // Counted by batches: those of descriptors that Asio tells hold nobody to call.
  constexpr int kBatches = kHandlersPerRound / static_cast<int>(ReadySet::kBatch);
  ReadySet& sockets = wakes.sockets();
  bool more = !sockets.empty();
  for (int i = 0; more && i < kBatches; ++i) {
    if (ran > 0 && budget.is_over()) {
      sockets_left = true;
      return false;
    }
    const std::uint64_t told = sockets.told();
    more = sockets.dispatch();
    ran += sockets.told() - told;
  }
  sockets_left = more;
  return true;
}

bool Loop::Impl::run_asio(const Budget& budget) {
  if (!io || (watched == 0 && !asio_touched)) return true;
  for (int i = 0; i < kHandlersPerRound; ++i) {
    if (ran > 0 && budget.is_over()) {
      sockets_left = true;
      return false;
    }
    if (io->context.poll_one() == 0) {
      asio_touched = false;
      return true;
    }
    ++ran;
  }
  sockets_left = true;
  return true;
}

bool Loop::Impl::run_phase(const Budget& budget) {
  switch (phase) {
    case Phase::tasks:
      return run_tasks(budget);
    case Phase::timers:
      return run_timers(budget);
    case Phase::sockets:
      return run_sockets(budget);
  }
  return true;
}

bool Loop::Impl::has_tasks() const {
  if (next_task < running.size()) return true;
  const std::lock_guard lock(mutex);
  return !posted.empty();
}

std::size_t Loop::Impl::poll(const Budget& budget) {
  ran = 0;
  for (;;) {
    // A callback that throws leaves the phase begun, so that the rest of its round is not lost.
    const bool finished = run_phase(budget);
    in_phase = !finished;
    if (!finished) return ran;
    const bool round_over = phase == Phase::sockets;
    phase = round_over ? Phase::tasks : static_cast<Phase>(static_cast<int>(phase) + 1);
    if (!round_over) continue;
    if (budget.one_round()) return ran;
    const auto next = timers.next();
    // A timer that came due during the round is the next deadline, and has a round of its own.
    if (!sockets_left && !has_tasks() && (!next || *next > timer_limit)) return ran;
    if (budget.is_over()) return ran;
  }
}

Loop::Loop(Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}

Loop::~Loop() {
  // Handlers may own sockets, which leave the wake set as they go; tasks may own anything, also
  // what posts or makes timers in its destructor.
  impl_->io.reset();
  for (bool more = true; more;) {
    std::vector<Task> doomed;
    {
      const std::lock_guard lock(impl_->mutex);
      doomed.swap(impl_->posted);
    }
    const TimerQueue timers = std::exchange(impl_->timers, {});
    const auto running = std::exchange(impl_->running, {});
    more = !doomed.empty() || !timers.empty() || !running.empty();
  }
}

Clock& Loop::clock() noexcept {
  return impl_->clock;
}
TimePoint Loop::now() const noexcept {
  return impl_->clock.now();
}

void Loop::post(Task task) {
  const bool inside = impl_->is_polling_here();
  const std::lock_guard lock(impl_->mutex);
  impl_->posted.push_back(std::move(task));
  if (inside || impl_->woken) return;
  impl_->woken = true;
  impl_->wakes.signal();
}

TimerId Loop::at(TimePoint when, Task task, TimerKind kind) {
  // Nobody waits for the end of the clock: it is how a limit says that there is none.
  if (when == TimePoint::max()) kind = TimerKind::standing;
  return impl_->timers.add(when, std::move(task), kind);
}

bool Loop::cancel(TimerId timer) noexcept {
  return impl_->timers.cancel(timer);
}

std::size_t Loop::poll(std::chrono::microseconds budget) {
  std::thread::id nobody;
  if (!impl_->poller.compare_exchange_strong(nobody, std::this_thread::get_id())) return 0;
  struct Inside {
    ~Inside() { poller = std::thread::id{}; }
    std::atomic<std::thread::id>& poller;
  } inside{impl_->poller};
  return impl_->poll(Budget(budget));
}

int Loop::wait_fd() const noexcept {
  return impl_->wakes.descriptor();
}

std::optional<TimePoint> Loop::next_deadline() const noexcept {
  if (impl_->sockets_left || impl_->has_tasks()) return now();
  const auto next = impl_->timers.next();
  return next ? std::optional(std::max(*next, now())) : std::nullopt;
}

bool Loop::has_ready_work() const noexcept {
  const auto deadline = next_deadline();
  return deadline && *deadline <= now();
}

std::size_t Loop::run_once(std::chrono::milliseconds longest, TimePoint until) {
  constexpr std::chrono::milliseconds kSlice{10};
  if (impl_->clock.is_virtual()) {
    if (const std::size_t ran = poll(kSlice)) return ran;
    if (impl_->timers.next_awaited()) {  // on the way there each timer has its own time
      impl_->clock.advance_to(std::min(*impl_->timers.next(), until));
      return poll(kSlice);
    }
  }
  std::chrono::nanoseconds wait = longest;
  if (has_ready_work()) {
    wait = std::chrono::nanoseconds::zero();
  } else if (const auto next = impl_->timers.next(); next && !impl_->clock.is_virtual()) {
    wait = std::min<std::chrono::nanoseconds>(wait, *next - now());
  }
  if (wait.count() > 0) impl_->wakes.wait(wait);
  return poll(kSlice);
}

boost::asio::io_context& Loop::io() {
  if (!impl_->io) impl_->io = std::make_unique<Io>();
  impl_->asio_touched = true;
  return impl_->io->context;
}

ReadySet& Loop::sockets() noexcept {
  return impl_->wakes.sockets();
}

bool Loop::watch(int descriptor) noexcept {
  if (!impl_->wakes.add(descriptor)) return false;
  ++impl_->watched;
  return true;
}
// A socket may leave the set and end what it waited for: Asio then has its handlers to run.
void Loop::unwatch(int descriptor) noexcept {
  if (impl_->wakes.remove(descriptor)) --impl_->watched;
  impl_->asio_touched = true;
}
void Loop::watch_writable(int descriptor, bool on) noexcept {
  impl_->wakes.want_write(descriptor, on);
}

}  // namespace scena::net

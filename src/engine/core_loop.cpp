#include <algorithm>

#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/loop_turn.hpp"

// Who drives the loops: the host by poll(), a blocking call, or the engine's own threads.

namespace scena::engine {

using namespace std::chrono_literals;

bool Core::inside_callback() const noexcept {
  for (const auto& host : hosts_) {
    if (host->is_inside()) return true;
  }
  return false;
}

namespace {

Error loop_is_run_elsewhere() {
  return Error::fixed(ErrorCode::wrong_state,
                      "another thread runs this engine now; with threads = 0 poll, advance and "
                      "next_deadline belong to one thread at a time");
}

}  // namespace

// Until the loop is free or `ready`. Counted before the look, and the loop is let go before the
// count is read: one of the two threads sees the other.
void Core::wait_for_loop(std::chrono::milliseconds longest, const std::function<bool()>& ready) {
  std::unique_lock lock(wait_mutex_);
  waiting_for_loop_.fetch_add(1);
  progressed_.wait_for(lock, longest, [&] { return !hosts_[0]->is_run() || ready(); });
  waiting_for_loop_.fetch_sub(1);
}

std::size_t Core::poll_round(std::chrono::microseconds budget) {
  LoopHost& host = *hosts_[0];
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

void Core::arm_watcher() {
  if (watcher_) watcher_->arm(due());
}

// When a poll has something to do that the loop's descriptor does not tell.
std::optional<TimePoint> Core::due() const {
  if (has_unflushed_commits() || (is_ending() && end_moves_)) return clock_->now();
  const auto next = hosts_[0]->loop().next_deadline();
  if (!is_ending()) return next;
  const TimePoint give_up = clock_->now() + (give_up_ - std::chrono::steady_clock::now());
  return next ? std::min(*next, give_up) : give_up;
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
  const LoopTurn turn(*this);
  if (!turn) return loop_is_run_elsewhere();
  if (is_ending()) return end_some(budget);
  if (auto fine = usable(); !fine) return fine.error();  // closed while this thread came in
  return poll_round(budget);
}

int Core::wait_fd() const {
  return watcher_ ? watcher_->descriptor() : hosts_[0]->loop().wait_fd();
}

Result<std::optional<TimePoint>> Core::next_deadline() const {
  if (config_.threads > 0 || (closed_.load() && !is_ending())) return std::optional<TimePoint>();
  std::optional<LoopHost::Inside> inside;
  if (!inside_callback() && !inside.emplace(*hosts_[0])) return loop_is_run_elsewhere();
  return due();
}

// One step towards whatever is waited for: what is ready now, else the wait for the next thing.
bool Core::step(std::chrono::milliseconds longest, TimePoint until) {
  if (poll_round(0us) != 0 || hosts_[0]->loop().has_ready_work() || pass_idle_time(until))
    return true;
  const std::size_t ran = hosts_[0]->loop().run_once(longest, until);
  arm_watcher();
  return ran != 0;
}

// Nothing is under way that could bring what is waited for: virtual time goes to the wait's limit,
// and past each timer before it, also those that nobody waits for.
bool Core::pass_idle_time(TimePoint until) {
  if (!clock_->is_virtual() || until == TimePoint::max() || !idle() || embeds_->any()) return false;
  const auto next = hosts_[0]->loop().next_deadline();
  clock_->advance_to(next ? std::min(*next, until) : until);
  poll_round(0us);
  return true;
}

Result<void> Core::drive(const std::function<bool()>& ready,
                         std::optional<std::chrono::milliseconds> timeout) {
  if (ready()) return {};
  if (is_forked()) return usable();
  if (inside_callback()) {
    return Error::fixed(
        ErrorCode::wrong_state,
        "a blocking call inside a callback would wait for itself; start it here, wait elsewhere");
  }
  const auto late =
      Error::fixed(ErrorCode::timeout, "the answer did not come in time; it may still come");
  if (timeout && *timeout >= kForEver) timeout.reset();
  if (config_.threads > 0) {
    std::unique_lock lock(wait_mutex_);
    const auto done = [&] { return ready() || (closed_.load() && !is_closing()); };
    if (!timeout) {
      progressed_.wait(lock, done);
    } else if (!progressed_.wait_for(lock, *timeout, done)) {
      return late;
    }
    if (!ready()) return Error::fixed(ErrorCode::closed, "the engine was closed");
    return {};
  }
  return run_loop_until(ready, timeout, late);
}

// Without threads of its own: runs the loop, or waits behind the thread that does.
Result<void> Core::run_loop_until(const std::function<bool()>& ready,
                                  std::optional<std::chrono::milliseconds> timeout,
                                  const Error& late) {
  const TimePoint end = timeout ? clock_->now() + *timeout : TimePoint::max();
  const auto gone = [&] { return !usable() && !is_ending() && !is_closing(); };
  const auto over = [&] { return ready() || clock_->now() >= end || gone(); };
  while (!ready()) {
    if (gone()) return ready() ? Result<void>{} : usable();
    if (clock_->now() >= end) return late;
    auto longest = std::chrono::milliseconds(1'000);
    if (timeout)
      longest =
          std::min(longest, std::chrono::ceil<std::chrono::milliseconds>(end - clock_->now()));
    if (is_closing()) {  // by another thread, which brings what the end still answers
      wait_for_loop(longest, [&] { return ready() || !is_closing(); });
      continue;
    }
    const LoopTurn turn(*this);
    if (!turn) {
      wait_for_loop(longest, over);
      continue;
    }
    if (is_ending()) {
      if (!end_on(longest, end)) return ready() ? Result<void>{} : usable();
      continue;
    }
    if (over()) continue;
    // Virtual time that nothing is waiting for passes like the real time spent here.
    if (!step(longest, end) && timeout) clock_->advance_to(std::min(end, clock_->now() + longest));
  }
  return {};
}

void Core::notify() noexcept {
  if (is_forked()) return;  // nobody waits here, and the lock may be the parent's
  if (config_.threads == 0 && waiting_for_loop_.load() == 0) return;
  std::lock_guard lock(wait_mutex_);
  progressed_.notify_all();
}

Result<void> Core::advance(Duration step) {
  const LoopTurn turn(*this);
  if (!turn) return loop_is_run_elsewhere();
  if (auto fine = usable(); !fine) return fine;
  const Duration left = kForEver - clock_->now().time_since_epoch();
  if (step > left) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "step: it takes the clock more than 100 years from its start");
  }
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
  return {};
}

Result<void> Core::run_until_idle(std::optional<std::chrono::milliseconds> timeout) {
  const auto late = Error::fixed(ErrorCode::timeout,
                                 "the engine was not idle in time; what is under way goes on");
  const auto over = [this] { return idle() || !usable(); };
  if (timeout && *timeout >= kForEver) timeout.reset();
  if (config_.threads == 0) return run_loop_until(over, timeout, late);
  const TimePoint end = timeout ? clock_->now() + *timeout : TimePoint::max();
  std::unique_lock lock(wait_mutex_);
  for (;;) {
    const Duration left = std::max<Duration>(end - clock_->now(), 0ms);
    if (progressed_.wait_for(lock, std::min<Duration>(10ms, left), over)) return {};
    if (left <= 0ms) return late;
  }
}

}  // namespace scena::engine

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/loop_turn.hpp"

// The end of an engine: what runs is interrupted and stored, then the store is let go. The first
// half may be polled by the host, so that its functions are called where they always are. And how
// it is left alone in a child of fork().

namespace scena::engine {
namespace {

using namespace std::chrono_literals;

// A child of fork() has copies of the parent's locks, threads and files in whatever state they
// were: destroying them may hang or crash, so what they belong to is kept for ever, where a leak
// checker finds it. Empty in every other process.
struct KeptCore {
  std::shared_ptr<Core> core;
  KeptCore* next;
};
std::atomic<KeptCore*> kept_cores{nullptr};

void keep_for_ever(Core& core) noexcept {
  try {
    auto* kept = new KeptCore{core.shared_from_this(), kept_cores.load()};
    while (!kept_cores.compare_exchange_weak(kept->next, kept)) {
    }
  } catch (...) {
    // Without memory for that the child must do without its own end.
  }
}

}  // namespace

// The thread that runs the loop of threads = 0 is told to end its step; then it is this one's.
void Core::take_loop(std::optional<LoopTurn>& turn) {
  if (config_.threads > 0 || hosts_.empty() || inside_callback()) return;
  net::post_or_drop(hosts_[0]->loop(), [] {});
  for (turn.emplace(*this); !*turn; turn.emplace(*this))
    wait_for_loop(1'000ms, [] { return false; });
}

void Core::begin_close() noexcept {
  if (closed_.exchange(true) || is_forked()) return;
  embeddings_.request_stop();
  std::optional<LoopTurn> turn;
  take_loop(turn);
  for (auto& host : hosts_) host->stop_thread();
  {
    std::lock_guard lock(mutex_);
    ending_.swap(actors_);
  }
  if (jobs_) jobs_->stop();
  give_up_ = std::chrono::steady_clock::now() + 10s;
  end_moves_ = true;
  is_ending_.store(true);
  arm_watcher();
}

// One round of interrupting and storing. True when nothing of the sessions moves any more.
bool Core::end_round(std::chrono::microseconds budget, std::size_t& ran) {
  for (const auto& [key, actor] : ending_) actor->shut_down();
  completions_.cancel_all();
  ran = storage_queue_ ? storage_queue_->flush() : 0;
  for (auto& host : hosts_) ran += host->loop().poll(budget);
  return !completions_.any() && std::none_of(ending_.begin(), ending_.end(), [](const auto& entry) {
    return entry.second->has_work();
  });
}

// One step of it, the last of which says that it is over.
Result<std::size_t> Core::end_some(std::chrono::microseconds budget) {
  if (watcher_) watcher_->drain();
  if (has_ended_) {
    is_ending_.store(false);
    return usable().error();
  }
  std::size_t ran = 0;
  const bool ended = end_round(budget, ran);
  if (ended) {
    for (const auto& [key, actor] : ending_) actor->let_go();
    ending_.clear();
  }
  has_ended_ = ended || std::chrono::steady_clock::now() >= give_up_;
  end_moves_ = has_ended_ || ran != 0;
  arm_watcher();
  return ran;
}

// The same by a blocking call. False when there is nothing left; that it is over a poll says.
bool Core::end_on(std::chrono::milliseconds longest, TimePoint until) {
  if (has_ended_) return false;
  (void)end_some(0us);
  if (!end_moves_) {
    hosts_[0]->loop().run_once(longest, until);
    arm_watcher();
  }
  return true;
}

// Bounded, whatever a store or a provider does.
void Core::wind_down() {
  // Nobody else, neither a thread of ours nor the host's filter or model, could still answer.
  const bool alone = storage_queue_ && storage_queue_->mode() == StorageQueue::Mode::caller &&
                     !dependencies_.filter && dependencies_.providers.empty() &&
                     dependencies_.tools.empty();
  for (int idle_rounds = 0;;) {
    std::size_t ran = 0;
    if (end_round(100ms, ran)) return;
    idle_rounds = ran == 0 ? idle_rounds + 1 : 0;
    // What is open and cannot move was lost with the memory that failed under it.
    if ((alone && idle_rounds > 2) || std::chrono::steady_clock::now() > give_up_) return;
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

void Core::close() noexcept {
  if (is_released_.exchange(true)) return;
  begin_close();
  if (is_forked()) return keep_for_ever(*this);
  std::optional<LoopTurn> turn;
  take_loop(turn);
  is_ending_.store(false);  // also where another thread's begin_close() has just set it
  try {
    for (auto& host : hosts_) host->loop().poll(100ms);
    wind_down();
    if (storage_queue_) storage_queue_->stop();
    for (auto& host : hosts_) host->loop().poll(100ms);
  } catch (...) {
    // Out of memory while closing: what was acknowledged is committed, the rest is recovered later.
  }
  for (const auto& [key, actor] : ending_) actor->let_go();
  for (auto& host : hosts_) host->shut_down();
  watcher_.reset();
  ending_.clear();
  release_storage();
  is_over_.store(true);
  turn.reset();
  notify();
}

void Core::close_outside() noexcept {
  left_ = shared_from_this();
  left_by_.store(std::this_thread::get_id(), std::memory_order_release);
}

// On a thread that has just come out of the loop. True when the engine ended here: it may be gone.
bool Core::end_if_left() noexcept {
  if (left_by_.load(std::memory_order_relaxed) != std::this_thread::get_id()) return false;
  left_by_.store(std::thread::id{}, std::memory_order_relaxed);
  const std::shared_ptr<Core> last = std::move(left_);
  last->close();
  return true;
}

}  // namespace scena::engine

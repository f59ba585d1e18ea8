#include <algorithm>
#include <thread>

#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"

// The end of an engine: what runs is interrupted and stored, then the store is let go. The first
// half may be polled by the host, so that its functions are called where they always are.

namespace scena::engine {

using namespace std::chrono_literals;

void Core::begin_close() noexcept {
  if (closed_.exchange(true) || is_forked()) return;
  embeddings_.request_stop();
  for (auto& host : hosts_) host->stop_thread();
  {
    std::lock_guard lock(mutex_);
    ending_.swap(actors_);
  }
  if (jobs_) jobs_->stop();
  give_up_ = std::chrono::steady_clock::now() + 10s;
  is_ending_.store(true);
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

std::size_t Core::end_some(std::chrono::microseconds budget) {
  const LoopHost::Inside inside(*hosts_[0]);
  if (watcher_) watcher_->drain();
  std::size_t ran = 0;
  const bool ended = end_round(budget, ran);
  if (ended) {
    for (const auto& [key, actor] : ending_) actor->let_go();
    ending_.clear();
  }
  if (ended || std::chrono::steady_clock::now() > give_up_) is_ending_.store(false);
  arm_watcher();
  return ran;
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
  begin_close();
  is_ending_.store(false);
  if (is_released_.exchange(true) || is_forked()) return;
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
  notify();
}

}  // namespace scena::engine

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace scena::capi {

/// Keeps the order in which a host's function table is called: `start`, then `cancel` at most once
/// and not before `start` has returned, and nothing once the handle is ended. Nobody waits for a
/// `cancel` that runs: its handle goes when it has returned.
///
/// Threading: any thread. Held by shared_ptr, so that a host may end the handle inside `cancel`.
template <class Handle>
class CancelGate {
 public:
  explicit CancelGate(std::function<void()> cancel) : cancel_(std::move(cancel)) {}

  /// Nobody wants the answer any more. Calls the host when it has begun.
  void stop() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    if (begun_) call(lock);
  }

  /// The same where the host may end the handle meanwhile, and with it the function that calls
  /// this: the gate is held by value.
  static void stop(std::shared_ptr<CancelGate> gate) { gate->stop(); }

  /// `start` returned. Calls the host when a stop came in the meantime.
  void began() {
    std::unique_lock lock(mutex_);
    begun_ = true;
    if (stopped_) call(lock);
  }

  /// The host ends the handle: no `cancel` begins any more.
  void end() noexcept {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }

  /// Behind end(): the handle goes now, or with the `cancel` that runs on another thread.
  void let_go(std::unique_ptr<Handle> handle) noexcept {
    const std::lock_guard lock(mutex_);
    const bool elsewhere = caller_ != std::thread::id() && caller_ != std::this_thread::get_id();
    if (elsewhere) left_ = std::move(handle);
  }

 private:
  void call(std::unique_lock<std::mutex>& lock) {
    if (ended_ || std::exchange(called_, true) || !cancel_) return;
    caller_ = std::this_thread::get_id();
    lock.unlock();
    cancel_();
    lock.lock();
    caller_ = {};
    const auto left = std::move(left_);
    lock.unlock();
  }

  std::function<void()> cancel_;
  std::mutex mutex_;
  std::thread::id caller_;        // of the thread inside cancel_
  std::unique_ptr<Handle> left_;  // ended by another thread meanwhile
  bool begun_ = false;
  bool stopped_ = false;
  bool called_ = false;
  bool ended_ = false;
};

/// The host ends a handle with its answer.
template <class Handle, class Answer>
void end_handle(Handle* handle, Answer&& answer) noexcept {
  std::unique_ptr<Handle> held(handle);
  const auto gate = held->gate;
  gate->end();
  try {
    answer(*held);
  } catch (...) {
    // Letting go of the answer says the same.
  }
  gate->let_go(std::move(held));
}

}  // namespace scena::capi

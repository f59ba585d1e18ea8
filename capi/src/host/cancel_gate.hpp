#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace scena::capi {

/// Keeps the order in which a host's function table is called: `start`, then `cancel` at most once
/// and not before `start` has returned, and nothing once the handle is ended.
///
/// Threading: any thread. Held by shared_ptr, so that a host may end the handle inside `cancel`.
class CancelGate {
 public:
  explicit CancelGate(std::function<void()> cancel) : cancel_(std::move(cancel)) {}

  /// Nobody wants the answer any more. Calls the host when it has begun.
  void stop() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    if (begun_) call(lock);
  }

  /// `start` returned. Calls the host when a stop came in the meantime.
  void began() {
    std::unique_lock lock(mutex_);
    begun_ = true;
    if (stopped_) call(lock);
  }

  /// The host ends the handle. Waits for a `cancel` that runs on another thread.
  void end() noexcept {
    std::unique_lock lock(mutex_);
    ended_ = true;
    returned_.wait(lock, [this] {
      return caller_ == std::thread::id() || caller_ == std::this_thread::get_id();
    });
  }

 private:
  void call(std::unique_lock<std::mutex>& lock) {
    if (ended_ || std::exchange(called_, true) || !cancel_) return;
    caller_ = std::this_thread::get_id();
    lock.unlock();
    cancel_();
    lock.lock();
    caller_ = {};
    returned_.notify_all();
  }

  std::function<void()> cancel_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::thread::id caller_;  // of the thread inside cancel_
  bool begun_ = false;
  bool stopped_ = false;
  bool called_ = false;
  bool ended_ = false;
};

}  // namespace scena::capi

#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "net/loop.hpp"

namespace scena::engine {

/// A way to a loop for those who may outlive it: filters and providers of a host, which answer when
/// and from where they like. What comes after the engine's end is dropped.
///
/// Threading: any thread.
class LoopGate {
 public:
  explicit LoopGate(net::Loop& loop) noexcept : loop_(&loop) {}

  /// False when the task was dropped: the loop is gone, or memory failed. For stop callbacks and
  /// destructors, too.
  template <class F>
  bool post(F&& work) noexcept {
    try {
      Task task(std::forward<F>(work));
      std::lock_guard lock(mutex_);
      if (!loop_) return false;
      loop_->post(std::move(task));
      return true;
    } catch (...) {
      return false;
    }
  }
  void close() noexcept {
    std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  net::Loop* loop_;
};

}  // namespace scena::engine

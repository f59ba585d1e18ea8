#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "support/forwarding_storage.hpp"

namespace scena::test {

/// A store around another whose commits can be held at a gate and counted.
class GatedStorage final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;

  void close_gate() { set_open(false); }
  void open_gate() { set_open(true); }
  void wait_until_inside() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return inside_; });
  }
  int commits() {
    std::lock_guard lock(mutex_);
    return commits_;
  }
  void throw_next(bool on) { throw_next_ = on; }

  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    {
      std::unique_lock lock(mutex_);
      inside_ = true;
      ++commits_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      inside_ = false;
    }
    if (std::exchange(throw_next_, false)) throw std::bad_alloc();
    return inner_->commit(group);
  }

 private:
  void set_open(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool inside_ = false;
  int commits_ = 0;
  bool throw_next_ = false;
};

}  // namespace scena::test

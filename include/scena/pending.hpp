#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/result.hpp>
#include <utility>
#include <vector>

namespace scena {
namespace detail {

/// How a blocking call makes progress: by running the engine's loop (threads = 0) or by waiting.
class Driver {
 public:
  virtual ~Driver() = default;
  /// Returns when ready() holds; timeout, wrong_state (inside a callback) or closed otherwise.
  virtual Result<void> drive(const std::function<bool()>& ready,
                             std::optional<std::chrono::milliseconds> timeout) = 0;
  virtual void notify() noexcept = 0;
  /// A host's callback threw; the engine's log says so.
  virtual void callback_threw() noexcept = 0;
};

template <class T>
class PendingState {
 public:
  explicit PendingState(std::weak_ptr<Driver> driver) noexcept : driver_(std::move(driver)) {}

  bool ready() const {
    std::lock_guard lock(mutex_);
    return result_.has_value();
  }

  /// The first answer counts; later ones are ignored.
  void resolve(Result<T> result) {
    std::vector<std::function<void()>> callbacks;
    {
      std::lock_guard lock(mutex_);
      if (result_) return;
      result_.emplace(std::move(result));
      callbacks.swap(callbacks_);
    }
    for (auto& callback : callbacks) call(callback);
    if (auto driver = driver_.lock()) driver->notify();
  }

  /// Nobody is left who could answer.
  void abandon(const Error& error) noexcept { resolve(error); }

  void on_ready(std::function<void()> callback) {
    {
      std::lock_guard lock(mutex_);
      if (!result_) {
        callbacks_.push_back(std::move(callback));
        return;
      }
    }
    call(callback);
  }

  Result<T> wait(std::optional<std::chrono::milliseconds> timeout) {
    if (!ready()) {
      auto driver = driver_.lock();
      if (!driver) return Error::fixed(ErrorCode::closed, "the engine was closed");
      if (auto driven = driver->drive([this] { return ready(); }, timeout); !driven)
        return driven.error();
    }
    std::lock_guard lock(mutex_);
    return *result_;
  }

 private:
  // What a host's callback throws stays with it: neither the engine nor the next callback suffers.
  void call(const std::function<void()>& callback) const noexcept {
    try {
      callback();
    } catch (...) {
      if (const auto driver = driver_.lock()) driver->callback_threw();
    }
  }

  mutable std::mutex mutex_;
  std::optional<Result<T>> result_;
  std::vector<std::function<void()>> callbacks_;
  std::weak_ptr<Driver> driver_;
};

}  // namespace detail

/// The answer of a queued command: there now, or later. A cheap handle; copies share the answer.
///
/// Threading: every function may be called from any thread; callbacks run on the engine's thread
/// (inside poll() with `threads = 0`).
template <class T>
class Pending {
 public:
  explicit Pending(std::shared_ptr<detail::PendingState<T>> state) noexcept
      : state_(std::move(state)) {}

  /// True once the answer is there: get() does not wait.
  bool ready() const { return state_->ready(); }

  /// Waits for the answer; with `threads = 0` it runs the engine's loop itself, or waits behind the
  /// thread that does.
  /// @throws Error what the command failed with; timeout; wrong_state inside a callback.
  T get(std::optional<std::chrono::milliseconds> timeout = std::nullopt) const {
    return state_->wait(timeout).value_or_throw();
  }

  /// The same without an exception.
  Result<T> wait(std::optional<std::chrono::milliseconds> timeout = std::nullopt) const {
    return state_->wait(timeout);
  }

  /// Calls `callback` once with the answer; at once when it is there.
  void then(std::function<void(Result<T>)> callback) const {
    state_->on_ready(
        [state = state_.get(), keep = std::weak_ptr(state_), callback = std::move(callback)] {
          auto alive = keep.lock();
          callback(state->wait(std::chrono::milliseconds(0)));
        });
  }

 private:
  std::shared_ptr<detail::PendingState<T>> state_;
};

}  // namespace scena

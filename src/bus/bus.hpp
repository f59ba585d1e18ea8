#pragma once

#include <cstddef>
#include <memory>
#include <scena/result.hpp>
#include <span>
#include <string_view>

#include "base/unique_function.hpp"
#include "bus/viewer_queue.hpp"

namespace scena {

/// A place in a topic; leaves it when destroyed. It may outlive its bus. What is being published
/// meanwhile on another thread may still arrive.
class Subscription {
 public:
  Subscription() noexcept = default;
  explicit Subscription(Task leave) noexcept : leave_(std::move(leave)) {}
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept {
    if (this != &other) {
      cancel();
      leave_ = std::move(other.leave_);
    }
    return *this;
  }
  ~Subscription() { cancel(); }

  void cancel() noexcept {
    if (leave_) leave_();
    leave_.reset();
  }

 private:
  Task leave_;
};

/// A topic of a bus, as who publishes and who listens hold it: "session:<id>", "user:<id>",
/// "room:<name>", "system". Held for as long as it is used, so that no event has to look it up. It
/// may outlive its bus.
///
/// Threading: any thread. What is published by one thread at a time (a session's strand) arrives
/// in that order in every queue.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Pushes to every queue of the topic and returns; never waits for a reader. Queues that ended
  /// leave the topic. Their ready callbacks are called here, with no lock held.
  virtual void publish(std::span<const BusItem> items) = 0;
  void publish(const BusItem& item) { publish({&item, 1}); }

  /// From now on the queue gets what is published. The same queue may be in several topics.
  [[nodiscard]] virtual Subscription subscribe(std::shared_ptr<ViewerQueue> queue) = 0;

  /// Queues in the topic now.
  virtual std::size_t subscribers() const = 0;
};

/// Spreads events by topic.
///
/// Threading: any thread.
class Bus {
 public:
  virtual ~Bus() = default;

  /// The topic's channel. Everybody who asks for one name, at one time, gets the same queues.
  virtual std::shared_ptr<Channel> channel(std::string_view topic) = 0;
};

/// The bus that a URL names: "local:" (or "") is the one of this process.
Result<std::unique_ptr<Bus>> make_bus(std::string_view url);

}  // namespace scena

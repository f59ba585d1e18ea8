#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <scena/result.hpp>
#include <span>
#include <string>
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

/// The name of a topic, with its hash: who publishes often makes it once.
class Topic {
 public:
  Topic(std::string_view name) : name_(name), hash_(std::hash<std::string_view>()(name_)) {}
  Topic(const char* name) : Topic(std::string_view(name)) {}

  const std::string& name() const noexcept { return name_; }
  std::size_t hash() const noexcept { return hash_; }
  bool operator==(const Topic& other) const noexcept {
    return hash_ == other.hash_ && name_ == other.name_;
  }

 private:
  std::string name_;
  std::size_t hash_;
};

/// Spreads events by topic: "session:<id>", "user:<id>", "room:<name>", "system".
///
/// Threading: any thread. What is published to one topic by one thread at a time (a session's
/// strand) arrives in that order in every queue.
class Bus {
 public:
  virtual ~Bus() = default;

  /// Pushes to every queue of the topic and returns; never waits for a reader. Queues that ended
  /// leave the topic. Their ready callbacks are called here, with no lock held.
  virtual void publish(const Topic& topic, std::span<const BusItem> items) = 0;
  void publish(const Topic& topic, const BusItem& item) { publish(topic, {&item, 1}); }

  /// From now on the queue gets what is published to the topic. The same queue may be in several.
  [[nodiscard]] virtual Subscription subscribe(const Topic& topic,
                                               std::shared_ptr<ViewerQueue> queue) = 0;

  /// Queues in a topic now.
  virtual std::size_t subscribers(const Topic& topic) const = 0;
};

/// The bus that a URL names: "local:" (or "") is the one of this process.
Result<std::unique_ptr<Bus>> make_bus(std::string_view url);

}  // namespace scena

#include "bus/backends/local/local_bus.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

namespace scena::local {
namespace {

constexpr std::size_t kShards = 16;  // So that loops seldom wait for each other.

using Queues = std::vector<std::shared_ptr<ViewerQueue>>;

struct TopicHash {
  std::size_t operator()(const Topic& topic) const noexcept { return topic.hash(); }
};

// Lists are replaced, never changed: a publisher walks through the one it found without a lock.
class Topics {
 public:
  std::shared_ptr<const Queues> find(const Topic& topic) const {
    const Shard& shard = shard_of(topic);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.topics.find(topic);
    return found == shard.topics.end() ? nullptr : found->second;
  }

  void add(const Topic& topic, std::shared_ptr<ViewerQueue> queue) {
    Shard& shard = shard_of(topic);
    const std::lock_guard lock(shard.mutex);
    auto& queues = shard.topics[topic];
    auto changed = queues ? std::make_shared<Queues>(*queues) : std::make_shared<Queues>();
    changed->push_back(std::move(queue));
    queues = std::move(changed);
  }

  void remove(const Topic& topic, const ViewerQueue* queue) {
    Shard& shard = shard_of(topic);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.topics.find(topic);
    if (found == shard.topics.end()) return;
    auto changed = std::make_shared<Queues>(*found->second);
    const auto place = std::find_if(changed->begin(), changed->end(),
                                    [queue](const auto& one) { return one.get() == queue; });
    if (place == changed->end()) return;
    changed->erase(place);
    if (changed->empty()) {
      shard.topics.erase(found);
    } else {
      found->second = std::move(changed);
    }
  }

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<Topic, std::shared_ptr<const Queues>, TopicHash> topics;
  };
  Shard& shard_of(const Topic& topic) { return shards_[topic.hash() % kShards]; }
  const Shard& shard_of(const Topic& topic) const { return shards_[topic.hash() % kShards]; }

  std::array<Shard, kShards> shards_;
};

class LocalBus final : public Bus {
 public:
  void publish(const Topic& topic, std::span<const BusItem> items) override {
    const auto queues = topics_->find(topic);
    if (!queues) return;
    for (const auto& queue : *queues) {
      if (!queue->push(items)) topics_->remove(topic, queue.get());
    }
  }

  Subscription subscribe(const Topic& topic, std::shared_ptr<ViewerQueue> queue) override {
    const std::weak_ptr<Topics> topics = topics_;
    const std::weak_ptr<ViewerQueue> kept = queue;
    topics_->add(topic, std::move(queue));
    return Subscription([topics, kept, topic] {
      const auto still = topics.lock();
      const auto mine = kept.lock();
      if (!still || !mine) return;
      try {
        still->remove(topic, mine.get());
      } catch (const std::bad_alloc&) {
        mine->close();  // no memory for the shorter list: the next publisher drops what has ended
      }
    });
  }

  std::size_t subscribers(const Topic& topic) const override {
    const auto queues = topics_->find(topic);
    return queues ? queues->size() : 0;
  }

 private:
  std::shared_ptr<Topics> topics_ = std::make_shared<Topics>();
};

}  // namespace

std::unique_ptr<Bus> make_bus() {
  return std::make_unique<LocalBus>();
}

}  // namespace scena::local

#include "bus/backends/local/local_bus.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

namespace scena::local {
namespace {

constexpr std::size_t kShards = 16;  // So that loops seldom wait for each other.

class Room;

// The rooms that somebody holds, by name. A room takes its entry away when the last one lets go.
class Rooms : public std::enable_shared_from_this<Rooms> {
 public:
  std::shared_ptr<Room> open(std::string_view topic);
  void forget(const std::string& topic) noexcept;

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::weak_ptr<Room>> rooms;
  };
  Shard& shard_of(std::string_view topic) {
    return shards_[std::hash<std::string_view>()(topic) % kShards];
  }

  std::array<Shard, kShards> shards_;
};

class Room final : public Channel, public std::enable_shared_from_this<Room> {
 public:
  Room(std::weak_ptr<Rooms> rooms, std::string topic)
      : rooms_(std::move(rooms)), topic_(std::move(topic)) {}
  ~Room() override {
    if (const auto rooms = rooms_.lock()) rooms->forget(topic_);
  }

  void publish(std::span<const BusItem> items) override {
    const auto queues = now();
    if (!queues) return;
    for (const auto& queue : *queues) {
      if (!queue->push(items)) remove(queue.get());
    }
  }

  Subscription subscribe(std::shared_ptr<ViewerQueue> queue) override {
    const std::weak_ptr<ViewerQueue> kept = queue;
    add(std::move(queue));
    return Subscription([self = shared_from_this(), kept] {
      const auto mine = kept.lock();
      if (!mine) return;
      try {
        self->remove(mine.get());
      } catch (const std::bad_alloc&) {
        mine->close();  // no memory for the shorter list: the next publisher drops what has ended
      }
    });
  }

  std::size_t subscribers() const override {
    const auto queues = now();
    return queues ? queues->size() : 0;
  }

 private:
  // Replaced, never changed: a publisher walks through the list it found without a lock.
  using Queues = std::vector<std::shared_ptr<ViewerQueue>>;

  std::shared_ptr<const Queues> now() const {
    const std::lock_guard lock(mutex_);
    return queues_;
  }

  void add(std::shared_ptr<ViewerQueue> queue) {
    const std::lock_guard lock(mutex_);
    auto changed = queues_ ? std::make_shared<Queues>(*queues_) : std::make_shared<Queues>();
    changed->push_back(std::move(queue));
    queues_ = std::move(changed);
  }

  void remove(const ViewerQueue* queue) {
    std::shared_ptr<const Queues> before;  // a queue that dies with it is let go without the lock
    const std::lock_guard lock(mutex_);
    if (!queues_) return;
    auto changed = std::make_shared<Queues>(*queues_);
    const auto gone =
        std::erase_if(*changed, [queue](const auto& one) { return one.get() == queue; });
    if (gone == 0) return;
    before = std::move(queues_);
    if (!changed->empty()) queues_ = std::move(changed);
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const Queues> queues_;  // null: nobody
  const std::weak_ptr<Rooms> rooms_;
  const std::string topic_;
};

std::shared_ptr<Room> Rooms::open(std::string_view topic) {
  Shard& shard = shard_of(topic);
  std::string name(topic);
  const std::lock_guard lock(shard.mutex);
  auto& entry = shard.rooms[name];
  if (auto room = entry.lock()) return room;
  auto room = std::make_shared<Room>(weak_from_this(), std::move(name));
  entry = room;
  return room;
}

void Rooms::forget(const std::string& topic) noexcept {
  Shard& shard = shard_of(topic);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.rooms.find(topic);
  // Meanwhile somebody may have opened a new one.
  if (found != shard.rooms.end() && found->second.expired()) shard.rooms.erase(found);
}

class LocalBus final : public Bus {
 public:
  std::shared_ptr<Channel> channel(std::string_view topic) override { return rooms_->open(topic); }

 private:
  std::shared_ptr<Rooms> rooms_ = std::make_shared<Rooms>();
};

}  // namespace

std::unique_ptr<Bus> make_bus() {
  return std::make_unique<LocalBus>();
}

}  // namespace scena::local

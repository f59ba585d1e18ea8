#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace scena::capi {

/// The tags of watched handles that have something to tell, in the order in which they got it.
///
/// A tag stands in it at most once, so it is never longer than there are watched handles. Adding
/// one asks for no memory: the entry is made when the watching begins.
///
/// Threading: any thread.
class ReadyList {
 public:
  /// One watched handle. Its callbacks may come after the handle is gone, and then do nothing.
  class Watch {
   public:
    explicit Watch(std::uint64_t tag) : tag_(tag), entry_({this}), place_(entry_.begin()) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class ReadyList;
    std::uint64_t tag_;
    std::list<Watch*> entry_;  // here while idle, in the list's queue while there is something
    std::list<Watch*>::iterator place_;  // of that one entry, wherever it is
    bool is_over_ = false;
  };

  /// There is something for it. Safe to call again, and after forget().
  void add(Watch& watch) {
    const std::lock_guard lock(mutex_);
    if (!watch.is_over_) queue_.splice(queue_.end(), watch.entry_);
  }

  /// Nothing of it is told any more.
  void forget(Watch& watch) noexcept {
    const std::lock_guard lock(mutex_);
    watch.is_over_ = true;
    if (watch.entry_.empty()) queue_.erase(watch.place_);
  }

  /// Takes up to `capacity` tags off the front.
  std::size_t take(std::uint64_t* tags, std::size_t capacity) {
    const std::lock_guard lock(mutex_);
    std::size_t taken = 0;
    for (; taken < capacity && !queue_.empty(); ++taken) {
      Watch& watch = *queue_.front();
      tags[taken] = watch.tag_;
      watch.entry_.splice(watch.entry_.end(), queue_, queue_.begin());
    }
    return taken;
  }

 private:
  std::mutex mutex_;
  std::list<Watch*> queue_;
};

/// A handle's side of the list: begins the watching, and ends it with the handle.
class ReadyMark {
 public:
  ReadyMark() = default;
  ReadyMark(const ReadyMark&) = delete;
  ReadyMark& operator=(const ReadyMark&) = delete;
  ~ReadyMark() { stop(); }

  /// What the handle calls when there is something. The tag given last counts.
  std::function<void()> watch(const std::shared_ptr<ReadyList>& list, std::uint64_t tag) {
    auto made = std::make_shared<ReadyList::Watch>(tag);
    std::function<void()> tell = [made, to = std::weak_ptr(list)] {
      if (const auto alive = to.lock()) alive->add(*made);
    };
    stop();
    list_ = list;
    watch_ = std::move(made);
    return tell;
  }

 private:
  void stop() noexcept {
    if (watch_) list_->forget(*watch_);
    watch_.reset();
  }

  std::shared_ptr<ReadyList> list_;
  std::shared_ptr<ReadyList::Watch> watch_;
};

}  // namespace scena::capi

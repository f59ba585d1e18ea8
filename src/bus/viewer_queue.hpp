#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "bus/delta_batch.hpp"

namespace scena {

/// Sums over many queues, for metrics. The engine has one.
struct ViewerCounters {
  std::atomic<std::uint64_t> merged{
      0};  ///< Deltas that lost their own event because a reader was slow.
  std::atomic<std::uint64_t> lagged{0};  ///< Queues that were given up.
};

/// On whose behalf a queue is read, and how much may wait in it.
struct ViewerOptions {
  std::string participant;  ///< Empty: nobody in particular.
  std::string role = "host";
  std::size_t max_events = 1'000;
  std::size_t max_bytes = 1u << 20;
  Cursor cursor;  ///< Where the reader stands when the queue is opened.
  std::shared_ptr<ViewerCounters> counters;
};

/// What waits for one viewer. Never blocks the side that pushes. When it is full, waiting deltas of
/// the same turn are merged; when it is full of other things too, it takes nothing more and ends,
/// behind what waits in it, with one `lagged` event {"cursor": ...}: who opens a new one after that
/// cursor misses no durable event. One event larger than the limit is accepted by an empty queue,
/// so every new one gets further.
///
/// Threading: next(), next_batch(), cursor() and ended() by one reader at a time, on
/// any thread; the rest from any thread at any time. The lock is taken once per batch and never
/// held across a call of the ready callback.
class ViewerQueue {
 public:
  explicit ViewerQueue(ViewerOptions options);

  /// Adds what the viewer may see. False when the queue has ended: it takes nothing more.
  bool push(std::span<const BusItem> items) noexcept;
  bool push(const BusItem& item) noexcept { return push({&item, 1}); }

  /// Moves the next event into `out`, deltas one by one; reuses the strings of `out`. False when
  /// nothing waits now. Fastest when `out` is left as the call before filled it.
  bool next(Event& out);
  /// The same, but the waiting deltas of one batch come as one event.
  bool next_batch(Event& out);
  /// After the last event that next() gave out, and within the text that runs then.
  Cursor cursor() const noexcept { return cursor_; }

  /// Takes nothing more; what waits can still be read.
  void close() noexcept;
  /// True when nothing waits and nothing will come.
  bool ended() const;

  /// Called when the queue has something to read and had nothing before, and when it is closed; at
  /// once when something waits now. On the thread that pushes, with no lock held: it may read. A
  /// call under way on another thread may still finish after the callback was replaced.
  void set_ready_callback(std::function<void()> ready);

  /// Calls the ready callback though nothing new waits, so that the reader looks again.
  void wake();

  std::uint64_t merged() const;  ///< Deltas of this queue that were merged.
  bool lagged() const;

 private:
  enum class State { open, closed, lagged, told };
  using Ready = std::shared_ptr<const std::function<void()>>;
  struct Entry {
    BusItem item;
    bool own = false;  // A merged batch that belongs to this queue alone and may grow.
  };

  // A ring that grows up to the queue's limit.
  class Ring {
   public:
    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    Entry& operator[](std::size_t i) noexcept { return slots_[(head_ + i) & (slots_.size() - 1)]; }
    Entry& back() noexcept { return (*this)[size_ - 1]; }
    void push(BusItem item, bool own);
    BusItem pop() noexcept;
    void truncate(std::size_t size) noexcept;

   private:
    void grow();
    std::vector<Entry> slots_;
    std::size_t head_ = 0;
    std::size_t size_ = 0;
  };

  bool may_see(const BusItem& item) const noexcept;
  void add(const BusItem& item);
  void add_deltas(const BusItem& item);
  bool has_room(std::size_t events, std::size_t bytes) noexcept;
  bool grow_tail(const DeltaBatch& more);
  void merge_waiting();
  void drop_waiting() noexcept;
  void lag() noexcept;
  bool take();
  bool tell_lagged(Event& out);
  void fill(Event& out, std::size_t end);
  void fill_envelope(Event& out) const;
  bool follows(const Event& out) const noexcept;
  void count_merged(std::size_t deltas) noexcept;
  void give(Event& out);

  const ViewerOptions options_;
  mutable std::mutex mutex_;
  Ring ring_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t merged_ = 0;
  State state_ = State::open;
  Ready ready_;

  // The reader's own: what it took out and has not given out yet.
  BusItem current_;
  std::size_t next_delta_ = 0;
  std::size_t given_ = 0;  // Bytes of the current batch that were given out,
  std::size_t last_ = 0;   // and those before the last delta.
  Cursor cursor_;
};

}  // namespace scena

#pragma once

#include <atomic>
#include <memory>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bus/bus.hpp"

namespace scena::engine {

/// One reader of a session on its way from the log to the live events.
///
/// Threading: ended(), wants_more() and the queue's reading side by the reader; the rest on the
/// session's strand.
class Viewer {
 public:
  Viewer(std::shared_ptr<ViewerQueue> queue, std::string participant, Cursor start, bool from_now,
         std::size_t max_events, std::size_t max_bytes)
      : queue_(std::move(queue)),
        participant_(std::move(participant)),
        start_(start),
        read_to_(start.seq),
        from_now_(from_now),
        page_events_(std::max<std::size_t>(1, max_events / 2)),
        page_bytes_(max_bytes / 2) {}

  ViewerQueue& queue() noexcept { return *queue_; }
  const std::shared_ptr<ViewerQueue>& shared_queue() const noexcept { return queue_; }
  const std::string& participant() const noexcept { return participant_; }
  const Cursor& start() const noexcept { return start_; }
  bool from_now() const noexcept { return from_now_; }

  /// How far the log was handed over, and how much a page may hold.
  std::uint64_t read_to() const noexcept { return read_to_; }
  void set_read_to(std::uint64_t seq) noexcept { read_to_ = seq; }
  std::size_t page_events() const noexcept { return page_events_; }
  std::size_t page_bytes() const noexcept { return page_bytes_; }

  /// The reader has emptied a page and there is more in the log: exactly one caller gets true.
  bool take_wish_for_more() noexcept {
    return wants_more_.exchange(false, std::memory_order_acq_rel);
  }
  void wants_more() noexcept { wants_more_.store(true, std::memory_order_release); }

 private:
  friend class Viewers;
  std::shared_ptr<ViewerQueue> queue_;
  std::string participant_;
  Cursor start_;
  std::uint64_t read_to_;
  bool from_now_;
  std::size_t page_events_;
  std::size_t page_bytes_;
  std::atomic<bool> wants_more_{false};
  Subscription subscription_;
};

/// The viewers of one session that have reached its live events.
///
/// Threading: the session's strand; any() from any thread.
class Viewers {
 public:
  Viewers(Bus& bus, std::string stream) : bus_(bus), stream_(std::move(stream)) {}

  bool any() const noexcept { return count_.load(std::memory_order_relaxed) != 0; }
  void join(const std::shared_ptr<Viewer>& viewer);
  void leave(const Viewer* viewer);
  void close_participant(std::string_view participant);
  void close_all();
  void publish(const BusItem& item) {
    if (channel_) channel_->publish(item);
  }
  const std::string& stream() const noexcept { return stream_; }

 private:
  Bus& bus_;
  const std::string stream_;
  std::shared_ptr<Channel> channel_;  // while there are viewers
  std::vector<std::shared_ptr<Viewer>> viewers_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace scena::engine

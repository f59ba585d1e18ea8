#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/ext/clock.hpp>

#include "base/unique_function.hpp"

namespace boost::asio {
class io_context;
}

namespace scena::net {

using TimerId = std::uint64_t;  ///< 0 names no timer.

/// One loop: posted tasks, the engine's own timers, and sockets. Nothing runs unless somebody calls
/// poll(); an engine thread does so in a circle (run()), with `threads = 0` the host does.
///
/// Threading: post() and wake() from any thread; everything else on the thread that polls.
class Loop {
 public:
  explicit Loop(Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Clock& clock() noexcept;
  TimePoint now() const noexcept;

  /// Runs `task` in a later poll (never inside this call), in order of posting.
  void post(Task task);

  /// Runs `task` once at or after `when`. Timers of the same time run in order of their making.
  TimerId at(TimePoint when, Task task);
  TimerId after(Duration delay, Task task);
  /// False when the timer has run or was cancelled. Does not allocate.
  bool cancel(TimerId timer) noexcept;

  /// Runs what is ready: tasks, due timers, sockets. Stops after `budget` (checked between
  /// callbacks; zero or less: one round). Returns how many callbacks ran. Never blocks.
  std::size_t poll(std::chrono::microseconds budget);

  /// An epoll descriptor: readable when a socket is ready or another thread posted.
  int wait_fd() const noexcept;
  /// When poll() must be called at the latest: now while work is left, the next timer, or nothing.
  std::optional<TimePoint> next_deadline() const noexcept;
  /// True when tasks are ready or a timer is due: poll() would run something without any socket.
  bool has_ready_work() const noexcept;

  /// Waits for wait_fd() or the deadline at most `longest` of real time, then polls. For engine
  /// threads and blocking calls; with a virtual clock it does not wait but moves the clock on.
  std::size_t run_once(std::chrono::milliseconds longest);

  boost::asio::io_context& io() noexcept;
  /// Sockets of `io()` join the set behind wait_fd() for as long as they are open.
  void watch(int descriptor);
  void unwatch(int descriptor) noexcept;
  /// While a write waits for room the socket is watched for writability too.
  void watch_writable(int descriptor, bool on) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scena::net

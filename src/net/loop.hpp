#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/ext/clock.hpp>
#include <utility>

#include "base/clock.hpp"
#include "base/unique_function.hpp"
#include "net/timer_queue.hpp"

namespace boost::asio {
class io_context;
}

namespace scena::net {

class ReadySet;

/// One loop: posted tasks, the engine's own timers, and sockets. Nothing runs unless somebody calls
/// poll(); an engine thread does so in a circle (run()), with `threads = 0` the host does.
///
/// A round runs the tasks posted before it, then the timers due, then the sockets that are ready;
/// what these make waits for the next round. A poll that ran out of budget goes on where it
/// stopped, so the order does not depend on how the work was cut into polls.
///
/// Threading: post() and wait_fd() from any thread; everything else on the thread that polls.
/// Everything that holds a socket of io() is destroyed before the Loop. Destroying a Loop runs no
/// task. Tasks must not throw; what they throw leaves poll(), and the next poll goes on behind it.
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
  TimerId at(TimePoint when, Task task, TimerKind kind = TimerKind::awaited);
  /// The same, `delay` from now on; one that ends behind the clock's end is over at that end. In
  /// the caller's unit: a host's milliseconds may be more than nanoseconds can count.
  template <class Rep, class Period>
  TimerId after(std::chrono::duration<Rep, Period> delay, Task task,
                TimerKind kind = TimerKind::awaited) {
    return at(scena::after(now(), delay), std::move(task), kind);
  }
  /// False when the timer has run or was cancelled. Does not allocate.
  bool cancel(TimerId timer) noexcept;

  /// Runs what is ready: tasks, due timers, sockets. Stops after `budget` of real time (checked
  /// between callbacks; zero or less: one round). Returns how many callbacks ran. Never blocks.
  /// Inside a callback, and while another thread polls, it does nothing.
  std::size_t poll(std::chrono::microseconds budget);

  /// An epoll descriptor: readable when a socket is ready or another thread posted.
  int wait_fd() const noexcept;
  /// When poll() must be called at the latest: now while work is left, the next timer, or nothing.
  std::optional<TimePoint> next_deadline() const noexcept;
  /// True when tasks are ready or a timer is due: poll() would run something without any socket.
  bool has_ready_work() const noexcept;

  /// Waits for wait_fd() or the deadline at most `longest` of real time, then polls. For engine
  /// threads and blocking calls. While a virtual clock has a timer that
  /// somebody waits for, it moves the clock to the next timer of any kind instead of waiting, at
  /// most to `until`; without one only another thread or a socket can bring work, and it waits for
  /// that.
  std::size_t run_once(std::chrono::milliseconds longest, TimePoint until = TimePoint::max());

  /// The connected sockets, which the loop itself tells when they are ready.
  ReadySet& sockets() noexcept;
  /// Made at the first call, which may throw std::bad_alloc. Asio is asked only while one of its
  /// descriptors is watched, and after a call of this function until it has nothing more to run.
  boost::asio::io_context& io();
  /// Sockets of `io()` join the set behind wait_fd() for as long as they are open.
  /// False when the system refuses (no memory, too many watches).
  bool watch(int descriptor) noexcept;
  void unwatch(int descriptor) noexcept;
  /// While a write waits for room the socket is watched for writability too.
  void watch_writable(int descriptor, bool on) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// post() for stop callbacks and destructors, which must not throw: where memory fails, nothing
/// will run, and the work goes on as if it had not been asked to stop.
template <class F>
void post_or_drop(Loop& loop, F&& task) noexcept {
  try {
    loop.post(std::forward<F>(task));
  } catch (...) {
  }
}

}  // namespace scena::net

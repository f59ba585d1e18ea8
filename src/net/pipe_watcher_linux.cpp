#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <scena/error.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "net/pipe_watcher.hpp"

namespace scena::net {
namespace {

using RealClock = std::chrono::steady_clock;

constexpr auto kNever = RealClock::time_point::max();

struct Descriptors {
  Descriptors() {
    control = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (control >= 0 && ::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) == 0) return;
    if (control >= 0) ::close(control);
    throw Error::fixed(ErrorCode::unavailable,
                       "no descriptor left for the pipe watcher; raise the limit of open files");
  }
  ~Descriptors() {
    for (const int descriptor : {control, pipe[0], pipe[1]}) ::close(descriptor);
  }
  int control = -1;
  int pipe[2] = {-1, -1};
};

timespec until(RealClock::time_point when) {
  const auto left = std::max(when - RealClock::now(), RealClock::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {static_cast<std::time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

/// A thread with every signal blocked: signals are the host's business.
template <class Body>
std::thread start_without_signals(Body body) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  struct Restore {
    sigset_t& before;
    ~Restore() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
  } restore{before};
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error&) {
    throw Error::fixed(ErrorCode::unavailable, "no thread left for the pipe watcher");
  }
}

}  // namespace

struct PipeWatcher::Impl {
  explicit Impl(Loop& watched) : loop(watched) {
    thread = start_without_signals([this] { run(); });
  }

  void run();
  void wait_for(bool armed, RealClock::time_point deadline);
  void fire();
  void signal() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fds.control, &one, sizeof one);
  }

  Loop& loop;
  Descriptors fds;
  std::mutex mutex;  // guards what follows
  bool stopping = false;
  bool armed = false;
  bool byte_in_pipe = false;
  RealClock::time_point deadline = kNever;
  std::thread thread;
};

void PipeWatcher::Impl::run() {
  for (;;) {
    bool waiting;
    RealClock::time_point end;
    {
      const std::lock_guard lock(mutex);
      if (stopping) return;
      waiting = armed;
      end = deadline;
    }
    wait_for(waiting, end);
  }
}

void PipeWatcher::Impl::wait_for(bool waiting, RealClock::time_point end) {
  pollfd watched[2] = {{fds.control, POLLIN, 0}, {loop.wait_fd(), POLLIN, 0}};
  const timespec limit = until(end);
  const bool limited = waiting && end != kNever;
  ::ppoll(watched, waiting ? 2 : 1, limited ? &limit : nullptr, nullptr);
  if (watched[0].revents != 0) {
    std::uint64_t count;
    [[maybe_unused]] const auto got = ::read(fds.control, &count, sizeof count);
  }
  const std::lock_guard lock(mutex);
  if (!armed) return;
  if (watched[1].revents != 0 || RealClock::now() >= deadline) fire();
}

void PipeWatcher::Impl::fire() {
  armed = false;
  if (std::exchange(byte_in_pipe, true)) return;
  [[maybe_unused]] const auto written = ::write(fds.pipe[1], "!", 1);
}

PipeWatcher::PipeWatcher(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {
  arm(loop.next_deadline());
}

PipeWatcher::~PipeWatcher() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->signal();
  impl_->thread.join();
}

int PipeWatcher::descriptor() const noexcept {
  return impl_->fds.pipe[0];
}

void PipeWatcher::drain() noexcept {
  const std::lock_guard lock(impl_->mutex);
  if (!std::exchange(impl_->byte_in_pipe, false)) return;
  char byte;
  [[maybe_unused]] const auto got = ::read(impl_->fds.pipe[0], &byte, 1);
}

void PipeWatcher::arm(std::optional<TimePoint> deadline) noexcept {
  auto end = kNever;
  if (deadline) {
    // By the remaining time: the host's clock need not share the machine's zero.
    const Duration left = *deadline - impl_->loop.now();
    const auto now = RealClock::now();
    if (left < kNever - now) end = now + left;
  }
  bool must_wake;
  {
    const std::lock_guard lock(impl_->mutex);
    // A later deadline needs no wake: the thread looks at the old one and goes on waiting.
    must_wake = !impl_->armed || end < impl_->deadline;
    impl_->armed = true;
    impl_->deadline = end;
  }
  if (must_wake) impl_->signal();
}

}  // namespace scena::net

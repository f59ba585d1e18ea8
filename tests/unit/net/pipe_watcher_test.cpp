#include "net/pipe_watcher.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <thread>

#include "base/clock.hpp"

using namespace scena;
using namespace scena::net;
using namespace std::chrono_literals;

namespace {

bool pipe_readable(int descriptor, int timeout_ms) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, timeout_ms) == 1;
}

int bytes_in(int descriptor) {
  int count = 0;
  ::ioctl(descriptor, FIONREAD, &count);
  return count;
}

struct Host {
  std::size_t poll() {
    watcher.drain();
    const auto ran = loop.poll(10ms);
    watcher.arm(loop.next_deadline());
    return ran;
  }
  SystemClock clock;
  Loop loop{clock};
  PipeWatcher watcher{loop};
};

}  // namespace

TEST_CASE("the watcher's pipe tells of a post from another thread, with one byte for many") {
  Host host;
  CHECK_FALSE(pipe_readable(host.watcher.descriptor(), 0));
  std::thread([&] {
    for (int i = 0; i < 10; ++i) host.loop.post([] {});
  }).join();
  CHECK(pipe_readable(host.watcher.descriptor(), 10'000));
  CHECK(bytes_in(host.watcher.descriptor()) == 1);
  std::size_t ran = host.poll();
  CHECK(ran == 10);
}

TEST_CASE("the watcher's pipe tells of a deadline, earlier or later than the one before") {
  Host host;
  host.loop.after(1h, [] {});
  host.poll();
  CHECK_FALSE(
      pipe_readable(host.watcher.descriptor(), 20));  // by now the thread waits for the far one
  int ran = 0;
  host.loop.after(2ms, [&] { ++ran; });
  host.poll();
  while (ran == 0) {
    REQUIRE(pipe_readable(host.watcher.descriptor(), 10'000));
    host.poll();
  }
  CHECK(ran == 1);
}

TEST_CASE("work left over by a poll brings the next byte at once") {
  Host host;
  for (int i = 0; i < 3; ++i) host.loop.post([&host] { host.loop.post([] {}); });
  for (int left = 6; left > 0;) {
    REQUIRE(pipe_readable(host.watcher.descriptor(), 10'000));
    host.watcher.drain();
    left -= static_cast<int>(host.loop.poll(0us));
    host.watcher.arm(host.loop.next_deadline());
  }
}

TEST_CASE("the watcher ends although nobody polls") {
  SystemClock clock;
  Loop loop(clock);
  loop.post([] {});
  const PipeWatcher watcher(loop);
  CHECK(pipe_readable(watcher.descriptor(), 10'000));
}

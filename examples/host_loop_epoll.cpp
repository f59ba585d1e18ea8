// An engine without threads on a program's own epoll loop, beside a timer of the program's own.
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <scena/engine.hpp>

namespace {

void watch(int loop, int descriptor) {
  epoll_event wanted{.events = EPOLLIN, .data = {.fd = descriptor}};
  epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &wanted);
}

/// Milliseconds for epoll_wait, rounded up; -1: until a descriptor is readable.
int wait_ms(const scena::Engine& engine) {
  const auto deadline = engine.next_deadline();
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - engine.clock().now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

}  // namespace

int main() try {
  auto engine = scena::Engine::open();
  auto session = engine.create_session("angry-customer");
  auto events = session.events();
  session.send("Good afternoon, how can I help you?");

  const int loop = epoll_create1(EPOLL_CLOEXEC);
  const int frames = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const itimerspec every{.it_interval = {0, 16'000'000}, .it_value = {0, 16'000'000}};
  timerfd_settime(frames, 0, &every, nullptr);
  watch(loop, frames);
  watch(loop, engine.wait_fd());

  scena::Event event;
  std::uint64_t drawn = 0;
  for (bool done = false; !done;) {
    epoll_event ready[4];
    const int count = epoll_wait(loop, ready, 4, wait_ms(engine));
    for (int i = 0; i < count; ++i) {
      std::uint64_t ticks = 0;
      if (ready[i].data.fd == frames && read(frames, &ticks, sizeof ticks) > 0) drawn += ticks;
    }
    engine.poll(std::chrono::milliseconds(2));  // leaves most of a frame to the program
    while (!done && events.next(event)) {
      if (event.type == "delta") std::cout << event.text << std::flush;
      done = event.type == "turn.finished";
    }
  }
  std::cout << "\n(" << drawn << " frames were drawn meanwhile)\n";
  close(frames);
  close(loop);
  return 0;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "net/wake_set.hpp"

namespace scena::net {
namespace {

// Without a member, so that the dispatch of the connected sockets passes it over.
bool control(int set, int operation, int descriptor, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events;
  return ::epoll_ctl(set, operation, descriptor, &event) == 0;
}

}  // namespace

WakeSet::WakeSet() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ >= 0 && control(descriptor(), EPOLL_CTL_ADD, event_, EPOLLIN)) return;
  if (event_ >= 0) ::close(event_);
  throw Error::fixed(ErrorCode::unavailable,
                     "no descriptor left for an event loop; raise the limit of open files");
}

WakeSet::~WakeSet() {
  ::close(event_);
}

void WakeSet::signal() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the set is readable already.
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

void WakeSet::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(event_, &count, sizeof count);
}

bool WakeSet::add(int descriptor) noexcept {
  return control(this->descriptor(), EPOLL_CTL_ADD, descriptor, EPOLLIN | EPOLLRDHUP);
}

bool WakeSet::remove(int descriptor) noexcept {
  return control(this->descriptor(), EPOLL_CTL_DEL, descriptor, 0);
}

void WakeSet::want_write(int descriptor, bool on) noexcept {
  control(this->descriptor(), EPOLL_CTL_MOD, descriptor,
          EPOLLIN | EPOLLRDHUP | (on ? EPOLLOUT : 0u));
}

void WakeSet::wait(std::chrono::nanoseconds longest) const noexcept {
  const auto time = std::max(longest, std::chrono::nanoseconds{0});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timespec limit{static_cast<std::time_t>(seconds.count()),
                       static_cast<long>((time - seconds).count())};
  pollfd waiting{descriptor(), POLLIN, 0};
  ::ppoll(&waiting, 1, &limit, nullptr);
}

}  // namespace scena::net

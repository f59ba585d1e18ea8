#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <scena/error.hpp>
#include <utility>

#include "net/ready_set.hpp"

namespace scena::net {
namespace {

epoll_event event_of(ReadySet::Member& member, ReadySet::Interest interest) noexcept {
  epoll_event event{};
  if (interest.read) event.events |= EPOLLIN | EPOLLRDHUP;
  if (interest.write) event.events |= EPOLLOUT;
  event.data.ptr = &member;
  return event;
}

}  // namespace

ReadySet::ReadySet() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (set_ < 0) {
    throw Error::fixed(ErrorCode::unavailable,
                       "no descriptor left for an event loop; raise the limit of open files");
  }
}

ReadySet::~ReadySet() {
  ::close(set_);
}

bool ReadySet::add(int socket, Member& member, Interest interest) noexcept {
  epoll_event event = event_of(member, interest);
  if (::epoll_ctl(set_, EPOLL_CTL_ADD, socket, &event) != 0) return false;
  ++members_;
  return true;
}

void ReadySet::change(int socket, Member& member, Interest interest) noexcept {
  epoll_event event = event_of(member, interest);
  ::epoll_ctl(set_, EPOLL_CTL_MOD, socket, &event);
}

void ReadySet::remove(int socket, const Member& member) noexcept {
  if (::epoll_ctl(set_, EPOLL_CTL_DEL, socket, nullptr) == 0) --members_;
  std::replace(batch_.begin(), batch_.end(), const_cast<Member*>(&member),
               static_cast<Member*>(nullptr));
}

bool ReadySet::dispatch() {
  std::array<epoll_event, kBatch> events;
  const int count = ::epoll_wait(set_, events.data(), static_cast<int>(kBatch), 0);
  const auto ready = static_cast<std::size_t>(std::max(count, 0));
  batch_.fill(nullptr);
  for (std::size_t i = 0; i < ready; ++i) batch_[i] = static_cast<Member*>(events[i].data.ptr);
  // A member that throws leaves the rest for the next time: they are still ready.
  for (std::size_t i = 0; i < ready; ++i) {
    Member* const member = std::exchange(batch_[i], nullptr);
    if (!member) continue;  // gone meanwhile, or one that the loop alone waits for
    ++told_;
    const std::uint32_t seen = events[i].events;
    const bool broken = (seen & (EPOLLERR | EPOLLHUP)) != 0;
    member->on_ready(broken || (seen & (EPOLLIN | EPOLLRDHUP)) != 0,
                     broken || (seen & EPOLLOUT) != 0);
  }
  return ready == kBatch;
}

}  // namespace scena::net

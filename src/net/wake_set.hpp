#pragma once

#include <chrono>
#include <optional>
#include <scena/result.hpp>

#include "net/ready_set.hpp"

namespace scena::net {

/// What a Loop waits for, in one epoll set: the connected sockets, which it tells itself; those
/// that somebody else tells, such as Asio; and an event descriptor by which other threads wake the
/// loop. Level-triggered. Linux.
class WakeSet {
 public:
  WakeSet();  ///< Throws scena::Error (unavailable) when the system has no descriptors left.
  ~WakeSet();
  WakeSet(const WakeSet&) = delete;
  WakeSet& operator=(const WakeSet&) = delete;

  int descriptor() const noexcept { return sockets_.descriptor(); }
  ReadySet& sockets() noexcept { return sockets_; }
  void signal() noexcept;  ///< Any thread. Makes the set readable until clear().
  void clear() noexcept;

  /// Of those that somebody else tells.
  bool add(int descriptor) noexcept;
  /// False when it was not there.
  bool remove(int descriptor) noexcept;
  void want_write(int descriptor, bool on) noexcept;

  /// Waits until the set is readable, at most that long.
  void wait(std::chrono::nanoseconds longest) const noexcept;

 private:
  ReadySet sockets_;
  int event_ = -1;
};

}  // namespace scena::net

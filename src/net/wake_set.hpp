#pragma once

#include <chrono>
#include <optional>
#include <scena/result.hpp>

namespace scena::net {

/// The descriptors that a Loop waits for: an epoll set with an event descriptor in it, by which
/// other threads wake the loop. Level-triggered. Linux.
class WakeSet {
 public:
  WakeSet();  ///< Throws scena::Error (unavailable) when the system has no descriptors left.
  ~WakeSet();
  WakeSet(const WakeSet&) = delete;
  WakeSet& operator=(const WakeSet&) = delete;

  int descriptor() const noexcept { return set_; }
  void signal() noexcept;  ///< Any thread. Makes the set readable until clear().
  void clear() noexcept;

  bool add(int descriptor) noexcept;
  void remove(int descriptor) noexcept;
  void want_write(int descriptor, bool on) noexcept;

  /// Waits until the set is readable, at most that long.
  void wait(std::chrono::nanoseconds longest) const noexcept;

 private:
  int set_ = -1;
  int event_ = -1;
};

}  // namespace scena::net

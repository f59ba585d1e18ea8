#pragma once

#include <memory>
#include <optional>

#include "net/loop.hpp"

namespace scena::net {

/// For hosts that can watch only pipes (Node from JavaScript): one thread that waits for a loop's
/// descriptor and a deadline and then writes one byte into a pipe. It runs no code of the host and
/// no logic of ours, and it leaves all signals to the host's threads.
///
/// Around every poll of the loop: drain() before it, arm() after it. Between the byte and arm() the
/// thread sleeps, so a host that is slow to poll costs nothing. At most one byte is in the pipe.
/// A byte may come although nothing is left to do.
///
/// Threading: every function on the thread that polls. Destroyed before the loop; the destructor
/// ends the thread. The loop's clock must be real: time that somebody moves wakes no thread.
class PipeWatcher {
 public:
  /// Throws scena::Error (unavailable) when the system has no descriptor or thread left.
  explicit PipeWatcher(Loop& loop);
  ~PipeWatcher();
  PipeWatcher(const PipeWatcher&) = delete;
  PipeWatcher& operator=(const PipeWatcher&) = delete;

  /// The readable end, non-blocking, owned by the watcher. The host watches it and reads nothing.
  int descriptor() const noexcept;
  /// Takes the byte out of the pipe.
  void drain() noexcept;
  /// Waits anew, for the loop's descriptor and for that time of the loop's clock.
  void arm(std::optional<TimePoint> deadline) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scena::net

#pragma once

#include <optional>

#include "engine/core.hpp"

namespace scena::engine {

/// One thread's time with the loop of threads = 0. At its end those who wait for theirs look again,
/// and an engine whose owner went inside ends.
class Core::LoopTurn {
 public:
  explicit LoopTurn(Core& core) noexcept : core_(core) { inside_.emplace(*core.hosts_[0]); }
  ~LoopTurn() {
    const bool taken{*inside_};
    inside_.reset();
    if (!taken) return;
    core_.notify();
    (void)core_.end_if_left();
  }
  LoopTurn(const LoopTurn&) = delete;
  LoopTurn& operator=(const LoopTurn&) = delete;

  /// False: another thread runs the loop, or this one already does.
  explicit operator bool() const noexcept { return static_cast<bool>(*inside_); }

 private:
  Core& core_;
  std::optional<LoopHost::Inside> inside_;
};

}  // namespace scena::engine

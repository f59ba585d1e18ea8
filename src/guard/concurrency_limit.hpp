#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace scena::guard {

struct ConcurrencyLimits {
  std::size_t running = 0;    ///< At once; 0: no limit.
  std::size_t waiting = 100;  ///< In line behind them; the next is refused.
  bool operator==(const ConcurrencyLimits&) const = default;
};

/// So many at once, the others in line in the order of their coming, and no more than that.
class ConcurrencyLimit {
 public:
  enum class Entry { runs, waits, refused };
  using Id = std::uint64_t;

  explicit ConcurrencyLimit(ConcurrencyLimits limits = {}) noexcept : limits_(limits) {}

  /// `id` names the caller and is unique among those inside.
  Entry enter(Id id);
  /// One that runs has ended. @return who runs now in its place.
  std::optional<Id> leave();
  /// One that waits goes away. False when it was not in line.
  bool give_up(Id id);

  std::size_t running() const noexcept { return running_; }
  std::size_t waiting() const noexcept { return line_.size(); }

 private:
  ConcurrencyLimits limits_;
  std::size_t running_ = 0;
  std::deque<Id> line_;
};

}  // namespace scena::guard

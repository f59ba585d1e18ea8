#pragma once

#include <cstddef>
#include <optional>
#include <scena/usage.hpp>
#include <vector>

namespace scena::engine {

/// Says which run is next, and whether there is money for it. Pure: no lock, no thread.
///
/// Runs start in order, and one that cannot be paid for holds those behind it. Since a session
/// never costs more than was reserved for it, the runs that start are the same for any number of
/// workers.
class BatchBoard {
 public:
  /// What can be said of the next run.
  enum class Next { run, wait, money, none };

  /// `waiting`: places of the runs without a row, in order. `spent`: by earlier tries.
  BatchBoard(std::vector<std::size_t> waiting, std::optional<Money> limit, Money reservation,
             Money spent);

  /// run: start() may be called; wait: when a running one ends there may be money; money: there
  /// will be none; none: all were started.
  Next next() const noexcept;
  /// Takes the next run, with its reservation. Only when next() says `run`.
  std::size_t start();
  /// A run that start() gave has ended, or was given up.
  void settle(Money cost) noexcept;

  std::size_t running() const noexcept { return running_; }
  Money spent() const noexcept { return spent_; }

 private:
  std::vector<std::size_t> waiting_;
  std::size_t started_ = 0;
  std::size_t running_ = 0;
  std::optional<Money> limit_;
  Money reservation_;
  Money reserved_;
  Money spent_;
};

}  // namespace scena::engine

#pragma once

#include <cstdint>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/backends/fault/fault_step.hpp"

namespace scena::fault {

/// Which fault befalls which call. A value: the n-th call always meets the same step.
class FaultSchedule {
 public:
  /// Every call succeeds.
  FaultSchedule() = default;

  /// Reads a list such as "429x2,cut_after=3,ok", or a JSON object with steps, repeat, random and
  /// seed (docs/reference/fault.md). Empty: every call succeeds. Error: invalid_argument.
  static Result<FaultSchedule> parse(std::string_view text);

  /// The step of the `call`-th call, from 0. Behind the last step that one stays, unless the
  /// schedule repeats or has a random table.
  FaultStep step(std::uint64_t call) const;

  /// False when a step needs a connection.
  bool in_process() const noexcept;
  std::uint64_t seed() const noexcept { return seed_; }
  void set_seed(std::uint64_t seed) noexcept { seed_ = seed; }

 private:
  friend class FaultScheduleReader;

  struct Weighted {
    std::uint64_t weight = 0;
    FaultStep step;
  };

  std::vector<std::pair<FaultStep, std::uint64_t>> steps_;  // with how often
  std::vector<Weighted> random_;
  std::uint64_t random_sum_ = 0;
  std::uint64_t seed_ = 0;
  bool repeat_ = false;
};

}  // namespace scena::fault

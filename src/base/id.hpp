#pragma once

#include <cstdint>
#include <scena/ext/clock.hpp>
#include <string>

namespace scena {

/// A generator of random numbers with a known seed (xoshiro256**, seeded by SplitMix64; Blackman
/// and Vigna 2018). Every session owns one, so its ids and choices repeat with the run's seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept;
  /// The generator of the `ordinal`-th session of a run.
  static Random for_session(std::uint64_t run_seed, std::uint64_t ordinal) noexcept;
  /// A seed from the operating system.
  static std::uint64_t system_seed();

  std::uint64_t next() noexcept;
  /// Uniform in [0, bound); bound 0 gives 0.
  std::uint64_t below(std::uint64_t bound) noexcept;
  /// Uniform in [0, 1).
  double unit() noexcept;

 private:
  std::uint64_t state_[4];
};

/// A UUID of version 7 (RFC 9562): milliseconds of `time`, then 74 random bits; 36 characters.
std::string uuid_v7(WallTime time, Random& random);

}  // namespace scena

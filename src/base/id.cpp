#include "base/id.hpp"

#include <random>

namespace scena {
namespace {

std::uint64_t split_mix(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

std::uint64_t rotate(std::uint64_t x, int k) noexcept {
  return (x << k) | (x >> (64 - k));
}

}  // namespace

Random::Random(std::uint64_t seed) noexcept {
  for (auto& word : state_) word = split_mix(seed);
}

Random Random::for_session(std::uint64_t run_seed, std::uint64_t ordinal) noexcept {
  std::uint64_t mixed = run_seed;
  split_mix(mixed);
  mixed ^= ordinal * 0xD1342543DE82EF95ull;
  return Random(split_mix(mixed));
}

std::uint64_t Random::system_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

std::uint64_t Random::next() noexcept {
  const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) noexcept {
  if (bound == 0) return 0;
  const std::uint64_t reject = (0 - bound) % bound;  // 2^64 mod bound: values below it are biased
  for (;;) {
    const std::uint64_t value = next();
    if (value >= reject) return value % bound;
  }
}

double Random::unit() noexcept {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::string uuid_v7(WallTime time, Random& random) {
  const auto millis = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  const std::uint64_t high = (millis << 16) | 0x7000 | (random.next() & 0x0FFF);
  const std::uint64_t low = 0x8000000000000000ull | (random.next() >> 2);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id;
  id.reserve(36);
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) id += '-';
    const std::uint64_t word = i < 16 ? high : low;
    id += kHex[(word >> (60 - 4 * (i % 16))) & 15];
  }
  return id;
}

}  // namespace scena

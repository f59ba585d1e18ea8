#include "base/ip_address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace scena {
namespace {

struct Range4 {
  std::uint32_t first;
  int bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// IANA's special-purpose registry, what is not globally reachable.
constexpr Range4 kNotPublic4[] = {
    {v4(0, 0, 0, 0), 8},        {v4(10, 0, 0, 0), 8},     {v4(100, 64, 0, 0), 10},
    {v4(127, 0, 0, 0), 8},      {v4(169, 254, 0, 0), 16}, {v4(172, 16, 0, 0), 12},
    {v4(192, 0, 0, 0), 24},     {v4(192, 0, 2, 0), 24},   {v4(192, 88, 99, 0), 24},
    {v4(192, 168, 0, 0), 16},   {v4(198, 18, 0, 0), 15},  {v4(198, 51, 100, 0), 24},
    {v4(203, 0, 113, 0), 24},   {v4(224, 0, 0, 0), 4},    {v4(240, 0, 0, 0), 4},
    {v4(168, 63, 129, 16), 32},  // Looks public, but is a cloud's host agent from inside.
};

struct Range6 {
  std::array<std::uint8_t, 4> first;  // Bits behind 32 never matter here.
  int bits;
};

// Within 2000::/3; everything outside of it is refused anyhow.
constexpr Range6 kNotPublic6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // IETF assignments, Teredo, benchmarks, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
};

bool is_public4(std::span<const std::uint8_t> bytes) noexcept {
  const std::uint32_t address = v4(bytes[0], bytes[1], bytes[2], bytes[3]);
  return std::none_of(
      std::begin(kNotPublic4), std::end(kNotPublic4),
      [address](const Range4& range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
}

bool starts_with(std::span<const std::uint8_t> bytes,
                 std::span<const std::uint8_t> prefix) noexcept {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_public6(std::span<const std::uint8_t> bytes) noexcept {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::uint8_t kNat64[12] = {0x00, 0x64, 0xff, 0x9b};
  static constexpr std::uint8_t k6to4[2] = {0x20, 0x02};
  if (starts_with(bytes, kMapped) || starts_with(bytes, kNat64)) return is_public4(bytes.last(4));
  if (starts_with(bytes, k6to4)) return is_public4(bytes.subspan(2, 4));
  if ((bytes[0] & 0xE0) != 0x20) return false;
  const std::uint32_t head = v4(bytes[0], bytes[1], bytes[2], bytes[3]);
  return std::none_of(std::begin(kNotPublic6), std::end(kNotPublic6), [head](const Range6& range) {
    const std::uint32_t first = v4(range.first[0], range.first[1], range.first[2], range.first[3]);
    return (head ^ first) >> (32 - range.bits) == 0;
  });
}

}  // namespace

bool is_public_address(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() == 4) return is_public4(bytes);
  return bytes.size() == 16 && is_public6(bytes);
}

}  // namespace scena

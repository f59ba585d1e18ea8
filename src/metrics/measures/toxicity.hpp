#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// Bits of Hostile for the hash of a lower-case word.
std::uint16_t hostility(std::uint32_t word) noexcept;

/// Words side by side that insult or threaten by themselves; the first is known as kOpens.
struct HostilePhrase {
  std::array<std::uint32_t, 4> words{};  ///< 0 behind the last one.
  bool threat = false;
};
std::span<const HostilePhrase> hostile_phrases() noexcept;

/// What comes from a list, by the hash of a lower-case word.
bool is_body_or_kin(std::uint32_t word) noexcept;  ///< "your legs", "your family".
bool is_people(std::uint32_t word) noexcept;       ///< Makes a group of "black" or "trans".
bool is_nature(std::uint32_t word) noexcept;       ///< "puppies", "vet", "rake".
bool is_dominion(std::uint32_t word) noexcept;     ///< "control", "run", "ruin".
bool is_dominated(std::uint32_t word) noexcept;    ///< "the banks", "the media".

}  // namespace scena::metrics

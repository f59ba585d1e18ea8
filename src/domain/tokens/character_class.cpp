#include "domain/tokens/character_class.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace scena {
namespace {

// Where a run of characters of one class begins: code point times eight, and the class.
constexpr std::uint32_t kRuns[] = {
#include "domain/tokens/character_classes.inc"
};

constexpr CharacterClass looked_up(char32_t code_point) noexcept {
  const auto next = std::upper_bound(std::begin(kRuns), std::end(kRuns), code_point * 8 + 7);
  if (next == std::begin(kRuns)) return CharacterClass::sign;
  return static_cast<CharacterClass>(*std::prev(next) & 7);
}

constexpr auto kAscii = [] {
  std::array<CharacterClass, 128> classes{};
  for (char32_t point = 0; point < classes.size(); ++point) classes[point] = looked_up(point);
  return classes;
}();

}  // namespace

CharacterClass character_class(char32_t code_point) noexcept {
  return code_point < kAscii.size() ? kAscii[code_point] : looked_up(code_point);
}

}  // namespace scena

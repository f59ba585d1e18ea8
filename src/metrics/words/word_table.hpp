#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// Lower-case words between single blanks, and what each of them tells.
template <class Value>
struct TableWords {
  Value value;
  std::string_view words;
};

/// What words tell, looked up by their hash; the compiler fills it. A word of several groups tells
/// what all of them do: `Value` has operator|, and Value{} is nothing.
///
/// Nearly every word that is asked for is in none of the groups, so at most half of the `kSlots`
/// are filled: a fuller table does not compile.
template <class Value, std::size_t kSlots>
class WordTable {
  static_assert(std::has_single_bit(kSlots));

 public:
  template <std::size_t N>
  consteval explicit WordTable(const TableWords<Value> (&groups)[N]) {
    std::size_t filled = 0;
    for (const TableWords<Value>& group : groups) {
      for (std::string_view rest = group.words; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::uint32_t word = hash_word(rest.substr(0, end));
        Slot& slot = slots_[place_of(word)];
        if (slot.word == 0 && ++filled > kSlots / 2) throw std::length_error("more slots");
        slot = {word, slot.value | group.value};
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }

  constexpr Value of(std::uint32_t word) const noexcept { return slots_[place_of(word)].value; }

 private:
  struct Slot {
    std::uint32_t word = 0;
    Value value{};
  };

  // Where the word stands, or the free slot where it would.
  constexpr std::size_t place_of(std::uint32_t word) const noexcept {
    std::size_t at = word % kSlots;
    while (slots_[at].word != 0 && slots_[at].word != word) at = (at + 1) % kSlots;
    return at;
  }

  std::array<Slot, kSlots> slots_{};
};

}  // namespace scena::metrics

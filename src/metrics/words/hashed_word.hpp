#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// A lower-case word and the hashes of all its beginnings, taken as it grows: looking for the word
/// behind an ending reads no byte again.
class HashedWord {
 public:
  static constexpr std::size_t kMaxBytes = 64;

  HashedWord() noexcept { states_[0] = kHashStart; }
  explicit HashedWord(std::string_view lower) noexcept : HashedWord() {
    push_while(lower, [](char c) { return c; });
  }

  /// Does nothing once there are kMaxBytes.
  void push(char c) noexcept {
    if (size_ == kMaxBytes) return;
    states_[size_ + 1] = hash_step(states_[size_], c);
    bytes_[size_++] = c;
  }

  /// Pushes what `small` makes of each byte, until it makes 0 of one or there are kMaxBytes.
  /// Returns how many it pushed.
  template <class Small>
  std::size_t push_while(std::string_view text, Small small) noexcept {
    // All in local variables: a store of a char could be one into any member.
    const std::size_t most = std::min(text.size(), kMaxBytes - size_);
    char* const bytes = bytes_.data() + size_;
    std::uint32_t* const states = states_.data() + size_ + 1;
    std::uint32_t state = states_[size_];
    std::size_t count = 0;
    for (; count < most; ++count) {
      const char c = small(text[count]);
      if (c == 0) break;
      state = hash_step(state, c);
      bytes[count] = c;
      states[count] = state;
    }
    size_ += count;
    return count;
  }

  std::string_view text() const noexcept { return {bytes_.data(), size_}; }
  std::size_t size() const noexcept { return size_; }
  /// hash_word() of the whole.
  std::uint32_t hash() const noexcept { return hash_end(states_[size_]); }
  /// hash_word() of the first `size` bytes.
  std::uint32_t hash(std::size_t size) const noexcept { return hash_end(states_[size]); }
  /// hash_word() of the first `size` bytes and `more`.
  std::uint32_t hash(std::size_t size, char more) const noexcept {
    return hash_end(hash_step(states_[size], more));
  }

 private:
  // Not initialised beyond the word.
  std::array<char, kMaxBytes> bytes_;
  std::array<std::uint32_t, kMaxBytes + 1> states_;
  std::size_t size_ = 0;
};

}  // namespace scena::metrics

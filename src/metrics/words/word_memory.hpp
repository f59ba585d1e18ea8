#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "metrics/words/word.hpp"

namespace scena::metrics {

/// Words that were made lately, by their bytes. A word is the same whether it was remembered or
/// made anew, so nothing else depends on what is in here. One thread at a time.
class WordMemory {
 public:
  static constexpr std::size_t kSlots = 1024;   ///< About 0.2 MB in all.
  static constexpr std::size_t kMaxBytes = 23;  ///< Of a word; longer ones are not remembered.

  /// Room for one word: words with the same hash modulo kSlots take turns in it.
  class Slot {
   public:
    bool holds(std::string_view text) const noexcept {
      return std::string_view(text_.data(), size_) == text;
    }
    /// Of at most kMaxBytes. The word is for the caller to fill in.
    Word& renew(std::string_view text) noexcept {
      size_ = static_cast<std::uint8_t>(text.copy(text_.data(), kMaxBytes));
      return word_;
    }
    const Word& word() const noexcept { return word_; }

   private:
    std::array<char, kMaxBytes> text_;
    std::uint8_t size_ = 0;  // 0: free
    Word word_;
  };

  Slot& slot(std::uint32_t hash) noexcept { return slots_[(hash ^ hash >> 16) % kSlots]; }

 private:
  std::array<Slot, kSlots> slots_;
};

/// Memories for the threads that read at the same time; who finds none free goes without.
class WordMemories {
 public:
  /// Gives a memory back.
  struct GiveBack {
    std::atomic_flag* taken = nullptr;
    void operator()(WordMemory*) const noexcept { taken->clear(std::memory_order_release); }
  };
  using Lease = std::unique_ptr<WordMemory, GiveBack>;

  /// Any thread. Empty when all are in use, or there is no memory for a new one.
  Lease take() noexcept;

 private:
  struct Place {
    std::atomic_flag taken;
    std::unique_ptr<WordMemory> memory;  // of whoever took it
  };
  std::array<Place, 4> places_;
};

}  // namespace scena::metrics

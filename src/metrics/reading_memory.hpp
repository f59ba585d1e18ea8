#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "metrics/claims/clause_memory.hpp"
#include "metrics/words/word_memory.hpp"

namespace scena::metrics {

/// What was read lately, whatever session said it. A reading gives the same with it and without.
struct ReadingMemory {
  WordMemory words;
  ClauseMemory clauses;
};

/// Memories for the threads that read at the same time; who finds none free goes without.
class ReadingMemories {
 public:
  /// Gives a memory back.
  struct GiveBack {
    std::atomic_flag* taken = nullptr;
    void operator()(ReadingMemory*) const noexcept { taken->clear(std::memory_order_release); }
  };
  using Lease = std::unique_ptr<ReadingMemory, GiveBack>;

  /// Any thread. Empty when all are in use, or there is no memory for a new one.
  Lease take() noexcept;

 private:
  struct Place {
    std::atomic_flag taken;
    std::unique_ptr<ReadingMemory> memory;  // of whoever took it
  };
  std::array<Place, 4> places_;
};

}  // namespace scena::metrics

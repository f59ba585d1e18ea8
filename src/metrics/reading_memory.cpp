#include "metrics/reading_memory.hpp"

#include <new>

namespace scena::metrics {

ReadingMemories::Lease ReadingMemories::take() noexcept {
  for (Place& place : places_) {
    if (place.taken.test_and_set(std::memory_order_acquire)) continue;
    if (!place.memory) place.memory.reset(new (std::nothrow) ReadingMemory);
    if (place.memory) return {place.memory.get(), GiveBack{&place.taken}};
    place.taken.clear(std::memory_order_release);
    break;
  }
  return {nullptr, GiveBack{}};
}

}  // namespace scena::metrics

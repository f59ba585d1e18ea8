#include "support/counted_memory.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

// Replaced together, aligned forms aside: a sanitizer's own operator new beside a delete of ours
// would be a pair that does not fit, and so would a standard library's use of new(nothrow).

namespace scena::test {
namespace {

std::atomic<long> live_blocks{0};
std::atomic<long> live_bytes{0};
thread_local long own_allocations = 0;
thread_local long until_failure = 0;
thread_local bool starved = false;
thread_local std::string_view wanted;
thread_local long blocks_with_it = 0;

// In front of each block: its size. As large as the alignment that operator new promises.
constexpr std::size_t kSizeRoom = alignof(std::max_align_t);
static_assert(kSizeRoom >= sizeof(std::size_t));

bool is_to_fail() noexcept {
  return starved || (until_failure > 0 && --until_failure == 0);
}

// Not inlined, neither of the two: the compiler would take malloc and free for the ends of a pair
// that does not fit.
[[gnu::noinline]] void* take(std::size_t size) noexcept {
  if (is_to_fail() || size > SIZE_MAX - kSizeRoom) return nullptr;
  auto* const block = static_cast<char*>(std::malloc(size + kSizeRoom));
  if (block == nullptr) return nullptr;
  *reinterpret_cast<std::size_t*>(block) = size;
  if (!wanted.empty()) std::memset(block + kSizeRoom, 0, size);
  ++own_allocations;
  live_blocks.fetch_add(1, std::memory_order_relaxed);
  live_bytes.fetch_add(static_cast<long>(size), std::memory_order_relaxed);
  return block + kSizeRoom;
}

void* take_or_throw(std::size_t size) {
  void* const memory = take(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  char* const block = static_cast<char*>(memory) - kSizeRoom;
  if (!wanted.empty()) {
    const std::string_view bytes(block + kSizeRoom, *reinterpret_cast<std::size_t*>(block));
    if (bytes.find(wanted) != bytes.npos) ++blocks_with_it;
  }
  live_blocks.fetch_sub(1, std::memory_order_relaxed);
  live_bytes.fetch_sub(static_cast<long>(*reinterpret_cast<std::size_t*>(block)),
                       std::memory_order_relaxed);
  std::free(block);
}

}  // namespace

long CountedMemory::blocks() noexcept {
  return live_blocks.load(std::memory_order_relaxed);
}

long CountedMemory::bytes() noexcept {
  return live_bytes.load(std::memory_order_relaxed);
}

long CountedMemory::allocations() noexcept {
  return own_allocations;
}

void CountedMemory::fail_at(long n) noexcept {
  until_failure = n;
}

long CountedMemory::until_fault() noexcept {
  return until_failure;
}

void CountedMemory::starve(bool on) noexcept {
  starved = on;
}

void CountedMemory::look_for(std::string_view text) noexcept {
  wanted = text;
  blocks_with_it = 0;
}

long CountedMemory::found() noexcept {
  return blocks_with_it;
}

}  // namespace scena::test

using scena::test::give_back;
using scena::test::take;
using scena::test::take_or_throw;

[[gnu::noinline]] void* operator new(std::size_t size) {
  return take_or_throw(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return take_or_throw(size);
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept {
  give_back(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  give_back(memory);
}

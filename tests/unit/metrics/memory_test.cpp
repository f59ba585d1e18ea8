// Its own program: it replaces operator new to count.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "conversation.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::size_t live_bytes = 0;
std::size_t allocations = 0;
constexpr std::size_t kHeader = 16;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  auto* block = static_cast<char*>(std::malloc(size + kHeader));
  if (block == nullptr) return nullptr;
  *reinterpret_cast<std::size_t*>(block) = size;
  live_bytes += size;
  ++allocations;
  return block + kHeader;
}

void* operator new(std::size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  char* block = static_cast<char*>(pointer) - kHeader;
  live_bytes -= *reinterpret_cast<std::size_t*>(block);
  std::free(block);
}

void operator delete(void* pointer, std::size_t) noexcept {
  operator delete(pointer);
}

TEST_CASE("a session of ten messages takes less than 3 KiB") {
  Conversation talk;
  const std::size_t before = live_bytes;
  {
    for (int i = 0; i < 5; ++i) {
      talk.say("recruiter", "How many people did you lead, and where did you work before 2019?");
      talk.say("candidate", "I led twelve people at a hospital in Berlin, and I enjoyed it a lot.");
    }
  }
  MESSAGE("bytes of ten messages: " << live_bytes - before);
  CHECK(live_bytes - before < 3 * 1024);
}

TEST_CASE("a session of fifty turns and more takes less than 16 KiB") {
  Conversation talk;
  const std::size_t before = live_bytes;
  for (int i = 0; i < 1000; ++i) {
    talk.say("recruiter", "How many people did you lead, and where did you work before 2019?");
    talk.say("candidate", "I led twelve people at a hospital in Berlin, and I enjoyed it a lot.");
    CHECK(live_bytes - before < 16 * 1024);
  }
}

TEST_CASE("a session without messages costs next to nothing") {
  const auto analyzer = metrics::make_builtin_analyzer({}).value_or_throw();
  const std::size_t before = live_bytes;
  const auto session = analyzer->open_session();
  CHECK(live_bytes - before < 100);
}

TEST_CASE("adding a token allocates only when the text outgrows its buffer") {
  Conversation talk;
  auto measurement = talk.begin("a");
  const std::size_t before = allocations;
  for (int i = 0; i < 4096; ++i) measurement->add("word ");
  CHECK(allocations - before < 15);
}

// Its own program: it replaces operator new to make it fail.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <set>

#include "conformance/stage.hpp"
#include "engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

long blocks = 0;       // allocated and not freed
long until_fault = 0;  // the allocation that fails, counted down; 0: none
bool starved = false;  // every allocation fails

bool is_fault() noexcept {
  return starved || (until_fault > 0 && --until_fault == 0);
}

}  // namespace

// Not inlined: the compiler would take malloc and free for a pair that does not fit.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = is_fault() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  ++blocks;
  return memory;
}

[[gnu::noinline]] void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  --blocks;
  std::free(pointer);
}

void operator delete(void* pointer, std::size_t) noexcept {
  operator delete(pointer);
}

namespace {

Session open_stage(Engine& engine) {
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  return session;
}

// What the question is answered with while the n-th allocation from here fails.
Result<AsideResult> ask_with_fault(const Session& session, long n) {
  until_fault = n;
  try {
    return Session(session).ask_aside("host", "What do you think of the guest?").wait(600s);
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error::fixed(ErrorCode::out_of_memory, "thrown");
  }
}

// A side question that is still being answered when the engine is closed.
void close_in_mid_question(bool without_memory) {
  Engine engine = Engine::open(scripted());
  Session session = open_stage(engine);
  auto asked = session.ask_aside("host", "What do you think of the guest?");
  engine.poll();
  REQUIRE_FALSE(asked.ready());
  starved = without_memory;
  engine.close();
  starved = false;
}

}  // namespace

TEST_CASE("whichever allocation of a side question fails, it says so and the session goes on") {
  std::set<std::string> refusals;
  long n = 1;
  for (bool reached = true; reached; ++n) {
    CAPTURE(n);
    Engine engine = Engine::open(scripted());
    std::optional<Session> session = open_stage(engine);
    const auto answer = ask_with_fault(*session, n);
    reached = std::exchange(until_fault, 0) == 0;
    if (!answer) {
      CHECK(answer.error().code() == ErrorCode::out_of_memory);
      refusals.insert(answer.error().what());
    }
    const auto again = session->ask_aside("host", "And now?").wait(600s);
    REQUIRE(again);
    CHECK_FALSE(again->text.empty());
    CHECK(engine.rebuild(session->id()));
    session.reset();
    engine.poll();
    CHECK(engine.stats().sessions_loaded == 0);  // nothing of it is still waited for
  }
  CHECK(n > 100);
  CHECK(refusals.contains("not enough memory to ask; ask again"));
}

TEST_CASE("an engine that closes without any memory lets go of a side question under way") {
  close_in_mid_question(false);
  const long before = blocks;
  close_in_mid_question(true);
  CHECK(blocks == before);
}

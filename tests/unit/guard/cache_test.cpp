#include <doctest/doctest.h>

#include <string>

#include "base/clock.hpp"
#include "guard/lru_cache.hpp"
#include "guard/memory_cache.hpp"

using namespace scena;
using namespace scena::guard;
using namespace std::chrono_literals;

namespace {
const TimePoint t0{};
}

TEST_CASE("no entry is given out after its time, to the nanosecond") {
  LruCache<int> cache(10'000);
  cache.put("a", 1, 10, t0 + 600s);
  REQUIRE(cache.find("a", t0 + 600s - 1ns) != nullptr);
  CHECK(*cache.find("a", t0 + 600s - 1ns) == 1);
  CHECK(cache.find("a", t0 + 600s) == nullptr);
  CHECK(cache.size() == 0);
  CHECK(cache.bytes() == 0);
}

TEST_CASE("memory stays under the bound, and the entry asked for last stays longest") {
  LruCache<std::string> cache(2'000);
  cache.put("kept", "x", 100, t0 + 1h);
  for (int i = 0; i < 1'000; ++i) {
    cache.put("k" + std::to_string(i), "x", 100, t0 + 1h);
    REQUIRE(cache.bytes() <= 2'000);
    REQUIRE(cache.find("kept", t0) != nullptr);
  }
  CHECK(cache.find("k0", t0) == nullptr);
  CHECK(cache.find("k999", t0) != nullptr);
  CHECK(cache.evicted() > 900);
}

TEST_CASE("what is larger than the cache is not kept and drives nothing out") {
  LruCache<int> cache(1'000);
  cache.put("small", 1, 10, t0 + 1h);
  cache.put("large", 2, 5'000, t0 + 1h);
  CHECK(cache.find("small", t0) != nullptr);
  CHECK(cache.find("large", t0) == nullptr);
}

TEST_CASE("a second value under the same key takes the first one's place and its bytes") {
  LruCache<int> cache(10'000);
  cache.put("a", 1, 1'000, t0 + 1h);
  const std::size_t bytes = cache.bytes();
  cache.put("a", 2, 1'000, t0 + 1h);
  CHECK(cache.bytes() == bytes);
  CHECK(*cache.find("a", t0) == 2);
  cache.erase("a");
  CHECK(cache.bytes() == 0);
}

TEST_CASE("a cache with another bound keeps what fits it, asked for last") {
  LruCache<int> cache(10'000);
  for (int i = 0; i < 4; ++i) cache.put(std::to_string(i), i, 1'000, t0 + 1h);
  CHECK(*cache.find("0", t0) == 0);
  cache.set_max_bytes(3'000);
  CHECK(cache.bytes() <= 3'000);
  CHECK(cache.evicted() == 2);
  CHECK(cache.find("0", t0) != nullptr);
  CHECK(cache.find("3", t0) != nullptr);
  cache.set_max_bytes(10'000);
  cache.put("4", 4, 5'000, t0 + 1h);
  CHECK(cache.size() == 3);
}

TEST_CASE("the store in memory forgets what begins with a prefix, and follows its clock") {
  VirtualClock clock;
  MemoryCache store(100'000, clock);
  const auto held = [&store](const std::string& key) {
    bool found = false;
    store.get(key, [&found](const CacheStore::Bytes& bytes) { found = bytes != nullptr; });
    return found;
  };
  const auto bytes = std::make_shared<const std::string>("answer");
  store.put("a/1", bytes, 10s);
  store.put("a/2", bytes, 10s);
  store.put("b/1", bytes, 10s);
  store.erase_prefix("a/");
  CHECK_FALSE(held("a/1"));
  CHECK_FALSE(held("a/2"));
  CHECK(held("b/1"));
  clock.advance(10s);
  CHECK_FALSE(held("b/1"));
  CHECK(store.bytes() == 0);
}

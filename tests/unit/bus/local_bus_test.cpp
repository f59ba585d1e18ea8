#include <doctest/doctest.h>

#include <thread>

#include "bus/bus.hpp"
#include "items.hpp"

using namespace scena;
using scena::test::deltas;
using scena::test::event;

namespace {

std::size_t read_count(ViewerQueue& queue) {
  std::size_t count = 0;
  for (Event out; queue.next(out);) ++count;
  return count;
}

}  // namespace

TEST_CASE("every queue of a topic gets the same events in the same order, other topics none") {
  const auto bus = std::move(*make_bus("local:"));
  auto a = std::make_shared<ViewerQueue>(ViewerOptions{}),
       b = std::make_shared<ViewerQueue>(ViewerOptions{}),
       other = std::make_shared<ViewerQueue>(ViewerOptions{});
  const auto in_a = bus->channel("session:1")->subscribe(a),
             in_b = bus->channel("session:1")->subscribe(b),
             in_c = bus->channel("session:2")->subscribe(other);
  const BusItem items[] = {event(1, "turn.started"), deltas(1, 0, {"x", "y"}),
                           event(2, "turn.finished")};
  bus->channel("session:1")->publish(items);
  Event from_a, from_b;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(a->next(from_a));
    REQUIRE(b->next(from_b));
    CHECK(bool(from_a == from_b));
  }
  CHECK(read_count(*a) == 0);
  CHECK(read_count(*other) == 0);
}

TEST_CASE("who unsubscribes gets nothing more, and a subscription may outlive its bus") {
  auto bus = std::move(*make_bus(""));
  auto queue = std::make_shared<ViewerQueue>(ViewerOptions{});
  {
    const auto in = bus->channel("system")->subscribe(queue);
    bus->channel("system")->publish(event(1, "a"));
    CHECK(bus->channel("system")->subscribers() == 1);
  }
  CHECK(bus->channel("system")->subscribers() == 0);
  bus->channel("system")->publish(event(2, "a"));
  CHECK(read_count(*queue) == 1);
  Subscription in = bus->channel("system")->subscribe(queue);
  bus.reset();
  in.cancel();
}

TEST_CASE("a channel may be held by many, and outlives its bus") {
  auto bus = std::move(*make_bus(""));
  const auto early = bus->channel("t");
  auto queue = std::make_shared<ViewerQueue>(ViewerOptions{});
  {
    const auto in = early->subscribe(queue);
    bus->channel("t")->publish(event(1, "a"));
    CHECK(bus->channel("other")->subscribers() == 0);
    bus.reset();
    early->publish(event(2, "a"));
    CHECK(read_count(*queue) == 2);
  }
  CHECK(early->subscribers() == 0);
}

TEST_CASE("a queue that ended leaves its topic, and the others see no difference") {
  const auto bus = std::move(*make_bus("local:"));
  auto slow = std::make_shared<ViewerQueue>(ViewerOptions{.max_events = 2}),
       fast = std::make_shared<ViewerQueue>(ViewerOptions{});
  const auto in_slow = bus->channel("session:1")->subscribe(slow),
             in_fast = bus->channel("session:1")->subscribe(fast);
  for (std::uint64_t seq = 1; seq <= 10; ++seq)
    bus->channel("session:1")->publish(event(seq, "message.stored"));
  CHECK(bus->channel("session:1")->subscribers() == 1);
  CHECK(slow->lagged());
  CHECK(read_count(*fast) == 10);
}

TEST_CASE("a ready callback may unsubscribe and subscribe while it is called") {
  const auto bus = std::move(*make_bus("local:"));
  auto queue = std::make_shared<ViewerQueue>(ViewerOptions{}),
       late = std::make_shared<ViewerQueue>(ViewerOptions{});
  Subscription in = bus->channel("t")->subscribe(queue), in_late;
  queue->set_ready_callback([&] {
    in.cancel();
    in_late = bus->channel("t")->subscribe(late);
  });
  bus->channel("t")->publish(event(1, "a"));
  bus->channel("t")->publish(event(2, "a"));
  CHECK(read_count(*queue) == 1);
  CHECK(read_count(*late) == 1);
}

TEST_CASE("subscribing, publishing and leaving from several threads at once is safe") {
  const auto bus = std::move(*make_bus("local:"));
  std::thread publisher([&bus] {
    for (std::uint64_t seq = 1; seq <= 2'000; ++seq) bus->channel("t")->publish(event(seq, "a"));
  });
  std::size_t read = 0;
  for (int i = 0; i < 500; ++i) {
    auto queue = std::make_shared<ViewerQueue>(ViewerOptions{});
    const auto in = bus->channel("t")->subscribe(queue);
    read += read_count(*queue);
  }
  publisher.join();
  CHECK(bus->channel("t")->subscribers() == 0);
  CHECK(read <= 500u * 2'000u);
}

TEST_CASE("an unknown bus is refused with what there is") {
  CHECK(make_bus("redis://localhost").error().code() == ErrorCode::unsupported);
}

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
  const auto in_a = bus->subscribe("session:1", a), in_b = bus->subscribe("session:1", b),
             in_c = bus->subscribe("session:2", other);
  const BusItem items[] = {event(1, "turn.started"), deltas(1, 0, {"x", "y"}),
                           event(2, "turn.finished")};
  bus->publish("session:1", items);
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
    const auto in = bus->subscribe("system", queue);
    bus->publish("system", event(1, "a"));
    CHECK(bus->subscribers("system") == 1);
  }
  CHECK(bus->subscribers("system") == 0);
  bus->publish("system", event(2, "a"));
  CHECK(read_count(*queue) == 1);
  Subscription in = bus->subscribe("system", queue);
  bus.reset();
  in.cancel();
}

TEST_CASE("a queue that ended leaves its topic, and the others see no difference") {
  const auto bus = std::move(*make_bus("local:"));
  auto slow = std::make_shared<ViewerQueue>(ViewerOptions{.max_events = 2}),
       fast = std::make_shared<ViewerQueue>(ViewerOptions{});
  const auto in_slow = bus->subscribe("session:1", slow),
             in_fast = bus->subscribe("session:1", fast);
  for (std::uint64_t seq = 1; seq <= 10; ++seq)
    bus->publish("session:1", event(seq, "message.stored"));
  CHECK(bus->subscribers("session:1") == 1);
  CHECK(slow->lagged());
  CHECK(read_count(*fast) == 10);
}

TEST_CASE("a ready callback may unsubscribe and subscribe while it is called") {
  const auto bus = std::move(*make_bus("local:"));
  auto queue = std::make_shared<ViewerQueue>(ViewerOptions{}),
       late = std::make_shared<ViewerQueue>(ViewerOptions{});
  Subscription in = bus->subscribe("t", queue), in_late;
  queue->set_ready_callback([&] {
    in.cancel();
    in_late = bus->subscribe("t", late);
  });
  bus->publish("t", event(1, "a"));
  bus->publish("t", event(2, "a"));
  CHECK(read_count(*queue) == 1);
  CHECK(read_count(*late) == 1);
}

TEST_CASE("subscribing, publishing and leaving from several threads at once is safe") {
  const auto bus = std::move(*make_bus("local:"));
  std::thread publisher([&bus] {
    for (std::uint64_t seq = 1; seq <= 2'000; ++seq) bus->publish("t", event(seq, "a"));
  });
  std::size_t read = 0;
  for (int i = 0; i < 500; ++i) {
    auto queue = std::make_shared<ViewerQueue>(ViewerOptions{});
    const auto in = bus->subscribe("t", queue);
    read += read_count(*queue);
  }
  publisher.join();
  CHECK(bus->subscribers("t") == 0);
  CHECK(read <= 500u * 2'000u);
}

TEST_CASE("an unknown bus is refused with what there is") {
  CHECK(make_bus("redis://localhost").error().code() == ErrorCode::unsupported);
}

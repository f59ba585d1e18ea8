#include "net/timer_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/id.hpp"

using namespace scena;
using namespace scena::net;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{};

void run_due(TimerQueue& queue, TimePoint now) {
  const auto mark = queue.mark();
  while (Task task = queue.take_due(now, mark)) task();
}

}  // namespace

TEST_CASE("timers come up by time, equal times by their making") {
  TimerQueue queue;
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) queue.add(kStart + 2ms, [&order, i] { order.push_back(10 + i); });
  queue.add(kStart + 1ms, [&] { order.push_back(1); });
  run_due(queue, kStart + 1ms);
  CHECK(order == std::vector<int>{1});
  run_due(queue, kStart + 2ms);
  CHECK(order == std::vector<int>{1, 10, 11, 12, 13, 14});
  CHECK(queue.empty());
}

TEST_CASE("a cancelled timer never comes up, and its name is not reused") {
  TimerQueue queue;
  int ran = 0;
  const TimerId first = queue.add(kStart + 1ms, [&] { ran += 1; });
  CHECK(queue.cancel(first));
  CHECK_FALSE(queue.cancel(first));
  const TimerId second = queue.add(kStart + 1ms, [&] { ran += 10; });
  CHECK(second != first);
  CHECK_FALSE(queue.cancel(first));
  CHECK_FALSE(queue.cancel(0));
  run_due(queue, kStart + 1ms);
  CHECK(ran == 10);
  CHECK_FALSE(queue.cancel(second));
}

TEST_CASE("the next time is that of a live timer") {
  TimerQueue queue;
  const TimerId first = queue.add(kStart + 1ms, [] {});
  queue.add(kStart + 5ms, [] {});
  queue.cancel(first);
  CHECK(queue.next() == kStart + 5ms);
}

TEST_CASE("standing timers run in order with the others, and are not among those waited for") {
  TimerQueue queue;
  std::vector<int> order;
  queue.add(
      kStart + 2ms, [&] { order.push_back(2); }, TimerKind::standing);
  CHECK(queue.next() == kStart + 2ms);
  CHECK_FALSE(queue.next_awaited());
  const TimerId fifth = queue.add(kStart + 5ms, [&] { order.push_back(5); });
  queue.add(kStart + 7ms, [&] { order.push_back(7); });
  CHECK(queue.next() == kStart + 2ms);
  CHECK(queue.next_awaited() == kStart + 5ms);
  queue.cancel(fifth);
  CHECK(queue.next_awaited() == kStart + 7ms);
  run_due(queue, kStart + 7ms);
  CHECK(order == std::vector<int>{2, 7});
}

TEST_CASE("a timer made by a timer waits for the next round, even when it is earlier") {
  TimerQueue queue;
  std::vector<int> order;
  queue.add(kStart + 1ms, [&] {
    order.push_back(1);
    queue.add(kStart, [&] { order.push_back(2); });
  });
  run_due(queue, kStart + 1ms);
  CHECK(order == std::vector<int>{1});
  run_due(queue, kStart + 1ms);
  CHECK(order == std::vector<int>{1, 2});
}

TEST_CASE("cancelling may destroy what cancels again") {
  TimerQueue queue;
  struct Canceller {
    TimerQueue* queue;
    TimerId other;
    ~Canceller() { queue->cancel(other); }
  };
  const TimerId other = queue.add(kStart, [] {});
  const TimerId timer =
      queue.add(kStart, [held = std::unique_ptr<Canceller>(new Canceller{&queue, other})] {});
  CHECK(queue.cancel(timer));
  CHECK(queue.empty());
  CHECK_FALSE(queue.next());
}

TEST_CASE("many timers made and cancelled at random keep order and bounded memory") {
  TimerQueue queue;
  Random random(7);
  std::vector<std::pair<TimerId, int>> open;
  std::vector<int> expected, came;
  for (int i = 0; i < 20'000; ++i) {
    const int when = static_cast<int>(random.below(1'000));
    open.emplace_back(queue.add(kStart + when * 1ms, [&came, when] { came.push_back(when); }),
                      when);
    if (random.below(3) == 0) continue;
    const auto victim = open.begin() + static_cast<std::ptrdiff_t>(random.below(open.size()));
    CHECK(queue.cancel(victim->first));
    open.erase(victim);
  }
  CHECK(queue.size() == open.size());
  for (const auto& [id, when] : open) expected.push_back(when);
  std::stable_sort(expected.begin(), expected.end());
  run_due(queue, kStart + 1s);
  CHECK(came == expected);
}

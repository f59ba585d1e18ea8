#include "net/loop.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "net/ready_set.hpp"

using namespace scena;
using namespace scena::net;
using namespace std::chrono_literals;

namespace {

bool loop_readable(int descriptor, int timeout_ms = 0) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, timeout_ms) == 1;
}

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
};

/// A connected socket of the loop, with one byte to read if `ready`.
class Connected final : public ReadySet::Member {
 public:
  Connected(Loop& loop, bool ready) : loop_(loop) {
    if (ready) REQUIRE(::write(pair_.ends[1], "x", 1) == 1);
    REQUIRE(loop_.sockets().add(pair_.ends[0], *this, {.read = true}));
  }
  ~Connected() override { loop_.sockets().remove(pair_.ends[0], *this); }

  void on_ready(bool, bool) override {
    ++told;
    if (keep_ready) return;
    char byte = 0;
    REQUIRE(::read(pair_.ends[0], &byte, 1) == 1);
  }

  int told = 0;
  bool keep_ready = false;

 private:
  Loop& loop_;
  Pair pair_;
};

}  // namespace

TEST_CASE("an idle loop's descriptor is not readable and it has no deadline") {
  VirtualClock clock;
  Loop loop(clock);
  CHECK_FALSE(loop_readable(loop.wait_fd()));
  CHECK_FALSE(loop.next_deadline());
  CHECK_FALSE(loop.has_ready_work());
  CHECK(loop.poll(1ms) == 0);
}

TEST_CASE("a post from another thread makes the descriptor readable until it was polled") {
  SystemClock clock;
  Loop loop(clock);
  int ran = 0;
  std::thread([&] {
    for (int i = 0; i < 3; ++i) loop.post([&] { ++ran; });
  }).join();
  CHECK(loop_readable(loop.wait_fd()));
  CHECK(loop.poll(1s) == 3);
  CHECK(ran == 3);
  CHECK_FALSE(loop_readable(loop.wait_fd()));
  std::thread([&] { loop.post([&] { ++ran; }); }).join();
  CHECK(loop_readable(loop.wait_fd()));
}

TEST_CASE("the descriptor nests in another epoll set and wakes a poll that waits") {
  SystemClock clock;
  Loop loop(clock);
  const int outer = ::epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  REQUIRE(::epoll_ctl(outer, EPOLL_CTL_ADD, loop.wait_fd(), &event) == 0);
  CHECK(::epoll_wait(outer, &event, 1, 0) == 0);
  std::thread other([&] { loop.post([] {}); });
  CHECK(::epoll_wait(outer, &event, 1, 10'000) == 1);
  CHECK(loop_readable(loop.wait_fd(), 10'000));
  other.join();
  loop.poll(1s);
  CHECK(::epoll_wait(outer, &event, 1, 0) == 0);
  ::close(outer);
}

TEST_CASE("a watched socket makes the descriptor readable, an unwatched one does not") {
  SystemClock clock;
  Loop loop(clock);
  Pair pair;
  REQUIRE(loop.watch(pair.ends[0]));
  CHECK_FALSE(loop_readable(loop.wait_fd()));
  loop.watch_writable(pair.ends[0], true);
  CHECK(loop_readable(loop.wait_fd()));
  loop.watch_writable(pair.ends[0], false);
  CHECK_FALSE(loop_readable(loop.wait_fd()));
  REQUIRE(::write(pair.ends[1], "x", 1) == 1);
  CHECK(loop_readable(loop.wait_fd()));
  loop.unwatch(pair.ends[0]);
  CHECK_FALSE(loop_readable(loop.wait_fd()));
}

TEST_CASE("a connected socket makes the descriptor readable, and a poll tells it") {
  SystemClock clock;
  Loop loop(clock);
  Connected quiet(loop, false), ready(loop, true);
  CHECK(loop_readable(loop.wait_fd()));
  CHECK(loop.poll(1s) == 1);
  CHECK(ready.told == 1);
  CHECK(quiet.told == 0);
  CHECK_FALSE(loop_readable(loop.wait_fd()));
  CHECK(loop.poll(1s) == 0);
}

TEST_CASE(
    "descriptors that somebody else tells keep no round from its end, however many are ready") {
  SystemClock clock;
  Loop loop(clock);
  Connected socket(loop, true);
  std::vector<std::unique_ptr<Pair>> others;
  for (std::size_t i = 0; i < 3 * ReadySet::kBatch; ++i) {
    others.push_back(std::make_unique<Pair>());
    REQUIRE(::write(others.back()->ends[1], "x", 1) == 1);
    REQUIRE(loop.watch(others.back()->ends[0]));
  }
  for (int i = 0; i < 10 && socket.told == 0; ++i) loop.poll(0us);
  CHECK(socket.told == 1);
  loop.poll(1ms);
  for (const auto& other : others) loop.unwatch(other->ends[0]);
}

TEST_CASE("sockets that are always ready starve neither tasks nor Asio nor the budget") {
  SystemClock clock;
  Loop loop(clock);
  std::vector<std::unique_ptr<Connected>> sockets;
  for (int i = 0; i < 40; ++i) {
    sockets.push_back(std::make_unique<Connected>(loop, true));
    sockets.back()->keep_ready = true;
  }
  bool task = false, asio = false;
  loop.post([&] {
    loop.post([&] { task = true; });
    boost::asio::post(loop.io(), [&] { asio = true; });
  });
  loop.poll(0us);
  loop.poll(0us);
  CHECK(task);
  CHECK(asio);
  for (const auto& socket : sockets) CHECK(socket->told > 0);
  const auto start = clock.now();
  loop.poll(2ms);
  CHECK(clock.now() - start < 1s);
}

TEST_CASE("tasks run in order of posting, and a task posted by a task in a later round") {
  VirtualClock clock;
  Loop loop(clock);
  std::vector<int> order;
  loop.post([&] {
    order.push_back(1);
    loop.post([&] { order.push_back(3); });
  });
  loop.post([&] { order.push_back(2); });
  CHECK(order.empty());
  CHECK(loop.poll(0us) == 2);
  CHECK(order == std::vector<int>{1, 2});
  CHECK(loop.next_deadline() == loop.now());
  CHECK(loop.poll(0us) == 1);
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("a poll stops at its budget, says so, and the next one goes on in order") {
  SystemClock clock;
  Loop loop(clock);
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    loop.post([&order, i] {
      order.push_back(i);
      const auto end = std::chrono::steady_clock::now() + 200us;
      while (std::chrono::steady_clock::now() < end) continue;
    });
  }
  const std::size_t first = loop.poll(500us);
  CHECK(first >= 1);
  CHECK(first <= 4);
  CHECK(loop.has_ready_work());
  const auto deadline = loop.next_deadline();
  REQUIRE(deadline);
  CHECK(*deadline <= clock.now());
  while (loop.has_ready_work()) loop.poll(500us);
  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("a task that posts itself for ever neither starves timers nor overruns the budget") {
  SystemClock clock;
  Loop loop(clock);
  struct Again {
    Loop& loop;
    void operator()() const { loop.post(Again{loop}); }
  };
  loop.post(Again{loop});
  bool timer_ran = false;
  loop.at(clock.now(), [&] { timer_ran = true; });
  // A busy machine may take a poll's whole budget; the next one goes on where it ended.
  for (int polls = 0; polls < 100 && !timer_ran; ++polls) loop.poll(2ms);
  CHECK(timer_ran);
  CHECK(loop.has_ready_work());
}

TEST_CASE("timers follow the virtual clock exactly and in order") {
  VirtualClock clock;
  Loop loop(clock);
  std::vector<Duration> times;
  for (const auto delay : {30ms, 10ms, 20ms}) {
    loop.after(delay, [&] { times.push_back(clock.now().time_since_epoch()); });
  }
  CHECK(loop.next_deadline() == TimePoint(10ms));
  clock.advance(10ms - 1ns);
  CHECK(loop.poll(1s) == 0);
  CHECK(loop.run_once(0ms) == 1);
  while (loop.run_once(0ms) > 0) continue;
  CHECK(times == std::vector<Duration>{10ms, 20ms, 30ms});
}

TEST_CASE("virtual time goes to timers that are waited for, past standing ones, up to a limit") {
  VirtualClock clock;
  Loop loop(clock);
  std::vector<int> ran;
  loop.after(
      1s,
      [&] {
        ran.push_back(1);
        CHECK(clock.now() == TimePoint(1s));
      },
      TimerKind::standing);
  CHECK(loop.next_deadline() == TimePoint(1s));
  CHECK(loop.run_once(0ms) == 0);
  CHECK(clock.now() == TimePoint());
  loop.after(3s, [&] { ran.push_back(3); });
  CHECK(loop.run_once(0ms, TimePoint(500ms)) == 0);
  CHECK(clock.now() == TimePoint(500ms));
  CHECK(loop.run_once(0ms) == 1);
  CHECK(clock.now() == TimePoint(1s));
  CHECK(loop.run_once(0ms) == 1);
  CHECK(clock.now() == TimePoint(3s));
  CHECK(ran == std::vector<int>{1, 3});
}

TEST_CASE("a wall clock that jumps moves no timer") {
  VirtualClock clock;
  Loop loop(clock);
  int ran = 0;
  loop.after(1s, [&] { ++ran; });
  clock.jump_wall(86'400s);
  CHECK(loop.poll(1s) == 0);
  CHECK(loop.next_deadline() == TimePoint(1s));
  clock.jump_wall(-2 * 86'400s);
  clock.advance(1s);
  loop.poll(1s);
  CHECK(ran == 1);
}

TEST_CASE("a timer behind the end of the clock is one at its end, whatever its unit") {
  VirtualClock clock;
  Loop loop(clock);
  int ran = 0;
  clock.advance(1s);
  loop.after(std::chrono::milliseconds::max(), [&] { ++ran; });
  loop.after(std::chrono::hours::max(), [&] { ++ran; });
  CHECK(loop.poll(1s) == 0);
  CHECK(loop.next_deadline() == TimePoint::max());
  const TimePoint before = clock.now();
  CHECK(loop.run_once(0ms) == 0);
  CHECK(clock.now() == before);  // nobody waits for it
  CHECK(ran == 0);
  CHECK(after(WallTime(1s), std::chrono::milliseconds::max()) == WallTime::max());
  CHECK(after(WallTime(1s), 2ms) == WallTime(1'002ms));
}

TEST_CASE("timers may cancel each other and make new ones inside callbacks") {
  VirtualClock clock;
  Loop loop(clock);
  std::vector<int> order;
  TimerId later = 0;
  loop.after(1ms, [&] {
    order.push_back(1);
    CHECK(loop.cancel(later));
    loop.after(0ms, [&] { order.push_back(3); });
  });
  later = loop.after(1ms, [&] { order.push_back(2); });
  while (loop.run_once(0ms) > 0) continue;
  CHECK(order == std::vector<int>{1, 3});
  CHECK_FALSE(loop.cancel(later));
}

TEST_CASE("one round runs tasks, timers and sockets, in that order") {
  VirtualClock clock;
  Loop loop(clock);
  std::vector<int> order;
  boost::asio::post(loop.io(), [&] { order.push_back(3); });
  loop.at(clock.now(), [&] { order.push_back(2); });
  loop.post([&] { order.push_back(1); });
  CHECK(loop.poll(0us) == 3);
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("socket handlers that a poll's budget left over keep the deadline at now") {
  SystemClock clock;
  Loop loop(clock);
  int ran = 0;
  for (int i = 0; i < 50; ++i) {
    boost::asio::post(loop.io(), [&] {
      ++ran;
      const auto end = std::chrono::steady_clock::now() + 200us;
      while (std::chrono::steady_clock::now() < end) continue;
    });
  }
  loop.poll(500us);
  CHECK(ran < 50);
  while (loop.has_ready_work()) loop.poll(500us);
  CHECK(ran == 50);
}

TEST_CASE("the order of callbacks does not depend on how the work is cut into polls") {
  const auto run = [](std::chrono::microseconds budget) {
    VirtualClock clock;
    Loop loop(clock);
    std::vector<int> order;
    for (int i = 0; i < 20; ++i) {
      loop.post([&, i] {
        order.push_back(i);
        loop.post([&, i] { order.push_back(100 + i); });
        loop.at(clock.now(), [&, i] { order.push_back(200 + i); });
      });
    }
    while (loop.has_ready_work()) loop.poll(budget);
    return order;
  };
  const auto whole = run(10s);
  CHECK(whole.size() == 60);
  CHECK(run(1us) == whole);
  CHECK(run(0us) == whole);
}

TEST_CASE("a poll inside a callback does nothing") {
  VirtualClock clock;
  Loop loop(clock);
  std::size_t inner = 1;
  bool second = false;
  loop.post([&] {
    inner = loop.poll(1s);
    CHECK_FALSE(second);
  });
  loop.post([&] { second = true; });
  loop.poll(1s);
  CHECK(inner == 0);
  CHECK(second);
}

TEST_CASE("what a task throws leaves the poll, and the next poll goes on behind it") {
  VirtualClock clock;
  Loop loop(clock);
  int ran = 0;
  loop.post([] { throw 1; });
  loop.post([&] { ++ran; });
  CHECK_THROWS_AS(loop.poll(1s), int);
  CHECK(ran == 0);
  loop.poll(1s);
  CHECK(ran == 1);
}

TEST_CASE("run_once with a real clock waits for a timer or another thread") {
  SystemClock clock;
  Loop loop(clock);
  const auto start = clock.now();
  loop.after(5ms, [] {});
  CHECK(loop.run_once(10s) == 1);
  CHECK(clock.now() - start >= 5ms);
  std::thread other([&] { loop.post([] {}); });
  CHECK(loop.run_once(10s) == 1);
  other.join();
}

TEST_CASE("destroying a loop runs no pending task and frees them all") {
  VirtualClock clock;
  const auto held = std::make_shared<int>(0);
  int ran = 0;
  {
    Loop loop(clock);
    loop.post([held, &ran] { ++ran; });
    loop.at(clock.now(), [held, &ran] { ++ran; });
    boost::asio::post(loop.io(), [held, &ran] { ++ran; });
    struct PostsAtItsEnd {
      Loop* loop;
      std::shared_ptr<int> held;
      ~PostsAtItsEnd() {
        loop->post([kept = held] {});
      }
    };
    loop.post([last = std::unique_ptr<PostsAtItsEnd>(new PostsAtItsEnd{&loop, held})] {});
  }
  CHECK(ran == 0);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a loop is polled by one thread at a time: for another one poll does nothing") {
  VirtualClock clock;
  Loop loop(clock);
  std::size_t elsewhere = 1, inside = 1;
  int later = 0;
  loop.post([&] {
    loop.post([&] { ++later; });
    std::thread([&] { elsewhere = loop.poll(0us); }).join();
    inside = loop.poll(0us);
  });
  CHECK(loop.poll(0us) == 1);
  CHECK(elsewhere == 0);
  CHECK(inside == 0);
  CHECK(later == 0);
  std::thread([&] { elsewhere = loop.poll(0us); }).join();
  CHECK(elsewhere == 1);
  CHECK(later == 1);
}

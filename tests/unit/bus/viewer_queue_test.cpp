#include "bus/viewer_queue.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "items.hpp"

using namespace scena;
using scena::test::deltas;
using scena::test::event;

namespace {

// "type@seq.off:text" of everything that waits. Each event knows where the reader stands behind it.
std::vector<std::string> read_all(ViewerQueue& queue) {
  std::vector<std::string> seen;
  for (Event out; queue.next(out);) {
    CHECK(out.cursor() == queue.cursor());
    seen.push_back(out.type + '@' + std::to_string(out.seq) +
                   (out.off ? '.' + std::to_string(*out.off) : "") +
                   (out.text.empty() ? "" : ':' + out.text));
  }
  return seen;
}

using Seen = std::vector<std::string>;

}  // namespace

TEST_CASE("deltas come out one by one, or a batch at once, in order with other events") {
  ViewerQueue queue({});
  queue.push(event(1, "turn.started"));
  queue.push(deltas(1, 0, {"Good", " ", "day"}));
  queue.push(event(2, "metrics.stored"));
  queue.push(deltas(2, 8, {"!", "?"}));
  Event out;
  REQUIRE(queue.next(out));
  CHECK(out.type == "turn.started");
  REQUIRE(queue.next(out));
  CHECK(out.text == "Good");
  CHECK(out.turn == "t1");
  CHECK(out.actor == "alice");
  REQUIRE(queue.next_batch(out));
  CHECK(out.text == " day");
  CHECK(out.off == 4);
  CHECK(read_all(queue) == Seen{"metrics.stored@2", "delta@2.8:!", "delta@2.9:?"});
  CHECK_FALSE(queue.next(out));
  CHECK_FALSE(queue.next_batch(out));
}

TEST_CASE("an event is whole also when the reader moves or changes the one before") {
  ViewerQueue queue({});
  queue.push(deltas(1, 0, {"aa", "bb", "cc", "dd"}));
  Event out;
  REQUIRE(queue.next(out));
  const Event kept = std::move(out);
  REQUIRE(queue.next(out));
  CHECK(out.actor == "alice");
  CHECK(out.stream == kept.stream);
  Event other;
  other.off = 2;
  other.text = "xx";
  REQUIRE(queue.next(other));
  CHECK(other.turn == "t1");
  CHECK(other.actor == "alice");
  REQUIRE(queue.next(other));
  CHECK(other.text == "dd");
  CHECK(other.off == 6);
}

TEST_CASE("the cursor keeps the place in the running text across other events") {
  ViewerQueue queue({.cursor = Cursor{4, std::nullopt}});
  CHECK(queue.cursor().to_string() == "4");
  queue.push(event(5, "turn.started"));
  queue.push(deltas(5, 0, {"ab", "cd"}));
  queue.push(event(5, "metrics.live"));
  queue.push(event(6, "metrics.stored"));
  queue.push(event(7, "turn.finished"));
  std::vector<std::string> places;
  for (Event out; queue.next(out);) {
    places.push_back(queue.cursor().to_string());
    CHECK(out.cursor() == queue.cursor());
  }
  CHECK(places == Seen{"5", "5.2", "5.4", "5.4", "6.4", "7"});
}

TEST_CASE("a full queue merges the deltas of a turn, never across another event or turn") {
  auto counters = std::make_shared<ViewerCounters>();
  ViewerQueue queue({.max_events = 6, .counters = counters});
  queue.push(deltas(1, 0, {"a", "b"}));
  queue.push(deltas(1, 2, {"c"}));
  queue.push(event(2, "metrics.stored"));
  queue.push(deltas(2, 3, {"d", "e"}));
  queue.push(deltas(2, 5, {"f"}));
  queue.push(deltas(2, 6, {"g", "h"}));
  queue.push(deltas(2, 0, {"x", "y", "z"}, "t2"));
  CHECK(read_all(queue) == Seen{"delta@1.0:abc", "metrics.stored@2", "delta@2.3:defgh",
                                "delta@2.0:x", "delta@2.1:y", "delta@2.2:z"});
  CHECK(queue.merged() == 6);
  CHECK(counters->merged == 6);
  CHECK(counters->lagged == 0);
}

TEST_CASE("merging keeps turns, types and gaps apart, also with nothing between them") {
  ViewerQueue queue({.max_events = 8});
  queue.push(deltas(1, 0, {"a", "b"}));
  queue.push(deltas(1, 0, {"c", "d"}, "t2"));
  queue.push(deltas(1, 9, {"e", "f"}, "t2"));
  queue.push(deltas(1, 11, {"g", "h"}, "t2", {Audience::Kind::hosts, {}}));
  queue.push(deltas(1, 13, {"i"}, "t2"));
  CHECK(read_all(queue) ==
        Seen{"delta@1.0:ab", "delta@1.0:cd", "delta@1.9:ef", "delta@1.11:gh", "delta@1.13:i"});
}

TEST_CASE("a merged delta grows only by what continues it") {
  ViewerQueue queue({.max_events = 2});
  queue.push(deltas(1, 0, {"a", "b"}));
  queue.push(deltas(1, 0, {"c", "d", "e"}, "t2"));
  queue.push(deltas(1, 3, {"f"}, "t2"));
  CHECK(read_all(queue) == Seen{"delta@1.0:ab", "delta@1.0:cdef"});
}

TEST_CASE("a merged delta starts where the reader stopped") {
  ViewerQueue queue({.max_events = 3});
  queue.push(deltas(1, 0, {"a", "b", "c"}));
  Event out;
  REQUIRE(queue.next(out));
  queue.push(deltas(1, 3, {"d", "e", "f"}));
  queue.push(deltas(1, 6, {"g", "h"}));
  CHECK(read_all(queue) ==
        Seen{"delta@1.1:b", "delta@1.2:c", "delta@1.3:def", "delta@1.6:g", "delta@1.7:h"});
}

TEST_CASE("a batch of more deltas than the limit waits as one") {
  ViewerQueue queue({.max_events = 2});
  queue.push(deltas(1, 0, {"a", "b", "c"}));
  CHECK(read_all(queue) == Seen{"delta@1.0:abc"});
}

TEST_CASE("a queue that stays full ends with lagged behind what waits, and the cursor of that") {
  auto counters = std::make_shared<ViewerCounters>();
  ViewerQueue queue({.max_events = 3, .cursor = Cursor{9, 4}, .counters = counters});
  for (std::uint64_t seq = 10; seq < 13; ++seq) CHECK(queue.push(event(seq, "message.stored")));
  CHECK_FALSE(queue.lagged());
  queue.push(event(13, "message.stored"));
  CHECK(queue.lagged());
  CHECK_FALSE(queue.push(event(14, "message.stored")));
  CHECK_FALSE(queue.ended());
  Event out;
  for (std::uint64_t seq = 10; seq < 13; ++seq) {
    REQUIRE(queue.next(out));
    CHECK(out.seq == seq);
  }
  REQUIRE(queue.next(out));
  CHECK(out.type == "lagged");
  CHECK(out.data == "{\"cursor\":\"12.4\"}");
  CHECK(out.cursor().to_string() == "12.4");
  CHECK_FALSE(queue.next(out));
  CHECK(queue.ended());
  CHECK(counters->lagged == 1);
}

TEST_CASE("a reader in the middle of a batch finishes it before it hears that it lagged") {
  ViewerQueue queue({.max_events = 3});
  queue.push(deltas(1, 0, {"a", "b"}));
  Event out;
  REQUIRE(queue.next(out));
  for (std::uint64_t seq = 2; seq < 9; ++seq) queue.push(event(seq, "message.stored"));
  REQUIRE(queue.next(out));
  CHECK(out.text == "b");
  CHECK(read_all(queue) ==
        Seen{"message.stored@2", "message.stored@3", "message.stored@4", "lagged@4.2"});
}

TEST_CASE("bytes are bounded too, but an empty queue takes one event of any size") {
  ViewerQueue queue({.max_bytes = 10});
  CHECK(queue.push(event(1, "message.stored", std::string(100, 'x'))));
  CHECK_FALSE(queue.lagged());
  queue.push(deltas(1, 0, {"a"}));
  CHECK(queue.lagged());
  ViewerQueue other({.max_bytes = 10});
  other.push(deltas(1, 0, {"12345"}));
  other.push(deltas(1, 5, {"12345"}));
  CHECK_FALSE(other.lagged());
  other.push(deltas(1, 10, {"1"}));
  CHECK(other.lagged());
}

TEST_CASE("a viewer sees what its participant and role may see") {
  const Audience hosts{Audience::Kind::hosts, {}}, bob{Audience::Kind::named, {"bob"}},
      judges{Audience::Kind::named, {"role:judge"}};
  ViewerQueue host({}), bobs({.participant = "bob", .role = "player"}),
      judge({.participant = "x", .role = "judge"});
  for (ViewerQueue* queue : {&host, &bobs, &judge}) {
    queue->push(event(1, "all"));
    queue->push(event(2, "hosts", "{}", hosts));
    queue->push(event(3, "bob", "{}", bob));
    queue->push(deltas(3, 0, {"j"}, "t1", judges));
  }
  CHECK(read_all(host) == Seen{"all@1", "hosts@2", "bob@3", "delta@3.0:j"});
  CHECK(read_all(bobs) == Seen{"all@1", "bob@3"});
  CHECK(read_all(judge) == Seen{"all@1", "delta@3.0:j"});
}

TEST_CASE("a merged delta across an event that the viewer may not see carries the newer seq") {
  ViewerQueue queue({.participant = "bob", .role = "player", .max_events = 2});
  queue.push(deltas(1, 0, {"a"}));
  queue.push(event(2, "metrics.stored", "{}", {Audience::Kind::hosts, {}}));
  queue.push(deltas(2, 1, {"b"}));
  queue.push(deltas(2, 2, {"c"}));
  CHECK(read_all(queue) == Seen{"delta@2.0:ab", "delta@2.2:c"});
  CHECK(queue.cursor().to_string() == "2.3");
}

TEST_CASE("the ready callback comes once for each time the queue becomes non-empty, and may read") {
  ViewerQueue queue({});
  int calls = 0;
  queue.push(event(1, "a"));
  queue.set_ready_callback([&calls] { ++calls; });
  CHECK(calls == 1);
  queue.push(event(2, "a"));
  CHECK(calls == 1);
  read_all(queue);
  queue.push(deltas(2, 0, {"a", "b"}));
  queue.push(deltas(2, 2, {"c"}));
  CHECK(calls == 2);
  std::size_t read = 0;
  read_all(queue);
  queue.set_ready_callback([&] { read += read_all(queue).size(); });
  queue.push(event(3, "a"));
  queue.push(deltas(3, 0, {"a", "b"}));
  CHECK(read == 3);
}

TEST_CASE("a closed queue is read to its end and takes nothing more") {
  ViewerQueue queue({});
  int calls = 0;
  queue.push(event(1, "a"));
  queue.set_ready_callback([&calls] { ++calls; });
  queue.close();
  queue.close();
  CHECK(calls == 2);
  CHECK_FALSE(queue.ended());
  CHECK_FALSE(queue.push(event(2, "b")));
  CHECK(read_all(queue) == Seen{"a@1"});
  CHECK(queue.ended());
}

TEST_CASE("reasoning moves no cursor and never merges with the answer") {
  ViewerQueue queue({.max_events = 2});
  auto thought = std::make_shared<DeltaBatch>();
  thought->envelope = test::envelope("t1", "reasoning.delta");
  thought->seq = 1;
  thought->add("hm");
  queue.push(BusItem(std::shared_ptr<const DeltaBatch>(thought)));
  queue.push(deltas(1, 2, {"a"}));
  CHECK(read_all(queue) == Seen{"reasoning.delta@1.0:hm", "delta@1.2:a"});
  CHECK(queue.cursor().to_string() == "1.3");
}

TEST_CASE("one thread pushes while another reads: the text arrives whole and in order") {
  ViewerQueue queue({.max_events = 40});
  constexpr int kBatches = 20'000;
  std::thread writer([&queue] {
    std::uint64_t start = 0;
    for (int i = 0; i < kBatches; ++i, start += 4) queue.push(deltas(1, start, {"ab", "c", "d"}));
    queue.close();
  });
  std::uint64_t expected = 0;
  bool whole = true;
  for (Event out; !queue.ended();) {
    if (!queue.next(out)) {
      std::this_thread::yield();
      continue;
    }
    whole = whole && out.off == expected &&
            out.text.substr(0, 1) == std::string(1, "abcd"[expected % 4]);
    expected += out.text.size();
  }
  writer.join();
  CHECK(whole);
  CHECK(expected == 4u * kBatches);
}

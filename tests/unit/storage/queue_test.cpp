#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>

#include "storage/registry.hpp"
#include "storage/storage_queue.hpp"
#include "support/gated_storage.hpp"

using namespace scena;
using test::GatedStorage;

namespace {

std::unique_ptr<StorageItem> item(std::size_t bytes = 0, bool is_call = false) {
  auto made = std::make_unique<StorageItem>();
  if (bytes > 0) made->batch.blobs.push_back({.bytes = std::string(bytes, 'x')});
  if (is_call) made->call = [](Storage&) {};
  return made;
}

std::vector<std::size_t> group_sizes(CommitGroups& groups) {
  std::vector<std::size_t> sizes;
  StorageItems group;
  for (groups.take(group); !group.empty(); groups.take(group)) sizes.push_back(group.size());
  return sizes;
}

Batch batch(std::string stream, std::uint64_t expected) {
  Event event;
  event.stream = stream;
  event.seq = expected + 1;
  event.type = "app.x";
  return {
      .appends = {{.tenant = "t", .stream = stream, .expected_seq = expected, .events = {event}}}};
}

/// A loop in small: tasks run when the test says so, from any thread.
struct Tasks {
  std::mutex mutex;
  std::condition_variable posted;
  std::deque<Task> waiting;
  int posts = 0;

  LoopExecutor executor() {
    return [this](Task task) {
      std::lock_guard lock(mutex);
      waiting.push_back(std::move(task));
      ++posts;
      posted.notify_all();
    };
  }
  bool run_one() {
    Task task;
    {
      std::unique_lock lock(mutex);
      if (waiting.empty()) return false;
      task = std::move(waiting.front());
      waiting.pop_front();
    }
    task();
    return true;
  }
  void wait_and_run() {
    {
      std::unique_lock lock(mutex);
      posted.wait(lock, [this] { return !waiting.empty(); });
    }
    while (run_one()) {
    }
  }
};

std::unique_ptr<Storage> memory() {
  return std::move(open_storage({.url = "memory:"})).value_or_throw();
}

}  // namespace

TEST_CASE("groups form in order of arrival up to the limits of number and bytes") {
  CommitGroups groups({.max_pending = 100, .max_group_batches = 3, .max_group_bytes = 100});
  for (int i = 0; i < 7; ++i) REQUIRE(groups.push(item()));
  CHECK(group_sizes(groups) == std::vector<std::size_t>{3, 3, 1});
  for (std::size_t bytes : {60, 40, 1, 500, 1}) REQUIRE(groups.push(item(bytes)));
  CHECK(group_sizes(groups) == std::vector<std::size_t>{2, 1, 1, 1});
  CHECK(groups.empty());
}

TEST_CASE("a call stands alone between the groups before and after it") {
  CommitGroups groups({});
  for (bool is_call : {false, false, true, true, false}) REQUIRE(groups.push(item(0, is_call)));
  CHECK(group_sizes(groups) == std::vector<std::size_t>{2, 1, 1, 1});
}

TEST_CASE("a full queue refuses the next item with overloaded and takes it later") {
  CommitGroups groups({.max_pending = 2});
  REQUIRE(groups.push(item()));
  REQUIRE(groups.push(item()));
  const auto refused = groups.push(item());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::overloaded);
  StorageItems group;
  groups.take(group);
  CHECK(groups.push(item()));
}

TEST_CASE("in mode caller nothing is committed before flush, then all with one commit") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::caller);
  StorageSubmitter submitter(queue, {});
  std::vector<bool> answers;
  for (std::uint64_t i : {0, 1, 7}) {
    REQUIRE(submitter.submit(batch("session:a", i),
                             [&](Result<void> result) { answers.push_back(result.has_value()); }));
  }
  CHECK(queue.pending() == 3);
  CHECK(store.commits() == 0);
  CHECK(queue.flush() == 3);
  CHECK(store.commits() == 1);
  CHECK(answers == std::vector<bool>{true, true, false});
  CHECK(queue.flush() == 0);
}

TEST_CASE("what a completion submits waits for the next flush") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::caller);
  StorageSubmitter submitter(queue, {});
  bool second = false;
  REQUIRE(submitter.submit(batch("session:a", 0), [&](Result<void>) {
    REQUIRE(submitter.submit(batch("session:a", 1),
                             [&](Result<void> result) { second = result.has_value(); }));
  }));
  CHECK(queue.flush() == 1);
  CHECK_FALSE(second);
  CHECK(queue.flush() == 1);
  CHECK(second);
}

TEST_CASE("batches that arrive while a commit runs form the next group") {
  GatedStorage store(memory());
  Tasks loop;
  StorageQueue queue(store, StorageQueue::Mode::thread);
  StorageSubmitter submitter(queue, loop.executor());
  int done = 0;
  auto count = [&](Result<void> result) { done += result ? 1 : 0; };
  store.close_gate();
  REQUIRE(submitter.submit(batch("session:a", 0), count));
  store.wait_until_inside();
  for (std::uint64_t i = 1; i < 50; ++i) REQUIRE(submitter.submit(batch("session:a", i), count));
  store.open_gate();
  while (done < 50) loop.wait_and_run();
  CHECK(store.commits() == 2);
  CHECK(loop.posts == 50);  // one task a completion: a loop with a budget can stop between two
}

TEST_CASE("completions come back on the loop that submitted") {
  GatedStorage store(memory());
  Tasks one, two;
  StorageQueue queue(store, StorageQueue::Mode::thread);
  StorageSubmitter first(queue, one.executor());
  StorageSubmitter second(queue, two.executor());
  int firsts = 0, seconds = 0;
  REQUIRE(first.submit(batch("session:a", 0), [&](Result<void>) { ++firsts; }));
  REQUIRE(second.submit(batch("session:b", 0), [&](Result<void>) { ++seconds; }));
  two.wait_and_run();
  CHECK(seconds == 1);
  CHECK(firsts == 0);
  one.wait_and_run();
  CHECK(firsts == 1);
}

TEST_CASE("a call runs after what was submitted before it, and its exception is an error") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::caller);
  StorageSubmitter submitter(queue, {});
  std::uint64_t seen = 0;
  ErrorCode code{};
  REQUIRE(submitter.submit(batch("session:a", 0), {}));
  REQUIRE(submitter.call(
      [&](Storage& storage) { seen = storage.last_seq("t", "session:a").value(); }, {}));
  REQUIRE(submitter.call([](Storage&) { throw 1; },
                         [&](Result<void> result) { code = result.error().code(); }));
  queue.flush();
  CHECK(seen == 1);
  CHECK(code == ErrorCode::internal);
}

TEST_CASE("stop commits what waits, then refuses with closed") {
  for (auto mode : {StorageQueue::Mode::caller, StorageQueue::Mode::thread}) {
    GatedStorage store(memory());
    Tasks loop;
    StorageQueue queue(store, mode);
    StorageSubmitter submitter(queue, loop.executor());
    int done = 0;
    store.close_gate();
    for (std::uint64_t i = 0; i < 10; ++i) {
      REQUIRE(submitter.submit(batch("session:a", i),
                               [&](Result<void> result) { done += result ? 1 : 0; }));
    }
    store.open_gate();
    queue.stop();
    while (loop.run_one()) {
    }
    CHECK(done == 10);
    CHECK(store.last_seq("t", "session:a").value() == 10);
    const auto refused = submitter.submit(batch("session:a", 10), {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::closed);
    queue.stop();
  }
}

TEST_CASE("a destroyed submitter gets no completion, the batch is committed") {
  GatedStorage store(memory());
  Tasks loop;
  bool called = false;
  {
    StorageQueue queue(store, StorageQueue::Mode::thread);
    {
      StorageSubmitter submitter(queue, loop.executor());
      REQUIRE(submitter.submit(batch("session:a", 0), [&](Result<void>) { called = true; }));
    }
  }
  while (loop.run_one()) {
  }
  CHECK_FALSE(called);
  CHECK(store.last_seq("t", "session:a").value() == 1);
}

TEST_CASE("an executor that cannot take a task loses no completion") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::caller);
  bool fails = true;
  Tasks loop;
  StorageSubmitter submitter(queue, [&, post = loop.executor()](Task task) {
    if (fails) throw std::bad_alloc();
    post(std::move(task));
  });
  int done = 0;
  REQUIRE(submitter.submit(batch("session:a", 0), [&](Result<void>) { ++done; }));
  queue.flush();
  CHECK(done == 1);  // called at once, since no task can be made of it
  fails = false;
  REQUIRE(submitter.submit(batch("session:a", 1), [&](Result<void>) { ++done; }));
  queue.flush();
  CHECK(done == 1);
  CHECK(loop.run_one());
  CHECK(done == 2);
  CHECK_FALSE(loop.run_one());
}

TEST_CASE("the storage thread asks a loop without memory again until it takes the completion") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::thread);
  std::atomic<int> refusals{0};
  std::promise<void> taken;
  StorageSubmitter submitter(queue, [&](Task task) {
    if (++refusals <= 3) throw std::bad_alloc();
    task();
  });
  REQUIRE(submitter.submit(batch("session:a", 0), [&](Result<void>) { taken.set_value(); }));
  CHECK(taken.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
}

TEST_CASE("a completion that throws keeps no other of its group from its answer") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::caller);
  StorageSubmitter submitter(queue, {});
  int answered = 0;
  for (std::uint64_t i = 0; i < 3; ++i) {
    REQUIRE(submitter.submit(batch("session:a", i), [&, i](Result<void>) {
      ++answered;
      if (i == 0) throw std::bad_alloc();
    }));
  }
  CHECK_THROWS_AS(queue.flush(), std::bad_alloc);
  CHECK(answered == 3);
  CHECK(store.last_seq("t", "session:a").value() == 3);
  REQUIRE(submitter.submit(batch("session:a", 3), [](Result<void>) { throw std::bad_alloc(); }));
  queue.stop();
  CHECK(queue.pending() == 0);
}

TEST_CASE("a store that throws fails the batches, not the queue") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::caller);
  StorageSubmitter submitter(queue, {});
  std::vector<ErrorCode> codes;
  auto keep = [&](Result<void> result) {
    codes.push_back(result ? ErrorCode::ok : result.error().code());
  };
  store.throw_next(true);
  REQUIRE(submitter.submit(batch("session:a", 0), keep));
  queue.flush();
  REQUIRE(submitter.submit(batch("session:a", 0), keep));
  queue.flush();
  CHECK(codes == std::vector<ErrorCode>{ErrorCode::out_of_memory, ErrorCode::ok});
}

TEST_CASE("four threads that submit at once get every answer once") {
  GatedStorage store(memory());
  StorageQueue queue(store, StorageQueue::Mode::thread);
  std::vector<std::future<int>> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.push_back(std::async(std::launch::async, [&queue, worker] {
      Tasks loop;
      StorageSubmitter submitter(queue, loop.executor());
      const auto stream = "session:" + std::to_string(worker);
      int done = 0;
      for (std::uint64_t i = 0; i < 200; ++i) {
        (void)submitter.submit(batch(stream, i),
                               [&](Result<void> result) { done += result ? 1 : 0; });
      }
      while (done < 200) loop.wait_and_run();
      return done;
    }));
  }
  for (auto& worker : workers) CHECK(worker.get() == 200);
}

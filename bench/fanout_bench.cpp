// Cost of delivering deltas inside the process: to the queues of many viewers in batches, out of
// those queues again, and to one callback. One JSON line each; CPU time of the whole process.
//
//   fanout_bench [viewers] [deltas in a batch]
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "bus/bus.hpp"

using namespace scena;

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void report(const char* what, int viewers, int batch, double count, double seconds) {
  std::printf(
      "{\"bench\":\"%s\",\"viewers\":%d,\"batch\":%d,\"deliveries\":%.0f,\"ns_each\":%.2f}\n", what,
      viewers, batch, count, seconds / count * 1e9);
}

const auto kEnvelope = std::make_shared<const DeltaEnvelope>(
    DeltaEnvelope{"session:01989d3e-0000-7000-8000-000000000000", "t1", "delta", "alice", {}, {}});

BusItem make_batch(std::uint64_t start, int size) {
  auto batch = std::make_shared<DeltaBatch>();
  batch->envelope = kEnvelope;
  batch->seq = 3;
  batch->start = start;
  for (int i = 0; i < size; ++i) batch->add(" remember");
  return BusItem(std::shared_ptr<const DeltaBatch>(std::move(batch)));
}

// Rounds of pushing some batches to all queues and reading them empty again, timed apart.
void queues(int viewers, int size) {
  constexpr int kBatches = 8;
  const int rounds = 4'000'000 / (viewers * kBatches);
  const auto bus = std::move(*make_bus("local:"));
  const auto channel = bus->channel("session:1");
  std::vector<std::shared_ptr<ViewerQueue>> all;
  std::vector<Subscription> places;
  for (int i = 0; i < viewers; ++i) {
    all.push_back(std::make_shared<ViewerQueue>(ViewerOptions{}));
    places.push_back(channel->subscribe(all.back()));
  }
  double pushing = 0, reading = 0;
  std::uint64_t bytes = 0, start = 0;
  Event out;
  for (int round = 0; round < rounds + 2; ++round) {
    const double begin = cpu_seconds();
    for (int i = 0; i < kBatches; ++i, start += static_cast<std::uint64_t>(size) * 9) {
      channel->publish(make_batch(start, size));
    }
    const double middle = cpu_seconds();
    for (const auto& queue : all) {
      while (queue->next(out)) bytes += out.text.size();
    }
    const double end = cpu_seconds();
    if (round < 2) continue;  // The rings grow in the first rounds.
    pushing += middle - begin;
    reading += end - middle;
  }
  const double count = static_cast<double>(viewers) * kBatches * rounds * size;
  report("push to queues", viewers, size, count, pushing);
  report("read from queues", viewers, size, count, reading);
  if (bytes == 0) std::abort();
}

void callback() {
  constexpr int kCalls = 50'000'000;
  std::uint64_t bytes = 0;
  std::function<void(const Event&)> call = [&bytes](const Event& event) {
    bytes += event.text.size();
  };
  Event event;
  event.text = " remember";
  const double begin = cpu_seconds();
  for (int i = 0; i < kCalls; ++i) {
    event.off = static_cast<std::uint64_t>(i);
    call(event);
  }
  report("one callback", 1, 1, kCalls, cpu_seconds() - begin);
  if (bytes == 0) std::abort();
}

// A batch that goes through the queue of one viewer and out to its callback.
void queue_to_callback(const char* what, int size, bool (ViewerQueue::*next)(Event&)) {
  const int rounds = 10'000'000 / size;
  ViewerQueue queue({});
  std::uint64_t bytes = 0, start = 0;
  std::function<void(const Event&)> call = [&bytes](const Event& event) {
    bytes += event.text.size();
  };
  Event out;
  const double begin = cpu_seconds();
  for (int i = 0; i < rounds; ++i, start += static_cast<std::uint64_t>(size) * 9) {
    queue.push(make_batch(start, size));
    while ((queue.*next)(out)) call(out);
  }
  report(what, 1, size, static_cast<double>(rounds) * size, cpu_seconds() - begin);
  if (bytes == 0) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  const int viewers = argc > 1 ? std::atoi(argv[1]) : 500;
  const int size = argc > 2 ? std::atoi(argv[2]) : 16;
  // A second thread that only waits: without one the C++ library leaves out its atomic operations.
  std::mutex mutex;
  std::condition_variable done;
  bool stop = false;
  std::thread idle([&] {
    std::unique_lock lock(mutex);
    done.wait(lock, [&stop] { return stop; });
  });
  queues(viewers, size);
  queues(viewers, 1);
  callback();
  queue_to_callback("make, queue, callback for each", size, &ViewerQueue::next);
  queue_to_callback("make, queue, callback for the batch", size, &ViewerQueue::next_batch);
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  done.notify_one();
  idle.join();
}

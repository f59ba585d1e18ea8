// kill_durability [ROUNDS [SEED]]: a child appends to a SQLite store through the queue that an
// engine uses and reports every acknowledgement through a pipe; the parent kills it at a random one
// with SIGKILL, opens the store again and compares. Exits 0 when nothing acknowledged is lost,
// changed, doubled or out of order, no stream has a hole, and the store calls itself whole.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "storage/registry.hpp"
#include "storage/storage_queue.hpp"
#include "support/store_steps.hpp"
#include "support/temp_folder.hpp"

using namespace scena;

namespace {

constexpr int kStreams = 7;

struct Acknowledgement {
  std::uint32_t stream;
  std::uint32_t seq;
};

using Ends = std::array<std::uint64_t, kStreams>;

[[noreturn]] void fail(const char* what, std::uint64_t number) {
  std::printf("%s: %llu\n", what, static_cast<unsigned long long>(number));
  std::exit(1);
}

std::string name_of(std::uint32_t stream) {
  return "session:" + std::to_string(stream);
}

/// Every event's text can be told from its place, so that a mix-up shows.
std::string data_of(std::uint32_t stream, std::uint64_t seq) {
  return "{\"text\":\"" +
         std::string(50 + (stream * 977 + seq * 131) % 3000, static_cast<char>('a' + seq % 26)) +
         "\"}";
}

[[noreturn]] void write_until_killed(const std::string& url, Durability durability, unsigned seed,
                                     int report) {
  auto opened = open_storage({.url = url, .durability = durability});
  if (!opened) ::_exit(3);
  auto& store = **opened;
  StorageQueue queue(store, StorageQueue::Mode::caller);
  StorageSubmitter submitter(queue, {});
  Ends ends{};
  for (std::uint32_t i = 0; i < kStreams; ++i) ends[i] = store.last_seq("t", name_of(i)).value();
  std::minstd_rand random(seed);
  for (;;) {
    const auto count = 1 + random() % 20;
    for (unsigned i = 0; i < count; ++i) {
      const auto stream = static_cast<std::uint32_t>(random() % kStreams);
      const auto seq = ends[stream]++;
      auto submitted = submitter.submit(
          test::one_event(name_of(stream), seq, data_of(stream, seq + 1)),
          [=](Result<void> result) {
            if (!result) ::_exit(4);
            const Acknowledgement done{stream, static_cast<std::uint32_t>(seq + 1)};
            if (::write(report, &done, sizeof done) != sizeof done) ::_exit(5);
          });
      if (!submitted) ::_exit(6);
    }
    queue.flush();
  }
}

/// Reads `wanted` acknowledgements, kills, and reads what was still in the pipe.
Ends kill_after(int wanted, pid_t child, int reports, Ends acknowledged, long& total) {
  Acknowledgement one{};
  int seen = 0;
  while (::read(reports, &one, sizeof one) == static_cast<ssize_t>(sizeof one)) {
    if (one.seq != acknowledged[one.stream] + 1)
      fail("acknowledged twice or out of order", one.seq);
    acknowledged[one.stream] = one.seq;
    ++total;
    if (++seen == wanted) ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status))
    fail("the writer ended by itself, status", static_cast<std::uint64_t>(WEXITSTATUS(status)));
  return acknowledged;
}

void compare(Storage& store, Ends& acknowledged) {
  if (const auto checked = store.check(); !checked) fail(checked.error().what(), 0);
  for (std::uint32_t stream = 0; stream < kStreams; ++stream) {
    const auto events = store.read_events("t", name_of(stream), 0, 10'000'000);
    if (!events) fail(events.error().what(), stream);
    if (events->size() < acknowledged[stream]) fail("lost events of stream", stream);
    std::uint64_t seq = 0;
    for (const auto& event : *events) {
      if (event.seq != ++seq || event.data != data_of(stream, seq))
        fail("a wrong event at seq", seq);
    }
    acknowledged[stream] = seq;  // committed without a report: the next child goes on behind it
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  std::minstd_rand random(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1u);
  test::TempFolder folder;
  const auto url = "sqlite:" + folder.file("a.db");
  Ends acknowledged{};
  long total = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto durability = round % 2 == 0 ? Durability::power : Durability::process;
    const auto seed = static_cast<unsigned>(random());
    int ends[2];
    if (::pipe(ends) != 0) return 2;
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(url, durability, seed, ends[1]);
    }
    ::close(ends[1]);
    acknowledged =
        kill_after(1 + static_cast<int>(random() % 400), child, ends[0], acknowledged, total);
    ::close(ends[0]);
    const auto start = std::chrono::steady_clock::now();
    auto store = open_storage({.url = url});
    if (!store) fail(store.error().what(), static_cast<std::uint64_t>(round));
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(2))
      fail("opened late in round", static_cast<std::uint64_t>(round));
    compare(**store, acknowledged);
  }
  std::printf("{\"rounds\":%d,\"acknowledged\":%ld,\"lost\":0,\"doubled\":0,\"out_of_order\":0}\n",
              rounds, total);
  return 0;
}

// What the memory store finds of jobs without looking at each that it has.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>

#include "storage/registry.hpp"

using namespace scena;

namespace {

void write_jobs(Storage& store, JobWrite::Op op, int first, int count) {
  Batch batch;
  for (int i = first; i < first + count; ++i) {
    JobWrite write;
    write.op = op;
    write.tenant = "t";
    write.id = "job" + std::to_string(i);
    write.kind = "mail";
    batch.jobs.push_back(std::move(write));
  }
  for (const auto& written : store.commit(std::span(&batch, 1))) REQUIRE(written);
}

// Processor time of looks at the one job that waits, behind so many that have ended: the shortest
// of several, so that other programs of the machine do not count.
std::clock_t cost_behind(int ended) {
  const std::unique_ptr<Storage> store = std::move(*open_storage({.url = "memory:"}));
  write_jobs(*store, JobWrite::Op::enqueue, 0, ended);
  write_jobs(*store, JobWrite::Op::cancel, 0, ended);
  write_jobs(*store, JobWrite::Op::enqueue, ended, 1);
  const JobQuery waiting{.tenant = "t", .kind = "mail", .state = Job::State::waiting};
  std::clock_t shortest = std::clock_t{3'600} * CLOCKS_PER_SEC;
  for (int round = 0; round < 5; ++round) {
    const std::clock_t begin = std::clock();
    for (int i = 0; i < 100; ++i) {
      const auto found = store->jobs(waiting);
      REQUIRE(found);
      REQUIRE(found->size() == 1);
    }
    shortest = std::min(shortest, std::clock() - begin);
  }
  return shortest;
}

}  // namespace

TEST_CASE("an open job is found as soon behind twenty thousand that have ended as behind ten") {
  CHECK(cost_behind(20'000) < 20 * (cost_behind(10) + 10));
}

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/json.hpp"
#include "engine/core.hpp"
#include "engine/erasure/erasure_run.hpp"
#include "engine/erasure/retention.hpp"

namespace scena::engine {
namespace {

// Erased bytes stay in the store's file until it is written anew. The first job of an engine takes
// it that one before left some, as that engine may have ended between the two.
struct Scrubs {
  std::atomic<std::uint64_t> erasures{1};
  std::atomic<std::uint64_t> done{0};  // as many of them are out of the file
};

class RetentionJobs final : public JobHandler {
 public:
  explicit RetentionJobs(std::weak_ptr<Core> core) : core_(std::move(core)) {}

  // One at a time: the last fork and its parent are looked at together. The last of a group writes
  // the whole file anew.
  JobHandling handling() const override {
    return {.time_limit = std::chrono::hours(6), .parallel = 1};
  }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token) override {
    const auto core = core_.lock();
    if (!core) return;
    const auto payload = parse_json(job.payload);
    if (!payload || !payload->is_object()) return answer->give_up("the job names no session");
    const auto wanted = std::make_shared<std::uint64_t>(0);  // erasures that the scrub makes good
    auto find = [scrubs = scrubs_, wanted, tenant = job.tenant, id = payload->value("session", ""),
                 seq = payload->value("seq", std::uint64_t{0}),
                 now = core->clock().wall()](Storage& storage) {
      auto past = sessions_past(storage, tenant, id, seq);
      // To scrub is to write a whole file anew: of sessions that are due together the last does it.
      const auto next = storage.next_job_time(kRetentionJob, WallTime{});
      if (!past || !next) return past;
      if (!past->all.empty()) ++scrubs->erasures;
      *wanted = scrubs->erasures;
      past->scrub = *wanted != scrubs->done && (!*next || **next > now);
      if (!past->scrub) *wanted = 0;
      return past;
    };
    auto done = [scrubs = scrubs_, wanted, answer](const Result<std::size_t>& erased) {
      if (erased && *wanted != 0) scrubs->done = *wanted;
      erased ? answer->succeed("{}") : answer->fail(erased.error().what());
    };
    std::make_shared<ErasureRun>(core,
                                 std::make_shared<const Principal>(Principal::host(job.tenant)),
                                 std::move(find), std::move(done))
        ->look();
  }

 private:
  std::weak_ptr<Core> core_;
  std::shared_ptr<Scrubs> scrubs_ = std::make_shared<Scrubs>();
};

}  // namespace

std::shared_ptr<JobHandler> make_retention_jobs(std::weak_ptr<Core> core) {
  return std::make_shared<RetentionJobs>(std::move(core));
}

}  // namespace scena::engine

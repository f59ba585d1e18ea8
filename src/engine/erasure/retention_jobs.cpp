#include "base/json.hpp"
#include "engine/core.hpp"
#include "engine/erasure/erasure_run.hpp"
#include "engine/erasure/retention.hpp"

namespace scena::engine {
namespace {

class RetentionJobs final : public JobHandler {
 public:
  explicit RetentionJobs(std::weak_ptr<Core> core) : core_(std::move(core)) {}

  // One at a time: the last fork and its parent are looked at together.
  JobHandling handling() const override { return {.parallel = 1}; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token) override {
    const auto core = core_.lock();
    if (!core) return;
    const auto payload = parse_json(job.payload);
    if (!payload || !payload->is_object()) return answer->give_up("the job names no session");
    auto find = [tenant = job.tenant, id = payload->value("session", ""),
                 seq = payload->value("seq", std::uint64_t{0}),
                 now = core->clock().wall()](Storage& storage) {
      auto past = sessions_past(storage, tenant, id, seq);
      // To scrub is to write a whole file anew: of sessions that are due together the last does it.
      const auto next = storage.next_job_time(kRetentionJob, WallTime{});
      if (past && next) past->scrub = !*next || **next > now;
      return past;
    };
    auto done = [answer](const Result<std::size_t>& erased) {
      erased ? answer->succeed("{}") : answer->fail(erased.error().what());
    };
    std::make_shared<ErasureRun>(core, Principal::host(job.tenant), std::move(find),
                                 std::move(done))
        ->look();
  }

 private:
  std::weak_ptr<Core> core_;
};

}  // namespace

std::shared_ptr<JobHandler> make_retention_jobs(std::weak_ptr<Core> core) {
  return std::make_shared<RetentionJobs>(std::move(core));
}

}  // namespace scena::engine

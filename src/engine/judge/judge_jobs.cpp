#include "engine/judge/judge_jobs.hpp"

#include <new>

#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/jobs/session_attempt.hpp"
#include "engine/judge/judge_plan.hpp"

namespace scena::engine {
namespace {

class JudgeJobs final : public JobHandler {
 public:
  explicit JudgeJobs(std::weak_ptr<Core> core) : core_(std::move(core)) {}

  JobHandling handling() const override { return {.parallel = 4}; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const auto core = core_.lock();
    if (!core) return;
    auto payload = read_judge_payload(job.payload);
    if (!payload) return answer->give_up("the job names no message");
    const auto attempt = SessionAttempt::begin(
        *core, job, payload->session, std::move(answer), stop,
        [](SessionActor& session, const std::string& id) { session.stop_judging(id); });
    if (!attempt) return;
    const bool last = job.attempts >= job.max_attempts;
    attempt->post([attempt, id = job.id, last, payload = std::move(*payload)]() mutable {
      attempt->actor().judge({id, std::move(payload.message), std::move(payload.metrics), last,
                              [attempt](const Result<void>& result) { attempt->end(result); }});
    });
  }

 private:
  std::weak_ptr<Core> core_;
};

}  // namespace

std::shared_ptr<JobHandler> make_judge_jobs(std::weak_ptr<Core> core) {
  return std::make_shared<JudgeJobs>(std::move(core));
}

}  // namespace scena::engine

#include "engine/analysis/analysis_jobs.hpp"

#include "base/json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/jobs/session_attempt.hpp"

namespace scena::engine {
namespace {

// A model may be asked for many parts of a long session; each request has limits of its own.
constexpr std::chrono::milliseconds kTimeLimit{3'600'000};

class AnalysisJobs final : public JobHandler {
 public:
  explicit AnalysisJobs(std::weak_ptr<Core> core) : core_(std::move(core)) {}

  JobHandling handling() const override { return {.time_limit = kTimeLimit, .parallel = 4}; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const auto core = core_.lock();
    if (!core) return;
    const auto payload = parse_json(job.payload);
    if (!payload || !payload->is_object()) return answer->give_up("the job names no session");
    const auto attempt = SessionAttempt::begin(
        *core, job, payload->value("session", ""), std::move(answer), stop,
        [](SessionActor& session, const std::string& id) { session.stop_analysis(id); });
    if (!attempt) return;
    const bool last = job.attempts >= job.max_attempts;
    attempt->post([attempt, id = job.id, last] {
      attempt->actor().analyse(
          {id, last, [attempt](const Result<void>& result) { attempt->end(result); }});
    });
  }

 private:
  std::weak_ptr<Core> core_;
};

}  // namespace

std::shared_ptr<JobHandler> make_analysis_jobs(std::weak_ptr<Core> core) {
  return std::make_shared<AnalysisJobs>(std::move(core));
}

}  // namespace scena::engine

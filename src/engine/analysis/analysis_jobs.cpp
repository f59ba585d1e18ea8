#include "engine/analysis/analysis_jobs.hpp"

#include <functional>
#include <new>
#include <optional>

#include "base/json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"

namespace scena::engine {
namespace {

// A model may be asked for many parts of a long session; each request has limits of its own.
constexpr std::chrono::milliseconds kTimeLimit{3'600'000};

// One attempt, from the job's start to its answer.
struct Attempt {
  std::shared_ptr<SessionActor> actor;
  std::shared_ptr<JobAnswer> answer;
  std::optional<std::stop_callback<std::function<void()>>> stopped;

  void end(const Result<void>& result) {
    stopped.reset();
    if (result) {
      answer->succeed("{}");
    } else if (result.error().code() == ErrorCode::not_found) {
      answer->give_up(result.error().what());
    } else {
      answer->fail(result.error().what());
    }
    actor->drop_handle();
  }
};

class AnalysisJobs final : public JobHandler {
 public:
  explicit AnalysisJobs(std::weak_ptr<Core> core) : core_(std::move(core)) {}

  JobHandling handling() const override { return {.time_limit = kTimeLimit, .parallel = 4}; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const auto core = core_.lock();
    if (!core) return;
    const auto payload = parse_json(job.payload);
    if (!payload || !payload->is_object()) return answer->give_up("the job names no session");
    auto actor = core->actor(job.tenant, payload->value("session", ""));
    if (!actor) {
      if (actor.error().code() == ErrorCode::not_found)
        return answer->give_up(actor.error().what());
      return answer->fail(actor.error().what());
    }
    const auto attempt = std::make_shared<Attempt>();
    attempt->actor = std::move(*actor);
    attempt->answer = std::move(answer);
    LoopHost& host = attempt->actor->host();
    attempt->stopped.emplace(
        stop, [gate = host.gate(), weak = std::weak_ptr(attempt->actor), id = job.id] {
          try {
            gate->post([weak, id] {
              if (const auto session = weak.lock()) session->stop_analysis(id);
            });
          } catch (const std::bad_alloc&) {
            // It goes on to its end, which nobody waits for any more.
          }
        });
    const bool last = job.attempts >= job.max_attempts;
    host.loop().post([attempt, id = job.id, last] {
      attempt->actor->analyse(
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

#include "engine/jobs/session_attempt.hpp"

#include <new>

#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"

namespace scena::engine {

std::shared_ptr<SessionAttempt> SessionAttempt::begin(Core& core, const Job& job,
                                                      const std::string& session,
                                                      std::shared_ptr<JobAnswer> answer,
                                                      const std::stop_token& stop, Stop on_stop) {
  auto actor = core.actor(job.tenant, session);
  if (!actor) {
    if (actor.error().code() == ErrorCode::not_found) {
      answer->give_up(actor.error().what());
    } else {
      answer->fail(actor.error().what());
    }
    return nullptr;
  }
  auto attempt = std::make_shared<SessionAttempt>();
  attempt->actor_ = std::move(*actor);
  attempt->answer_ = std::move(answer);
  attempt->stopped_.emplace(stop, [gate = attempt->actor_->host().gate(),
                                   weak = std::weak_ptr(attempt->actor_), id = job.id, on_stop] {
    try {
      gate->post([weak, id, on_stop] {
        if (const auto known = weak.lock()) on_stop(*known, id);
      });
    } catch (const std::bad_alloc&) {
      // It goes on to its end, which nobody waits for any more.
    }
  });
  return attempt;
}

void SessionAttempt::post(UniqueFunction<void()> work) {
  actor_->host().loop().post(std::move(work));
}

void SessionAttempt::end(const Result<void>& result) {
  stopped_.reset();
  if (result) {
    answer_->succeed("{}");
  } else if (result.error().code() == ErrorCode::not_found) {
    answer_->give_up(result.error().what());
  } else {
    answer_->fail(result.error().what());
  }
  actor_->drop_handle();
}

}  // namespace scena::engine

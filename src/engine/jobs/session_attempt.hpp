#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/job_handler.hpp>
#include <scena/result.hpp>
#include <string>

#include "base/unique_function.hpp"

namespace scena::engine {

class Core;
class SessionActor;

/// One attempt at a job that a session does, from the job's start to its answer; the session stays
/// in memory until then.
class SessionAttempt {
 public:
  using Stop = void (*)(SessionActor& session, const std::string& job);

  /// Loads the session. Null: it could not, and the answer was given. `on_stop` comes on the
  /// session's strand when the attempt is to end.
  static std::shared_ptr<SessionAttempt> begin(Core& core, const Job& job,
                                               const std::string& session,
                                               std::shared_ptr<JobAnswer> answer,
                                               const std::stop_token& stop, Stop on_stop);

  SessionActor& actor() noexcept { return *actor_; }
  /// Runs `work` on the session's strand.
  void post(UniqueFunction<void()> work);
  /// Once, on the session's strand: done, dead where there is no such session, else failed.
  void end(const Result<void>& result);

 private:
  std::shared_ptr<SessionActor> actor_;
  std::shared_ptr<JobAnswer> answer_;
  std::optional<std::stop_callback<std::function<void()>>> stopped_;
};

}  // namespace scena::engine

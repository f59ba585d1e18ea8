#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <scena/ext/storage.hpp>
#include <stop_token>
#include <string>
#include <string_view>

namespace scena {

/// How the engine treats the jobs of one kind.
struct JobHandling {
  std::chrono::milliseconds time_limit{300'000};  ///< Of one attempt, on the engine's clock; then
                                                  ///< it has failed.
  std::size_t parallel = 4;                       ///< Jobs of the kind that run at once.
  bool operator==(const JobHandling&) const = default;
};

/// Takes the end of one attempt. The first answer counts, later ones are ignored; letting go of the
/// object without an answer is a failed attempt. May outlive the engine, and then does nothing.
/// Texts are stored as UTF-8, at most 1 MiB of them.
///
/// Threading: any thread.
class JobAnswer {
 public:
  virtual ~JobAnswer() = default;
  /// The job is done; `result` becomes Job::result.
  virtual void succeed(std::string_view result) = 0;
  /// The attempt failed: the job is tried again later, while it has attempts left.
  virtual void fail(std::string_view reason) = 0;
  /// Trying again is of no use: the job is dead now.
  virtual void give_up(std::string_view reason) = 0;
};

/// Does the jobs of one kind; see Dependencies::job_handlers. An attempt is committed before run()
/// is called, so work may be cut by a crash and begun again: make it so that this does no harm.
///
/// Threading: run() comes on an engine's thread (inside poll() with `threads = 0`). It returns
/// soon, and may answer later from any thread.
class JobHandler {
 public:
  virtual ~JobHandler() = default;
  /// How it is to be treated. Read once, when the engine opens.
  virtual JobHandling handling() const { return {}; }
  /// Begins one attempt. `stop` is requested when the job was cancelled, its time is up or the
  /// engine closes: an answer has no effect any more. What it throws is a failed attempt.
  virtual void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) = 0;
};

/// A handler made of a function that answers at once: its return value is the result, what it
/// throws (std::exception) a failed attempt with that reason.
std::shared_ptr<JobHandler> make_job_handler(std::function<std::string(const Job&)> function,
                                             JobHandling handling = {});

}  // namespace scena

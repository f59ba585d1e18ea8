#pragma once

#include <memory>
#include <optional>
#include <scena/batch.hpp>
#include <scena/ext/storage.hpp>
#include <set>
#include <string>

#include "engine/batch/plan.hpp"

namespace scena::engine {

/// One run of a plan in an engine, from its session to its row: the talk, then the opinions and the
/// analysis that close it, which cost, too, and what event sinks get of them. On the real clock a
/// sink that has refused an event holds the row no longer. A failure of the session is part of the
/// row.
class SessionRun {
 public:
  SessionRun(std::shared_ptr<Engine> engine, const BatchPlan& plan, const BatchParts& parts,
             const BatchRun& run);

  /// The session has come to its end, and so have its jobs, or it could not begin. Completes it
  /// when it has said all.
  bool ready();
  /// Its row would have all that it costs: nothing but event sinks is waited for, if anything.
  bool is_paid();
  /// Lets the engine work until ready(), for so long at most; without a time until then.
  void wait(std::optional<std::chrono::milliseconds> timeout);
  /// Only when ready() or is_paid(): tells of the session.
  BatchRow finish();
  /// What it has cost so far.
  Money cost() const;
  /// The session as JSON that import takes; empty when there is none.
  std::string exported() const;

  const std::shared_ptr<Engine>& engine() const noexcept { return engine_; }
  const std::string& key() const noexcept { return run_.key; }

 private:
  void begin();
  Session make_session();
  Session make_fork();
  void fail(const Error& error);
  bool scene_ended() const;
  RunResult run_result() const;
  void close();
  bool talk_ended();
  std::optional<Job> open_job();
  std::optional<Job> open_paid_job() const;
  std::optional<Job> open_delivery();
  bool holds(const Job& delivery);
  void wait_for_jobs(std::optional<std::chrono::milliseconds> timeout);
  void describe(const RunResult& result);
  void name_outcome(const std::vector<Message>& messages);

  std::shared_ptr<Engine> engine_;
  const BatchPlan& plan_;
  const BatchParts& parts_;
  BatchRun run_;
  BatchRow row_;
  std::size_t shared_messages_ = 0;  ///< Those before the fork.
  std::uint32_t shared_turns_ = 0;
  std::optional<WallTime> began_;  ///< Of a fork: when it was made.
  std::optional<Session> session_;
  std::optional<Pending<RunResult>> running_;
  std::optional<RunResult> result_;  ///< Of running_, once the session is closed.
  std::set<std::string> refusing_;   ///< Kinds of jobs of sinks that are waited for no longer.
};

}  // namespace scena::engine

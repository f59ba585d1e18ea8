#pragma once

#include <memory>
#include <optional>
#include <scena/batch.hpp>
#include <string>

#include "engine/batch/plan.hpp"

namespace scena::engine {

/// One run of a plan in an engine, from its session to its row. A failure of the session is part of
/// the row.
class SessionRun {
 public:
  SessionRun(std::shared_ptr<Engine> engine, const BatchPlan& plan, const BatchParts& parts,
             const BatchRun& run);

  /// The session has come to its end, or could not begin.
  bool ready() const { return !running_ || running_->ready(); }
  /// Lets the engine work until ready(), for so long at most; without a time until then.
  void wait(std::optional<std::chrono::milliseconds> timeout) const;
  /// Only when ready(): closes the session and tells of it.
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
};

}  // namespace scena::engine

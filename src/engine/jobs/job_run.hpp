#pragma once

#include <functional>
#include <memory>
#include <scena/ext/job_handler.hpp>
#include <stop_token>

#include "base/log.hpp"
#include "engine/loop_gate.hpp"

namespace scena::engine {

/// How one attempt ended.
struct JobEnd {
  enum class How { done, failed, given_up };
  How how = How::failed;
  std::string text;  ///< The result, or the reason.
};

inline constexpr std::size_t kMaxJobBytes = 1u << 20;  ///< Of a payload, a result or a reason.

/// One attempt at a claimed job: calls its handler, limits its time, brings its answer to the loop.
///
/// Threading: the thread of the loop. After stop() nothing is called any more.
class JobRun : public std::enable_shared_from_this<JobRun> {
 public:
  /// Called once, on the loop, never inside start().
  using Done = std::function<void(JobEnd)>;

  JobRun(Job job, std::shared_ptr<JobHandler> handler, std::chrono::milliseconds time_limit,
         net::Loop& loop, std::shared_ptr<LoopGate> gate, Logger log, Done done);
  ~JobRun();

  void start();
  /// Asks the handler to stop; its answer has no effect any more.
  void stop() noexcept;
  const Job& job() const noexcept { return job_; }

 private:
  class Answer;
  void answered(JobEnd end);

  const Job job_;
  std::shared_ptr<JobHandler> handler_;
  const std::chrono::milliseconds time_limit_;
  net::Loop& loop_;
  std::shared_ptr<LoopGate> gate_;
  Logger log_;
  Done done_;
  bool ended_ = false;
  net::TimerId timer_ = 0;
  std::stop_source stop_;
};

}  // namespace scena::engine

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/tool.hpp>
#include <stop_token>
#include <string>

#include "base/log.hpp"
#include "engine/loop_gate.hpp"
#include "engine/service_set.hpp"
#include "engine/tools/tool_breakers.hpp"
#include "engine/tools/tool_cache.hpp"
#include "engine/tools/tool_outcome.hpp"
#include "engine/tools/tool_set.hpp"
#include "net/loop.hpp"

namespace scena::engine {

/// What calls are made with; all of it outlives them.
struct ToolContext {
  net::Loop& loop;
  std::shared_ptr<LoopGate> gate;
  ToolCache& cache;
  ToolBreakers& breakers;
  std::shared_ptr<const ServiceSet> services;  ///< Has the policy.
  std::shared_ptr<ToolApproval> approval;
  const Logger& log;
};

/// One call of a tool under way: arguments checked, approval asked, cache looked at, the host's
/// function called, its time watched. It ends once, with an outcome that the model reads; after
/// stop(), or when it is dropped, never.
///
/// Threading: the session's strand.
class ToolCallRun : public std::enable_shared_from_this<ToolCallRun> {
 public:
  using Done = std::function<void(ToolOutcome)>;

  /// `tool` is null when the engine has none of that name, or does not offer it here.
  ToolCallRun(ToolContext context, const RegisteredTool* tool, ToolCall call, ToolRequest request,
              Done done);
  ~ToolCallRun();

  /// May call `done` at once.
  void start();
  void stop() noexcept;

 private:
  class Answer;

  Result<void> check() const;
  void ask_approval();
  void judged(const ToolVerdict& verdict);
  void find_or_call();
  void call();
  void landed(const std::optional<ToolOutcome>& outcome);
  void answered(ToolOutcome outcome);
  void arm(std::chrono::milliseconds limit, std::string_view what);
  void fail(std::string reason);
  void finish(ToolOutcome outcome);
  void end(const std::optional<ToolOutcome>& outcome) noexcept;
  void judge(const std::optional<ToolOutcome>& outcome) noexcept;

  ToolContext context_;
  const RegisteredTool* tool_;
  ToolCall call_;
  ToolRequest request_;
  Done done_;
  std::string key_;
  std::optional<ToolBreakers::Pass> pass_;  // the call is being made
  bool leads_ = false;                      // others may wait for this call
  bool judging_ = false;                    // waiting for approval
  bool ended_ = false;
  net::TimerId timer_ = 0;
  std::stop_source stop_;
};

}  // namespace scena::engine

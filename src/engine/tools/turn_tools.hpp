#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/session_model.hpp"
#include "engine/tools/tool_call_run.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

/// The tools of one turn, round by round: collects what the model asks for, makes the calls, holds
/// what came of them until it is in the log, and adds it to the next request.
///
/// Threading: the session's strand.
class TurnTools {
 public:
  struct Limits {
    std::size_t rounds = 8;
    std::size_t calls_per_round = 16;
  };

  /// `owner` is the session's owner. Those tools can be called that the plan's request offers.
  TurnTools(ToolContext context, const ToolSet& tools, Limits limits, std::string owner);
  ~TurnTools() { stop(); }
  TurnTools(const TurnTools&) = delete;
  TurnTools& operator=(const TurnTools&) = delete;

  /// While a reply streams: a whole call, and what its provider wants back.
  void add(const ToolCall& call);
  void keep_state(std::string_view json) { state_ = json; }

  /// True when the reply that streams asked for tools.
  bool asked() const noexcept { return !asked_.empty(); }
  /// True when no further round may begin.
  bool exhausted() const noexcept { return round_ >= limits_.rounds; }

  /// The calls that were asked for become a round, behind `text`.
  /// @return what the log is to say before anything runs.
  std::vector<RequestedTool> begin_round(std::string_view text);
  /// The log has them.
  void confirm_round() noexcept { requested_ = true; }
  /// Makes the calls. `changed` is called later, for one or more calls that have ended.
  void run(const TurnPlan& plan, std::function<void()> changed);
  /// Lets go of what runs; `changed` is not called any more.
  void stop() noexcept;

  /// What has ended and is not in the log yet, with the tool's name; each is given out once.
  struct Finished {
    std::string name;
    FinishedTool tool;
  };
  std::vector<Finished> take_finished();
  /// True when every call of the round was given out.
  bool round_done() const noexcept { return taken_ == uses_.size(); }
  /// For a turn that ends now: the rest of what has ended, and the others as having come to
  /// nothing.
  std::vector<Finished> take_rest(bool interrupted);

  /// Adds the finished round to the plan's request.
  void add_round(TurnPlan& plan) const;
  std::size_t round() const noexcept { return round_; }

 private:
  struct Use {
    ToolUse use;
    std::shared_ptr<ToolCallRun> run;
    TimePoint began{};
    bool taken = false;
  };

  void begin_call(std::size_t index, const TurnPlan& plan);
  void ended(std::size_t index, ToolOutcome outcome);
  void report();
  Finished finished(const Use& use) const;

  ToolContext context_;
  const ToolSet& tools_;
  const Limits limits_;
  const std::string owner_;
  std::size_t round_ = 0;
  std::vector<ToolCall> asked_;
  std::set<std::string> ids_;  // of the whole turn
  std::string state_;          // of the reply that streams
  std::string round_text_;
  std::string round_state_;
  std::vector<Use> uses_;
  bool requested_ = false;  // the log has the round's calls
  std::size_t taken_ = 0;
  std::shared_ptr<std::function<void()>> changed_;
  bool reporting_ = false;
};

}  // namespace scena::engine

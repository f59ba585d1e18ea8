#include "engine/tools/turn_tools.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "domain/prompt.hpp"
#include "domain/prompt_history.hpp"
#include "domain/tool_prompt.hpp"

namespace scena::engine {

TurnTools::TurnTools(ToolContext context, const ToolSet& tools, Limits limits, std::string owner)
    : context_(std::move(context)), tools_(tools), limits_(limits), owner_(std::move(owner)) {}

// Arguments go on in one form, members sorted: the log and the cache know equal calls by it.
void TurnTools::add(const ToolCall& call) {
  if (asked_.size() >= 2 * limits_.calls_per_round) return;  // what is over it is refused below
  ToolCall kept = call;
  if (kept.valid) {
    const auto arguments = parse_json(
        kept.arguments.empty() ? std::string_view("{}") : kept.arguments, {.careful = true});
    kept.valid = arguments && arguments->is_object();
    if (kept.valid) kept.arguments = dump_json(*arguments);
  }
  for (int copy = 2; !ids_.insert(kept.id).second; ++copy)
    kept.id = call.id + "-" + std::to_string(copy);
  asked_.push_back(std::move(kept));
}

std::vector<RequestedTool> TurnTools::begin_round(std::string_view text) {
  ++round_;
  requested_ = false;
  taken_ = 0;
  round_text_ = text;
  round_state_ = std::exchange(state_, {});
  uses_.clear();
  std::vector<RequestedTool> requested;
  for (auto& call : std::exchange(asked_, {})) {
    RequestedTool tool;
    tool.round = static_cast<std::uint32_t>(round_);
    tool.opens_round = requested.empty();
    if (tool.opens_round) {
      tool.text = round_text_;
      tool.state = round_state_;
    }
    tool.call = call;
    requested.push_back(std::move(tool));
    Use use;
    use.use.call = std::move(call);
    uses_.push_back(std::move(use));
  }
  return requested;
}

void TurnTools::run(const TurnPlan& plan, std::function<void()> changed) {
  reporting_ = false;
  changed_ = std::make_shared<std::function<void()>>(std::move(changed));
  for (std::size_t i = 0; i < uses_.size(); ++i) begin_call(i, plan);
}

void TurnTools::begin_call(std::size_t index, const TurnPlan& plan) {
  Use& use = uses_[index];
  use.began = context_.loop.now();
  if (index >= limits_.calls_per_round) {
    return ended(index,
                 {.failed = true,
                  .text = "Too many calls at once; this one was not made. Ask again later."});
  }
  const ToolCall& call = use.use.call;
  const auto& offered = plan.request.tools;
  const bool may = std::any_of(offered.begin(), offered.end(),
                               [&](const ToolSpec& spec) { return spec.name == call.name; });
  ToolRequest request;
  request.call = call.id;
  request.tool = call.name;
  request.tenant = plan.request.context.tenant;
  request.session = plan.request.context.session;
  request.subject = owner_;
  request.character = plan.speaker;
  request.arguments = call.arguments;
  use.run = std::make_shared<ToolCallRun>(
      context_, may ? tools_.find(call.name) : nullptr, call, std::move(request),
      [this, index](ToolOutcome outcome) { ended(index, std::move(outcome)); });
  const auto run = use.run;
  run->start();
}

void TurnTools::ended(std::size_t index, ToolOutcome outcome) {
  Use& use = uses_[index];
  use.run.reset();
  use.use.finished = true;
  use.use.failed = outcome.failed;
  use.use.cached = outcome.cached;
  use.use.result = std::move(outcome.text);
  use.use.duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(context_.loop.now() - use.began);
  report();
}

// Calls that end together are told together.
void TurnTools::report() {
  if (reporting_ || !changed_) return;
  reporting_ = true;
  context_.loop.post([this, weak = std::weak_ptr(changed_)] {
    const auto changed = weak.lock();
    if (!changed) return;
    reporting_ = false;
    (*changed)();
  });
}

void TurnTools::stop() noexcept {
  changed_.reset();
  reporting_ = false;
  for (auto& use : uses_) {
    if (use.run) use.run->stop();
    use.run.reset();
  }
}

TurnTools::Finished TurnTools::finished(const Use& use) const {
  Finished finished{use.use.call.name, {use.use.call.id, use.use}};
  finished.tool.use.call = {};
  return finished;
}

std::vector<TurnTools::Finished> TurnTools::take_finished() {
  std::vector<Finished> all;
  for (auto& use : uses_) {
    if (!use.use.finished || std::exchange(use.taken, true)) continue;
    ++taken_;
    all.push_back(finished(use));
  }
  return all;
}

std::vector<TurnTools::Finished> TurnTools::take_rest(bool interrupted) {
  stop();
  if (!requested_) return {};
  for (auto& use : uses_) {
    if (use.use.finished) continue;
    use.use.finished = true;
    use.use.failed = true;
    const RegisteredTool* tool = tools_.find(use.use.call.name);
    use.use.result = interrupted ? unknown_outcome(tool && tool->options.idempotent)
                                 : "Cancelled before it had ended.";
  }
  return take_finished();
}

void TurnTools::add_round(TurnPlan& plan) const {
  ToolRound round{round_text_, round_state_, {}};
  for (const auto& use : uses_) round.uses.push_back(use.use);
  add_tool_round(plan, round);
}

}  // namespace scena::engine

#include "engine/tools/tool_call_run.hpp"

#include <atomic>
#include <utility>

#include "base/text.hpp"
#include "domain/prompt.hpp"

namespace scena::engine {
namespace {

constexpr std::chrono::minutes kApprovalTime{5};
constexpr std::size_t kReasonBytes = 4u << 10;  // of what a host says about a failure

ToolOutcome failure(std::string reason) {
  return {.failed = true, .text = std::move(reason)};
}

}  // namespace

// What the host holds: brings the first answer to the strand, and says so when none ever comes.
class ToolCallRun::Answer final : public ToolAnswer {
 public:
  Answer(std::weak_ptr<ToolCallRun> call, std::shared_ptr<LoopGate> gate, const ToolOptions& limits)
      : call_(std::move(call)),
        gate_(std::move(gate)),
        max_bytes_(limits.max_result_bytes),
        max_tokens_(limits.max_result_tokens) {}
  ~Answer() override {
    if (answered_.load()) return;
    try {
      bring(failure("The tool gave no answer."));
    } catch (...) {
      // No memory to say so: the call ends at its time limit.
    }
  }

  void succeed(std::string_view result) override {
    if (answered_.exchange(true)) return;
    if (result.size() > max_bytes_ ||
        static_cast<std::size_t>(estimate_tokens(result)) > max_tokens_)
      return bring(failure("The tool's result was larger than it may be."));
    bring({.text = sound_text(result)});
  }
  void fail(std::string_view reason) override {
    if (answered_.exchange(true)) return;
    const std::string text = sound_text(utf8_truncate(reason, kReasonBytes));
    bring(failure(text.empty() ? "The tool failed." : text));
  }

 private:
  void bring(ToolOutcome outcome) {
    gate_->post([call = call_, outcome = std::move(outcome)]() mutable {
      if (const auto self = call.lock()) self->answered(std::move(outcome));
    });
  }

  std::weak_ptr<ToolCallRun> call_;
  std::shared_ptr<LoopGate> gate_;
  const std::size_t max_bytes_;
  const std::size_t max_tokens_;
  std::atomic<bool> answered_{false};
};

ToolCallRun::ToolCallRun(ToolContext context, const RegisteredTool* tool, ToolCall call,
                         ToolRequest request, Done done)
    : context_(std::move(context)),
      tool_(tool),
      call_(std::move(call)),
      request_(std::move(request)),
      done_(std::move(done)) {}

ToolCallRun::~ToolCallRun() {
  stop();
}

void ToolCallRun::stop() noexcept {
  if (ended_) return;
  done_ = nullptr;
  end(std::nullopt);
}

void ToolCallRun::start() {
  if (auto good = check(); !good) return fail(good.error().what());
  if (tool_->options.needs_approval) return ask_approval();
  find_or_call();
}

Result<void> ToolCallRun::check() const {
  if (!tool_) {
    return Error::fixed(ErrorCode::not_found,
                        "There is no tool of this name; use one of those that were offered.");
  }
  const auto invalid = [](std::string_view why) {
    return Error(ErrorCode::invalid_argument, "The arguments are not valid: " + std::string(why));
  };
  if (!call_.valid) return invalid("they are not a whole JSON object.");
  const auto arguments = parse_json(call_.arguments);
  if (!arguments) return invalid("they are not a JSON object.");
  if (auto good = tool_->schema.check(*arguments); !good) return invalid(good.error().what());
  return {};
}

void ToolCallRun::ask_approval() {
  judging_ = true;
  arm(kApprovalTime, "Nobody answered whether this call is allowed; it was not made.");
  const auto answer = [weak = weak_from_this(), gate = context_.gate](ToolVerdict verdict) {
    gate->post([weak, verdict = std::move(verdict)] {
      if (const auto self = weak.lock()) self->judged(verdict);
    });
  };
  try {
    context_.approval->ask(request_, answer);
  } catch (...) {
    context_.log.error("the host's tool approval threw an exception; the call is refused",
                       {{"session", request_.session}, {"tool", request_.tool}});
    answer({});
  }
}

void ToolCallRun::judged(const ToolVerdict& verdict) {
  if (ended_ || !std::exchange(judging_, false)) return;
  if (timer_ != 0) context_.loop.cancel(std::exchange(timer_, 0));
  if (verdict.allowed) return find_or_call();
  const std::string reason = sound_text(utf8_truncate(verdict.reason, kReasonBytes));
  fail("This call was not allowed." + (reason.empty() ? std::string() : " " + reason));
}

// Others may have made the same call a moment ago, or be making it now.
void ToolCallRun::find_or_call() {
  arm(tool_->options.time_limit, "The tool did not answer in time.");
  if (tool_->options.cache_for.count() == 0) return call();
  key_ = ToolCache::key(request_.tenant, request_.tool, request_.arguments);
  ToolCache::Waiter waiter{context_.gate, [weak = weak_from_this()](const auto& outcome) {
                             if (const auto self = weak.lock()) self->landed(outcome);
                           }};
  auto kept = context_.cache.find_or_join(key_, std::move(waiter), leads_);
  if (kept) return finish({.text = std::move(*kept), .cached = true});
  if (leads_) call();
}

void ToolCallRun::call() {
  pass_ = context_.breakers.allow(context_.services->policy, tool_->spec.name, context_.loop.now());
  if (!pass_)
    return fail(
        "This tool failed too often lately and is not called for a while; go on without it.");
  auto answer = std::make_shared<Answer>(weak_from_this(), context_.gate, tool_->options);
  try {
    tool_->tool->call(request_, answer, stop_.get_token());
  } catch (...) {
    context_.log.error("a tool of the host threw an exception; the call has failed",
                       {{"session", request_.session}, {"tool", request_.tool}});
    answer->fail({});
  }
}

// The call that this one waited for has ended, or was given up: then it is made here.
void ToolCallRun::landed(const std::optional<ToolOutcome>& outcome) {
  if (ended_) return;
  if (!outcome) return find_or_call();
  ToolOutcome shared = *outcome;
  shared.cached = !shared.failed;
  finish(std::move(shared));
}

void ToolCallRun::answered(ToolOutcome outcome) {
  if (!ended_) finish(std::move(outcome));
}

void ToolCallRun::arm(std::chrono::milliseconds limit, std::string_view what) {
  if (timer_ != 0) context_.loop.cancel(std::exchange(timer_, 0));
  timer_ = context_.loop.after(limit, [weak = weak_from_this(), what] {
    const auto self = weak.lock();
    if (!self || self->ended_) return;
    self->timer_ = 0;
    self->fail(std::string(what));
  });
}

void ToolCallRun::fail(std::string reason) {
  finish(failure(std::move(reason)));
}

void ToolCallRun::finish(ToolOutcome outcome) {
  const auto keep = shared_from_this();
  end(outcome);
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
}

void ToolCallRun::end(const std::optional<ToolOutcome>& outcome) noexcept {
  ended_ = true;
  if (timer_ != 0) context_.loop.cancel(std::exchange(timer_, 0));
  judge(outcome);
  if (!outcome || outcome->failed) stop_.request_stop();
  if (!std::exchange(leads_, false)) return;
  try {
    context_.cache.land(key_, outcome, tool_->options.cache_for);
  } catch (...) {
    // No memory: those who wait run into their own time limit.
  }
}

// A call that was given up says nothing of its tool.
void ToolCallRun::judge(const std::optional<ToolOutcome>& outcome) noexcept {
  if (!pass_) return;
  using Judged = ToolBreakers::Result;
  const Judged result = !outcome ? Judged::unknown : outcome->failed ? Judged::bad : Judged::good;
  context_.breakers.record(tool_->spec.name, *std::exchange(pass_, std::nullopt), result,
                           context_.loop.now());
}

}  // namespace scena::engine

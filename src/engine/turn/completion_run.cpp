#include "engine/turn/completion_run.hpp"

#include <algorithm>
#include <utility>

#include "domain/json_answer.hpp"
#include "domain/prompt.hpp"
#include "domain/reply_limit.hpp"
#include "engine/core.hpp"
#include "engine/money/bill.hpp"
#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {
namespace {

std::int64_t tokens_of(const ReplyRequest& request) {
  std::int64_t tokens = estimate_tokens(request.system);
  for (const auto& message : request.messages) tokens += estimate_tokens(message.text);
  return tokens;
}

}  // namespace

CompletionRun::CompletionRun(std::weak_ptr<Core> core, std::shared_ptr<LoopGate> gate,
                             std::int64_t answer_tokens, std::shared_ptr<ReplySink> live,
                             Answer answer, const std::stop_token& stop, std::shared_ptr<void> work)
    : work_(std::move(work)),
      core_(std::move(core)),
      gate_(std::move(gate)),
      answer_tokens_(answer_tokens),
      live_(std::move(live)),
      answer_(std::move(answer)),
      relay_(stop, Relay{stop_}) {}

// Never started or given up for lack of memory: who waits must hear so.
CompletionRun::~CompletionRun() {
  answer_->abandon(Error::fixed(ErrorCode::closed, "the call was given up with the engine"));
}

void CompletionRun::start(std::shared_ptr<Provider> provider, ReplyRequest request,
                          std::string asked_model) {
  provider_ = std::move(provider);
  reply_.start.provider = provider_->name();
  reply_.start.model = asked_model_ = std::move(asked_model);
  prompt_tokens_ = tokens_of(request);
  json_schema_ = request.json_schema;
  max_bytes_ = request.max_bytes;
  // A copy: the reply may end inside start().
  const auto keep = provider_;
  keep->start(std::make_shared<const ReplyRequest>(std::move(request)), guarded_sink(),
              stop_.get_token());
}

// What the provider holds: a host's provider that lets go of it without an end ends the call, too.
std::shared_ptr<ReplySink> CompletionRun::guarded_sink() {
  return {static_cast<ReplySink*>(this),
          [self = shared_from_this()](ReplySink*) { self->sink_dropped(); }};
}

void CompletionRun::sink_dropped() noexcept {
  if (done_) return;
  gate_->post([self = shared_from_this()] {
    self->on_done({.outcome = Outcome::failed,
                   .error = Error::fixed(ErrorCode::provider_error,
                                         "the provider gave its reply up without an end")});
  });
}

// What a host's sink throws stays with it; the reply goes on without it.
template <class Call>
void CompletionRun::tell(Call&& call) noexcept {
  if (!live_) return;
  try {
    call(*live_);
  } catch (...) {
    if (const auto core = core_.lock()) core->callback_threw();
    live_.reset();
  }
}

// False: the reply has passed a limit, and nothing more of it counts.
template <class Count>
bool CompletionRun::accept(Count count) {
  if (over_limit_) return false;
  count(came_);
  return came_.total() <= answer_tokens_ || pass_limit(reply_has_too_many_tokens());
}

bool CompletionRun::fits(std::string_view text_delta) {
  return reply_.text.size() + text_delta.size() <= max_bytes_ || pass_limit(reply_too_large());
}

bool CompletionRun::pass_limit(Error error) {
  over_limit_ = std::move(error);
  stop_.request_stop();
  return false;
}

void CompletionRun::on_start(const ReplyStart& start) {
  const std::string asked = std::move(reply_.start.model);
  reply_.start = start;
  if (reply_.start.model.empty()) reply_.start.model = asked_model(start, asked);
  tell([&](ReplySink& sink) { sink.on_start(start); });
}

void CompletionRun::on_text(std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.text(delta); }) || !fits(delta)) return;
  reply_.text += delta;
  tell([&](ReplySink& sink) { sink.on_text(delta); });
}

void CompletionRun::on_reasoning(std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.reasoning(delta); })) return;
  reply_.reasoning += delta;
  tell([&](ReplySink& sink) { sink.on_reasoning(delta); });
}

void CompletionRun::on_refusal(std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.text(delta); })) return;
  reply_.refusal += delta;
  tell([&](ReplySink& sink) { sink.on_refusal(delta); });
}

void CompletionRun::on_tool_start(std::size_t index, std::string_view id, std::string_view name) {
  if (!accept([name](ReplyTokens& came) { came.tool_start(name); })) return;
  tell([&](ReplySink& sink) { sink.on_tool_start(index, id, name); });
}

void CompletionRun::on_tool_args(std::size_t index, std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.tool_args(delta); })) return;
  tell([&](ReplySink& sink) { sink.on_tool_args(index, delta); });
}

void CompletionRun::on_tool_end(std::size_t index, const ToolCall& call) {
  if (!accept([&call](ReplyTokens& came) { came.tool_end(call); })) return;
  reply_.tool_calls.push_back(call);
  tell([&](ReplySink& sink) { sink.on_tool_end(index, call); });
}

void CompletionRun::on_citation(const Citation& citation) {
  reply_.citations.push_back(citation);
  tell([&](ReplySink& sink) { sink.on_citation(citation); });
}

void CompletionRun::on_state(std::string_view json) {
  reply_.state = json;
  tell([&](ReplySink& sink) { sink.on_state(json); });
}

void CompletionRun::on_usage(const UsageUpdate& update) {
  reply_.reported.merge(update);
  came_.reported(update);
  tell([&](ReplySink& sink) { sink.on_usage(update); });
}

void CompletionRun::on_other_use(const OtherUse& use) {
  others_.push_back(use);
  tell([&](ReplySink& sink) { sink.on_other_use(use); });
}

void CompletionRun::on_warning(std::string_view code, std::string_view detail) {
  tell([&](ReplySink& sink) { sink.on_warning(code, detail); });
}

void CompletionRun::on_flush() {
  tell([](ReplySink& sink) { sink.on_flush(); });
}

void CompletionRun::on_done(const ReplyEnd& end) {
  if (done_) return;
  // What may fail for lack of memory comes first: another end is still heard then.
  const ReplyEnd judged = judge(end);
  settle(judged);
  done_ = true;
  tell([&](ReplySink& sink) { sink.on_done(judged); });
  live_.reset();
  // The provider is inside this call: it goes when that has returned.
  gate_->post([keep = std::move(provider_)] {});
  answer_->resolve(std::move(reply_));
}

// What the engine makes of the provider's end: a limit cut it, or it follows no schema.
ReplyEnd CompletionRun::judge(ReplyEnd end) {
  if (over_limit_) {
    end.outcome = Outcome::truncated;
    end.error = over_limit_;
    return end;
  }
  if (json_schema_.empty() || end.outcome != Outcome::complete || !is_answer(end.reason) ||
      !reply_.tool_calls.empty())
    return end;
  if (const auto good = json_answer(json_schema_, reply_.text); !good) {
    end.outcome = Outcome::failed;
    end.error = good.error();
  } else if (good->size() != reply_.text.size()) {
    reply_.text = std::string(*good);
  }
  return end;
}

void CompletionRun::settle(const ReplyEnd& end) {
  reply_.outcome = end.outcome;
  reply_.raw_reason = end.raw_reason;
  reply_.ignored = end.ignored;
  reply_.extra = end.extra;
  const bool none_given = end.reason == FinishReason::stop && end.raw_reason.empty();
  if (end.outcome == Outcome::complete && !none_given) reply_.finish_reason = end.reason;
  if (end.outcome != Outcome::complete) {
    reply_.error =
        end.error ? *end.error : Error::fixed(ErrorCode::cancelled, "the call was cancelled");
  }
  reply_.usage = settle_usage(reply_.reported, came_, prompt_tokens_, end);
  reply_.usage.cached = reply_.start.cached;
  const auto core = core_.lock();
  if (!core) return;
  Bill bill;
  bill.add(reply_.start, asked_model_, reply_.usage, others_, core->pricing());
  reply_.cost = bill.cost();
}

void Completions::add(const std::shared_ptr<CompletionRun>& run) {
  std::lock_guard lock(mutex_);
  std::erase_if(runs_, [](const auto& one) { return one.expired(); });
  runs_.push_back(run);
}

bool Completions::any() const {
  std::lock_guard lock(mutex_);
  return std::any_of(runs_.begin(), runs_.end(), [](const auto& one) { return !one.expired(); });
}

void Completions::cancel_all() {
  std::vector<std::shared_ptr<CompletionRun>> alive;
  {
    std::lock_guard lock(mutex_);
    for (const auto& one : runs_) {
      if (auto run = one.lock()) alive.push_back(std::move(run));
    }
  }
  for (const auto& run : alive) run->cancel();
}

}  // namespace scena::engine

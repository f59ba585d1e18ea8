#include "llm/layers/continuation.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "domain/prompt.hpp"
#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"
#include "llm/usage_sum.hpp"

namespace scena::llm {
namespace {

constexpr const char* kInstruction =
    "Your last answer was cut off. It stands above as far as it came. Go on exactly where it "
    "stops: do not repeat anything of it, do not comment on the interruption.";

}  // namespace

OverlapFilter::OverlapFilter(std::string_view before, std::size_t unsent)
    : tail_(before.size() > kLongest ? before.substr(before.size() - kLongest) : before),
      unsent_(std::min(unsent, tail_.size())) {}

std::string_view OverlapFilter::feed(std::string_view piece) {
  if (open_) return piece;
  held_ += piece;
  // As long as it stands in the old text as a whole, more of it may follow.
  if (held_.size() < tail_.size() && tail_.find(held_) != std::string::npos) return {};
  return release();
}

std::string_view OverlapFilter::finish() {
  return open_ ? std::string_view() : release();
}

std::string_view OverlapFilter::release() {
  open_ = true;
  const std::string_view held = held_;
  for (std::size_t size = std::min(held.size(), tail_.size()); size >= kShortest; --size) {
    if (std::string_view(tail_).substr(tail_.size() - size) == held.substr(0, size))
      return held.substr(size);
  }
  // What the service was not sent it may say itself, and the reader has it.
  const std::string_view unsent = std::string_view(tail_).substr(tail_.size() - unsent_);
  const auto same = std::mismatch(held.begin(), held.end(), unsent.begin(), unsent.end());
  return held.substr(static_cast<std::size_t>(same.first - held.begin()));
}

// One reply with all its parts.
class ContinuationProvider::Run final : public std::enable_shared_from_this<Run> {
 public:
  Run(const ContinuationProvider& owner, std::shared_ptr<const ReplyRequest> asked,
      std::shared_ptr<ReplySink> reader, std::stop_token its_stop)
      : inner(owner.inner_),
        attempts_left(owner.attempts_),
        log(owner.log_),
        models(owner.models_),
        request(std::move(asked)),
        sink(std::move(reader)),
        stop(std::move(its_stop)),
        loop(owner.loop_),
        began(loop.now()) {}

  void ask(std::shared_ptr<const ReplyRequest> next);
  bool may_go_on(const ReplyEnd& end, bool in_tool_call) const {
    // Models that are held to a schema begin it anew: two halves would make no JSON.
    return end.outcome == Outcome::truncated && attempts_left > 0 && !in_tool_call &&
           !text.empty() && request->json_schema.empty() && health_of(end) == Health::bad &&
           !stop.stop_requested();
  }
  void go_on(const ReplyEnd& end);
  std::shared_ptr<const ReplyRequest> continued() const;
  bool prefills() const {
    return inner->name() == "anthropic" &&
           record_of(models, model.empty() ? request->model : model).prefill;
  }
  // The text as the service gets it: a prefill must not end in a blank.
  std::string_view as_sent() const {
    const std::string_view whole = text;
    return prefills() ? whole.substr(0, whole.find_last_not_of(" \t\r\n") + 1) : whole;
  }

  const std::shared_ptr<Provider> inner;
  int attempts_left;
  Logger log;
  const ModelBook* const models;
  const std::shared_ptr<const ReplyRequest> request;
  std::shared_ptr<ReplySink> sink;
  const std::stop_token stop;
  net::Loop& loop;
  const TimePoint began;
  std::string text;  // what the reader has
  UsageSum usage;
  std::string provider, model;  // of the first part, which the reader knows
};

// The sink of one part.
class ContinuationProvider::Part final : public ForwardingSink {
 public:
  Part(std::shared_ptr<Run> run, bool first)
      : ForwardingSink(run->sink),
        run_(std::move(run)),
        tokens_before_(estimate_tokens(run_->text)),
        first_(first) {
    if (!first_) overlap_.emplace(run_->text, run_->text.size() - run_->as_sent().size());
  }

  void on_start(const ReplyStart& start) override {
    provider_ = start.provider;
    model_ = start.model;
    asked_model_ = start.asked_model;
    if (!first_) return;
    run_->provider = start.provider;
    run_->model = start.model;
    sink().on_start(start);
  }
  void on_text(std::string_view delta) override {
    came_.text(delta);
    if (overlap_) delta = overlap_->feed(delta);
    show(delta);
  }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    in_tool_call_ = true;
    came_.tool_start(name);
    sink().on_tool_start(index, id, name);
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    came_.tool_args(delta);
    sink().on_tool_args(index, delta);
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    came_.tool_end(call);
    sink().on_tool_end(index, call);
  }
  void on_reasoning(std::string_view delta) override {
    came_.reasoning(delta);
    sink().on_reasoning(delta);
  }
  void on_refusal(std::string_view delta) override {
    came_.text(delta);
    sink().on_refusal(delta);
  }
  void on_usage(const UsageUpdate& update) override {
    run_->usage.report(update);
    came_.reported(update);
    sink().on_usage(first_ ? update : run_->usage.told());
  }
  void on_other_use(const OtherUse& use) override {
    others_.push_back(use.usage);
    sink().on_other_use(use);
  }
  void on_done(const ReplyEnd& end) override {
    if (overlap_) show(overlap_->finish());
    if (run_->may_go_on(end, in_tool_call_)) {
      tell_other_model(part_usage(end));
      take_sink();
      run_->usage.next(part_usage(end));
      return run_->go_on(end);
    }
    // What this part did not tell is estimated here: the reader sees only the sum.
    const bool billed = end.outcome != Outcome::failed || !run_->usage.current().empty();
    if (!first_ && billed) tell_other_model(part_usage(end));
    if (!first_) sink().on_usage(billed ? run_->usage.with(part_usage(end)) : run_->usage.told());
    if (first_ || end.outcome != Outcome::failed) return take_sink()->on_done(end);
    // The reader has text: what could not be taken up is truncated, not failed.
    ReplyEnd cut = end;
    cut.outcome = Outcome::truncated;
    take_sink()->on_done(cut);
  }

 private:
  void show(std::string_view delta) {
    if (delta.empty()) return;
    run_->text += delta;
    sink().on_text(delta);
  }

  // A service may answer with another model than before.
  void tell_other_model(UsageUpdate used) {
    if (first_ || model_.empty() || (provider_ == run_->provider && model_ == run_->model)) return;
    for (const UsageUpdate& other : others_) used = usage_without(used, other);
    sink().on_other_use({provider_, model_, used, asked_model_});
  }

  UsageUpdate part_usage(const ReplyEnd& end) const {
    return whole_usage(run_->usage.current(), came_,
                       run_->request->context.prompt_tokens + tokens_before_, end.outcome);
  }

  std::shared_ptr<Run> run_;
  std::optional<OverlapFilter> overlap_;
  ReplyTokens came_;
  std::string provider_, model_, asked_model_;  // that answer in this part
  std::vector<UsageUpdate> others_;             // of its failed attempts
  const std::int64_t tokens_before_;  // of the text that this part's request has in its prompt
  bool first_;
  bool in_tool_call_ = false;
};

void ContinuationProvider::Run::ask(std::shared_ptr<const ReplyRequest> next) {
  const bool first = text.empty();
  inner->start(less_time(std::move(next), loop.now() - began),
               std::make_shared<Part>(shared_from_this(), first), stop);
}

void ContinuationProvider::Run::go_on(const ReplyEnd& end) {
  --attempts_left;
  log.warn("a reply broke off and is taken up again",
           {{"session", request->context.session},
            {"trace", request->context.trace_id},
            {"provider", inner->name()},
            {"error", end.error ? to_string(end.error->code()) : ""}});
  sink->on_warning("continued", "the reply broke off and was taken up again");
  ask(continued());
}

std::shared_ptr<const ReplyRequest> ContinuationProvider::Run::continued() const {
  auto next = std::make_shared<ReplyRequest>(*request);
  next->body = nullptr;
  if (const auto sent = as_sent(); !sent.empty())
    next->messages.push_back({PromptRole::assistant, std::string(sent), ""});
  if (!prefills()) next->messages.push_back({PromptRole::user, kInstruction, ""});
  if (next->max_tokens)
    next->max_tokens = std::max<std::int64_t>(*next->max_tokens - estimate_tokens(text), 1);
  next->max_bytes -= std::min(next->max_bytes - 1, text.size());
  ++next->context.attempt;
  return next;
}

void ContinuationProvider::start(std::shared_ptr<const ReplyRequest> request,
                                 std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  auto run = std::make_shared<Run>(*this, std::move(request), std::move(sink), std::move(stop));
  run->ask(run->request);
}

}  // namespace scena::llm

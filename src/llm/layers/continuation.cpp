#include "llm/layers/continuation.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "domain/prompt.hpp"
#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"

namespace scena::llm {
namespace {

constexpr const char* kInstruction =
    "Your last answer was cut off. It stands above as far as it came. Go on exactly where it "
    "stops: do not repeat anything of it, do not comment on the interruption.";

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

UsageUpdate plus(UsageUpdate sum, const UsageUpdate& more) {
  add(sum.input_tokens, more.input_tokens);
  add(sum.output_tokens, more.output_tokens);
  add(sum.cached_input_tokens, more.cached_input_tokens);
  add(sum.cache_write_tokens, more.cache_write_tokens);
  add(sum.reasoning_tokens, more.reasoning_tokens);
  add(sum.billed_input_tokens, more.billed_input_tokens);
  add(sum.billed_output_tokens, more.billed_output_tokens);
  sum.estimated = sum.estimated || more.estimated;
  return sum;
}

}  // namespace

OverlapFilter::OverlapFilter(std::string_view before)
    : tail_(before.size() > kLongest ? before.substr(before.size() - kLongest) : before) {}

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
  return held;
}

// One reply with all its parts.
class ContinuationProvider::Run final : public std::enable_shared_from_this<Run> {
 public:
  Run(const ContinuationProvider& owner, std::shared_ptr<const ReplyRequest> asked,
      std::shared_ptr<ReplySink> reader, std::stop_token its_stop)
      : inner(owner.inner_),
        attempts_left(owner.attempts_),
        log(owner.log_),
        request(std::move(asked)),
        sink(std::move(reader)),
        stop(std::move(its_stop)),
        loop(owner.loop_),
        began(loop.now()) {}

  void ask(std::shared_ptr<const ReplyRequest> next);
  bool may_go_on(const ReplyEnd& end, bool in_tool_call) const {
    return end.outcome == Outcome::truncated && attempts_left > 0 && !in_tool_call &&
           !text.empty() && health_of(end) == Health::bad && !stop.stop_requested();
  }
  void go_on(const ReplyEnd& end, const UsageUpdate& used);
  std::shared_ptr<const ReplyRequest> continued() const;

  const std::shared_ptr<Provider> inner;
  int attempts_left;
  Logger log;
  const std::shared_ptr<const ReplyRequest> request;
  std::shared_ptr<ReplySink> sink;
  const std::stop_token stop;
  net::Loop& loop;
  const TimePoint began;
  std::string text;    // what the reader has
  UsageUpdate before;  // of the parts before this one
};

// The sink of one part.
class ContinuationProvider::Part final : public ForwardingSink {
 public:
  Part(std::shared_ptr<Run> run, bool first)
      : ForwardingSink(run->sink), run_(std::move(run)), first_(first) {
    if (!first_) overlap_.emplace(run_->text);
  }

  void on_start(const ReplyStart& start) override {
    if (first_) sink().on_start(start);
  }
  void on_text(std::string_view delta) override {
    if (overlap_) delta = overlap_->feed(delta);
    show(delta);
  }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    in_tool_call_ = true;
    sink().on_tool_start(index, id, name);
  }
  void on_usage(const UsageUpdate& update) override {
    used_.merge(update);
    sink().on_usage(first_ ? update : plus(run_->before, used_));
  }
  void on_done(const ReplyEnd& end) override {
    if (overlap_) show(overlap_->finish());
    if (run_->may_go_on(end, in_tool_call_)) {
      take_sink();
      return run_->go_on(end, part_usage());
    }
    // A part that told nothing leaves the reply with what it told before, and an estimate.
    if (!first_ && used_.empty()) sink().on_usage(plus(run_->before, part_usage()));
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
    own_ += delta;
    sink().on_text(delta);
  }

  // What this part used, estimated where the service did not say it.
  UsageUpdate part_usage() const {
    UsageUpdate used = used_;
    used.estimated = !used.input_tokens || !used.output_tokens;
    if (!used.input_tokens)
      used.input_tokens = run_->request->context.prompt_tokens + (first_ ? 0 : estimate_before());
    if (!used.output_tokens) used.output_tokens = estimate_tokens(own_);
    return used;
  }
  std::int64_t estimate_before() const {
    return estimate_tokens(run_->text) - estimate_tokens(own_);
  }

  std::shared_ptr<Run> run_;
  std::optional<OverlapFilter> overlap_;
  UsageUpdate used_;
  std::string own_;
  bool first_;
  bool in_tool_call_ = false;
};

void ContinuationProvider::Run::ask(std::shared_ptr<const ReplyRequest> next) {
  const bool first = text.empty();
  inner->start(less_time(std::move(next), loop.now() - began),
               std::make_shared<Part>(shared_from_this(), first), stop);
}

void ContinuationProvider::Run::go_on(const ReplyEnd& end, const UsageUpdate& used) {
  --attempts_left;
  before = plus(before, used);
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
  next->messages.push_back({PromptRole::assistant, text, ""});
  if (inner->name() != "anthropic") next->messages.push_back({PromptRole::user, kInstruction, ""});
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

#include "engine/turn/turn_run.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "domain/prompt.hpp"
#include "domain/score_json.hpp"
#include "domain/tool_prompt.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {
namespace {

ReplyEnd interrupted() {
  return {.outcome = Outcome::interrupted,
          .error = Error::fixed(ErrorCode::closed, "the engine was closed")};
}

}  // namespace

TurnRun::TurnRun(std::shared_ptr<SessionActor> actor, std::shared_ptr<TurnPlan> plan,
                 std::shared_ptr<TurnState> state)
    : actor_(std::move(actor)),
      plan_(std::move(plan)),
      state_(std::move(state)),
      filters_(actor_->core().dependencies().filter != nullptr),
      uses_tools_(!plan_->request.tools.empty()),
      holds_(!plan_->request.json_schema.empty()),
      handle_stop_(state_ ? state_->stop_token() : std::stop_token(), [this] { stop_asked(); }),
      total_(plan_->request.timeouts.total),
      text_(plan_->base_text),
      delivered_(plan_->base_text.size()),
      round_start_(plan_->base_text.size()),
      measured_(plan_->base_text.size()) {
  open_tools();
}

// From any thread. A filter that thinks, and tools that run, are let go of on the strand.
void TurnRun::stop_asked() noexcept {
  stop_.request_stop();
  if (!filters_ && !uses_tools_) return;
  actor_->host().gate()->post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->cancel();
  });
}

void TurnRun::start(std::shared_ptr<Provider> provider, SessionMeter* meter, Duration latency) {
  provider_ = std::move(provider);
  meter_ = meter;
  latency_ = latency;
  began_ = actor_->host().loop().now();
  start_.provider = provider_->name();
  start_.model = plan_->asked_model;
  open_filter();
  // A copy: the reply may end, and this object with it, inside start().
  const auto keep = provider_;
  keep->start(take_request(), guarded_sink(), stop_.get_token());
}

// While the reply streams, the provider alone holds the prompt, unless another round may follow;
// what the turn's end needs of the plan is small and stays.
std::shared_ptr<const ReplyRequest> TurnRun::take_request() {
  plan_->parts = {};
  if (uses_tools_ || plan_->may_repair) return std::make_shared<const ReplyRequest>(plan_->request);
  auto system = std::exchange(plan_->request.system, {});
  auto messages = std::exchange(plan_->request.messages, {});
  auto script = std::exchange(plan_->request.script, {});
  auto body = std::exchange(plan_->request.body, nullptr);
  auto request = std::make_shared<ReplyRequest>(plan_->request);
  request->system = std::move(system);
  request->messages = std::move(messages);
  request->script = std::move(script);
  request->body = std::move(body);
  return request;
}

void TurnRun::open_filter() {
  const auto& filter = actor_->core().dependencies().filter;
  if (!filter) return;
  const auto gate = actor_->host().gate();
  OutputFilter::Hooks hooks;
  hooks.release = [this](std::string_view text) {
    append(text);
    deliver_batch();
  };
  hooks.block = [this](std::string) {
    refused_ = true;
    stop_.request_stop();
  };
  hooks.drained = [this] { reply_ended(*held_end_); };
  hooks.post = [gate](Task task) { gate->post(std::move(task)); };
  hooks.threw = [this] {
    actor_->core().log().error("the host's filter threw an exception",
                               {{"session", actor_->id()}, {"turn", plan_->turn}});
  };
  filter_ = std::make_shared<OutputFilter>(
      filter, FilterContext{actor_->id(), plan_->speaker, false}, std::move(hooks));
}

void TurnRun::cancel() noexcept {
  stop_.request_stop();
  if (end_if_stopped() || !held_end_ || ended_) return;
  // The provider has ended, the filter still thinks: nobody waits for it any more.
  const auto keep = shared_from_this();
  filter_.reset();
  end({.outcome = Outcome::cancelled, .error = Error::fixed(ErrorCode::cancelled, "cancelled")});
}

// What the provider holds: when it lets go of its reply without an end (no memory, a defect of the
// host), the turn ends all the same.
std::shared_ptr<ReplySink> TurnRun::guarded_sink() {
  return {static_cast<ReplySink*>(this), [self = shared_from_this(), round = round_.load()](
                                             ReplySink*) { self->sink_dropped(round); }};
}

void TurnRun::sink_dropped(std::uint32_t round) noexcept {
  if (ended_ || held_end_ || round != round_) return;
  try {
    actor_->host().loop().post([self = shared_from_this(), round] {
      if (round != self->round_) return;
      self->on_done({.outcome = Outcome::failed,
                     .error = Error::fixed(ErrorCode::provider_error,
                                           "the provider gave its reply up without an end")});
    });
  } catch (...) {
    // No memory for this either: the session's next command or close() ends the turn.
  }
}

void TurnRun::on_start(const ReplyStart& start) {
  if (ended_) return;
  start_ = start;
  if (start_.model.empty()) start_.model = asked_model(start_, plan_->asked_model);
  actor_->model_answers(*plan_, start_);
}

bool TurnRun::extend_budget() {
  return actor_->extend(*plan_, start_, came_.total());
}

bool TurnRun::pass_limit(Error error) {
  over_limit_ = std::move(error);
  stop_.request_stop();
  return false;
}

void TurnRun::on_text(std::string_view delta) {
  if (!accept([delta](ReplyTokens& came) { came.text(delta); })) return;
  if (text_.size() - plan_->base_text.size() + delta.size() > plan_->request.max_bytes) {
    pass_limit(reply_too_large());
    return;
  }
  if (filter_) {
    filter_->feed(delta);
  } else {
    append(delta);
  }
}

void TurnRun::on_reasoning(std::string_view delta) {
  if (!delta.empty() && accept([delta](ReplyTokens& came) { came.reasoning(delta); }))
    actor_->publish_reasoning(delta);
}

void TurnRun::on_refusal(std::string_view delta) {
  on_text(delta);
}

// What was said before tools ran and what is said after are two paragraphs of one reply. The break
// is not the model's: its round begins behind it.
void TurnRun::append(std::string_view delta) {
  if (std::exchange(break_, false) && delta.front() != '\n') {
    append(kRoundBreak);
    round_start_ = text_.size();
  }
  text_ += delta;
  cuts_.push_back(static_cast<std::uint32_t>(text_.size() - delivered_));
}

void TurnRun::on_flush() {
  if (ended_) return;
  if (filter_) filter_->check();
  deliver_batch();
  measure_live();
}

void TurnRun::deliver_batch() {
  if (cuts_.empty() || holds_) return;
  actor_->publish_delta(std::string_view(text_).substr(delivered_), cuts_, delivered_);
  delivered_ = text_.size();
  cuts_.clear();
}

const std::shared_ptr<const DeltaEnvelope>& TurnRun::envelope() {
  if (!envelope_) {
    envelope_ = std::make_shared<const DeltaEnvelope>(DeltaEnvelope{
        actor_->stream(), plan_->turn, "delta", plan_->speaker, plan_->audience, plan_->cause});
  }
  return envelope_;
}

void TurnRun::begin_reading() {
  if (reading_ || !meter_) return;
  reading_ = meter_->begin(
      {plan_->message_id, plan_->speaker, false, actor_->core().clock().wall(), latency_});
  reading_->add(plan_->base_text);
}

// Reads what came since the last time, up to `end`. The same text is scored once.
const std::vector<MetricScore>& TurnRun::score(std::size_t end) {
  if (end != measured_) {
    reading_->add(std::string_view(text_).substr(measured_, end - measured_));
    measured_ = end;
    scored_ = false;
  }
  if (!scored_) scores_ = reading_->scores();
  scored_ = true;
  return scores_;
}

// The text up to the last word that has ended: half a word is another word, and would be read
// twice. One that goes on for long is read in pieces.
std::size_t TurnRun::whole_words() noexcept {
  constexpr std::size_t kLongest = 256;
  const std::string_view fresh = std::string_view(text_).substr(searched_);
  const auto other =
      std::find_if_not(fresh.rbegin(), fresh.rend(), [](char c) { return is_letter_or_digit(c); });
  if (other != fresh.rend())
    last_word_ = searched_ + static_cast<std::size_t>(fresh.rend() - other);
  searched_ = text_.size();
  const std::size_t end = std::max(last_word_, measured_);
  return text_.size() - end < kLongest ? end : text_.size();
}

void TurnRun::measure_live() {
  if (text_.size() == measured_ || !meter_ || holds_) return;
  begin_reading();
  const Config& config = actor_->core().config();
  if (!config.live_metrics || !actor_->is_watched()) return;
  const TimePoint now = actor_->host().loop().now();
  if (now < next_live_metrics_) return;
  const std::size_t end = whole_words();
  if (end == measured_) return;
  next_live_metrics_ =
      now + std::chrono::nanoseconds(1'000'000'000 / config.limits.live_metric_updates_per_second);
  std::string data;
  data.reserve(live_bytes_);
  JsonWriter writer(data);
  writer.begin_object().member("turn", plan_->turn).key("scores");
  write_scores(writer, score(end));
  writer.end_object();
  live_bytes_ = data.size() + data.size() / 8;  // the next one is hardly longer
  actor_->publish_live("metrics.live", plan_->speaker, std::move(data),
                       {Audience::Kind::hosts, {}});
}

void TurnRun::on_done(const ReplyEnd& provider_end) {
  if (ended_ || held_end_) return;
  if (!filter_) return reply_ended(provider_end);
  held_end_ = provider_end;
  // After a cancel nobody waits for the filter: what it has not passed was never said.
  if (provider_end.outcome == Outcome::cancelled && !refused_) return end(*held_end_);
  const auto keep = shared_from_this();
  filter_->finish();
  if (!ended_ && held_end_) wait_for_filter();
}

// A filter that does not answer keeps no turn open for longer than a reply may take.
void TurnRun::wait_for_filter() {
  const auto limit = plan_->request.timeouts.total;
  if (limit.count() <= 0) return;
  filter_timer_ = actor_->host().loop().after(limit, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->ended_) return;
    self->filter_timer_ = 0;
    self->refused_ = true;
    self->filter_.reset();
    self->actor_->core().log().error(
        "the host's filter did not answer in time",
        {{"session", self->actor_->id()}, {"turn", self->plan_->turn}});
    self->end(*self->held_end_);
  });
}

void TurnRun::reply_ended(const ReplyEnd& provider_end) {
  if (wants_tools(provider_end)) return begin_tools();
  ReplyEnd judged = provider_end;
  if (passes_schema(judged)) end(std::move(judged));
}

void TurnRun::interrupt() {
  if (ended_) return;
  closing_ = true;
  stop_.request_stop();
  if (end_if_stopped() || storing_) return;
  end(interrupted());
}

void TurnRun::end(ReplyEnd provider_end) {
  if (ended_) return;
  // A host's model may give up by itself as soon as the engine closes.
  if (provider_end.outcome == Outcome::cancelled && (closing_ || !actor_->core().usable()))
    provider_end = interrupted();
  // The actor lets go of this object in turn_ended(); whoever called on_done may hold nothing else.
  const auto keep = shared_from_this();
  if (filter_timer_ != 0) actor_->host().loop().cancel(std::exchange(filter_timer_, 0));
  disarm_total();
  holds_ = false;
  restore_answer();
  deliver_batch();
  TurnEnd end;
  end.tools = unfinished_tools(provider_end.outcome);
  end.outcome = provider_end.outcome;
  end.reason = provider_end.reason;
  end.error = provider_end.error;
  if (over_limit_) {
    end.outcome = Outcome::truncated;
    end.error = over_limit_;
  } else if (over_budget_) {
    end.outcome = Outcome::truncated;
    end.error = Error::fixed(ErrorCode::budget_exhausted,
                             "the reply was cut where the budget ends; raise it to hear more");
  } else if (refused_) {
    end.outcome = Outcome::truncated;
    end.reason = FinishReason::content_filter;
    end.error = Error::fixed(ErrorCode::content_filtered, "the host's filter blocked the reply");
  }
  end.bill = bill_;
  add_round(end.bill, provider_end);
  if (text_.size() > plan_->base_text.size()) {
    begin_reading();
    if (reading_) score(text_.size());
    end.scores = std::move(scores_);
    end.reading = std::move(reading_);
  }
  // Until here memory may fail, and the end be reported again; from here on nothing throws.
  ended_ = true;
  end.text = std::move(text_);
  end.start = std::move(start_);
  end.plan = std::move(plan_);
  end.state = std::move(state_);
  actor_->turn_ended(std::move(end));
}

}  // namespace scena::engine

#include <algorithm>

#include "base/model_alias.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/analysis/analysis_under_way.hpp"
#include "engine/core.hpp"
#include "engine/judge/judge_plan.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/background_call.hpp"

// A model's opinion on scores that the metrics are unsure of: a job that is stored with the
// message, and an event beside its scores. It runs beside the commands, and whatever goes wrong
// leaves the message with the scores that were measured.

namespace scena::engine {
namespace {

constexpr std::chrono::seconds kLongestWait{300};  // of an analysis for opinions that are to come

Error judging_stopped() {
  return Error::fixed(ErrorCode::cancelled, "the judgement was stopped");
}

Error no_memory_to_judge() {
  return Error::fixed(ErrorCode::out_of_memory, "not enough memory for the judgement");
}

bool is_open(const Result<std::optional<Job>>& job) {
  return job && *job &&
         ((*job)->state == Job::State::waiting || (*job)->state == Job::State::running);
}

}  // namespace

struct SessionActor::JudgementUnderWay {
  JudgeTask task;
  std::map<std::string, std::string> keys;  // in the cache, by metric that a model is asked for
  std::vector<JudgedScore> opinions;
  std::optional<JudgeDialogue> dialogue;
  Money cost;
  std::string call;               // the reservation that is open; empty: none
  std::shared_ptr<AsideRun> run;  // until its answer is there
  std::shared_ptr<BudgetHold> hold;
  bool stopped = false;
};

// --- queueing ----------------------------------------------------------------------------------

// Message and job are one commit: exactly one job a message, whatever breaks.
void SessionActor::queue_judgement(CommitDraft& draft, const std::string& message,
                                   std::string_view text,
                                   const std::vector<std::string>& unsure) const {
  if (unsure.empty() || trim(text).empty()) return;
  const JudgeFacts& known = *model_.facts().judge;
  if (known.asked + draft.count_of("judge.queued") >= core_.config().judge.max_per_session) {
    if (known.at_limit || draft.count_of("judge.failed") != 0) return;
    const auto over = Error::fixed(ErrorCode::limit_reached,
                                   "judge.max_per_session: no more messages of this session are "
                                   "judged");
    draft.add("judge.failed", "engine", judge_failed_data({}, message, over),
              {Audience::Kind::hosts, {}});
    return;
  }
  const JudgePayload payload{id_, message, unsure};
  JobWrite job =
      core_.jobs().make(tenant_, kJudgeJob, std::string(kJudgePurpose) + ":" + id_ + ":" + message,
                        write_judge_payload(payload));
  job.key = sha256_hex(text);  // equal texts one after the other: the later ones are not paid for
  job.stream = session_stream(id_);
  job.run_after = {};      // due at once, also after a clock that was set back
  job.drop_oldest = true;  // a full queue must not keep anybody from speaking
  draft.add("judge.queued", "engine", judge_queued_data(job.id, payload),
            {Audience::Kind::hosts, {}});
  draft.add_job(std::move(job));
}

bool SessionActor::is_to_be_judged(const std::string& job) const noexcept {
  const auto& open = model_.facts().judge->open;
  return !gone_ && std::any_of(open.begin(), open.end(),
                               [&job](const OpenJudgement& one) { return one.job == job; });
}

// Jobs that were given up, or that an import did not bring along, are told once.
void SessionActor::end_lost_judgements() {
  if (gone_ || model_.facts().judge->open.empty()) return;
  after_commit([self = shared_from_this()] {
    CommitDraft end = self->draft("engine");
    for (const OpenJudgement& open : self->model_.facts().judge->open) {
      const auto job = self->core_.storage()->job(self->tenant_, open.job);
      if (!job || is_open(job)) continue;
      end.add("judge.failed", "engine",
              judge_failed_data(
                  open.job, open.message,
                  Error::fixed(ErrorCode::unavailable, "its job ended without an opinion")),
              {Audience::Kind::hosts, {}});
    }
    if (!end.empty()) self->commit(std::move(end), [](const Result<void>&) {});
  });
}

// --- running -----------------------------------------------------------------------------------

void SessionActor::judge(JudgeTask task) {
  auto judgement = std::make_shared<JudgementUnderWay>();
  judgement->task = std::move(task);
  if (gone_) return judgement->task.done(*gone_);
  const auto is_it = [&](const Judgement& other) { return other->task.job == judgement->task.job; };
  if (std::any_of(judgements_.begin(), judgements_.end(), is_it)) {
    return judgement->task.done(
        Error::fixed(ErrorCode::conflict, "this message is being judged already"));
  }
  judgements_.push_back(judgement);
  touch_waiting(1);
  after_commit([self = shared_from_this(), judgement] { self->begin_judgement(judgement); });
}

// Judged before, or no longer said: then nothing is asked and nothing paid.
void SessionActor::begin_judgement(const Judgement& judgement) {
  try {
    if (judgement->stopped) return end_judgement(judgement, judging_stopped());
    if (!is_to_be_judged(judgement->task.job)) return end_judgement(judgement, {});
    if (auto ready = need_preset(); !ready) return end_judgement(judgement, ready.error());
    const Message* message = model_.find(judgement->task.message);
    const JudgeConfig& config = core_.config().judge;
    if (!message || config.provider.empty()) {
      return fail_judgement(judgement, Error::fixed(ErrorCode::unavailable,
                                                    "judge.provider: nobody judges here any more"));
    }
    std::string provider = config.provider, model = config.model;
    const auto services = core_.services();
    resolve_alias(services->policy.aliases, provider, model);
    // Services that were replaced judge otherwise under the same name.
    const std::string judge = provider + "\n" + model + "\n" + std::to_string(services->edition);
    const JudgeRubrics rubrics(config, preset_->preset());
    JudgeSubject subject = judge_subject(model_.line(), *message);
    std::vector<const JudgedMetric*> open;
    for (const std::string& name : judgement->task.metrics) {
      const JudgedMetric* metric = find_judged_metric(name);
      if (!metric) continue;
      std::string key = judge_key(judge, *metric, rubrics.of(*metric), subject);
      if (auto known = core_.judge_cache().find(tenant_, key, message->id)) {
        judgement->opinions.push_back(std::move(*known));
        continue;
      }
      judgement->keys[name] = std::move(key);
      open.push_back(metric);
    }
    if (open.empty()) return store_opinions(judgement);
    judgement->dialogue.emplace(std::move(subject), std::move(open), rubrics);
    ask_judge(judgement);
  } catch (const std::bad_alloc&) {
    end_judgement(judgement, no_memory_to_judge());
  }
}

Result<void> SessionActor::reserve_judge(TurnPlan& plan) const {
  if (auto affordable = reserve(plan); !affordable) return affordable;
  const auto& budget = core_.config().judge.session_budget;
  if (!budget) return {};
  Money taken = model_.facts().judge->cost + plan.reserved;
  for (const OpenAside& open : model_.facts().open_asides) {
    if (open.purpose == kJudgePurpose) taken += open.reserved;
  }
  if (taken <= *budget) return {};
  return Error::fixed(ErrorCode::budget_exhausted,
                      "judging could pass the session's bound (judge.session_budget)");
}

// One request: reserved and committed before it is sent, as for every call that costs.
void SessionActor::ask_judge(const Judgement& judgement) {
  after_commit([self = shared_from_this(), judgement] {
    try {
      if (judgement->stopped) return self->end_judgement(judgement, judging_stopped());
      if (!self->is_to_be_judged(judgement->task.job)) return self->end_judgement(judgement, {});
      auto plan =
          std::make_shared<TurnPlan>(judge_plan(self->core_.config(), self->preset_->preset(),
                                                self->model_.facts(), *judgement->dialogue));
      plan->cause = judgement->task.job;
      plan->request.context.tenant = self->tenant_;
      if (auto affordable = self->reserve_judge(*plan); !affordable)
        return self->fail_judgement(judgement, affordable.error());
      if (auto provider = self->host_.provider(plan->provider); !provider)
        return self->fail_judgement(judgement, provider.error());
      const std::string call = self->model_.next_aside_id();
      CommitDraft books = self->draft(judgement->task.job);
      books.add("budget.reserved", "engine",
                call_reserved_data(Purpose::judge, call, plan->reserved),
                {Audience::Kind::hosts, {}});
      self->commit(std::move(books), [self, judgement, plan, call](Result<void> result) {
        if (!result) return self->end_judgement(judgement, result.error());
        judgement->call = call;
        self->send_to_judge(judgement, std::move(*plan));
      });
    } catch (const std::bad_alloc&) {
      self->end_judgement(judgement, no_memory_to_judge());
    }
  });
}

void SessionActor::send_to_judge(const Judgement& judgement, TurnPlan plan) {
  judgement->hold = plan.hold;
  auto provider = host_.provider(plan.provider);
  if (!provider) return judge_answered(judgement, {.error = provider.error()});
  try {
    judgement->run = std::make_shared<AsideRun>(
        std::move(plan), aside_budget(),
        [self = shared_from_this(), judgement](AsideEnd end) {
          judgement->run.reset();
          self->judge_answered(judgement, std::move(end));
        },
        AsideRun::Answer::any);
    // A copy: the answer may come, and the session forget it, inside start().
    const auto run = judgement->run;
    run->start(*provider);
    if (judgement->stopped) run->cancel();
  } catch (const std::bad_alloc&) {
    end_judgement(judgement, no_memory_to_judge());
  }
}

void SessionActor::judge_answered(const Judgement& judgement, AsideEnd end) {
  auto held = std::make_shared<AsideEnd>(std::move(end));
  after_commit([self = shared_from_this(), judgement, held] {
    try {
      self->settle_judge(judgement, *held);
    } catch (const std::bad_alloc&) {
      self->end_judgement(judgement, no_memory_to_judge());
    }
  });
}

// Books and opinions are one commit: what was paid for is not asked for again after a crash.
void SessionActor::settle_judge(const Judgement& judgement, const AsideEnd& end) {
  const SettledCall call = settled(kJudgePurpose, judgement->call, end);
  judgement->cost += call.cost;
  CommitDraft books = draft(judgement->task.job);
  add_settlement(books, call, settle_budgets(judgement->hold, call.cost, Purpose::judge));
  std::optional<Error> failure = end.error;
  bool again = false;
  if (!failure) {
    again = !judgement->dialogue->take(end.text);
    if (!again) take_opinions(judgement, end);
    if (!again && judgement->opinions.empty()) {
      failure = Error(ErrorCode::protocol, "the judge's answer cannot be used: " +
                                               judgement->dialogue->problems().front());
    }
    if (!again && !failure && is_to_be_judged(judgement->task.job)) {
      books.add("metrics.judged", "engine",
                metrics_judged_data(judgement->task.job, judgement->task.message,
                                    judgement->opinions, judgement->task.metrics, judgement->cost),
                {Audience::Kind::hosts, {}});
    }
  }
  commit(std::move(books), [self = shared_from_this(), judgement, again,
                            failure = std::move(failure)](Result<void> result) {
    judgement->call.clear();
    if (!result) return self->end_judgement(judgement, result.error());
    if (again) return self->ask_judge(judgement);
    if (failure) return self->fail_judgement(judgement, *failure);
    self->end_judgement(judgement, {});
  });
}

void SessionActor::take_opinions(const Judgement& judgement, const AsideEnd& end) const {
  for (JudgedScore opinion : judgement->dialogue->scores()) {
    opinion.provider = end.start.provider;
    opinion.model = end.start.model;
    core_.judge_cache().put(tenant_, judgement->keys[opinion.metric], opinion);
    judgement->opinions.push_back(std::move(opinion));
  }
  std::sort(judgement->opinions.begin(), judgement->opinions.end(),
            [](const JudgedScore& a, const JudgedScore& b) { return a.metric < b.metric; });
}

// What was known already: all of it, or what is left when the model could not be heard.
void SessionActor::store_opinions(const Judgement& judgement, const std::optional<Error>& error) {
  if (judgement->opinions.empty()) {
    return fail_judgement(
        judgement, Error::fixed(ErrorCode::unsupported, "none of its metrics is judged here"));
  }
  CommitDraft next = draft(judgement->task.job);
  next.add("metrics.judged", "engine",
           metrics_judged_data(judgement->task.job, judgement->task.message, judgement->opinions,
                               judgement->task.metrics, judgement->cost, error),
           {Audience::Kind::hosts, {}});
  commit(std::move(next), [self = shared_from_this(), judgement](Result<void> result) {
    self->end_judgement(judgement, std::move(result));
  });
}

// The message keeps what was measured, and the log says why. What may pass is tried again first.
void SessionActor::fail_judgement(const Judgement& judgement, const Error& error) {
  if (judgement->stopped) return end_judgement(judgement, judging_stopped());
  if (!judgement->task.last && may_pass(error)) return end_judgement(judgement, error);
  after_commit([self = shared_from_this(), judgement, error] {
    if (!self->is_to_be_judged(judgement->task.job)) return self->end_judgement(judgement, {});
    if (!judgement->opinions.empty()) return self->store_opinions(judgement, error);
    CommitDraft end = self->draft(judgement->task.job);
    end.add("judge.failed", "engine",
            judge_failed_data(judgement->task.job, judgement->task.message, error),
            {Audience::Kind::hosts, {}});
    self->commit(std::move(end), [self, judgement](Result<void> result) {
      self->end_judgement(judgement, std::move(result));
    });
  });
}

void SessionActor::end_judgement(const Judgement& judgement, Result<void> result) {
  if (std::erase(judgements_, judgement) == 0) return;
  const EndOfWork ends(*this);
  judgement->task.done(std::move(result));
  go_on_with_analysis();
  pump();  // a reservation that is left open is booked now
}

void SessionActor::stop_judging(std::string_view job) {
  for (const Judgement& judgement : std::vector<Judgement>(judgements_)) {
    if (!job.empty() && judgement->task.job != job) continue;
    judgement->stopped = true;
    if (const auto run = judgement->run) run->cancel();
  }
}

void SessionActor::drop_judgements() noexcept {
  const auto judgements = std::exchange(judgements_, {});
  for (const Judgement& judgement : judgements) judgement->run.reset();  // it holds it in turn
}

std::size_t SessionActor::open_judge_calls() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(judgements_.begin(), judgements_.end(),
                    [](const Judgement& judgement) { return !judgement->call.empty(); }));
}

bool SessionActor::is_judge_call(const std::string& call) const noexcept {
  return std::any_of(judgements_.begin(), judgements_.end(),
                     [&call](const Judgement& judgement) { return judgement->call == call; });
}

// --- the analysis behind it --------------------------------------------------------------------

bool SessionActor::opinions_are_to_come() const {
  const auto& open = model_.facts().judge->open;
  return std::any_of(open.begin(), open.end(), [this](const OpenJudgement& one) {
    return is_open(core_.storage()->job(tenant_, one.job));
  });
}

bool SessionActor::waits_for_judge(const std::shared_ptr<AnalysisUnderWay>& analysis) {
  if (!opinions_are_to_come()) return false;
  analysis->at_judge = true;
  analysis->timer =
      host_.loop().after(std::chrono::duration_cast<Duration>(kLongestWait),
                         [self = weak_from_this(), weak = std::weak_ptr(analysis)] {
                           const auto actor = self.lock();
                           const auto late = weak.lock();
                           if (!actor || !late || !std::exchange(late->at_judge, false)) return;
                           actor->begin_analysis(late);
                         });
  return true;
}

void SessionActor::go_on_with_analysis() {
  if (!analysis_ || !analysis_->at_judge || opinions_are_to_come()) return;
  analysis_->at_judge = false;
  host_.loop().cancel(analysis_->timer);
  begin_analysis(std::shared_ptr(analysis_));
}

}  // namespace scena::engine

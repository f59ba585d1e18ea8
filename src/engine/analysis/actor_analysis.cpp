#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/analysis/analysis_plan.hpp"
#include "engine/analysis/analysis_under_way.hpp"
#include "engine/core.hpp"
#include "engine/judge/judge_plan.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/background_call.hpp"
#include "metrics/analysis/offline.hpp"

// The analysis that closes a session: a job that is stored with the session's end, and events that
// tell what came of it. The figures are always measured; a model is asked beside it where one is
// named. It runs beside the commands, and whatever goes wrong with the model leaves an analysis.

namespace scena::engine {
namespace {

Error stopped_error() {
  return Error::fixed(ErrorCode::cancelled, "the analysis was stopped");
}

Error memory_error() {
  return Error::fixed(ErrorCode::out_of_memory, "not enough memory for the analysis");
}

// Least of analysis.prompt_tokens: below it instructions and schema alone may fill a request.
constexpr std::int64_t kLeastTokens = 1'000;

// What a dialogue is made of each time.
struct AnalysisTalk {
  std::shared_ptr<const Preset> preset;
  const SessionInfo& info;
  std::span<const Message* const> line;
  int rounds;
  const std::vector<AnalysisContradiction>& measured;
};

Result<AnalysisDialogue> dialogue_of(const AnalysisTalk& talk, std::int64_t prompt_tokens) {
  return AnalysisDialogue::make(talk.preset, talk.info, talk.line, {prompt_tokens, talk.rounds},
                                talk.measured);
}

// The model's context is smaller than configured: half of it, and on, until there are more parts.
std::optional<AnalysisDialogue> shorter_dialogue(const AnalysisTalk& talk, std::size_t parts,
                                                 std::int64_t& prompt_tokens) {
  while (prompt_tokens / 2 >= kLeastTokens) {
    prompt_tokens /= 2;
    auto dialogue = dialogue_of(talk, prompt_tokens);
    if (!dialogue) return std::nullopt;
    if (dialogue->parts() > parts) return std::move(*dialogue);
  }
  return std::nullopt;
}

}  // namespace

// --- queueing ----------------------------------------------------------------------------------

// Session's end and job are one commit: exactly one job a completed session, whatever breaks.
void SessionActor::add_completed(CommitDraft& draft, std::string_view actor, std::string data) {
  draft.add("session.completed", actor, std::move(data));
  if (core_.config().analysis.on_completion) queue_analysis(draft, "completed");
}

void SessionActor::queue_analysis(CommitDraft& draft, std::string_view reason) {
  std::string payload;
  JsonWriter(payload).begin_object().member("session", id_).end_object();
  JobWrite job = core_.jobs().make(
      tenant_, kAnalysisJob,
      std::string(kAnalysisPurpose) + ":" + id_ + ":" + std::to_string(draft.last_seq() + 1),
      std::move(payload));
  job.key = id_;
  job.stream = session_stream(id_);
  job.run_after = {};      // due at once, also after a clock that was set back
  job.drop_oldest = true;  // a full queue must not keep a session from its end
  draft.add("analysis.queued", "engine", analysis_queued_data(job.id, reason),
            {Audience::Kind::hosts, {}});
  draft.add_job(std::move(job));
}

void SessionActor::do_analyze(QueuedCommand& command) {
  const AnalysisFacts& known = *model_.facts().analysis;
  if (known.open) {
    const auto job = core_.storage()->job(tenant_, known.job);
    if (!job) return refuse(command, job.error());
    // It is on its way: whoever asks gets that one.
    if (*job && ((*job)->state == Job::State::waiting || (*job)->state == Job::State::running))
      return reply_info(command, {});
  }
  CommitDraft next = draft(command.command.id);
  queue_analysis(next, "asked");
  commit_simple(std::move(next), command);
}

// A job that was given up, or that an import did not bring along, is told once.
void SessionActor::end_lost_analysis() {
  const AnalysisFacts& known = *model_.facts().analysis;
  if (!known.open || analysis_ || gone_) return;
  const auto job = core_.storage()->job(tenant_, known.job);
  if (!job) return;
  if (*job && ((*job)->state == Job::State::waiting || (*job)->state == Job::State::running))
    return;
  tell_failed(known.job,
              Error::fixed(ErrorCode::unavailable,
                           "its job ended without a result; ask for the analysis again"));
}

void SessionActor::tell_failed(const std::string& job, const Error& error) {
  CommitDraft end = draft("engine");
  end.add("analysis.failed", "engine", analysis_failed_data(job, error),
          {Audience::Kind::hosts, {}});
  commit(std::move(end), [](const Result<void>&) {});
}

// --- running -----------------------------------------------------------------------------------

void SessionActor::analyse(AnalysisTask task) {
  auto analysis = std::make_shared<AnalysisUnderWay>();
  analysis->task = std::move(task);
  if (gone_) return analysis->task.done(*gone_);
  if (model_.facts().analysis->stored_job == analysis->task.job) return analysis->task.done({});
  if (analysis_) {
    return analysis->task.done(
        Error::fixed(ErrorCode::conflict, "another analysis of this session is running"));
  }
  analysis_ = analysis;
  touch_waiting(1);
  if (!waits_for_judge(analysis)) begin_analysis(analysis);
}

void SessionActor::begin_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis) {
  try {
    if (auto ready = need_preset(); !ready) return end_analysis(analysis, ready.error());
    const auto line = model_.line();
    analysis->measured = core_.offline_analysis()->make({model_.info(), preset_->preset(), line});
    analysis->measured.judge = judge_figures(*model_.facts().judge, line);
    analysis->choice = analysis_model(core_.config(), preset_->preset());
    if (!analysis->choice || line.empty()) return store_analysis(analysis, analysis->measured);
    const AnalysisConfig& config = core_.config().analysis;
    analysis->prompt_tokens = static_cast<std::int64_t>(config.prompt_tokens);
    auto dialogue = dialogue_of({{preset_, &preset_->preset()},
                                 model_.info(),
                                 line,
                                 config.rounds,
                                 analysis->measured.contradictions},
                                analysis->prompt_tokens);
    if (!dialogue) return analyse_offline(analysis, dialogue.error());
    analysis->dialogue.emplace(std::move(*dialogue));
    ask_analysis(analysis);
  } catch (const std::bad_alloc&) {
    end_analysis(analysis, memory_error());
  }
}

// One request: reserved and committed before it is sent, as for every call that costs.
void SessionActor::ask_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis) {
  after_commit([self = shared_from_this(), analysis] {
    try {
      if (analysis->stopped || self->gone_) return self->end_analysis(analysis, stopped_error());
      auto plan = std::make_shared<TurnPlan>(
          analysis_plan(self->core_.config(), self->preset_->preset(), self->model_.facts(),
                        *analysis->choice, *analysis->dialogue));
      plan->cause = analysis->task.job;
      plan->request.context.tenant = self->tenant_;
      if (auto affordable = self->reserve(*plan); !affordable)
        return self->analyse_offline(analysis, affordable.error());
      if (auto provider = self->host_.provider(plan->provider); !provider)
        return self->analyse_offline(analysis, provider.error());
      const std::string call = self->model_.next_aside_id();
      CommitDraft books = self->draft(analysis->task.job);
      books.add("budget.reserved", "engine",
                call_reserved_data(Purpose::analysis, call, plan->reserved),
                {Audience::Kind::hosts, {}});
      self->commit(std::move(books), [self, analysis, plan, call](Result<void> result) {
        if (!result) return self->end_analysis(analysis, result.error());
        analysis->call = call;
        self->send_analysis(analysis, std::move(*plan));
      });
    } catch (const std::bad_alloc&) {
      self->end_analysis(analysis, memory_error());
    }
  });
}

void SessionActor::send_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis, TurnPlan plan) {
  analysis->hold = plan.hold;
  auto provider = host_.provider(plan.provider);
  if (!provider) return analysis_answered(analysis, {.error = provider.error()});
  try {
    analysis->run = std::make_shared<AsideRun>(
        std::move(plan), aside_budget(),
        [self = shared_from_this(), analysis](AsideEnd end) {
          analysis->run.reset();
          self->filter_analysis(analysis, std::move(end));
        },
        AsideRun::Answer::any);
    // A copy: the answer may come, and the session forget it, inside start().
    const auto run = analysis->run;
    run->start(*provider);
    if (analysis->stopped) run->cancel();
  } catch (const std::bad_alloc&) {
    end_analysis(analysis, memory_error());
  }
}

// The host's filter sees what the model wrote before anybody else does.
void SessionActor::filter_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis,
                                   AsideEnd end) {
  if (end.error || !core_.dependencies().filter) return analysis_answered(analysis, std::move(end));
  auto held = std::make_shared<AsideEnd>(std::move(end));
  analysis->at_filter = true;
  ask_filter(false, {id_, "engine", true}, held->text,
             [self = shared_from_this(), analysis, held](const FilterVerdict& verdict) {
               if (!std::exchange(analysis->at_filter, false)) return;
               if (verdict.action == FilterVerdict::Action::block) {
                 held->error = Error::fixed(ErrorCode::content_filtered,
                                            "the host's filter blocked the answer");
               } else if (verdict.action == FilterVerdict::Action::rewrite) {
                 held->text = sound_text(verdict.text);
               }
               self->analysis_answered(analysis, std::move(*held));
             });
}

// The books first: what was used is paid for, whatever the answer is worth.
void SessionActor::analysis_answered(const std::shared_ptr<AnalysisUnderWay>& analysis,
                                     AsideEnd end) {
  auto held = std::make_shared<AsideEnd>(std::move(end));
  after_commit([self = shared_from_this(), analysis, held] {
    const SettledCall call = self->settled(kAnalysisPurpose, analysis->call, *held);
    CommitDraft books = self->draft(analysis->task.job);
    self->add_settlement(books, call, self->settle_budgets(analysis->hold, call.cost));
    self->commit(std::move(books), [self, analysis, held](Result<void> result) {
      analysis->call.clear();
      if (!result) return self->end_analysis(analysis, result.error());
      self->read_analysis_answer(analysis, *held);
    });
  });
}

void SessionActor::read_analysis_answer(const std::shared_ptr<AnalysisUnderWay>& analysis,
                                        const AsideEnd& end) {
  try {
    if (analysis->stopped) return end_analysis(analysis, stopped_error());
    if (end.error) {
      if (end.error->code() != ErrorCode::context_overflow)
        return analyse_offline(analysis, *end.error);
      const auto line = model_.line();
      auto shorter = shorter_dialogue({{preset_, &preset_->preset()},
                                       model_.info(),
                                       line,
                                       core_.config().analysis.rounds,
                                       analysis->measured.contradictions},
                                      analysis->dialogue->parts(), analysis->prompt_tokens);
      if (!shorter) return analyse_offline(analysis, *end.error);
      analysis->dialogue.emplace(std::move(*shorter));
      return ask_analysis(analysis);
    }
    // Asked again it would be as long.
    if (end.reason == FinishReason::length)
      return analyse_offline(analysis,
                             Error(ErrorCode::too_large,
                                   "analysis.answer_tokens: the answer was cut at this limit of " +
                                       std::to_string(core_.config().analysis.answer_tokens) +
                                       " tokens, or at the model's own; raise it"));
    if (auto taken = analysis->dialogue->take(end.text); !taken)
      return analyse_offline(analysis, taken.error());
    if (!analysis->dialogue->done()) return ask_analysis(analysis);
    Analysis whole = with_findings(analysis->measured, analysis->dialogue->result(), model_.line());
    whole.provider = end.start.provider;
    whole.model = end.start.model;
    store_analysis(analysis, std::move(whole));
  } catch (const std::bad_alloc&) {
    end_analysis(analysis, memory_error());
  }
}

// The model could not do it: what was measured is the analysis, and it says why. What may pass is
// tried again first, by the job's next attempts.
void SessionActor::analyse_offline(const std::shared_ptr<AnalysisUnderWay>& analysis,
                                   const Error& why) {
  if (analysis->stopped) return end_analysis(analysis, stopped_error());
  if (!analysis->task.last && may_pass(why)) return end_analysis(analysis, why);
  core_.log().warn("the analysis is made without its model",
                   {{"session", id_}, {"error", to_string(why.code())}});
  Analysis measured = analysis->measured;
  measured.fallback = std::string(to_string(why.code())) + ": " + why.what();
  store_analysis(analysis, std::move(measured));
}

void SessionActor::store_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis,
                                  Analysis whole) {
  auto data = std::make_shared<std::string>(analysis_stored_data(analysis->task.job, whole));
  after_commit([self = shared_from_this(), analysis, data] {
    if (analysis->stopped || self->gone_) return self->end_analysis(analysis, stopped_error());
    CommitDraft end = self->draft(analysis->task.job);
    end.add("analysis.stored", "engine", std::move(*data), {Audience::Kind::hosts, {}});
    self->commit(std::move(end), [self, analysis](Result<void> result) {
      self->end_analysis(analysis, std::move(result));
    });
  });
}

void SessionActor::end_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis,
                                Result<void> result) {
  if (analysis_ != analysis) return;
  const EndOfWork ends(*this);
  analysis_.reset();
  if (!result && analysis->task.last && !analysis->stopped && !gone_) {
    after_commit([self = shared_from_this(), job = analysis->task.job, error = result.error()] {
      self->tell_failed(job, error);
    });
  }
  analysis->task.done(std::move(result));
  pump();  // a reservation that is left open is booked now
}

void SessionActor::stop_analysis(std::string_view job) {
  if (!analysis_ || (!job.empty() && analysis_->task.job != job)) return;
  const auto analysis = analysis_;
  analysis->stopped = true;
  if (analysis->run) analysis->run->cancel();
  if (std::exchange(analysis->at_filter, false))
    analysis_answered(analysis, {.error = stopped_error()});
  if (std::exchange(analysis->at_judge, false)) {
    host_.loop().cancel(analysis->timer);
    end_analysis(analysis, stopped_error());
  }
}

void SessionActor::drop_analysis() noexcept {
  const auto analysis = std::exchange(analysis_, nullptr);
  if (!analysis) return;
  if (analysis->at_judge) host_.loop().cancel(analysis->timer);
  analysis->run.reset();  // it holds its analysis in turn
}

bool SessionActor::has_open_analysis_call() const noexcept {
  return analysis_ && !analysis_->call.empty();
}

bool SessionActor::is_analysis_call(const std::string& call) const noexcept {
  return analysis_ && analysis_->call == call;
}

}  // namespace scena::engine

#include "engine/batch/session_run.hpp"

#include <algorithm>
#include <limits>

#include "domain/end_condition.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/analysis/analysis_plan.hpp"
#include "engine/api/handles.hpp"
#include "engine/batch/row.hpp"
#include "engine/core.hpp"
#include "engine/judge/judge_plan.hpp"

namespace scena::engine {
namespace {

// Ids of commands are given, since the engine's own would count what ran beside.
CommandOptions named(const char* id) {
  CommandOptions options;
  options.command_id = id;
  return options;
}

const double* mean_of(const BatchRow& row, const BatchOutcome& outcome) {
  const std::map<std::string, double>* scores = &row.metrics;
  if (!outcome.speaker.empty()) {
    const auto speaker = row.speakers.find(outcome.speaker);
    if (speaker == row.speakers.end()) return nullptr;
    scores = &speaker->second;
  }
  const auto found = scores->find(outcome.metric);
  return found == scores->end() ? nullptr : &found->second;
}

bool is_said(const std::vector<Message>& messages, std::size_t from, const BatchOutcome& outcome) {
  return std::any_of(messages.begin() + static_cast<std::ptrdiff_t>(from), messages.end(),
                     [&outcome](const Message& message) {
                       return (outcome.speaker.empty() || message.speaker == outcome.speaker) &&
                              contains_phrase(message.text(), outcome.phrase);
                     });
}

bool fits(const BatchRow& row, const BatchOutcome& outcome, const std::vector<Message>& messages,
          std::size_t from) {
  if (!outcome.end.empty() && outcome.end != row.end) return false;
  if (!outcome.phrase.empty() && !is_said(messages, from, outcome)) return false;
  if (outcome.metric.empty()) return true;
  const double* value = mean_of(row, outcome);
  return value && (!outcome.above || *value > *outcome.above) &&
         (!outcome.below || *value < *outcome.below);
}

}  // namespace

SessionRun::SessionRun(std::shared_ptr<Engine> engine, const BatchPlan& plan,
                       const BatchParts& parts, const BatchRun& run)
    : engine_(std::move(engine)), plan_(plan), parts_(parts), run_(run) {
  row_.key = run.key;
  row_.digest = parts.digest(run);
  row_.seed = run.seed;
  row_.preset = parts.preset_id(run);
  if (!plan.characters.empty()) row_.characters = plan.characters[run.characters].name;
  row_.model = plan.models.empty() ? parts.model() : plan.models[run.model].name;
  if (!plan.variables.empty()) row_.variables = plan.variables[run.variables].name;
  try {
    begin();
  } catch (const Error& error) {
    fail(error);
  }
}

void SessionRun::begin() {
  session_ = plan_.fork ? make_fork() : make_session();
  row_.session = session_->id();
  RunOptions options;
  options.max_turns = plan_.max_turns;
  options.command_id = "batch-run";
  running_ = session_->run(options);
}

Session SessionRun::make_session() {
  SessionOptions options;
  options.id = run_.key;
  options.seed = run_.seed;
  options.command_id = run_.key;
  if (!plan_.models.empty()) {
    options.provider = plan_.models[run_.model].provider;
    options.model = plan_.models[run_.model].model;
  }
  if (!plan_.variables.empty()) options.variables = plan_.variables[run_.variables].values;
  const Preset& preset = parts_.preset(run_);
  for (const Character& character : preset.characters) options.played_by[character.id] = "ai";
  return engine_->create_session(preset, options);
}

// People cannot be asked again: AI takes the parts that are characters, the others leave.
Session SessionRun::make_fork() {
  Session parent = engine_->import_session(parts_.fork());
  Session fork = parent.fork(plan_.fork->message, named("batch-fork")).get();
  const SessionInfo info = fork.info();
  shared_messages_ = fork.messages().size();
  shared_turns_ = info.turns;
  began_ = engine_->clock().wall();
  for (const Participant& person : info.participants) {
    if (!person.is_human || !person.present) continue;
    fork.leave(person.id, named(("batch-leave-" + person.id).c_str())).get();
    Participant character = person;
    character.is_human = false;
    character.subject.clear();
    const auto joined = fork.join(character, named(("batch-join-" + person.id).c_str())).wait();
    if (!joined && joined.error().code() != ErrorCode::not_found) throw Error(joined.error());
  }
  return fork;
}

bool SessionRun::ready() {
  try {
    return talk_ended() && !open_job();
  } catch (const Error& error) {
    fail(error);
    return true;
  }
}

bool SessionRun::is_paid() {
  try {
    return talk_ended() && !(running_ && open_paid_job());
  } catch (const Error& error) {
    fail(error);
    return true;
  }
}

bool SessionRun::talk_ended() {
  if (!running_) return true;
  if (!running_->ready()) return false;
  if (!result_ && row_.error.empty()) close();
  return true;
}

void SessionRun::wait(std::optional<std::chrono::milliseconds> timeout) {
  if (!running_) return;
  const bool talks = !running_->ready();
  if (talks) {
    const auto waited = running_->wait(timeout);
    (void)waited;  // the end of the time is no failure, and others are told by ready()
  }
  if (talks && timeout) return;
  if (!ready()) wait_for_jobs(timeout);
}

// A failed attempt is queued again by itself, and nobody else moves virtual time.
void SessionRun::wait_for_jobs(std::optional<std::chrono::milliseconds> timeout) {
  if (timeout) {
    const auto waited =
        EngineParts::of(*engine_).core->drive([this] { return !open_job(); }, timeout);
    (void)waited;  // as above
    return;
  }
  engine_->run_until_idle();
  while (const auto job = open_job()) {
    engine_->advance(
        std::max<Duration>(job->run_after - engine_->clock().wall(), std::chrono::milliseconds(1)));
    engine_->run_until_idle();
  }
}

// The engine ends with its sessions: requests of an analysis would be paid for and lost, and so
// would events on their way to a sink.
std::optional<Job> SessionRun::open_job() {
  if (!running_) return std::nullopt;
  auto job = open_paid_job();
  return job ? job : open_delivery();
}

// Jobs of the judge have the keys of their texts: those of other sessions are passed over.
std::optional<Job> SessionRun::open_paid_job() const {
  const Engine::Impl& parts = EngineParts::of(*engine_);
  JobQuery query{.tenant = parts.who().tenant};
  const std::string stream = session_stream(session_->id());
  for (const Job::State state : {Job::State::waiting, Job::State::running}) {
    query.state = state;
    query.limit = 1;
    query.kind = kAnalysisJob;
    query.key = session_->id();
    auto jobs = parts.core->storage()->jobs(query);
    if (jobs && !jobs->empty()) return std::move(jobs->front());
    query.limit = std::numeric_limits<std::size_t>::max();
    query.kind = kJudgeJob;
    query.key.clear();
    jobs = parts.core->storage()->jobs(query);
    if (!jobs) continue;
    for (Job& job : *jobs) {
      if (job.stream == stream) return std::move(job);
    }
  }
  return std::nullopt;
}

std::optional<Job> SessionRun::open_delivery() {
  const Engine::Impl& parts = EngineParts::of(*engine_);
  JobQuery query{.tenant = parts.who().tenant, .limit = 1};
  query.key = session_stream(session_->id());
  for (const std::string& kind : parts.core->sinks().kinds()) {
    query.kind = kind;
    for (const Job::State state : {Job::State::running, Job::State::waiting}) {
      query.state = state;
      auto jobs = parts.core->storage()->jobs(query);
      if (jobs && !jobs->empty() && holds(jobs->front())) return std::move(jobs->front());
    }
  }
  return std::nullopt;
}

// Whoever is down may be so for hours. Virtual time passes at once, and waits for each retry.
bool SessionRun::holds(const Job& delivery) {
  const Core& core = *EngineParts::of(*engine_).core;
  if (core.config().clock == ClockKind::virtual_time) return true;
  if (refusing_.contains(delivery.kind)) return false;
  const int tried = delivery.attempts - (delivery.state == Job::State::running ? 1 : 0);
  if (tried <= 0) return true;
  refusing_.insert(delivery.kind);
  core.log().warn("the batch does not wait for an event sink that refused an event",
                  {{"session", session_->id()}, {"kind", delivery.kind}});
  return false;
}

void SessionRun::fail(const Error& error) {
  row_.end = "failed";
  row_.error = to_string(error.code());
  row_.error_message = error.what();
}

BatchRow SessionRun::finish() {
  try {
    if (result_) describe(*result_);
  } catch (const Error& error) {
    fail(error);
  }
  if (row_.outcome.empty()) row_.outcome = row_.end;
  return row_;
}

bool SessionRun::scene_ended() const {
  const SessionInfo info = session_->info();
  return info.state == SessionState::completed && is_scene_end(info.end_reason);
}

// Time ends a session from outside of its run, and may cut a reply: that is no failure.
RunResult SessionRun::run_result() const {
  try {
    return running_->get();
  } catch (const Error&) {
    if (!scene_ended()) throw;
    RunResult ended;
    ended.reason = "completed";
    return ended;
  }
}

void SessionRun::close() {
  const RunResult result = run_result();
  if (session_->state() == SessionState::active && result.reason != "failed") {
    const auto completed = session_->complete(named("batch-complete")).wait();
    if (!completed && !scene_ended()) throw Error(completed.error());
  }
  result_ = result;
}

void SessionRun::describe(const RunResult& result) {
  const bool ended = scene_ended();
  if (!ended && (result.reason == "failed" || result.reason == "error")) {
    fail(result.error.value_or(Error::fixed(ErrorCode::internal, "the session is in error")));
    row_.end = result.reason;
  }
  if (result.reason == "human") {
    fail(Error::fixed(ErrorCode::wrong_state,
                      "the session waits for a person; let characters alone take part"));
  }
  const SessionInfo info = session_->info();
  const auto messages = session_->messages();
  if (row_.error.empty()) {
    row_.end = ended || result.reason == "completed" ? info.end_reason : result.reason;
    row_.completed = ended;
  }
  row_.turns = info.turns - std::min(shared_turns_, info.turns);
  row_.input_tokens = info.usage.input_tokens;
  row_.output_tokens = info.usage.output_tokens;
  row_.cost = info.cost;
  row_.duration = talk_time(began_.value_or(info.created), messages);
  add_messages(row_, messages, shared_messages_);
  name_outcome(messages);
}

void SessionRun::name_outcome(const std::vector<Message>& messages) {
  const std::size_t from = std::min(shared_messages_, messages.size());
  for (const BatchOutcome& outcome : plan_.outcomes) {
    if (!fits(row_, outcome, messages, from)) continue;
    row_.outcome = outcome.name;
    return;
  }
}

Money SessionRun::cost() const {
  try {
    return session_ ? session_->info().cost : Money{};
  } catch (const Error&) {
    return {};
  }
}

std::string SessionRun::exported() const {
  try {
    return session_ ? engine_->export_session(session_->id(), ExportFormat::json) : std::string();
  } catch (const Error&) {
    return {};  // it could not be created: its row says why
  }
}

}  // namespace scena::engine

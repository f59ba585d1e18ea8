#include "engine/batch/session_run.hpp"

#include <algorithm>

#include "domain/end_condition.hpp"
#include "engine/batch/row.hpp"

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

void SessionRun::wait(std::optional<std::chrono::milliseconds> timeout) const {
  if (!running_) return;
  const auto waited = running_->wait(timeout);
  (void)waited;  // the end of the time is no failure, and others are told by finish()
}

void SessionRun::fail(const Error& error) {
  row_.end = "failed";
  row_.error = to_string(error.code());
  row_.error_message = error.what();
}

BatchRow SessionRun::finish() {
  try {
    if (running_) describe(run_result());
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

void SessionRun::describe(const RunResult& result) {
  if (session_->state() == SessionState::active && result.reason != "failed") {
    const auto completed = session_->complete(named("batch-complete")).wait();
    if (!completed && !scene_ended()) throw Error(completed.error());
  }
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
  row_.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      info.updated - began_.value_or(info.created));
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

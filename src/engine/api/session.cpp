#include "base/json_writer.hpp"
#include "engine/access/authorizer.hpp"
#include "engine/access/command_check.hpp"
#include "engine/api/handles.hpp"

namespace scena {
namespace {

SessionInfo info_of(engine::CommandResult result) {
  return std::move(result.info);
}

}  // namespace

// --- queueing ------------------------------------------------------------------------------------

engine::Command Session::Impl::command(SessionCommand kind, const std::string& command_id) const {
  engine::Command command;
  command.kind = kind;
  command.who = who();
  command.repeatable = !command_id.empty();
  command.id = command_id.empty() ? core->next_command_id() : command_id;
  return command;
}

engine::Command Session::Impl::command(SessionCommand kind, const SendOptions& options) const {
  engine::Command made = command(kind, options.command_id);
  made.participant = options.participant;
  made.character = options.character;
  made.model = options.model;
  made.deadline = options.deadline;
  made.audience = options.audience;
  made.reply = options.reply;
  made.json_schema = options.json_schema;
  made.repair = options.repair;
  return made;
}

Result<void> Session::Impl::send(engine::QueuedCommand queued) const {
  if (auto fine = core->usable(); !fine) return fine;
  if (auto good = engine::check_command(queued.command, core->config().limits); !good) return good;
  return actor->enqueue(std::move(queued));
}

Pending<SessionInfo> Session::Impl::queue_info(engine::Command command) const {
  return queue<SessionInfo>(std::move(command), info_of);
}

Turn Session::Impl::queue_turn(engine::Command command) const {
  auto state = std::make_shared<engine::TurnState>(std::weak_ptr<detail::Driver>(core));
  engine::QueuedCommand queued;
  queued.command = std::move(command);
  queued.turn = promise_of(state);
  if (auto sent = send(std::move(queued)); !sent) throw Error(sent.error());
  return Turn(std::make_shared<Turn::Impl>(std::move(state)));
}

void Session::Impl::may_read() const {
  core->usable().value_or_throw();
  actor
      ->with_model([](const SessionModel& model) -> Result<void> {
        if (model.facts().removed)
          return Error::fixed(ErrorCode::not_found, "the session was deleted");
        return {};
      })
      .value_or_throw();
  actor
      ->with_rights(
          [this](const SessionInfo& info) { return engine::Authorizer::may_read(who(), info); })
      .value_or_throw();
}

// --- commands
// --------------------------------------------------------------------------------------

const std::string& Session::id() const noexcept {
  return impl_->actor->id();
}

Pending<SessionInfo> Session::start(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::start, options.command_id));
}

Turn Session::send(std::string_view text, const SendOptions& options) {
  // Not copied before it is known to be of a sensible size.
  engine::check_text("text", text, impl_->core->config().limits.message_bytes).value_or_throw();
  // What the queue will refuse anyway is refused here, unless a command that may change it waits,
  // or this one may be a repeat.
  if (options.command_id.empty() && !impl_->actor->has_work()) {
    const auto known = state();
    if (known == SessionState::paused || known == SessionState::completed ||
        known == SessionState::error) {
      (void)transition(known, SessionCommand::send).value_or_throw();
    }
  }
  engine::Command command = impl_->command(SessionCommand::send, options);
  command.text = text;
  return impl_->queue_turn(std::move(command));
}

Turn Session::prompt(const SendOptions& options) {
  return impl_->queue_turn(impl_->command(SessionCommand::speak, options));
}

Pending<RunResult> Session::run(const RunOptions& options) {
  engine::Command command = impl_->command(SessionCommand::speak, options.command_id);
  command.max_turns = options.max_turns;
  return impl_->queue<RunResult>(
      std::move(command), [](engine::CommandResult result) { return std::move(result.run); });
}

void Session::cancel() noexcept {
  const auto allowed = impl_->actor->with_model([this](const SessionModel& model) {
    return engine::Authorizer::may(impl_->who(), SessionCommand::cancel, model.info());
  });
  if (allowed && impl_->core->usable()) impl_->actor->cancel();
}

Pending<SessionInfo> Session::pause(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::pause, options.command_id));
}

Pending<SessionInfo> Session::resume(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::resume, options.command_id));
}

Pending<SessionInfo> Session::complete(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::complete, options.command_id));
}

Pending<SessionInfo> Session::fail(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::fail, options.command_id));
}

Pending<SessionInfo> Session::analyze(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::analyze, options.command_id));
}

Pending<SessionInfo> Session::remove(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::remove, options.command_id));
}

Turn Session::regenerate(const SendOptions& options) {
  return impl_->queue_turn(impl_->command(SessionCommand::regenerate, options));
}

Turn Session::continue_reply(const SendOptions& options) {
  return impl_->queue_turn(impl_->command(SessionCommand::continue_reply, options));
}

Turn Session::edit(std::string_view message, std::string_view text, const SendOptions& options) {
  engine::Command command = impl_->command(SessionCommand::edit, options);
  command.message = message;
  command.text = text;
  return impl_->queue_turn(std::move(command));
}

Pending<SessionInfo> Session::choose(std::string_view message, const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::choose, options.command_id);
  command.message = message;
  return impl_->queue_info(std::move(command));
}

Pending<SessionInfo> Session::undo(const CommandOptions& options) {
  return impl_->queue_info(impl_->command(SessionCommand::undo, options.command_id));
}

Pending<AsideResult> Session::ask_aside(std::string_view character, std::string_view question,
                                        std::string_view json_schema,
                                        const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::aside, options.command_id);
  command.character = character;
  command.text = question;
  command.json_schema = json_schema;
  return impl_->queue<AsideResult>(
      std::move(command), [](engine::CommandResult result) { return std::move(result.aside); });
}

Pending<NextQuestion> Session::next_question(const NextQuestionOptions& options) {
  engine::Command command = impl_->command(SessionCommand::next_question, options.command_id);
  command.character = options.character;
  command.model = options.model;
  return impl_->queue<NextQuestion>(
      std::move(command), [](engine::CommandResult result) { return std::move(result.question); });
}

Pending<SessionInfo> Session::flag_escape(const EscapeOptions& options) {
  engine::Command command = impl_->command(SessionCommand::escape, options.command_id);
  command.participant = options.participant;
  command.name = options.step;
  command.value = options.reason;
  return impl_->queue_info(std::move(command));
}

Pending<SessionInfo> Session::join(const Participant& participant, const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::join, options.command_id);
  command.joining = participant;
  return impl_->queue_info(std::move(command));
}

Pending<SessionInfo> Session::leave(std::string_view participant, const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::leave, options.command_id);
  command.participant = participant;
  return impl_->queue_info(std::move(command));
}

Pending<SessionInfo> Session::set_variable(std::string_view name, std::string_view value,
                                           const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::set_variable, options.command_id);
  command.name = name;
  command.value = value;
  return impl_->queue_info(std::move(command));
}

Pending<SessionInfo> Session::update(const SessionChanges& changes, const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::update, options.command_id);
  JsonWriter writer(command.value);
  writer.begin_object();
  if (changes.title) writer.member("title", *changes.title);
  if (!changes.labels.empty()) {
    writer.key("labels").begin_object();
    for (const auto& [name, value] : changes.labels) {
      writer.key(name);
      value ? writer.value(*value) : writer.null();
    }
    writer.end_object();
  }
  writer.end_object();
  if (auto good = engine::check_changes(changes); !good) {
    auto state = std::make_shared<detail::PendingState<SessionInfo>>(
        std::weak_ptr<detail::Driver>(impl_->core));
    state->resolve(good.error());
    return Pending<SessionInfo>(std::move(state));
  }
  return impl_->queue_info(std::move(command));
}

Pending<SessionInfo> Session::annotate(std::string_view name, std::string_view data,
                                       const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::annotate, options.command_id);
  command.name = name;
  command.value = data;
  return impl_->queue_info(std::move(command));
}

Pending<Session> Session::fork(std::string_view message, const CommandOptions& options) {
  engine::Command command = impl_->command(SessionCommand::fork, options.command_id);
  command.message = message;
  auto state =
      std::make_shared<detail::PendingState<Session>>(std::weak_ptr<detail::Driver>(impl_->core));
  const auto promise = promise_of(state);
  engine::QueuedCommand queued;
  queued.command = std::move(command);
  queued.reply = [answer = promise, core = impl_->core,
                  principal = impl_->principal](Result<engine::CommandResult> result) {
    if (!result) return answer->resolve(result.error());
    auto actor = core->actor(principal->tenant, result->session);
    if (!actor) return answer->resolve(actor.error());
    answer->resolve(Session(std::make_shared<Session::Impl>(core, std::move(*actor), principal)));
  };
  if (auto sent = impl_->send(std::move(queued)); !sent) promise->resolve(sent.error());
  return Pending<Session>(std::move(state));
}

}  // namespace scena

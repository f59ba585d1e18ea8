#include "engine/actor/session_actor.hpp"

#include "engine/access/authorizer.hpp"
#include "engine/core.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/session_meter.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {

Error no_memory() {
  return Error::fixed(ErrorCode::out_of_memory, "not enough memory; the session is as before");
}

/// True while it lives, also when what runs meanwhile throws.
class Flag {
 public:
  explicit Flag(bool& flag) noexcept : flag_(flag) { flag_ = true; }
  ~Flag() { flag_ = false; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

 private:
  bool& flag_;
};

}  // namespace

SessionActor::SessionActor(Core& core, LoopHost& host, std::string tenant, std::string id)
    : core_(core),
      host_(host),
      tenant_(std::move(tenant)),
      id_(std::move(id)),
      viewers_(core.bus(), session_stream(id_)) {}

SessionActor::~SessionActor() = default;

void SessionActor::adopt(SessionModel model) {
  model_ = std::move(model);
}

SessionInfo SessionActor::info() const {
  std::lock_guard lock(model_mutex_);
  if (model_.last_seq() != 0 || !expected_) return model_.info();
  Event event;
  event.stream = viewers_.stream();
  event.seq = 1;
  event.type = "session.created";
  event.time = expected_->time;
  event.data = expected_->created;
  SessionModel coming;
  if (auto made = coming.apply(event); !made) return model_.info();
  SessionInfo info = coming.info();
  info.last_seq = 0;
  return info;
}

Result<void> SessionActor::enqueue(QueuedCommand command) {
  const int limit = static_cast<int>(core_.config().limits.commands_per_session);
  if (touch_waiting(1) > limit) {
    touch_waiting(-1);
    core_.count_overload();
    return Error::fixed(
        ErrorCode::overloaded,
        "too many commands of this session wait; wait for answers before sending more");
  }
  try {
    host_.loop().post([self = shared_from_this(), command = std::move(command)]() mutable {
      self->take(command);
    });
  } catch (const std::bad_alloc&) {
    touch_waiting(-1);
    return no_memory();
  }
  return {};
}

void SessionActor::take(QueuedCommand& command) {
  try {
    queue_.push_back(std::move(command));
  } catch (const std::bad_alloc&) {
    refuse(command, no_memory());
    touch_waiting(-1);
    return;
  }
  pump();
}

int SessionActor::touch_waiting(int change) noexcept {
  if (change >= 0) {
    core_.work().add(change);
    return waiting_.fetch_add(change) + change;
  }
  const int left = leave_waiting(-change);
  end_work(-change);
  return left;
}

int SessionActor::leave_waiting(int fewer) noexcept {
  const int left = waiting_.fetch_sub(fewer) - fewer;
  if (left == 0 && handles_.load() == 0) {
    // Its last handle went while something waited: nobody else would let go of it.
    try {
      host_.loop().post([self = shared_from_this()] { self->core_.release(self); });
    } catch (...) {
      // It stays loaded until its next handle goes.
    }
  }
  return left;
}

void SessionActor::end_work(int fewer) noexcept {
  if (core_.work().end(fewer)) core_.notify();
}

bool SessionActor::is_idle() const noexcept {
  // Whoever sees that nothing waits sees the timer that the last of it armed, too.
  return waiting_.load() == 0 && !viewers_.any() &&
         session_timer_.load(std::memory_order_relaxed) == 0;
}

void SessionActor::drop_handle() noexcept {
  if (handles_.fetch_sub(1) == 1) core_.release(shared_from_this());
}

// Runs when no commit is under way: at once, or behind the one that is.
void SessionActor::after_commit(Task task) {
  if (!busy_) return task();
  after_commit_.push_back(std::move(task));
}

// The same for what belongs to a turn: until it is done, the session has work.
void SessionActor::when_free(Task task) {
  if (!busy_) return task();
  after_commit([self = shared_from_this(), task = std::move(task)]() mutable {
    const EndOfWork ends(*self);
    task();
  });
  touch_waiting(1);
}

Result<void> SessionActor::need_preset() {
  if (preset_) return {};
  auto rendered = core_.rendered(tenant_, model_.facts().preset_sha256, model_.info().variables);
  if (!rendered) return rendered.error();
  preset_ = std::move(*rendered);
  snapshot_.reset();
  return {};
}

void SessionActor::cancel() noexcept {
  std::stop_source running{std::nostopstate};
  {
    std::lock_guard lock(stop_mutex_);
    running = running_stop_;
  }
  running.request_stop();  // the provider hears it before the next round of the loop
  try {
    host_.loop().post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->cancel_now();
    });
  } catch (...) {
    // Out of memory while posting: the caller may ask again; nothing was changed.
  }
}

void SessionActor::set_running(std::stop_source stop) noexcept {
  std::lock_guard lock(stop_mutex_);
  running_stop_ = std::move(stop);
}

void SessionActor::cancel_now() {
  if (run_) return run_->cancel();
  if (starting_) {
    cancel_starting_ = true;
  } else if (input_check_ && input_check_->command.turn) {
    drop_input_check(Error::fixed(ErrorCode::cancelled, "cancelled before it began"));
  }
}

// --- the queue ---------------------------------------------------------------------------------

bool SessionActor::must_wait(const Command& command) const noexcept {
  if (!run_ && !auto_run_) return false;
  switch (command.kind) {
    case SessionCommand::annotate:
    case SessionCommand::update:
    case SessionCommand::set_variable:
    case SessionCommand::join:
    case SessionCommand::leave:
    case SessionCommand::aside:
    case SessionCommand::next_question:
    case SessionCommand::escape:
      return false;
    case SessionCommand::pause:
    case SessionCommand::complete:
    case SessionCommand::fail:
      return run_ != nullptr;
    case SessionCommand::remove:
      return run_ != nullptr && command.end_seq == 0;
    default:
      return true;
  }
}

void SessionActor::pump() {
  if (pumping_) return;
  {
    const Flag pumping(pumping_);
    pump_queue();
  }
  // What waits for the run's end must not keep the run from going on.
  if (!busy_ && !run_ && auto_run_ && (queue_.empty() || must_wait(queue_.front().command)))
    step_run();
}

void SessionActor::pump_queue() {
  while (!busy_) {
    if (!after_commit_.empty()) {
      Task task = std::move(after_commit_.front());
      after_commit_.erase(after_commit_.begin());
      task();
      continue;
    }
    if (!unstored_end_ && is_left_open() && (!open_end_failed_ || !queue_.empty())) {
      open_end_failed_ = false;
      try {
        end_left_open();
      } catch (const std::bad_alloc&) {
        open_end_failed_ = true;  // it stays open in the log, and the next command tries again
        refuse_next(no_memory());
      }
      continue;
    }
    if (queue_.empty()) break;
    if (unstored_end_) {
      auto end = std::move(unstored_end_);
      finish_turn(std::move(*end));
      continue;
    }
    const Command& next = queue_.front().command;
    if (must_wait(next)) {
      // Ending a session does not wait for a model: the running reply is cut and kept.
      const bool ends = next.kind == SessionCommand::complete ||
                        next.kind == SessionCommand::remove || next.kind == SessionCommand::fail;
      if (ends && run_) run_->cancel();
      break;
    }
    QueuedCommand command = std::move(queue_.front());
    queue_.pop_front();
    carry_out(std::move(command));
    touch_waiting(-1);
  }
}

void SessionActor::refuse(QueuedCommand& command, const Error& error) {
  if (command.turn) command.turn->refuse(error);
  if (command.reply) command.reply(error);
}

Result<void> SessionActor::check_rights(const Command& command) const {
  if (gone_ && model_.last_seq() == 0) return *gone_;
  if (command.kind == SessionCommand::create) return {};
  return Authorizer::may(command.who, command.kind, model_.info());
}

Result<void> SessionActor::check_state(const Command& command) const {
  if (gone_) return *gone_;
  const std::optional<SessionState> state =
      model_.last_seq() == 0 ? std::nullopt : std::optional(model_.state());
  // A first message, or a first line of a character, starts a session that waits for one.
  const bool starts = command.kind == SessionCommand::send || command.kind == SessionCommand::speak;
  if (starts && state == SessionState::pending) return {};
  auto next = transition(state, command.kind);
  if (!next) return next.error();
  return {};
}

// A creation was admitted before it was queued; to stop a reply is always free.
Result<void> SessionActor::check_rate(const Command& command) const {
  if (command.kind == SessionCommand::create || command.kind == SessionCommand::cancel) return {};
  return core_.admit(command.who, command.kind);
}

void SessionActor::carry_out(QueuedCommand command) {
  try {
    carry_out_checked(command);
  } catch (const std::bad_alloc&) {
    if (!run_) meter_.reset();  // it may have seen a message that is not going to be stored
    refuse(command, no_memory());
  } catch (const std::exception&) {
    if (!run_) meter_.reset();
    refuse(command, Error::fixed(ErrorCode::internal,
                                 "the command failed inside the engine; the session is as before"));
  }
}

void SessionActor::carry_out_checked(QueuedCommand& command) {
  if (auto allowed = check_rights(command.command); !allowed)
    return refuse(command, allowed.error());
  // A repeat gets its answer also where the state has moved on, often by the first one.
  const bool creates = command.command.kind == SessionCommand::create;
  if (command.command.repeatable && !creates && repeat_of_earlier(command)) return;
  if (auto possible = check_state(command.command); !possible)
    return refuse(command, possible.error());
  if (auto admitted = check_rate(command.command); !admitted)
    return refuse(command, admitted.error());
  if (command.turn && command.turn->stop_token().stop_requested()) {
    return refuse(command, Error::fixed(ErrorCode::cancelled, "cancelled before it began"));
  }
  dispatch(command);
}

void SessionActor::dispatch(QueuedCommand& command) {
  switch (command.command.kind) {
    case SessionCommand::create:
      return do_create(command);
    case SessionCommand::start:
      return do_start(command);
    case SessionCommand::send:
      return do_send(command);
    case SessionCommand::speak:
      if (command.turn) return do_speak(command);
      return do_run(command);
    case SessionCommand::pause:
      return do_state_change(command, SessionCommand::pause, pause_data());
    case SessionCommand::resume:
      return do_state_change(command, SessionCommand::resume, "{}");
    case SessionCommand::complete: {
      std::string reason =
          command.command.value.empty() ? R"({"reason":"host"})" : command.command.value;
      return do_state_change(command, SessionCommand::complete, std::move(reason));
    }
    case SessionCommand::fail:
      return do_state_change(command, SessionCommand::fail, R"({"reason":"host"})");
    case SessionCommand::remove:
      return do_remove(command);
    case SessionCommand::regenerate:
      return do_regenerate(command);
    case SessionCommand::edit:
      return do_edit(command);
    case SessionCommand::undo:
      return do_undo(command);
    case SessionCommand::continue_reply:
      return do_continue(command);
    case SessionCommand::aside:
      return do_aside(command);
    case SessionCommand::fork:
      return do_fork(command);
    case SessionCommand::join:
      return do_join(command);
    case SessionCommand::leave:
      return do_leave(command);
    case SessionCommand::set_variable:
      return do_set_variable(command);
    case SessionCommand::update:
      return do_update(command);
    case SessionCommand::choose:
      return do_choose(command);
    case SessionCommand::annotate:
      return do_annotate(command);
    case SessionCommand::analyze:
      return do_analyze(command);
    case SessionCommand::next_question:
      return do_next_question(command);
    case SessionCommand::escape:
      return do_escape(command);
    case SessionCommand::cancel:
      break;
  }
  refuse(command,
         Error::fixed(ErrorCode::unsupported, "this command is not carried out by a session"));
}

}  // namespace scena::engine

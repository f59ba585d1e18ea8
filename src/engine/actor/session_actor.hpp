#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/preset_render.hpp"
#include "domain/session_model.hpp"
#include "engine/actor/command.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/actor/viewers.hpp"
#include "engine/turn/turn_plan.hpp"
#include "net/loop.hpp"

namespace scena::engine {

class Core;
class LoopHost;
class SessionMeter;
class TurnRun;
struct TurnEnd;

/// One session's state and the only code that changes it. Commands are carried out one after the
/// other; each is committed before the next one is looked at, so the order in the log is the order
/// of the queue. A reply streams beside them.
///
/// Threading: enqueue(), cancel() and the reads from any thread; everything else on the session's
/// strand, which is the loop of its host.
class SessionActor : public std::enable_shared_from_this<SessionActor> {
 public:
  SessionActor(Core& core, LoopHost& host, std::string tenant, std::string id);
  ~SessionActor();

  /// Before the actor is shared: the state that was loaded from storage.
  void adopt(SessionModel model);

  const std::string& id() const noexcept { return id_; }
  const std::string& tenant() const noexcept { return tenant_; }
  LoopHost& host() const noexcept { return host_; }

  /// Queues a command; overloaded when too many wait. The reply comes on the strand, never inside.
  Result<void> enqueue(QueuedCommand command);
  /// Ends the running turn within one loop turn. Allocates nothing that can fail.
  void cancel() noexcept;
  /// Opens a viewer after `cursor`; the queue gets what is missing, then live events.
  void attach(std::shared_ptr<Viewer> viewer);
  void detach(const Viewer* viewer);
  /// Commits what a crash left open: the turn ends as interrupted.
  void recover();

  /// Reads a consistent snapshot: `read` gets the committed model.
  template <class Read>
  auto with_model(Read&& read) const {
    std::lock_guard lock(model_mutex_);
    return read(std::as_const(model_));
  }
  /// True when nothing runs, waits or watches: the actor can be let go.
  bool is_idle() const noexcept;
  bool has_work() const noexcept { return waiting_.load(std::memory_order_relaxed) != 0; }

  /// The engine closes: the running turn ends as interrupted, waiting commands fail.
  void shut_down();

  // For TurnRun, on the strand.
  void publish_delta(const std::string& turn, std::string_view text, const std::vector<std::uint32_t>& cuts,
                     std::uint64_t offset);
  void publish_live(std::string_view type, const std::string& actor, std::string data, const Audience& audience);
  void turn_ended(TurnEnd end);
  Core& core() noexcept { return core_; }
  bool is_watched() const noexcept { return viewers_.any(); }

 private:
  using Committed = UniqueFunction<void(Result<void>)>;

  // session_actor.cpp: the queue and the commit
  void pump();
  void carry_out(QueuedCommand command);
  bool must_wait(const Command& command) const noexcept;
  void dispatch(QueuedCommand& command);
  Result<void> check(const Command& command) const;
  CommitDraft draft(const std::string& cause) const;
  /// Commits the draft, applies and publishes it; `done` comes afterwards, on the strand.
  void commit(CommitDraft draft, Committed done);
  void committed(std::vector<ParsedEvent> events, SessionFacts facts, Result<void> result, Committed done);
  void publish(const ParsedEvent& event);
  void reply_info(QueuedCommand& command, Result<void> result);
  bool repeat_of_earlier(QueuedCommand& command);
  void remember(CommitDraft& draft, const Command& command, std::string_view result) const;
  static void refuse(QueuedCommand& command, const Error& error);
  void touch_waiting(int change) noexcept;
  void catch_up(const std::shared_ptr<Viewer>& viewer);

  // actor_commands.cpp: commands that only write
  void do_create(QueuedCommand& command);
  void do_state_change(QueuedCommand& command, SessionCommand kind, std::string data);
  void do_start(QueuedCommand& command);
  void do_join(QueuedCommand& command);
  void do_leave(QueuedCommand& command);
  void do_set_variable(QueuedCommand& command);
  void do_emit(QueuedCommand& command);
  void do_choose(QueuedCommand& command);
  void do_undo(QueuedCommand& command);
  void do_fork(QueuedCommand& command);
  void do_aside(QueuedCommand& command);
  void do_run(QueuedCommand& command);
  void commit_simple(CommitDraft draft, QueuedCommand& command);
  Result<void> add_start(CommitDraft& draft, std::vector<Message>& fresh);

  // actor_turns.cpp: commands that start a turn
  void do_send(QueuedCommand& command);
  void send_filtered(QueuedCommand& command);
  void do_speak(QueuedCommand& command);
  void do_regenerate(QueuedCommand& command);
  void do_edit(QueuedCommand& command);
  void do_continue(QueuedCommand& command);
  Result<Message> human_message(const Command& command) const;
  void start_turn(CommitDraft draft, TurnPlan plan, QueuedCommand& command);
  void launch(TurnPlan plan, std::shared_ptr<TurnState> state);
  void store_only(CommitDraft draft, QueuedCommand& command);
  std::optional<std::string> policy_speaker(const std::vector<Message>& fresh) const;
  void finish_turn(TurnEnd end);
  void after_turn(const TurnEnd& end);
  std::optional<std::string> end_reason() const;
  void complete_because(const std::string& reason);
  void arm_session_timer();
  void step_run();
  void end_run(std::string reason);

  Core& core_;
  LoopHost& host_;
  const std::string tenant_;
  const std::string id_;

  mutable std::mutex model_mutex_;  // held while the model changes and while another thread reads it
  SessionModel model_;
  std::optional<Error> gone_;  // set when creating failed or the session was removed
  std::shared_ptr<const RenderedPreset> preset_;
  std::unique_ptr<SessionMeter> meter_;
  Viewers viewers_;

  std::vector<QueuedCommand> queue_;
  std::atomic<int> waiting_{0};  // queued commands, a running turn, a commit: anything not done
  bool busy_ = false;            // a commit or a filter is under way
  bool pumping_ = false;
  std::shared_ptr<TurnRun> run_;
  std::unique_ptr<TurnEnd> unstored_end_;  // a reply whose commit failed; tried again before anything else
  std::uint64_t commands_made_ = 0;

  struct AutoRun {
    QueuedCommand command;
    RunResult result;
  };
  std::unique_ptr<AutoRun> auto_run_;
  net::TimerId session_timer_ = 0;
};

}  // namespace scena::engine

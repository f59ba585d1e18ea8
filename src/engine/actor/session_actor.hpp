#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/ext/filter.hpp>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "domain/preset_render.hpp"
#include "domain/session_model.hpp"
#include "engine/actor/command.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/actor/viewers.hpp"
#include "engine/analysis/analysis_task.hpp"
#include "engine/judge/judge_task.hpp"
#include "engine/money/bill.hpp"
#include "engine/money/ledger.hpp"
#include "engine/money/token_estimate.hpp"
#include "engine/projection/session_loader.hpp"
#include "engine/tools/turn_tools.hpp"
#include "engine/turn/turn_plan.hpp"
#include "net/loop.hpp"

namespace scena::metrics {
class AskedQuestions;
}

namespace scena::engine {

class Core;
class LoopHost;
struct ServiceSet;
class SessionMeter;
struct AsideBudget;
class AsideRun;
class TurnRun;
class TurnState;
struct AsideEnd;
struct PresetSnapshot;
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

  /// Before `create` is queued: what the session is made of.
  void keep_snapshot(std::shared_ptr<const PresetSnapshot> snapshot) {
    snapshot_ = std::move(snapshot);
  }

  const std::string& id() const noexcept { return id_; }
  const std::string& tenant() const noexcept { return tenant_; }
  LoopHost& host() const noexcept { return host_; }

  /// Queues a command; overloaded when too many wait. The reply comes on the strand, never inside.
  Result<void> enqueue(QueuedCommand command);
  /// Ends the running turn, or the one that is about to start, within one loop turn.
  void cancel() noexcept;
  /// Opens a viewer after `cursor`; the queue gets what is missing, then live events.
  void attach(std::shared_ptr<Viewer> viewer);
  /// Lets a viewer go. Where memory fails it is closed, and leaves with the next event.
  void detach(std::shared_ptr<Viewer> viewer) noexcept;
  /// Commits what a crash left open: the turn ends as interrupted.
  void recover();

  /// Reads a consistent snapshot: `read` gets the committed model.
  template <class Read>
  auto with_model(Read&& read) const {
    std::lock_guard lock(model_mutex_);
    return read(std::as_const(model_));
  }
  /// Whose the session will be that is being created, and the data of its `session.created`: who
  /// makes it uses it at once.
  void expect(std::string owner, std::string created, WallTime now) {
    std::lock_guard lock(model_mutex_);
    expected_ =
        std::make_unique<const Expected>(Expected{std::move(owner), std::move(created), now});
  }
  /// What the session is; until its creation is committed what it will be, with `last_seq` 0.
  SessionInfo info() const;
  /// `judge` gets the info that rights are judged by.
  template <class Judge>
  auto with_rights(Judge&& judge) const {
    std::lock_guard lock(model_mutex_);
    if (model_.last_seq() != 0 || !expected_) return judge(model_.info());
    SessionInfo info = model_.info();
    info.owner = expected_->owner;
    return judge(std::as_const(info));
  }
  /// True when nothing runs, waits or watches: the actor can be let go.
  bool is_idle() const noexcept;
  bool has_work() const noexcept { return waiting_.load() != 0; }

  /// The engine closes: the running turn ends as interrupted, waiting commands fail.
  void shut_down();
  /// After shut_down(), when nothing moves any more: whatever still waits is given up, and with it
  /// what holds this session from inside.
  void let_go() noexcept;

  // For TurnRun, on the strand.
  void publish_delta(std::string_view text, const std::vector<std::uint32_t>& ends,
                     std::uint64_t offset);
  void publish_live(std::string_view type, const std::string& actor, std::string data,
                    const Audience& audience);
  /// A piece of the running turn's reasoning, for hosts.
  void publish_reasoning(std::string_view text);
  void turn_ended(TurnEnd end);
  /// A service reported what the prompt of a plan had.
  void learn_tokens(const TurnPlan& plan, const ReplyStart& start, const UsageUpdate& usage);
  /// The reply streams: its price is that of the model that answers.
  void model_answers(TurnPlan& plan, const ReplyStart& start) const;
  /// Sets more aside for a reply of which `came` output tokens are there and which goes on. False:
  /// there is no room in a budget for what came.
  bool extend(TurnPlan& plan, const ReplyStart& start, std::int64_t came) const;
  /// Both for a call beside the turns.
  AsideBudget aside_budget() const;
  using Stored = std::function<void(const Result<void>&)>;
  /// Commits what the running turn asks of tools, before anything of it runs.
  void store_tool_requests(std::vector<RequestedTool> tools, Stored done);
  /// Commits what came of them. `next`: the turn goes on with that request, after `spent`; `done`
  /// gets budget_exhausted when it may not.
  void store_tool_results(std::vector<TurnTools::Finished> tools, TurnPlan* next, Money spent,
                          Stored done);
  /// The store has another row of this session among the analytics than before; on the strand.
  void row_was_rebuilt() noexcept { row_is_unknown_ = true; }
  // For the job of an analysis, on the strand.
  void analyse(AnalysisTask task);
  /// Ends the analysis of that job, or whichever runs; its books are still closed.
  void stop_analysis(std::string_view job = {});
  // For the job of a second opinion, on the strand.
  void judge(JudgeTask task);
  /// Ends the one of that job, or all of them; their books are still closed.
  void stop_judging(std::string_view job = {});
  const std::string& owner() const noexcept { return model_.info().owner; }
  Core& core() noexcept { return core_; }
  bool is_watched() const noexcept { return viewers_.any(); }
  const std::string& stream() const noexcept { return viewers_.stream(); }

  /// Handles outside that name this session.
  void add_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  void drop_handle() noexcept;
  int handles() const noexcept { return handles_.load(std::memory_order_relaxed); }

 private:
  using Committed = UniqueFunction<void(Result<void>)>;

  struct AutoRun {
    QueuedCommand command;
    RunResult result;
  };

  /// What kind of reply to start, and on what.
  struct TurnRequest {
    std::string kind;
    std::string speaker;
    std::string replaces;
    std::vector<std::string> supersedes;
    std::string base_text;
    const Line& line;     ///< As the prompt sees it, uncommitted messages included.
    std::string message;  ///< Id of the message answered; may be empty.
    Audience audience;
    std::uint32_t messages_before =
        0;  ///< Uncommitted messages that take the ids before the reply's.
  };

  // session_actor.cpp: the queue
  void take(QueuedCommand& command);
  void pump();
  void pump_queue();
  void carry_out(QueuedCommand command);
  void carry_out_checked(QueuedCommand& command);
  bool must_wait(const Command& command) const noexcept;
  void dispatch(QueuedCommand& command);
  Result<void> check_rights(const Command& command) const;
  Result<void> check_state(const Command& command) const;
  Result<void> check_rate(const Command& command) const;
  void cancel_now();
  void set_running(std::stop_source stop) noexcept;
  static void refuse(QueuedCommand& command, const Error& error);
  int touch_waiting(int change) noexcept;  // how many are left
  int leave_waiting(int fewer) noexcept;
  void end_work(int fewer) noexcept;
  /// Something counted by touch_waiting() is no longer waited for in this session; in the engine it
  /// ends with this scope, when its answers have been given and what follows from it is counted.
  class EndOfWork {
   public:
    explicit EndOfWork(SessionActor& actor) noexcept : actor_(actor) { actor_.leave_waiting(1); }
    ~EndOfWork() { actor_.end_work(1); }
    EndOfWork(const EndOfWork&) = delete;
    EndOfWork& operator=(const EndOfWork&) = delete;

   private:
    SessionActor& actor_;
  };
  void after_commit(Task task);
  void when_free(Task task);
  Result<void> need_preset();

  // actor_commit.cpp: the commit, viewers
  CommitDraft draft(const std::string& cause) const;
  /// Commits the draft, applies and publishes it; `done` comes afterwards, on the strand.
  void commit(CommitDraft draft, Committed done);
  struct CommitUnderWay;
  Result<void> submit(CommitDraft draft, const std::shared_ptr<CommitUnderWay>& held);
  Result<void> apply_committed(std::vector<ParsedEvent> events);
  Result<void> load_again() noexcept;
  void committed(std::vector<ParsedEvent> events, Result<void> result, Committed done);
  void commit_simple(CommitDraft draft, QueuedCommand& command);
  void reply_info(QueuedCommand& command, const Result<void>& result);
  void publish(ParsedEvent event);
  std::shared_ptr<Event> live_event(std::string_view type, const std::string& actor,
                                    const Audience& audience) const;
  std::shared_ptr<DeltaBatch> delta_batch(std::uint64_t offset) const;
  void catch_up(const std::shared_ptr<Viewer>& viewer);
  void push_running_text(Viewer& viewer);

  // actor_repeats.cpp: results kept by command id
  bool repeat_of_earlier(QueuedCommand& command);
  void repeat_turn(const Json& first, TurnState& state) const;
  Result<void> read_end(TurnResult& result, std::uint64_t after) const;
  /// `members`: what the result is made of beside the session's info, as members of a JSON object.
  /// `made`: the session that the command made.
  void remember(CommitDraft& draft, const QueuedCommand& command, std::string_view members = {},
                std::string_view made = {}) const;
  void store_run_result(const std::shared_ptr<AutoRun>& run);
  void forget_old_commands();

  // actor_recovery.cpp: what was left open, and the engine's end
  bool is_left_open() const;
  void end_left_open();
  void refuse_next(const Error& error);

  // actor_commands.cpp: commands that only write
  void do_create(QueuedCommand& command);
  void do_start(QueuedCommand& command);
  Result<void> add_start(CommitDraft& draft, std::vector<Message>& fresh);
  void do_remove(QueuedCommand& command);
  void do_state_change(QueuedCommand& command, SessionCommand kind, std::string data);
  void state_changed(SessionCommand kind);
  void do_join(QueuedCommand& command);
  void do_leave(QueuedCommand& command);
  void do_set_variable(QueuedCommand& command);
  void do_update(QueuedCommand& command);
  void do_annotate(QueuedCommand& command);
  void do_choose(QueuedCommand& command);
  void do_undo(QueuedCommand& command);
  void commit_line_change(CommitDraft next, QueuedCommand& command);
  static std::string actor_of(const Command& command);
  static std::string supersede(const std::vector<std::string>& ids, std::string_view reason);

  // actor_money.cpp: reserve, settle, ledger
  /// A call that is settled, as ledger and budgets see it.
  struct SettledCall {
    const char* purpose = "turn";  ///< "turn", "aside", "analysis", "judge"; `id` is the call's.
    std::string id;
    std::string provider;
    std::string model;
    Usage usage;
    Money cost;
    std::vector<BillPart> others = {};  ///< What of both other models had.
    std::string asked = {};             ///< As in BillPart.
  };
  SettledCall settled(const char* purpose, const std::string& id, const AsideEnd& end) const;
  Spender spender(const std::string& tier) const;
  /// Fills plan.reserved and what the reply may cost. @return budget_exhausted when it could pass
  /// a budget. `spent`: what the open turn's earlier rounds cost, when the plan is its next one.
  Result<void> reserve(TurnPlan& plan, std::optional<Money> spent = std::nullopt) const;
  Result<void> reserve_as_planned(TurnPlan& plan, const ServiceSet& services,
                                  std::optional<Money> spent) const;
  std::optional<Money> session_room(std::optional<Money> spent) const;
  Result<void> check_price(const std::string& model, const Policy& policy) const;
  static std::vector<BillPart> parts_of(const SettledCall& call);
  bool is_unpriced(const SettledCall& call) const;
  void count_affordable(TurnPlan& plan, const std::string& served, const std::string& asked) const;
  /// Adds `budget.settled`, the ledger's row, and an alert for each mark that was passed.
  void add_settlement(CommitDraft& draft, const SettledCall& call,
                      const std::vector<guard::BudgetAlert>& alerts);
  std::vector<guard::BudgetAlert> settle_budgets(const std::shared_ptr<BudgetHold>& hold,
                                                 Money cost, Purpose purpose = Purpose::turn) const;
  /// The windows that a call of that purpose counts against now.
  std::vector<guard::BudgetClaim> claims_of(const Policy& policy, const std::string& tier,
                                            Purpose purpose) const;
  void add_to_ledger(CommitDraft& draft, const SettledCall& call) const;
  void add_to_ledger(CommitDraft& draft, const std::string& purpose, const BillPart& part) const;
  void keep_ledger(LedgerRows rows) noexcept;

  // actor_fork.cpp
  void do_fork(QueuedCommand& command);
  Result<StreamPlace> fork_place(const std::string& message) const;
  Result<StreamPlace> end_of_message(Storage& storage, StreamPlace place) const;

  // actor_asides.cpp: side questions
  struct AsideUnderWay {
    std::string id;
    QueuedCommand command;
    std::vector<QueuedCommand> repeats;
    std::shared_ptr<AsideRun> run;  // until it has ended
    std::shared_ptr<BudgetHold> hold;
    bool at_filter = false;
    std::chrono::milliseconds time_limit{0};  // above zero: what is to be asked next
    net::TimerId timer = 0;
    bool late = false;
  };
  void do_aside(QueuedCommand& command);
  void aside_filtered(QueuedCommand& command);
  void ask(const std::shared_ptr<AsideUnderWay>& aside, TurnPlan plan);
  void begin_aside(std::shared_ptr<AsideUnderWay> aside, TurnPlan plan, QueuedCommand& command);
  void abandon_aside(const std::shared_ptr<AsideUnderWay>& aside);
  void filter_aside(const std::shared_ptr<AsideUnderWay>& aside, const std::string& speaker,
                    AsideEnd end);
  void aside_ended(const std::shared_ptr<AsideUnderWay>& aside, AsideEnd end);
  void settle_aside(const std::shared_ptr<AsideUnderWay>& aside, AsideEnd end);
  void answer_aside(QueuedCommand& command, const AsideEnd& end, Money cost) const;

  // analysis/actor_analysis.cpp: the analysis that closes the session
  struct AnalysisUnderWay;
  void add_completed(CommitDraft& draft, std::string_view actor, std::string data);
  void queue_analysis(CommitDraft& draft, std::string_view reason);
  void do_analyze(QueuedCommand& command);
  void end_lost_analysis();
  void tell_failed(const std::string& job, const Error& error);
  void begin_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis);
  void ask_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis);
  void send_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis, TurnPlan plan);
  void filter_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis, AsideEnd end);
  void analysis_answered(const std::shared_ptr<AnalysisUnderWay>& analysis, AsideEnd end);
  void read_analysis_answer(const std::shared_ptr<AnalysisUnderWay>& analysis, const AsideEnd& end);
  void analyse_offline(const std::shared_ptr<AnalysisUnderWay>& analysis, const Error& why);
  void store_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis, Analysis whole);
  void end_analysis(const std::shared_ptr<AnalysisUnderWay>& analysis, Result<void> result);
  void drop_analysis() noexcept;
  bool has_open_analysis_call() const noexcept;
  bool is_analysis_call(const std::string& call) const noexcept;

  // judge/actor_judge.cpp: second opinions on unsure scores
  struct JudgementUnderWay;
  using Judgement = std::shared_ptr<JudgementUnderWay>;
  void queue_judgement(CommitDraft& draft, const std::string& message, std::string_view text,
                       const std::vector<std::string>& unsure) const;
  void end_lost_judgements();
  bool is_to_be_judged(const std::string& job) const noexcept;
  void begin_judgement(const Judgement& judgement);
  void ask_judge(const Judgement& judgement);
  Result<void> reserve_judge(TurnPlan& plan) const;
  void send_to_judge(const Judgement& judgement, TurnPlan plan);
  void judge_answered(const Judgement& judgement, AsideEnd end);
  void settle_judge(const Judgement& judgement, const AsideEnd& end);
  void take_opinions(const Judgement& judgement, const AsideEnd& end) const;
  void store_opinions(const Judgement& judgement, const std::optional<Error>& error = {});
  void fail_judgement(const Judgement& judgement, const Error& error);
  void end_judgement(const Judgement& judgement, Result<void> result);
  void drop_judgements() noexcept;
  std::size_t open_judge_calls() const noexcept;
  bool is_judge_call(const std::string& call) const noexcept;
  bool opinions_are_to_come() const;
  /// True when the analysis has to wait for opinions; then go_on_with_analysis() begins it.
  bool waits_for_judge(const std::shared_ptr<AnalysisUnderWay>& analysis);
  void go_on_with_analysis();

  // questions/actor_questions.cpp: what to ask next
  void do_next_question(QueuedCommand& command);
  Result<std::string> asking_character(const Command& command) const;
  metrics::AskedQuestions asked_questions(const Line& line) const;
  void choose_planned(QueuedCommand& command, const std::string& reason);
  void limit_question(const std::shared_ptr<AsideUnderWay>& aside);
  std::shared_ptr<NextQuestion> judge_question(const AsideUnderWay& aside, const AsideEnd& end,
                                               Money cost);
  void add_question(CommitDraft& books, const AsideUnderWay& aside,
                    const NextQuestion& question) const;
  void answer_question(QueuedCommand& command, const NextQuestion& question) const;

  // questions/actor_escapes.cpp: people who skip something
  void do_escape(QueuedCommand& command);
  void note_escape(CommitDraft& draft, const Message& message, const Line& line) const;
  std::string escape_step(const Line& line, std::string_view named, SessionState state) const;

  // analytics/actor_analytics.cpp: the session's row
  void add_analytics(Batch& batch, const SessionFacts& facts);
  void find_analytics_row();

  // actor_input.cpp: what people say, and the host's filter
  struct InputCheck {
    QueuedCommand command;
    void (SessionActor::*next)(QueuedCommand&) = nullptr;
    std::optional<std::stop_callback<std::function<void()>>> stopped;
  };
  using FilterAnswer = UniqueFunction<void(const FilterVerdict&)>;
  void filter_input(QueuedCommand& command, void (SessionActor::*next)(QueuedCommand&));
  void input_judged(const FilterVerdict& verdict);
  void drop_input_check(const Error& why);
  void ask_filter(bool input, const FilterContext& context, std::string_view text,
                  FilterAnswer then);
  Result<std::string> filter_speaker(const Command& command) const;
  Result<std::string> human_speaker(const Command& command) const;
  Result<Message> human_message(const Command& command) const;
  Result<void> check_human_text(std::string_view text) const;
  Result<void> check_audience(const Audience& audience) const;
  Result<void> may_speak_as(const Principal& who, const Participant& participant) const;

  // actor_turns.cpp: commands that start a turn, and its end
  void do_send(QueuedCommand& command);
  void do_edit(QueuedCommand& command);
  void do_speak(QueuedCommand& command);
  void do_regenerate(QueuedCommand& command);
  void answer_again(QueuedCommand& command, const Message& unanswered);
  void do_continue(QueuedCommand& command);
  void send_filtered(QueuedCommand& command);
  void edit_filtered(QueuedCommand& command);
  Result<void> check_speaker(const Command& command) const;
  std::optional<std::string> reply_speaker(const Command& command,
                                           const std::vector<Message>& fresh = {},
                                           const std::string& after = {},
                                           std::span<const MetricScore> scores = {}) const;
  SessionMeter& meter();
  std::vector<MetricScore> measure(const CommitDraft& draft, Message& message);
  void add_message(CommitDraft& draft, Message& message, std::vector<MetricScore> scores);
  void forget_from(std::string_view message);
  Result<std::shared_ptr<TurnPlan>> make_plan(const TurnRequest& request, const Command& command);
  void start_turn(CommitDraft draft, const TurnRequest& request, QueuedCommand& command);
  void launch(std::shared_ptr<TurnPlan> plan, std::shared_ptr<TurnState> state, Duration latency);
  void abandon_turn(const std::shared_ptr<TurnState>& state);
  void store_only(CommitDraft draft, std::string message, QueuedCommand& command);
  Message reply_of(const TurnEnd& end) const;
  void add_reply(CommitDraft& draft, const TurnEnd& end, Message reply, bool wrote);
  void log_end(const TurnEnd& end) const;
  void finish_when_free(TurnEnd end);
  void finish_turn(TurnEnd end);
  void turn_stored(TurnEnd end, const std::string& message, const Result<void>& result);

  // actor_tools.cpp: the log of tools
  Result<void> add_continued(CommitDraft& draft, TurnPlan& next, Money spent) const;
  void add_cut_tools(CommitDraft& draft, const TurnEnd& end) const;
  std::string add_cut_reply(CommitDraft& draft, const OpenTurn& turn, const Usage& usage) const;

  // actor_runs.cpp: end conditions, and AI characters among themselves
  static std::string reason_data(std::string_view reason);
  std::optional<std::string> end_reason(const Message* reply) const;
  std::optional<std::string> end_after(const TurnEnd& end, Message* reply);
  void complete_because(const std::string& reason);
  std::optional<std::int64_t> ran_ms() const;
  std::string pause_data() const;
  void arm_session_timer();
  void do_run(QueuedCommand& command);
  void step_run();
  void end_run(std::string reason, std::optional<Error> error = std::nullopt);
  void answer_run(AutoRun& run) const;
  void fail_run(const Error& error);

  Core& core_;
  LoopHost& host_;
  const std::string tenant_;
  const std::string id_;

  mutable std::mutex
      model_mutex_;  // held while the model changes and while another thread reads it
  SessionModel model_;
  struct Expected {
    std::string owner;
    std::string created;
    WallTime time{};
  };
  std::unique_ptr<const Expected> expected_;  // until it is created; under model_mutex_
  const std::shared_ptr<Money> extra_ = std::make_shared<Money>();  // see SessionExtra
  std::optional<Error> gone_;  // set when creating failed or the session was removed
  std::shared_ptr<const PresetSnapshot> snapshot_;  // until it was rendered
  std::shared_ptr<const RenderedPreset> preset_;
  std::unique_ptr<SessionMeter> meter_;
  LedgerRows ledger_;                   // rows of this session that were stored last
  std::optional<WallTime> row_until_;   // when its row among the analytics goes, where it has one
  bool row_is_unknown_ = true;          // the store was not asked for it yet
  Rarely<TokenCorrection> correction_;  // since the session was loaded
  Viewers viewers_;

  std::list<QueuedCommand> queue_;  // a command is large, and most sessions have none
  std::atomic<int> waiting_{0};     // queued commands, a running turn, a commit: anything not done
  std::atomic<int> handles_{0};
  bool busy_ = false;  // a commit or a filter's answer is awaited
  bool pumping_ = false;
  std::vector<Task> after_commit_;
  std::shared_ptr<TurnRun> run_;
  std::mutex stop_mutex_;  // guards the one member that cancel() takes from another thread
  std::stop_source running_stop_{std::nostopstate};
  bool starting_ = false;         // a turn's start is being committed
  bool cancel_starting_ = false;  // and it is to be cancelled at once
  std::shared_ptr<InputCheck> input_check_;
  std::vector<std::shared_ptr<AsideUnderWay>> asides_;
  std::shared_ptr<AnalysisUnderWay> analysis_;
  std::vector<Judgement> judgements_;
  bool open_end_failed_ = false;  // what was left open could not be ended: wait for a command
  std::unique_ptr<TurnEnd>
      unstored_end_;  // a reply whose commit failed; tried again before anything else

  std::unique_ptr<AutoRun> auto_run_;
  std::optional<TimePoint>
      active_since_;  // minus what it ran before; absent while it is not active
  std::atomic<net::TimerId> session_timer_ = 0;  // set on the strand, seen by is_idle()
};

}  // namespace scena::engine

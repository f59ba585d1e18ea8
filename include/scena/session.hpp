#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <scena/analysis.hpp>
#include <scena/event.hpp>
#include <scena/message.hpp>
#include <scena/pending.hpp>
#include <scena/principal.hpp>
#include <scena/session_state.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Somebody in a session: a human, or a character played by a model.
struct Participant {
  std::string id;         ///< Of a character: its id in the preset.
  std::string name;       ///< As others call it.
  bool is_human = false;  ///< Not played by a model.
  bool present = true;    ///< Perceives and may speak; false once it left.
  std::string subject;    ///< The user behind a human participant; may be empty.
  bool operator==(const Participant&) const = default;
};

/// What a session is, without its messages.
struct SessionInfo {
  std::string id;                              ///< What Engine::session() takes.
  std::string title;                           ///< For people.
  std::string preset;                          ///< Id of the preset it was made of.
  SessionState state = SessionState::pending;  ///< After the last committed command.
  std::string owner;                           ///< User id; empty: the host's own.
  std::string parent;                          ///< The session it was forked from; empty for none.
  std::uint64_t parent_seq = 0;                ///< The last event it shares with `parent`.
  std::uint64_t last_seq = 0;                  ///< Of its last durable event.
  WallTime created{};                          ///< UTC.
  WallTime updated{};                          ///< Time of its last durable event.
  std::uint32_t turns = 0;                     ///< Turns ever started, superseded ones included.
  std::uint32_t messages = 0;                  ///< Messages on the chosen line.
  Usage usage;  ///< Everything used since its creation or fork, superseded messages and asides
                ///< included.
  Money cost;   ///< Of `usage`, by the prices configured.
  std::string end_reason;  ///< Why it completed: "host", "turns", "time", "phrase", ...
  std::vector<Participant> participants;         ///< Also those who left.
  std::map<std::string, std::string> variables;  ///< Values in text form, see VariableValues.
  std::map<std::string, std::string> labels;     ///< The host's own names and values.
  std::map<std::string, std::uint32_t> escapes;  ///< Times people skipped, by step: EscapeOptions.

  /// One line of JSON; docs/reference/export.md names the members.
  std::string to_json() const;
  bool operator==(const SessionInfo&) const = default;
};

/// How a turn ended.
struct TurnResult {
  std::string turn;                     ///< The turn's id.
  Outcome outcome = Outcome::complete;  ///< Only `complete` saw the provider's end mark.
  FinishReason finish_reason = FinishReason::stop;  ///< Meaningful when complete.
  /// Id of the stored reply (of the message itself where no reply was asked for); empty when
  /// nothing was stored. Where nothing came of a regenerate() or continue_reply(), the reply before
  /// stays on the line as it was, cut or not, and this one, stored for what it has cost, is not on
  /// it.
  std::string message;
  std::string text;            ///< The whole reply, or as much as came.
  Usage usage;                 ///< Tokens of this reply.
  Money cost;                  ///< Of `usage`, by the prices configured.
  std::optional<Error> error;  ///< Set unless it is complete.
  bool cached = false;         ///< Taken from the response cache.
  bool degraded = false;       ///< The configured answer: no service could be asked.
  std::string route;           ///< Which rule picked the model and why; empty without rules.
  std::string fallback_for;    ///< The provider that failed first; empty when none did.
};

/// One message and its reply in the making. A cheap handle.
///
/// Threading: every function may be called from any thread.
class Turn {
 public:
  class Impl;
  explicit Turn(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

  /// "t1", "t2", ...; empty until the turn is accepted.
  std::string id() const;
  /// True once the user's message is committed and the reply has started.
  bool accepted() const;
  /// True once the turn has ended or was refused: wait() does not wait.
  bool done() const;

  /// Waits until the message is committed.
  /// @throws Error what it was refused with.
  void wait_accepted(std::optional<std::chrono::milliseconds> timeout = std::nullopt) const;

  /// Waits for the turn's end; with `threads = 0` it runs the engine's loop itself, or
  /// waits behind the thread that does.
  /// @throws Error when the turn was refused; a reply that failed is returned, not thrown.
  TurnResult wait(std::optional<std::chrono::milliseconds> timeout = std::nullopt) const;
  /// Calls `callback` once with what wait() would give, on the engine's thread; at once when it is
  /// there.
  void then(std::function<void(Result<TurnResult>)> callback) const;
  /// Calls `callback` once with what wait_accepted() would give, on the engine's thread; at once
  /// when it is there.
  void then_accepted(std::function<void(Result<void>)> callback) const;

  /// Ends generation within one loop turn; the partial text is stored. Allocates nothing.
  void cancel() const noexcept;

 private:
  std::shared_ptr<Impl> impl_;
};

/// What goes with a message, or with a reply made without one.
struct SendOptions {
  std::string participant;  ///< Who speaks; empty: the session's only human.
  std::string command_id;   ///< The same id again returns the first result and sends nothing.
  std::string model;        ///< For this reply only.
  std::string character;    ///< Who answers; empty: the turn policy decides.
  /// For the whole reply, approvals and tools included, in place of the preset's limit and never
  /// longer than the configuration's `timeouts.total`; 0: these two.
  std::chrono::milliseconds deadline{0};
  Audience audience;  ///< Who perceives the message: a whisper names participants.
  bool reply = true;  ///< False: only stores the message.
  /// Non-empty: the reply must be JSON that follows this JSON Schema. It is asked for by the
  /// service's own means, and nobody sees it before it was judged: its deltas come at once. One
  /// that does not follow fails with protocol (what came is the turn's text); no refusal is judged.
  /// A schema that is none is refused with invalid_argument before anything is stored or sent.
  std::string json_schema;
  bool repair = false;  ///< With `json_schema`: a reply that does not follow it is asked for once
                        ///< more, with what was wrong (event turn.continued).
};

/// Options of the commands that need nothing more.
struct CommandOptions {
  std::string command_id;  ///< The same id again returns the first result (kept for a day).
};

/// A person left the way that the scenario plans: "skip", "just build it".
struct EscapeOptions {
  std::string participant;  ///< Who; empty: the session's only human, or nobody in particular.
  std::string step;  ///< What was skipped, a name of at most 200 bytes. Empty: the planned question
                     ///< that was asked last; where none was, the session's state.
  std::string reason;      ///< What the host saw, e.g. "button"; a name of at most 200 bytes.
  std::string command_id;  ///< The same id again returns the first result and counts nothing.
};

/// What a question is asked for.
struct NextQuestionOptions {
  std::string character;   ///< Who would ask it; empty: the preset's first AI character.
  std::string model;       ///< For this call only.
  std::string command_id;  ///< The same id again returns the first result and asks nothing.
};

/// What to ask next.
struct NextQuestion {
  std::string text;       ///< The question; empty: nothing is left to ask.
  std::string covers;     ///< Id of the planned question that it asks; empty: none of them.
  bool fallback = false;  ///< True: the next planned question, because no model gave a good one.
  std::string reason;     ///< Why it is the fallback: "no_model", "schema", "repeat", "timeout",
                          ///< "budget", "filtered" or "failed"; else empty.
  Usage usage;            ///< Tokens of the model's answer, good or not.
  Money cost;             ///< Of `usage`, by the prices configured.
  bool operator==(const NextQuestion&) const = default;
};

/// Hears a reply while it comes, on the thread that waits for it. A slow one gets larger pieces,
/// never another text.
struct Live {
  std::function<void(std::string_view)> text;       ///< A piece: whole UTF-8 characters.
  std::function<void(std::string_view)> reasoning;  ///< Of what the model thinks aloud.
};

/// What update() changes; the rest stays.
struct SessionChanges {
  std::optional<std::string> title;                          ///< The new title.
  std::map<std::string, std::optional<std::string>> labels;  ///< Empty value: the label goes.
};

/// How far a run of AI characters goes.
struct RunOptions {
  std::uint32_t max_turns = 0;  ///< 0: until the preset's end conditions hold.
  std::string command_id;       ///< The same id again returns the first result.
};

/// What a run of AI characters ended with.
struct RunResult {
  std::uint32_t turns = 0;  ///< Turns that this run made.
  std::string reason;  ///< An end condition's kind, "max_turns", "paused", "completed", "error",
                       ///< "human" (whose turn it is), "cancelled" or "failed".
  /// Set when "failed": why a reply failed, was cut or could not be stored.
  std::optional<Error> error;
};

/// Where a viewer starts, what it sees, and how much may wait for it.
struct SubscribeOptions {
  std::string
      after;  ///< Cursor of the last event seen; empty: from the beginning; "live": from now.
  std::string participant;     ///< See what this participant may see; empty: everything (hosts).
                               ///< It must be present: who has left receives nothing.
  bool batches = false;        ///< One delta event for everything that arrived together.
  std::size_t max_events = 0;  ///< 0: the configuration's limit.
  std::size_t max_bytes = 0;   ///< 0: the configuration's limit.
  /// See these types alone, e.g. "turn.finished", or "message.*" for all that begin so; others are
  /// passed over while the viewer is read. Until then they count against its limits and call
  /// on_ready() as any. `lagged` comes in any case. Empty: all types.
  std::vector<std::string> types;
};

/// A viewer of a session: its own bounded queue of events. Dropping it ends the viewing and nothing
/// else. A cheap handle; one reader at a time.
///
/// A reader that is too slow gets merged deltas; if that is not enough, the last event is `lagged`
/// with the cursor to subscribe after: nothing is missed then.
class Events {
 public:
  class Impl;
  explicit Events(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

  /// Takes the next event without waiting. `out`'s memory is used again.
  /// @return false when there is none now.
  bool next(Event& out);
  /// Waits for the next event; with `threads = 0` it runs the engine's loop itself, or
  /// waits behind the thread that does.
  /// @return false after the timeout, or when nothing can come any more.
  bool next_wait(Event& out, std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  /// Where this reader stands: subscribe after it to go on.
  std::string cursor() const;
  /// True after `lagged` or close(): no further event comes.
  bool ended() const;
  /// Called (on the engine's thread) when events arrive in an empty queue.
  void on_ready(std::function<void()> callback);
  /// Takes in nothing more; what waits can still be read. Safe to call twice.
  void close() noexcept;

 private:
  std::shared_ptr<Impl> impl_;
};

/// What was sent to a model for one message, and why each part was in or out.
struct Explanation {
  /// One candidate for the prompt.
  struct Part {
    std::string id;            ///< Of a message: its id; else a name such as "engine:begin".
    std::string source;        ///< "preset", "character", "history", ...
    std::uint64_t tokens = 0;  ///< Estimated; 0 for what its reader did not perceive.
    bool included = true;      ///< Whether it was sent.
    std::string reason;        ///< Why it was sent or left out: a fixed word.
  };
  std::string message;              ///< Id of the reply.
  std::string turn;                 ///< The turn that made it.
  std::string provider;             ///< The provider it was sent to.
  std::string model;                ///< The model asked for.
  std::string request;              ///< The exact request body.
  std::string sha256;               ///< Of `request`; equal to what the log recorded.
  std::vector<std::string> rounds;  ///< The request bodies that followed with the results of tools.
  std::vector<Part> parts;          ///< In the order of the prompt.
};

/// The answer to a side question.
struct AsideResult {
  std::string text;  ///< All of it.
  Usage usage;       ///< Tokens of this call.
  Money cost;        ///< Of `usage`, by the prices configured.
};

/// One running conversation: a preset, its characters, and the turns so far.
///
/// A Session is a cheap handle; copies name the same conversation. It may outlive its Engine, but
/// then every call fails with ErrorCode::closed. Commands are queued in order; the answer arrives
/// through the handle they return.
///
/// A command fails with wrong_state where the session's state forbids it, with permission_denied
/// where the principal may not give it, with not_found once the session is deleted, with overloaded
/// when too many commands wait. Those that return a Turn throw what is known at once.
///
/// Threading: every function may be called from any thread.
class Session {
 public:
  class Impl;
  explicit Session(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

  const std::string& id() const noexcept;  ///< Valid as long as this handle.
  /// The state after the last committed command.
  /// @throws Error not_found once it is deleted; permission_denied for who has left; closed.
  SessionState state() const;
  /// What it is after the last committed command; of a session that is not stored yet what it will
  /// be, with `last_seq` 0 and the time of its call. @throws Error as state().
  SessionInfo info() const;

  /// pending -> active: stores the openings. send() on a pending session starts it first.
  Pending<SessionInfo> start(const CommandOptions& options = {});
  /// Queues a user message and starts the reply. Returns at once; the turn is accepted when the
  /// message is committed, and the reply arrives as events.
  ///
  /// @param text  UTF-8, copied.
  /// @throws Error invalid_argument for empty or broken text; too_large; wrong_state when the
  /// session
  ///         is known to be paused, completed or in error; overloaded when too many commands wait.
  Turn send(std::string_view text, const SendOptions& options = {});
  /// send() and Turn::wait(), for hosts without a loop of their own.
  /// @param live  Hears the reply meanwhile. What it throws leaves this call; the turn goes on.
  /// @throws Error as both; wrong_state inside a callback, where nothing is sent.
  TurnResult send_wait(std::string_view text, const SendOptions& options = {},
                       const Live& live = {});
  /// Lets a character speak without a new message (the policy's next one, or the named).
  Turn prompt(const SendOptions& options = {});
  /// Lets the AI characters talk until an end condition, max_turns, or a human's turn.
  Pending<RunResult> run(const RunOptions& options = {});

  /// Ends the running turn, if any; the partial text is stored as cancelled.
  void cancel() noexcept;
  /// active -> paused, after the running turn; ends a run(). No message is taken until resume().
  Pending<SessionInfo> pause(const CommandOptions& options = {});
  /// paused or error -> active.
  Pending<SessionInfo> resume(const CommandOptions& options = {});
  /// active or paused -> completed; nothing makes it active again. A running turn is cancelled
  /// first, and what came of its reply is kept.
  Pending<SessionInfo> complete(const CommandOptions& options = {});

  /// Marks the session as failed (state error); resume() makes it active again. A running turn is
  /// cancelled first.
  Pending<SessionInfo> fail(const CommandOptions& options = {});

  /// A new reply in place of the last one, which stays as an alternative.
  Turn regenerate(const SendOptions& options = {});
  /// Makes an earlier alternative of the last reply the chosen one.
  Pending<SessionInfo> choose(std::string_view message, const CommandOptions& options = {});
  /// Replaces a human's message; everything after it leaves the line, and a new reply starts.
  Turn edit(std::string_view message, std::string_view text, const SendOptions& options = {});
  /// Takes the last turn off the line: reply and message, also where the reply was made anew; or
  /// the last message alone where no reply was asked for.
  Pending<SessionInfo> undo(const CommandOptions& options = {});
  /// Lets the last speaker go on from where its reply stopped; the new text is appended. Fails with
  /// invalid_argument for a JSON schema: a text that is added to is no value.
  Turn continue_reply(const SendOptions& options = {});

  /// Asks a character something that leaves no trace in the history; the cost is booked. Question
  /// and answer pass the host's filter. With a JSON schema the answer follows it: others fail with
  /// protocol, a refusal with content_filtered, a schema that is none, unasked, invalid_argument.
  Pending<AsideResult> ask_aside(std::string_view character, std::string_view question,
                                 std::string_view json_schema = {},
                                 const CommandOptions& options = {});

  /// Asks what to ask next: a model where the preset has `next_question`, whose answer must follow
  /// a JSON schema and be new; else, and when it does not, the first planned question that nobody
  /// asked yet. Leaves no message: the event question.chosen tells what it was and why.
  Pending<NextQuestion> next_question(const NextQuestionOptions& options = {});
  /// Counts that a person skipped something, as the host saw it; words that say so are found in
  /// messages by themselves. Fails with not_found for a participant that is not there.
  Pending<SessionInfo> flag_escape(const EscapeOptions& options = {});

  /// Lets a human, or a character of the preset, take part from now on. Fails with already_exists
  /// while somebody of that id is present, not_found for an AI that is no character.
  Pending<SessionInfo> join(const Participant& participant, const CommandOptions& options = {});
  /// The participant is not present any more and perceives nothing further. Fails with not_found
  /// when nobody of that id is present.
  Pending<SessionInfo> leave(std::string_view participant, const CommandOptions& options = {});
  /// Changes a variable of the preset; the next prompt has the new value. Fails with
  /// invalid_argument for an unknown name and for a required one that is left blank.
  /// @param value  In text form ("42", "true", "Ann"); checked against the preset's variable.
  Pending<SessionInfo> set_variable(std::string_view name, std::string_view value,
                                    const CommandOptions& options = {});
  /// Changes title and labels.
  Pending<SessionInfo> update(const SessionChanges& changes, const CommandOptions& options = {});
  /// Adds an event of the host's own, "app.<name>", with any JSON object. Names are made of
  /// letters, digits, `_`, `-` and `.`.
  Pending<SessionInfo> annotate(std::string_view name, std::string_view data,
                                const CommandOptions& options = {});
  /// A new session that shares everything up to and including `message` (empty: up to now), with
  /// the end of its turn. Its parent is the session whose stream holds that message: this one, or
  /// for a message that this one shares as a fork itself, the one it was stored in.
  Pending<Session> fork(std::string_view message = {}, const CommandOptions& options = {});
  /// Asks for the analysis of a completed session anew; answers when it is queued. It comes with
  /// analysis.stored and takes the place of the one before. The host's alone, as analysis() is:
  /// permission_denied for everybody else.
  Pending<SessionInfo> analyze(const CommandOptions& options = {});
  /// Deletes the session, in any state: nobody can open or read it any more, and its viewers end. A
  /// running turn is cancelled first. Its events stay in the store until Engine::erase_user().
  Pending<SessionInfo> remove(const CommandOptions& options = {});

  /// A viewer from any cursor. @throws Error invalid_argument for a bad cursor; not_found.
  Events events(const SubscribeOptions& options = {});

  /// The chosen line, oldest first; with `all` also superseded messages.
  std::vector<Message> messages(bool all = false) const;
  /// The alternatives of a message, itself included, oldest first. @throws Error not_found.
  std::vector<Message> alternatives(std::string_view message) const;
  /// Composes the request of a reply again. @throws Error conflict when it no longer gives the
  /// recorded hash; not_found for messages without a request.
  Explanation explain(std::string_view message) const;
  /// The analysis that was stored last. @throws Error not_found while there is none: it is there
  /// after the event analysis.stored; permission_denied unless it is the host; storage errors.
  Analysis analysis() const;
  /// Everything the session knows as one JSON text: equal for a session and its rebuilt self.
  /// @throws Error permission_denied unless it is the host.
  std::string state_json() const;

 private:
  friend class Engine;
  std::shared_ptr<Impl> impl_;
};

}  // namespace scena

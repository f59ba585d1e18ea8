#include <cstdlib>

#include "base/json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/projection/session_loader.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kCatchUpPage = 256;

// Days since 1970 of a command's first result; it is kept through the next day, so 24 hours at
// least.
std::int64_t day_of(WallTime time) {
  return time.time_since_epoch().count() / 86'400'000'000;
}

bool is_outdated(const Record& record, WallTime now) {
  for (const auto& [name, value] : record.index) {
    if (name == "day") return std::strtoll(value.c_str(), nullptr, 10) + 1 < day_of(now);
  }
  return true;
}

}  // namespace

// --- repeated commands -------------------------------------------------------------------------

bool SessionActor::repeat_of_earlier(QueuedCommand& command) {
  auto record = core_.storage()->get({tenant_, "command", id_ + "/" + command.command.id});
  if (!record) {
    refuse(command, record.error());
    return true;
  }
  if (!*record || is_outdated(**record, core_.clock().wall())) return false;
  const auto first = parse_json((*record)->json);
  if (!first) {
    refuse(command, first.error());
    return true;
  }
  CommandResult result;
  result.info = model_.info();
  result.turn = first->value("turn", "");
  result.session = first->value("session", "");
  if (command.turn) repeat_turn(result.turn, command.turn);
  if (command.reply) command.reply(std::move(result));
  return true;
}

void SessionActor::repeat_turn(const std::string& turn, const std::shared_ptr<TurnState>& state) {
  state->accept(turn);
  if (run_ && run_->turn() == turn) {
    repeats_.push_back(state);
    return;
  }
  TurnResult result;
  result.turn = turn;
  result.outcome = Outcome::interrupted;
  for (const Message& message : model_.all_messages()) {
    if (message.turn != turn || message.from_human) continue;
    result.message = message.id;
    result.text = message.text();
    result.outcome = message.outcome;
    result.finish_reason = message.finish_reason;
    result.usage = message.usage;
    result.cost = message.cost;
  }
  state->finish(std::move(result));
}

void SessionActor::remember(CommitDraft& draft, const Command& command,
                            std::string_view result) const {
  if (!command.repeatable) return;
  RecordWrite record;
  record.key = {tenant_, "command", id_ + "/" + command.id};
  record.json = result;
  record.index = {{"day", std::to_string(day_of(draft.time()))}};
  draft.add_record(std::move(record));
}

// --- committing --------------------------------------------------------------------------------

CommitDraft SessionActor::draft(const std::string& cause) const {
  return CommitDraft(tenant_, id_, model_.last_seq(), core_.clock().wall(), cause);
}

// What a commit's completion needs.
struct SessionActor::CommitUnderWay {
  std::vector<ParsedEvent> events;
  Committed done;
};

void SessionActor::commit(CommitDraft draft, Committed done) {
  Result<void> begun;
  try {
    auto held = std::make_shared<CommitUnderWay>();
    begun = submit(std::move(draft), held);
    if (begun) {
      held->done = std::move(done);
      return;
    }
  } catch (const std::bad_alloc&) {
    begun = Error::fixed(ErrorCode::out_of_memory,
                         "not enough memory to commit; the session is as before");
  }
  done(std::move(begun));
}

Result<void> SessionActor::submit(CommitDraft draft, const std::shared_ptr<CommitUnderWay>& held) {
  auto events = draft.take_events();
  if (!events) return events.error();
  auto facts = model_.preview(*events);
  if (!facts) return facts.error();
  Batch batch = draft.take_batch(*events, *facts);
  held->events = std::move(*events);
  auto submitted = host_.storage().submit(
      std::move(batch), [self = shared_from_this(), held](Result<void> result) {
        self->committed(std::move(held->events), std::move(result), std::move(held->done));
      });
  if (!submitted) return submitted;
  busy_ = true;
  touch_waiting(1);
  return {};
}

void SessionActor::committed(std::vector<ParsedEvent> events, Result<void> result, Committed done) {
  busy_ = false;
  if (result) result = apply_committed(std::move(events));
  try {
    done(std::move(result));
  } catch (...) {
    // Whoever waits for it has its own way to end; the queue must go on.
  }
  touch_waiting(-1);
  pump();
  core_.notify();
}

// The log has them now. If memory fails here, the model is made again from the log.
Result<void> SessionActor::apply_committed(std::vector<ParsedEvent> events) {
  try {
    Result<void> result;
    {
      std::lock_guard lock(model_mutex_);
      for (const auto& event : events) {
        if (auto applied = model_.apply(event); !applied) result = applied;
      }
    }
    for (auto& event : events) publish(std::move(event));
    return result;
  } catch (const std::bad_alloc&) {
    viewers_.close_all();
    auto again = load_model(*core_.storage(), tenant_, id_);
    if (!again) {
      gone_ = again.error();
      return *gone_;
    }
    std::lock_guard lock(model_mutex_);
    model_ = std::move(*again);
    meter_.reset();
    return {};
  }
}

void SessionActor::reply_info(QueuedCommand& command, const Result<void>& result) {
  if (!command.reply) return;
  if (!result) return command.reply(result.error());
  CommandResult answer;
  answer.info = model_.info();
  command.reply(std::move(answer));
}

void SessionActor::commit_simple(CommitDraft draft, QueuedCommand& command) {
  remember(draft, command.command, "{}");
  commit(std::move(draft), [self = shared_from_this(), command = std::move(command)](
                               Result<void> result) mutable { self->reply_info(command, result); });
}

// --- viewers -----------------------------------------------------------------------------------

void SessionActor::publish(ParsedEvent parsed) {
  if (!viewers_.any()) return;
  const bool left = parsed.event.type == "participant.left";
  viewers_.publish(std::make_shared<const Event>(std::move(parsed.event)));
  if (left) viewers_.close_participant(parsed.data.value("participant", ""));
}

void SessionActor::publish_live(std::string_view type, const std::string& actor, std::string data,
                                const Audience& audience) {
  if (!viewers_.any()) return;
  auto event = std::make_shared<Event>();
  event->stream = viewers_.stream();
  event->seq = model_.last_seq();
  event->type = type;
  event->time = core_.clock().wall();
  event->actor = actor;
  event->audience = audience;
  event->cause = run_ ? run_->cause() : std::string();
  event->data = std::move(data);
  viewers_.publish(std::shared_ptr<const Event>(std::move(event)));
}

std::shared_ptr<DeltaBatch> SessionActor::delta_batch(std::uint64_t offset) const {
  auto batch = std::make_shared<DeltaBatch>();
  batch->stream = viewers_.stream();
  batch->turn = run_->turn();
  batch->seq = model_.last_seq();
  batch->start = offset;
  batch->time = core_.clock().wall();
  batch->actor = run_->speaker();
  batch->audience = run_->audience();
  batch->cause = run_->cause();
  return batch;
}

void SessionActor::publish_delta(std::string_view text, const std::vector<std::uint32_t>& ends,
                                 std::uint64_t offset) {
  if (!viewers_.any()) return;
  auto batch = delta_batch(offset);
  batch->text = text;
  batch->ends = ends;
  viewers_.publish(std::shared_ptr<const DeltaBatch>(std::move(batch)));
}

void SessionActor::attach(std::shared_ptr<Viewer> viewer) {
  host_.loop().post([self = shared_from_this(), viewer = std::move(viewer)] {
    if (self->gone_) return viewer->queue().close();
    self->catch_up(viewer);
  });
}

// Hands the viewer one page of the log a call; the last one joins it to the live events. What is
// committed but not yet applied here comes by publish(), so a page stops at the model's own seq.
void SessionActor::catch_up(const std::shared_ptr<Viewer>& viewer) {
  const std::uint64_t last = model_.last_seq();
  if (viewer->from_now()) viewer->set_read_to(last);
  std::size_t bytes = 0;
  std::size_t events = 0;
  while (viewer->read_to() < last) {
    const auto limit =
        std::min<std::uint64_t>({kCatchUpPage, last - viewer->read_to(), viewer->page_events()});
    auto page = core_.storage()->read_events(tenant_, viewers_.stream(), viewer->read_to(),
                                             static_cast<std::size_t>(limit));
    if (!page || page->empty()) return viewer->queue().close();
    for (auto& event : *page) {
      bytes += event.data.size();
      viewer->set_read_to(event.seq);
      viewer->queue().push(std::make_shared<const Event>(std::move(event)));
      ++events;
      if (viewer->read_to() < last &&
          (events >= viewer->page_events() || bytes >= viewer->page_bytes())) {
        viewer->wants_more();
        viewer->queue().wake();  // the reader may have emptied the page before it could know
        return;
      }
    }
  }
  viewers_.join(viewer);
  if (run_) push_running_text(*viewer);
}

// A late viewer gets what stands of the running reply as one delta. Its cursor's offset counts only
// when it was given during this very reply.
void SessionActor::push_running_text(Viewer& viewer) {
  const auto& open = model_.open_turn();
  const bool same_turn = open && viewer.start().seq >= open->started_seq;
  const std::string_view text = run_->delivered_text();
  std::uint64_t from = same_turn ? viewer.start().offset.value_or(0) : 0;
  if (viewer.from_now()) from = text.size();
  if (from >= text.size()) return;
  auto batch = delta_batch(from);
  batch->add(text.substr(from));
  viewer.queue().push(std::shared_ptr<const DeltaBatch>(std::move(batch)));
}

void SessionActor::detach(std::shared_ptr<Viewer> viewer) {
  host_.loop().post([self = shared_from_this(), viewer = std::move(viewer)] {
    self->viewers_.leave(viewer.get());
    self->core_.release(self);
  });
}

// --- recovery ----------------------------------------------------------------------------------

// A crash, or the engine's end, left a turn open: it ends as interrupted, and what was reserved for
// it is booked as an estimate, since nobody can know what the service billed.
void SessionActor::recover() {
  forget_old_commands();
  if (!model_.open_turn()) {
    if (model_.state() == SessionState::active) {
      host_.loop().post([self = shared_from_this()] { self->arm_session_timer(); });
    }
    return;
  }
  touch_waiting(1);
  host_.loop().post([self = shared_from_this()] {
    self->recover_turn();
    self->touch_waiting(-1);
  });
}

// Results of commands are kept for a day; what is older goes when its session is loaded again.
void SessionActor::forget_old_commands() {
  RecordQuery query;
  query.tenant = tenant_;
  query.kind = "command";
  query.after_id = id_ + "/";
  auto records = core_.storage()->list(query);
  if (!records) return;
  Batch batch;
  for (const auto& record : *records) {
    if (!record.key.id.starts_with(query.after_id)) break;
    if (!is_outdated(record, core_.clock().wall())) continue;
    RecordWrite erase;
    erase.key = record.key;
    erase.erase = true;
    batch.records.push_back(std::move(erase));
  }
  if (batch.records.empty()) return;
  host_.loop().post([self = shared_from_this(), batch = std::move(batch)]() mutable {
    (void)self->host_.storage().submit(std::move(batch), [](Result<void>) {});
  });
}

void SessionActor::recover_turn() {
  if (!model_.open_turn() || run_ || busy_) return;
  const OpenTurn turn = *model_.open_turn();
  CommitDraft end = draft(turn.cause);
  if (turn.reserved.pico_usd != 0) {
    Usage unknown;
    unknown.estimated = true;
    end.add("budget.settled", "engine", settled_data("turn", turn.id, unknown, turn.reserved),
            {Audience::Kind::hosts, {}});
  }
  end.add("turn.finished", turn.speaker,
          R"({"turn":")" + turn.id + R"(","outcome":"interrupted","finish_reason":"other"})");
  commit(std::move(end), [self = shared_from_this()](Result<void>) { self->arm_session_timer(); });
}

// The engine closes: what streams is kept as interrupted, what waits is refused.
void SessionActor::shut_down() {
  for (auto& aside : asides_) aside->cancel();
  if (session_timer_ != 0) host_.loop().cancel(session_timer_);
  session_timer_ = 0;
  if (run_ && !busy_) run_->interrupt();
  const auto closed = Error::fixed(ErrorCode::closed, "the engine was closed");
  for (auto& command : queue_) refuse(command, closed);
  touch_waiting(-static_cast<int>(queue_.size()));
  queue_.clear();
  if (auto_run_) fail_run(closed);
  viewers_.close_all();
}

}  // namespace scena::engine

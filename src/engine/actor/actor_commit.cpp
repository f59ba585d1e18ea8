#include "base/json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {
constexpr std::size_t kCatchUpPage = 256;
}

// --- repeated commands -------------------------------------------------------------------------

bool SessionActor::repeat_of_earlier(QueuedCommand& command) {
  auto record = core_.storage().get({tenant_, "command", id_ + "/" + command.command.id});
  if (!record) {
    refuse(command, record.error());
    return true;
  }
  if (!*record) return false;
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

void SessionActor::remember(CommitDraft& draft, const Command& command, std::string_view result) const {
  if (!command.repeatable) return;
  constexpr std::int64_t kDay = 86'400'000'000;
  RecordWrite record;
  record.key = {tenant_, "command", id_ + "/" + command.id};
  record.expected_version = 0;
  record.json = result;
  record.index = {{"day", std::to_string(draft.time().time_since_epoch().count() / kDay)}};
  draft.add_record(std::move(record));
}

// --- committing --------------------------------------------------------------------------------

CommitDraft SessionActor::draft(const std::string& cause) const {
  return CommitDraft(tenant_, id_, model_.last_seq(), core_.clock().wall(), cause);
}

void SessionActor::commit(CommitDraft draft, Committed done) {
  auto events = draft.take_events();
  if (!events) return done(events.error());
  auto facts = model_.preview(*events);
  if (!facts) return done(facts.error());
  Batch batch = draft.take_batch(*events, *facts);
  struct Held {
    std::vector<ParsedEvent> events;
    Committed done;
  };
  auto held = std::make_shared<Held>(Held{std::move(*events), std::move(done)});
  busy_ = true;
  touch_waiting(1);
  auto submitted = host_.storage().submit(std::move(batch), [self = shared_from_this(), held](Result<void> result) {
    self->committed(held->events, std::move(result), std::move(held->done));
  });
  if (!submitted) committed({}, submitted.error(), std::move(held->done));
}

void SessionActor::committed(const std::vector<ParsedEvent>& events, Result<void> result, Committed done) {
  busy_ = false;
  if (result) {
    {
      std::lock_guard lock(model_mutex_);
      for (const auto& event : events) {
        auto applied = model_.apply(event);
        if (!applied) result = applied;
      }
    }
    for (const auto& event : events) publish(event);
  }
  done(std::move(result));
  touch_waiting(-1);
  pump();
  core_.notify();
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
  commit(std::move(draft), [self = shared_from_this(), command = std::move(command)](Result<void> result) mutable {
    self->reply_info(command, result);
  });
}

// --- viewers -----------------------------------------------------------------------------------

void SessionActor::publish(const ParsedEvent& parsed) {
  viewers_.publish(std::make_shared<const Event>(parsed.event));
  if (parsed.event.type == "participant.left") {
    viewers_.close_participant(parsed.data.value("participant", ""));
  }
}

void SessionActor::publish_live(std::string_view type, const std::string& actor, std::string data,
                                const Audience& audience) {
  if (!viewers_.any()) return;
  auto event = std::make_shared<Event>();
  event->stream = session_stream(id_);
  event->seq = model_.last_seq();
  event->type = type;
  event->time = core_.clock().wall();
  event->actor = actor;
  event->audience = audience;
  event->cause = run_ ? run_->turn() : std::string();
  event->data = std::move(data);
  viewers_.publish(std::move(event));
}

void SessionActor::publish_delta(std::string_view text, const std::vector<std::uint32_t>& cuts, std::uint64_t offset) {
  if (!viewers_.any()) return;
  viewers_.publish_delta({run_->turn(), run_->speaker(), run_->audience(), model_.last_seq(), core_.clock().wall(),
                          offset, text, cuts});
}

void SessionActor::attach(std::shared_ptr<Viewer> viewer) {
  host_.loop().post([self = shared_from_this(), viewer = std::move(viewer)] {
    if (self->gone_) return viewer->end();
    self->catch_up(viewer);
  });
}

// Hands the viewer one page of the log a call; the last one joins it to the live events. What is
// committed but not yet applied here comes by publish(), so the page stops at the model's own seq.
void SessionActor::catch_up(const std::shared_ptr<Viewer>& viewer) {
  const std::uint64_t last = model_.last_seq();
  if (viewer->from_now()) viewer->skip_to({last, run_ ? std::optional<std::uint64_t>(run_->delivered_text().size()) : std::nullopt});
  if (viewer->cursor().seq < last) {
    auto page = core_.storage().read_events(tenant_, session_stream(id_), viewer->cursor().seq, kCatchUpPage);
    if (!page) return viewer->end();
    for (auto& event : *page) {
      if (event.seq > last) break;
      viewer->push_stored(std::make_shared<const Event>(std::move(event)));
    }
    if (viewer->cursor().seq < last) return viewer->wants_more();
  }
  viewers_.join(viewer);
  if (run_) {
    // An offset counts only within the reply that was running when it was given.
    const auto& open = model_.open_turn();
    const bool same_turn = open && viewer->cursor_at_start().seq >= open->started_seq;
    const std::uint64_t from = same_turn ? viewer->cursor_at_start().offset.value_or(0) : 0;
    const std::string_view text = run_->delivered_text();
    if (from < text.size()) {
      viewers_.push_merged(*viewer, {run_->turn(), run_->speaker(), run_->audience(), last, core_.clock().wall(), from,
                                     text.substr(from), {}});
    }
  }
}

void SessionActor::detach(std::shared_ptr<Viewer> viewer) {
  host_.loop().post([self = shared_from_this(), viewer = std::move(viewer)] {
    self->viewers_.leave(viewer.get());
    self->core_.release(self);
  });
}

}  // namespace scena::engine

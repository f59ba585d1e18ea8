#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/erasure/retention.hpp"
#include "engine/projection/session_loader.hpp"
#include "engine/turn/turn_run.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kCatchUpPage = 256;

void end_page(Viewer& viewer) {
  viewer.wants_more();
  viewer.queue().wake();  // the reader may have emptied the page before it could know
}

}  // namespace

// --- committing --------------------------------------------------------------------------------

CommitDraft SessionActor::draft(const std::string& cause) const {
  return CommitDraft(tenant_, id_, model_.last_seq(), core_.clock().wall(), cause);
}

// What a commit's completion needs.
struct SessionActor::CommitUnderWay {
  std::vector<ParsedEvent> events;
  LedgerRows ledger;
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
  add_analytics(batch, *facts);
  add_retention(tenant_, *facts, model_.last_seq() == 0, model_.facts().ended, core_.jobs(), batch);
  core_.sinks().add_jobs(tenant_, *events, core_.jobs(), batch);
  held->events = std::move(*events);
  held->ledger = std::move(draft.ledger());
  const bool has_jobs = !batch.jobs.empty();
  const bool first = model_.last_seq() == 0;
  auto submitted = host_.storage().submit(
      std::move(batch), [self = shared_from_this(), held, has_jobs, first](Result<void> result) {
        if (result && has_jobs) self->core_.jobs().wake();
        if (result && first && self->row_until_)
          self->core_.analytics().opened(self->tenant_, *self->row_until_);
        if (result) {
          self->keep_ledger(std::move(held->ledger));
        } else {
          self->ledger_.clear();  // what a store that failed has kept is not known
        }
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
  const EndOfWork ends(*this);
  pump();
  core_.notify();
}

// The log has them now. If memory fails here, the model is made again from the log.
Result<void> SessionActor::apply_committed(std::vector<ParsedEvent> events) {
  try {
    Result<void> result;
    {
      std::lock_guard lock(model_mutex_);
      for (auto& event : events) {
        if (auto applied = model_.apply(event); !applied) result = applied;
      }
    }
    for (auto& event : events) publish(std::move(event));
    return result;
  } catch (const std::bad_alloc&) {
    viewers_.close_all();
    return load_again();
  }
}

Result<void> SessionActor::load_again() noexcept {
  Result<SessionModel> again = Error::fixed(
      ErrorCode::out_of_memory, "not enough memory for the session; open it again later");
  try {
    again = load_model(*core_.storage(), tenant_, id_);
  } catch (const std::bad_alloc&) {
    // The log has everything; the session is loaded from it when there is memory.
  }
  if (!again) {
    gone_ = again.error();
    return *gone_;
  }
  std::lock_guard lock(model_mutex_);
  model_ = std::move(*again);
  if (!run_) meter_.reset();  // a running reply measures with it, and adds nothing before its end
  return {};
}

void SessionActor::reply_info(QueuedCommand& command, const Result<void>& result) {
  if (!command.reply) return;
  if (!result) return command.reply(result.error());
  CommandResult answer;
  answer.info = model_.info();
  command.reply(std::move(answer));
}

void SessionActor::commit_simple(CommitDraft draft, QueuedCommand& command) {
  remember(draft, command);
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

std::shared_ptr<Event> SessionActor::live_event(std::string_view type, const std::string& actor,
                                                const Audience& audience) const {
  auto event = std::make_shared<Event>();
  event->stream = viewers_.stream();
  event->seq = model_.last_seq();
  event->type = type;
  event->time = core_.clock().wall();
  event->actor = actor;
  event->audience = audience;
  event->cause = run_ ? run_->cause() : std::string();
  return event;
}

void SessionActor::publish_live(std::string_view type, const std::string& actor, std::string data,
                                const Audience& audience) {
  if (!viewers_.any()) return;
  auto event = live_event(type, actor, audience);
  event->data = std::move(data);
  viewers_.publish(std::shared_ptr<const Event>(std::move(event)));
}

void SessionActor::publish_reasoning(std::string_view text) {
  if (!viewers_.any()) return;
  auto event = live_event("reasoning.delta", run_->speaker(), {Audience::Kind::hosts, {}});
  event->turn = run_->turn();
  event->text = text;
  viewers_.publish(std::shared_ptr<const Event>(std::move(event)));
}

std::shared_ptr<DeltaBatch> SessionActor::delta_batch(std::uint64_t offset) const {
  auto batch = std::make_shared<DeltaBatch>();
  batch->envelope = run_->envelope();
  batch->seq = model_.last_seq();
  batch->start = offset;
  batch->time = core_.clock().wall();
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
    try {
      self->catch_up(viewer);
    } catch (const std::bad_alloc&) {
      viewer->queue().close();  // its reader shall not wait for events that never come
    }
  });
}

// Hands the viewer one page of the log a call; the last one joins it to the live events. What is
// committed but not yet applied here comes by publish(), so a page stops at the model's own seq.
void SessionActor::catch_up(const std::shared_ptr<Viewer>& viewer) {
  const Participant* const who = model_.participant(viewer->participant());
  if (who && !who->present) return viewer->queue().close();
  const std::uint64_t last = model_.last_seq();
  if (viewer->from_now()) viewer->set_read_to(last);
  std::size_t bytes = 0;
  std::size_t events = 0;
  while (viewer->read_to() < last) {
    const auto limit = std::min<std::uint64_t>(
        {kCatchUpPage, last - viewer->read_to(), viewer->page_events() - events});
    auto page = core_.storage()->read_events(tenant_, viewers_.stream(), viewer->read_to(),
                                             static_cast<std::size_t>(limit));
    if (!page || page->empty()) return viewer->queue().close();
    for (auto& event : *page) {
      // One event alone has room in an empty queue, whatever its size.
      if (events > 0 && bytes + event.data.size() > viewer->page_bytes()) return end_page(*viewer);
      bytes += event.data.size();
      viewer->set_read_to(event.seq);
      ++events;
      if (model_.was_missed(viewer->participant(), event)) continue;
      viewer->queue().push(std::make_shared<const Event>(std::move(event)));
    }
    if (events >= viewer->page_events() && viewer->read_to() < last) return end_page(*viewer);
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
  // A cursor that nobody was given may lie inside a character: it is shown whole.
  while (from > 0 && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) --from;
  auto batch = delta_batch(from);
  batch->add(text.substr(from));
  viewer.queue().push(std::shared_ptr<const DeltaBatch>(std::move(batch)));
}

void SessionActor::detach(std::shared_ptr<Viewer> viewer) noexcept {
  try {
    host_.loop().post([self = shared_from_this(), viewer] {
      self->viewers_.leave(viewer.get());
      self->core_.release(self);
    });
  } catch (...) {
    viewer->queue().close();
  }
}

}  // namespace scena::engine

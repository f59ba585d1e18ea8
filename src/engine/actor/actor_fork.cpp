#include "base/json_writer.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/erasure/retention.hpp"
#include "engine/projection/session_loader.hpp"

namespace scena::engine {

// A fork names a stream and a place in it. A message that this session itself shares with another
// stands in that one's stream, which is then the fork's parent.
Result<StreamPlace> SessionActor::fork_place(const std::string& message) const {
  if (message.empty()) return StreamPlace{id_, model_.last_seq(), model_.last_seq()};
  const Message* found = model_.find(message);
  if (!found) {
    return Error::fixed(ErrorCode::not_found, "message: the session has none of that id");
  }
  const auto storage = core_.storage();
  if (model_.is_inherited(*found)) {
    auto place = find_inherited(*storage, tenant_, id_, *found);
    if (!place) return place.error();
    return end_of_message(*storage, *place);
  }
  return end_of_message(*storage, {id_, found->seq, model_.last_seq()});
}

// A fork at a message takes its scores and its turn's end along: they follow it in the log.
Result<StreamPlace> SessionActor::end_of_message(Storage& storage, StreamPlace place) const {
  auto events = storage.read_events(tenant_, session_stream(place.session), place.seq, 4);
  if (!events) return events.error();
  for (const auto& event : *events) {
    const bool belongs = event.type == "metrics.stored" || event.type == "budget.settled" ||
                         event.type == "turn.finished";
    if (!belongs || event.seq > place.up_to) break;
    place.seq = event.seq;
  }
  return place;
}

void SessionActor::do_fork(QueuedCommand& command) {
  auto place = fork_place(command.command.message);
  if (!place) return refuse(command, place.error());
  const auto birth = core_.next_birth();
  CommitDraft fork(tenant_, birth.id, 0, core_.clock().wall(), command.command.id);
  std::string data;
  JsonWriter writer(data);
  writer.begin_object()
      .member("parent", place->session)
      .member("at", place->seq)
      .member("seed", std::to_string(birth.seed))
      .end_object();
  fork.add("session.forked", actor_of(command.command), std::move(data));
  remember(fork, command, "\"session\":\"" + birth.id + "\"", birth.id);

  auto events = fork.take_events();
  if (!events) return refuse(command, events.error());
  Result<SessionFacts> facts = Error::fixed(ErrorCode::internal, "fork: no facts");
  if (place->session == id_ && place->seq == model_.last_seq()) {
    facts = model_.preview(*events);
  } else {
    auto prefix = load_model(*core_.storage(), tenant_, place->session, place->seq);
    if (!prefix) return refuse(command, prefix.error());
    facts = prefix->preview(*events);
  }
  if (!facts) return refuse(command, facts.error());
  Batch batch = fork.take_batch(*events, *facts);
  const auto row =
      core_.analytics().open(*core_.storage(), tenant_, *facts, fork.time(), core_.jobs(), batch);
  add_retention(tenant_, *facts, true, std::nullopt, core_.jobs(), batch);
  core_.sinks().add_jobs(tenant_, *events, core_.jobs(), batch);
  const bool has_jobs = !batch.jobs.empty();
  auto held = std::make_shared<QueuedCommand>();
  StorageQueue::Done done = [self = shared_from_this(), held, row, has_jobs,
                             id = birth.id](Result<void> result) {
    self->busy_ = false;
    if (result && has_jobs) self->core_.jobs().wake();
    if (result && row) self->core_.analytics().opened(self->tenant_, *row);
    if (!result) {
      refuse(*held, result.error());
    } else if (held->reply) {
      CommandResult answer;
      answer.session = id;
      held->reply(std::move(answer));
    }
    const EndOfWork ends(*self);
    self->pump();
    self->core_.notify();
  };
  *held = std::move(command);
  busy_ = true;
  touch_waiting(1);
  auto submitted = host_.storage().submit(std::move(batch), std::move(done));
  if (submitted) return;
  const EndOfWork ends(*this);
  busy_ = false;
  refuse(*held, submitted.error());
}

}  // namespace scena::engine

#include "engine/erasure/erasure_run.hpp"

#include <algorithm>
#include <utility>

#include "engine/api/handles.hpp"
#include "engine/core.hpp"
#include "engine/erasure/retention.hpp"

namespace scena::engine {
namespace {

constexpr int kMostLooks = 100;
constexpr std::size_t kMostNamed = 10;

Error closed_meanwhile() {
  return Error::fixed(ErrorCode::closed, "the engine was closed");
}

}  // namespace

ErasureRun::ErasureRun(const std::shared_ptr<Core>& core, std::shared_ptr<const Principal> who,
                       Find find, Done done)
    : core_(core), who_(std::move(who)), find_(std::move(find)), done_(std::move(done)) {}

ErasureRun::~ErasureRun() {
  if (done_) done_(closed_meanwhile());
}

void ErasureRun::look() {
  const auto core = core_.lock();
  if (!core) return end(closed_meanwhile());
  if (++looks_ > kMostLooks) {
    return end(
        Error::fixed(ErrorCode::unavailable,
                     "the sessions to erase do not end; stop what makes them and try again"));
  }
  core->at_store(
      [self = shared_from_this()](Storage& storage) { self->seen_ = self->find_(storage); },
      [self = shared_from_this()](const Result<void>& ran) {
        if (!ran) return self->end(ran.error());
        if (!self->seen_) return self->end(self->seen_.error());
        self->sort_out();
        self->next();
      });
}

// What was to be deleted and cannot be read goes nevertheless: its record told whose it was.
void ErasureRun::sort_out() {
  for (const auto& id : seen_->live) known_.insert(id);
  for (const auto& id : seen_->unreadable) {
    if (known_.contains(id)) {
      seen_->all.push_back(id);
    } else {
      unreadable_.insert(id);
    }
  }
  std::erase_if(seen_->live, [this](const std::string& id) { return undeletable_.contains(id); });
}

void ErasureRun::next() {
  if (seen_->live.empty()) return erase();
  const auto core = core_.lock();
  if (!core) return end(closed_meanwhile());
  const std::string id = std::move(seen_->live.back());
  seen_->live.pop_back();
  auto actor = core->actor(who_->tenant, id);
  if (!actor) {
    if (is_unreadable(actor.error())) undeletable_.insert(id);
    const bool goes_on =
        actor.error().code() == ErrorCode::not_found || is_unreadable(actor.error());
    return goes_on ? look_on() : end(actor.error());
  }
  if (seen_->end_seq == 0) (*actor)->cancel();
  session_ = std::make_unique<Session::Impl>(core, std::move(*actor), who_);
  QueuedCommand remove;
  remove.command = session_->command(SessionCommand::remove, std::string());
  remove.command.end_seq = seen_->end_seq;
  remove.reply = [self = shared_from_this()](const Result<CommandResult>& removed) {
    self->session_.reset();
    const ErrorCode code = removed ? ErrorCode::ok : removed.error().code();
    const bool runs_again = code == ErrorCode::conflict && self->seen_->end_seq != 0;
    if (code != ErrorCode::ok && code != ErrorCode::not_found && !runs_again)
      return self->end(removed.error());
    self->look_on();
  };
  if (auto sent = session_->send(std::move(remove)); !sent) end(sent.error());
}

void ErasureRun::look_on() {
  seen_->live.empty() ? look() : next();
}

void ErasureRun::erase() {
  const auto core = core_.lock();
  if (!core) return end(closed_meanwhile());
  if (!seen_->all.empty() || !unreadable_.empty()) core->forget_kept_answers(who_->tenant);
  core->at_store(
      [self = shared_from_this()](Storage& storage) {
        self->erased_ = add_due_parents(storage, self->who_->tenant, self->seen_->all);
        if (self->erased_)
          self->erased_ = erase_sessions(storage, self->who_->tenant, *self->seen_);
      },
      [self = shared_from_this()](const Result<void>& ran) {
        if (!ran) return self->end(ran.error());
        if (!self->erased_) return self->end(self->erased_.error());
        self->end();
      });
}

void ErasureRun::end() {
  const auto done = std::exchange(done_, nullptr);
  if (unreadable_.empty()) return done(seen_->all.size());
  std::string text = std::to_string(seen_->all.size()) + " sessions were erased, but " +
                     std::to_string(unreadable_.size()) +
                     " could not be read, so that nobody "
                     "knows whose they are: ";
  std::size_t named = 0;
  for (const auto& id : unreadable_) {
    if (named == kMostNamed) break;
    text += (named++ == 0 ? "\"" : ", \"") + id + '"';
  }
  if (named < unreadable_.size()) text += ", ...";
  done(Error(ErrorCode::storage_corrupt, std::move(text)));
}

void ErasureRun::end(const Error& error) {
  if (const auto done = std::exchange(done_, nullptr)) done(error);
}

}  // namespace scena::engine

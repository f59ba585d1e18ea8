// Everything of one user, out of the store and the caches.
#include "engine/access/authorizer.hpp"
#include "engine/access/command_check.hpp"
#include "engine/api/handles.hpp"
#include "engine/api/store_later.hpp"
#include "engine/erasure/user_data.hpp"

namespace scena {
namespace {

using Answer = std::shared_ptr<detail::PendingState<std::size_t>>;

constexpr int kMostLooks = 100;

Error closed_meanwhile() {
  return Error::fixed(ErrorCode::closed, "the engine was closed");
}

// Deletes the user's sessions one after the other, looks again whether others came meanwhile, and
// erases what is left of all of them.
class UserErasure : public std::enable_shared_from_this<UserErasure> {
 public:
  UserErasure(const std::shared_ptr<engine::Core>& core, Principal who, std::string subject,
              Answer answer)
      : core_(core),
        who_(std::move(who)),
        subject_(std::move(subject)),
        answer_(std::move(answer)) {}

  void look() {
    const auto core = core_.lock();
    if (!core) return answer_->resolve(closed_meanwhile());
    if (++looks_ > kMostLooks) {
      return answer_->resolve(Error::fixed(ErrorCode::unavailable,
                                           "the user's sessions do not end; stop what makes them "
                                           "and try again"));
    }
    core->at_store(
        [self = shared_from_this()](Storage& storage) {
          self->seen_ = engine::sessions_of_user(storage, self->who_.tenant, self->subject_);
        },
        [self = shared_from_this()](const Result<void>& ran) {
          if (!ran) return self->answer_->resolve(ran.error());
          if (!self->seen_) return self->answer_->resolve(self->seen_.error());
          self->next();
        });
  }

 private:
  void next() {
    if (seen_->live.empty()) return erase();
    const auto core = core_.lock();
    if (!core) return answer_->resolve(closed_meanwhile());
    const std::string id = std::move(seen_->live.back());
    seen_->live.pop_back();
    auto actor = core->actor(who_.tenant, id);
    if (!actor) {
      if (actor.error().code() == ErrorCode::not_found) return look_on();
      return answer_->resolve(actor.error());
    }
    (*actor)->cancel();
    session_ = std::make_unique<Session::Impl>(core, std::move(*actor), who_);
    engine::QueuedCommand remove;
    remove.command = session_->command(SessionCommand::remove, std::string());
    remove.reply = [self = shared_from_this()](const Result<engine::CommandResult>& removed) {
      self->session_.reset();
      if (!removed && removed.error().code() != ErrorCode::not_found)
        return self->answer_->resolve(removed.error());
      self->look_on();
    };
    if (auto sent = session_->send(std::move(remove)); !sent) answer_->resolve(sent.error());
  }

  void look_on() { seen_->live.empty() ? look() : next(); }

  void erase() {
    const auto core = core_.lock();
    if (!core) return answer_->resolve(closed_meanwhile());
    core->forget_kept_answers(who_.tenant);
    core->at_store(
        [self = shared_from_this()](Storage& storage) {
          self->erased_ = engine::erase_sessions(storage, self->who_.tenant, self->seen_->all);
        },
        [self = shared_from_this()](const Result<void>& ran) {
          if (!ran) return self->answer_->resolve(ran.error());
          if (!self->erased_) return self->answer_->resolve(self->erased_.error());
          self->answer_->resolve(self->seen_->all.size());
        });
  }

  std::weak_ptr<engine::Core> core_;
  Principal who_;
  std::string subject_;
  Answer answer_;
  Result<engine::UserSessions> seen_ = engine::UserSessions();
  Result<void> erased_;
  std::unique_ptr<Session::Impl> session_;
  int looks_ = 0;
};

}  // namespace

std::size_t Engine::erase_user(std::string_view subject) {
  impl_->core->may_wait().value_or_throw();
  return erase_user_later(subject).get();
}

Pending<std::size_t> Engine::erase_user_later(std::string_view subject) {
  impl_->may_store();
  if (subject.empty() || !engine::is_name(subject))
    throw Error::fixed(ErrorCode::invalid_argument,
                       "subject: must name a user, in at most 200 bytes of UTF-8");
  auto state = std::make_shared<detail::PendingState<std::size_t>>(
      std::weak_ptr<detail::Driver>(impl_->core));
  const Answer answer(state.get(),
                      [state](auto* waiting) { waiting->abandon(closed_meanwhile()); });
  std::make_shared<UserErasure>(impl_->core, impl_->who, std::string(subject), answer)->look();
  return Pending<std::size_t>(std::move(state));
}

}  // namespace scena
